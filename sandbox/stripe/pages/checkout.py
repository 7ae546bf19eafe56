"""The Checkout page."""

from __future__ import annotations

import re
from html import escape

from sandbox.layout import button, facts, not_found, page, post_form
from sandbox.stripe.account import Account
from sandbox.stripe.dates import amount_shown, shown
from sandbox.stripe.errors import ApiError
from sandbox.stripe.payment_methods import ASKS, DECLINES, SUCCEEDS
from sandbox.stripe.session_lines import set_quantity
from sandbox.stripe.sessions import apply_code, submit
from sandbox.stripe.store import JSON
from sandbox.web import Request, Response, Routes, see_other

RENEWALS = {SUCCEEDS: "Goes on working (4242)", DECLINES: "Is declined (0341)", ASKS: "Asks for confirmation (3184)"}


def routes_for(account: Account) -> Routes:
    """Bind these pages to one account."""
    routes = Routes()

    @routes.add("GET", "/pay/{id}")
    def show(request: Request, id: str) -> Response:
        session = _session(account, id)
        return _page(account, session) if session else not_found("There is no such Checkout session.")

    @routes.add("POST", "/pay/{id}")
    def act(request: Request, id: str) -> Response:
        with account.store.transaction():
            session = _session(account, id)
            if session is None:
                return not_found("There is no such Checkout session.")
            try:
                return _act(account, session, request.form)
            except ApiError as error:
                return _page(account, _session(account, id) or session, str(error))

    return routes


def return_address(session: JSON) -> str:
    """Write the address that the browser returns to."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _session(account: Account, id: str) -> JSON | None:
    found = account.store.get(id)
    return found if found and found["object"] == "checkout.session" else None


def _act(account: Account, session: JSON, form: dict[str, str]) -> Response:
    action = form.get("action", "")
    if action == "code":
        return _page(account, apply_code(account, session, form.get("code", "")))
    if action == "quantity":
        return _page(account, set_quantity(account, session, int("0" + re.sub(r"\D", "", form.get("quantity", "")))))
    renewals = form["renewals"] if form.get("renewals") in RENEWALS else SUCCEEDS
    email = form.get("email", "").strip() or None
    if action == "requires_action":
        submit(account, session, "requires_action", email=email)
        return _confirmation(session, email, renewals)
    submit(account, session, action, email=email, renewals=renewals)
    if action == "declined":
        refused = "The card was not confirmed" if form.get("asked") else "Your card was declined"
        return _page(account, session, f"{refused}. Nothing was paid; try another card.")
    return see_other(return_address(session))


def _confirmation(session: JSON, email: str | None, renewals: str) -> Response:
    hidden = f'<input type="hidden" name="email" value="{escape(email or "")}">'
    hidden += f'<input type="hidden" name="renewals" value="{escape(renewals)}"><input type="hidden" name="asked" value="yes">'
    amount: dict[str, object] = {"Amount": amount_shown(session["amount_total"], session["currency"])} if session["mode"] != "setup" else {}
    body = (
        '<div class="card"><p>Your bank wants to know that it is you (3-D Secure).</p>'
        + facts(amount)
        + post_form(
            f"/pay/{session['id']}",
            hidden,
            button("Confirm the payment", value="paid", primary=True),
            f'<div class="row">{button("Refuse it", value="declined")}</div>',
        )
        + "</div>"
    )
    return page("Your bank asks", body, narrow=True, nav=False, site=session["success_url"])


def _page(account: Account, session: JSON, problem: str = "") -> Response:
    body = [_summary(account, session)]
    if problem:
        body.insert(0, f'<p class="bad" role="alert">{escape(problem)}</p>')
    if session["status"] == "open":
        body.append(_form(account, session))
    else:
        words = {"complete": "This purchase is complete.", "expired": "This session has expired."}
        body.append(f'<p>{words[session["status"]]} <a class="back" href="{escape(return_address(session))}">Back to the site</a></p>')
    return page(_title(session), "".join(body), narrow=True, nav=False, site=session["success_url"])


def _title(session: JSON) -> str:
    if session["submit_type"] == "donate":
        return "Donate"
    return {"payment": "Checkout", "setup": "Save a card", "subscription": "Subscribe"}[session["mode"]]


def _summary(account: Account, session: JSON) -> str:
    until = f'<p class="soft">Open until {shown(session["expires_at"])}</p>'
    if session["mode"] == "setup":
        return f'<section class="card"><p>The card is kept for later. Nothing is paid today.</p>{until}</section>'
    notes = account.store.notes(session["id"])
    currency = session["currency"]
    rows = "".join(
        f"<li>{escape(row['description'])}, {row['quantity']} × "
        f"{amount_shown(row['amount_subtotal'] // row['quantity'], currency)}{_rhythm(row['price'])}</li>"
        for row in notes["line_items"]
    )
    amounts = _amounts(session)
    days = notes["subscription_data"].get("trial_period_days")
    trial = f"<p>{days} days free, then the price above.</p>" if days else ""
    text = (session["custom_text"]["submit"] or {}).get("message", "")
    words = f"<p>{escape(text)}</p>" if text else ""
    total = amount_shown(session["amount_total"], currency)
    return f'<section class="card"><h2>Today</h2><p class="price">{total}</p><ul>{rows}</ul>{amounts}{trial}{words}{until}</section>'


def _amounts(session: JSON) -> str:
    """Say how the total comes about, when it isn't the price alone."""
    details, currency = session["total_details"], session["currency"]
    if not details["amount_discount"] and not details["amount_tax"]:
        return ""
    rows: dict[str, object] = {"Subtotal": amount_shown(session["amount_subtotal"], currency)}
    if details["amount_discount"]:
        rows["Discount"] = amount_shown(-details["amount_discount"], currency)
    if details["amount_tax"]:
        rows["Tax"] = amount_shown(details["amount_tax"], currency)
    return facts(rows)


def _rhythm(price: JSON) -> str:
    recurring = price["recurring"]
    if not recurring:
        return ""
    count, interval = recurring["interval_count"], recurring["interval"]
    return f" a {interval}" if count == 1 else f" every {count} {interval}s"


def _form(account: Account, session: JSON) -> str:
    customer = account.store.get(session["customer"] or "") or {}
    email = session["customer_email"] or customer.get("email")
    given = facts({"Email": email}) if email else (
        '<label for="email">Email</label><input id="email" name="email" type="email" autocomplete="email" required>'
    )  # fmt: skip
    choices = "".join(
        f'<label><input type="radio" name="renewals" value="{value}"{" checked" if value == SUCCEEDS else ""}>{label}</label>'
        for value, label in RENEWALS.items()
    )
    renewals = "" if session["mode"] == "payment" else f"<fieldset><legend>At later charges this card</legend>{choices}</fieldset>"
    others = [button("Decline the card", value="declined"), button("Card needs confirmation (3DS)", value="requires_action")]
    if session["mode"] != "setup":
        others.append(button("Pay later (delayed method)", value="delayed"))
    action = f"/pay/{session['id']}"
    main = button(_pay_label(session), value="paid", primary=True)
    form = post_form(action, given, renewals, main, f'<div class="row">{"".join(others)}</div>')
    cancel = f'<p><a class="back" href="{escape(session["cancel_url"])}">Back without paying</a></p>' if session["cancel_url"] else ""
    return f'{_quantity_form(account, session)}<section class="card">{form}</section>{_code_form(session)}{cancel}'


def _pay_label(session: JSON) -> str:
    if session["mode"] == "setup":
        return "Save the card"
    return "Donate" if session["submit_type"] == "donate" else "Pay"


def _quantity_form(account: Account, session: JSON) -> str:
    for row in account.store.notes(session["id"])["line_items"]:
        if limits := row["adjustable_quantity"]:
            field = (
                f'<label for="quantity">How many, from {limits["minimum"]} to {limits["maximum"]}</label><input id="quantity" '
                f'name="quantity" type="number" min="{limits["minimum"]}" max="{limits["maximum"]}" value="{row["quantity"]}">'
            )
            return post_form(f"/pay/{session['id']}", field, button("Set the number", value="quantity"))
    return ""


def _code_form(session: JSON) -> str:
    if not session["allow_promotion_codes"]:
        return ""
    field = '<label for="code">Promotion code</label><input id="code" name="code" autocomplete="off">'
    return post_form(f"/pay/{session['id']}", field, button("Apply the code", value="code"))
