"""The Customer Portal."""

from __future__ import annotations

from html import escape

from sandbox.layout import button, facts, not_found, page, post_form
from sandbox.stripe import changing
from sandbox.stripe.account import Account
from sandbox.stripe.dates import amount_shown, shown
from sandbox.stripe.errors import ApiError
from sandbox.stripe.pages.checkout import RENEWALS
from sandbox.stripe.params import Params
from sandbox.stripe.payment_methods import attach, make_default, new_method
from sandbox.stripe.scheduling import release_if_scheduled
from sandbox.stripe.store import JSON
from sandbox.stripe.subscribing import ENDED, period_end
from sandbox.web import Request, Response, Routes, see_other


def routes_for(account: Account) -> Routes:
    """Bind these pages to one account."""
    routes = Routes()

    @routes.add("GET", "/portal/{id}")
    def show(request: Request, id: str) -> Response:
        session = _session(account, id)
        return _page(account, session) if session else not_found("There is no such portal session.")

    @routes.add("POST", "/portal/{id}")
    def act(request: Request, id: str) -> Response:
        with account.store.transaction():
            session = _session(account, id)
            if session is None:
                return not_found("There is no such portal session.")
            try:
                _act(account, session, request.form)
            except ApiError as error:
                return _page(account, session, str(error))
        return see_other(f"/portal/{id}")

    @routes.add("GET", "/invoices/{id}")
    def invoice(request: Request, id: str) -> Response:
        found = account.store.get(id)
        if found is None or found["object"] != "invoice":
            return not_found("There is no such invoice.")
        return _invoice(found)

    return routes


def _session(account: Account, id: str) -> JSON | None:
    found = account.store.get(id)
    return found if found and found["object"] == "billing_portal.session" else None


def _act(account: Account, session: JSON, form: dict[str, str]) -> None:
    customer, action = session["customer"], form.get("action", "")
    if action == "card":
        behaviour = form.get("renewals", "")
        if behaviour in RENEWALS:
            method = new_method(account, behaviour)
            make_default(account, customer, attach(account, method, customer))
        return
    subscription = account.get("subscription", form.get("subscription", ""), "subscription")
    if subscription["customer"] != customer:
        return
    if action in {"cancel", "undo"}:
        release_if_scheduled(account, subscription)
        changing.set_cancel_at_period_end(account, subscription, action == "cancel")
    elif action == "plan":
        item = {"id": subscription["items"]["data"][0]["id"], "price": form.get("price", "")}
        features = account.get("billing_portal.configuration", session["configuration"])["features"]
        proration = features["subscription_update"]["proration_behavior"]
        changing.change_items(account, subscription, [Params(item)], proration)


def _page(account: Account, session: JSON, problem: str = "") -> Response:
    customer = account.get("customer", session["customer"])
    live = [s for s in account.store.find("subscription", customer=customer["id"]) if s["status"] not in ENDED]
    body = [f'<p class="bad" role="alert">{escape(problem)}</p>' if problem else ""]
    body.append(f"<p>{escape(customer.get('email') or customer['id'])}</p>")
    body += [_subscription(account, session, s) for s in live] or ["<p>There is no subscription.</p>"]
    body += [_card(account, session, customer), _invoices(account, customer)]
    if session["return_url"]:
        body.append(f'<p><a href="{escape(session["return_url"])}">Back to the site</a></p>')
    return page("Your subscription", "".join(body), narrow=True, nav=False)


def _subscription(account: Account, session: JSON, subscription: JSON) -> str:
    item = subscription["items"]["data"][0]
    product = account.store.get(item["price"]["product"]) or {}
    ends = subscription["cancel_at_period_end"]
    rows = {
        "State": subscription["status"],
        "Price": amount_shown(item["price"]["unit_amount"], item["price"]["currency"]),
        "Ends" if ends else "Renews": shown(period_end(subscription)),
    }
    hidden = f'<input type="hidden" name="subscription" value="{subscription["id"]}">'
    action = f"/portal/{session['id']}"
    toggle = button("Don’t cancel", value="undo", primary=True) if ends else button("Cancel at the period’s end", value="cancel")
    return (
        f'<section class="card"><h2>{escape(product.get("name", "Subscription"))}</h2>{facts(rows)}'
        f"{_plans(account, action, hidden, subscription)}{post_form(action, hidden, toggle)}</section>"
    )


def _plans(account: Account, action: str, hidden: str, subscription: JSON) -> str:
    current = subscription["items"]["data"][0]["price"]["id"]
    options = []
    for price in account.store.find("price", active=True, type="recurring", currency=subscription["currency"]):
        product = account.store.get(price["product"]) or {}
        words = f"{product.get('name')}, {amount_shown(price['unit_amount'], price['currency'])} a {price['recurring']['interval']}"
        if price["id"] != current:
            options.append(f'<option value="{price["id"]}">{escape(words)}</option>')
    if not options:
        return ""
    field_id = f"plan-{subscription['id']}"
    select = f'<label for="{field_id}">Another plan</label><select id="{field_id}" name="price">{"".join(options)}</select>'
    return post_form(action, hidden, select, button("Change the plan", value="plan"))


def _card(account: Account, session: JSON, customer: JSON) -> str:
    chosen = (customer.get("invoice_settings") or {}).get("default_payment_method")
    method = account.store.get(chosen or "") or {}
    details = method.get(method.get("type", "")) or {}
    choices = "".join(
        f'<label><input type="radio" name="renewals" value="{value}" required>{label}</label>' for value, label in RENEWALS.items()
    )
    now = f"<p>Ends in {details['last4']}.</p>" if details else "<p>There is none.</p>"
    fields = f"<fieldset><legend>A new card that</legend>{choices}</fieldset>"
    form = post_form(f"/portal/{session['id']}", fields, button("Use this card", value="card"))
    return f'<section class="card"><h2>Card</h2>{now}{form}</section>'


def _invoices(account: Account, customer: JSON) -> str:
    rows = "".join(
        f'<li><a href="/invoices/{i["id"]}">{escape(i["number"] or i["id"])}</a>'
        f'<div class="soft">{amount_shown(i["total"], i["currency"])}, {i["status"]}, {shown(i["created"])}</div></li>'
        for i in account.store.find("invoice", customer=customer["id"])
    )
    return f'<section class="card"><h2>Invoices</h2><ul class="list">{rows or "<li>None yet.</li>"}</ul></section>'


def _invoice(invoice: JSON) -> Response:
    currency = invoice["currency"]
    lines = "".join(
        f"<li>{escape(line['description'])}: {amount_shown(line['amount'], currency)}</li>" for line in invoice["lines"]["data"]
    )
    amounts = {
        "State": invoice["status"],
        "Date": shown(invoice["created"]),
        "Total": amount_shown(invoice["total"], currency),
        "Due": amount_shown(invoice["amount_remaining"], currency),
    }
    body = f'<section class="card">{facts(amounts)}<ul>{lines}</ul></section>'
    return page(f"Invoice {invoice['number'] or invoice['id']}", body, narrow=True, nav=False)
