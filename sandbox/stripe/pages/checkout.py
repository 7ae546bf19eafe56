"""The Checkout page."""

from __future__ import annotations

from html import escape

from sandbox.layout import button, facts, not_found, page, post_form
from sandbox.stripe.account import Account
from sandbox.stripe.dates import amount_shown, shown
from sandbox.stripe.errors import ApiError
from sandbox.stripe.payment_methods import ASKS, DECLINES, SUCCEEDS
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
    renewals = form["renewals"] if form.get("renewals") in RENEWALS else SUCCEEDS
    email = form.get("email", "").strip() or None
    if action == "requires_action":
        submit(account, session, "requires_action", email=email)
        return _confirmation(session, email, renewals)
    submit(account, session, action, email=email, renewals=renewals)
    if action == "declined":
        return _page(account, session, "Your card was declined. Nothing was paid; try another card.")
    return see_other(return_address(session))


def _confirmation(session: JSON, email: str | None, renewals: str) -> Response:
    hidden = f'<input type="hidden" name="email" value="{escape(email or "")}">'
    hidden += f'<input type="hidden" name="renewals" value="{escape(renewals)}">'
    body = (
        '<div class="card"><p>Your bank wants to know that it is you (3-D Secure).</p>'
        + facts({"Amount": amount_shown(session["amount_total"], session["currency"])})
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
        body.append(f'<p>{words[session["status"]]} <a href="{escape(return_address(session))}">Back to the site</a></p>')
    return page("Checkout", "".join(body), narrow=True, nav=False, site=session["success_url"])


def _summary(account: Account, session: JSON) -> str:
    notes = account.store.notes(session["id"])
    currency = session["currency"]
    rows = "".join(
        f"<li>{escape(row['description'])}, {row['quantity']} × {amount_shown(row['price']['unit_amount'], currency)}"
        f"{_rhythm(row['price'])}</li>"
        if row["price"]["currency"] == currency
        else f"<li>{escape(row['description'])}, {row['quantity']} × {amount_shown(row['amount_subtotal'] // row['quantity'], currency)}"
        f"{_rhythm(row['price'])}</li>"
        for row in notes["line_items"]
    )
    discount = session["total_details"]["amount_discount"]
    off = f"<p>Discount: {amount_shown(discount, currency)}</p>" if discount else ""
    days = notes["subscription_data"].get("trial_period_days")
    trial = f"<p>{days} days free, then the price above.</p>" if days else ""
    until = f'<p class="soft">Open until {shown(session["expires_at"])}</p>'
    total = amount_shown(session["amount_total"], currency)
    return f'<section class="card"><h2>Today</h2><p class="price">{total}</p><ul>{rows}</ul>{off}{trial}{until}</section>'


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
    renewals = f"<fieldset><legend>At later charges this card</legend>{choices}</fieldset>"
    others = "".join(
        (
            button("Decline the card", value="declined"),
            button("Card needs confirmation (3DS)", value="requires_action"),
            button("Pay later (delayed method)", value="delayed"),
        )
    )
    pay = button("Pay", value="paid", primary=True)
    action = f"/pay/{session['id']}"
    form = post_form(action, given, renewals if session["mode"] == "subscription" else "", pay, f'<div class="row">{others}</div>')
    code = ""
    if session["allow_promotion_codes"]:
        field = '<label for="code">Promotion code</label><input id="code" name="code" autocomplete="off">'
        code = post_form(action, field, button("Apply the code", value="code"))
    cancel = f'<p><a href="{escape(session["cancel_url"])}">Cancel</a></p>' if session["cancel_url"] else ""
    return f'<section class="card">{form}</section>{code}{cancel}'
