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
from sandbox.stripe.subscribing import ENDED, end_subscription, period_end
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

    return routes


def _session(account: Account, id: str) -> JSON | None:
    found = account.store.get(id)
    return found if found and found["object"] == "billing_portal.session" else None


def _act(account: Account, session: JSON, form: dict[str, str]) -> None:
    customer, action, features = session["customer"], form.get("action", ""), _features(account, session)
    if action == "card" and features["payment_method_update"]["enabled"]:
        if (behaviour := form.get("renewals", "")) in RENEWALS:
            method = new_method(account, behaviour)
            make_default(account, customer, attach(account, method, customer))
        return
    if action == "details" and features["customer_update"]["enabled"]:
        _change_details(account, customer, form, features["customer_update"]["allowed_updates"])
        return
    subscription = account.get("subscription", form.get("subscription", ""), "subscription")
    if subscription["customer"] != customer:
        return
    if action in {"cancel", "undo"} and features["subscription_cancel"]["enabled"]:
        _cancel(account, subscription, form, features["subscription_cancel"])
    elif action == "plan" and form.get("price") in _offered(account, subscription, features):
        item = {"id": subscription["items"]["data"][0]["id"], "price": form["price"]}
        changing.change_items(account, subscription, [Params(item)], features["subscription_update"]["proration_behavior"])


def _cancel(account: Account, subscription: JSON, form: dict[str, str], feature: JSON) -> None:
    release_if_scheduled(account, subscription)
    asked = feature["cancellation_reason"]
    details: JSON = {"comment": form.get("comment") or None}
    if asked["enabled"] and form.get("feedback") in asked["options"]:
        details["feedback"] = form["feedback"]
    if form.get("action") == "cancel" and feature["mode"] == "immediately":
        subscription["cancellation_details"] |= details
        end_subscription(account, subscription)
    elif form.get("action") == "cancel":
        changing.set_cancel_at_period_end(account, subscription, True, details)
    else:
        changing.set_cancel_at_period_end(account, subscription, False)


def _change_details(account: Account, customer_id: str, form: dict[str, str], allowed: list[str]) -> None:
    changes = {key: form[key].strip() for key in ("email", "name") if key in allowed and form.get(key, "").strip()}
    account.change(account.get("customer", customer_id), "customer.updated", **changes)


def _features(account: Account, session: JSON) -> JSON:
    features: JSON = account.get("billing_portal.configuration", session["configuration"])["features"]
    return features


def _offered(account: Account, subscription: JSON, features: JSON) -> list[str]:
    """List the prices that a subscription may be changed to."""
    feature = features["subscription_update"]
    if not feature["enabled"] or subscription["schedule"]:
        return []
    named = [price for product in feature["products"] for price in product["prices"]]
    prices = account.store.find("price", active=True, type="recurring", currency=subscription["currency"])
    current = subscription["items"]["data"][0]["price"]["id"]
    return [price["id"] for price in prices if price["id"] != current and (not named or price["id"] in named)]


def _page(account: Account, session: JSON, problem: str = "") -> Response:
    customer = account.get("customer", session["customer"])
    live = [s for s in account.store.find("subscription", customer=customer["id"]) if s["status"] not in ENDED]
    body = [f'<p class="bad" role="alert">{escape(problem)}</p>' if problem else ""]
    body.append(f"<p>{escape(customer.get('email') or customer['id'])}</p>")
    body += [_subscription(account, session, s) for s in live] or ["<p>There is no subscription.</p>"]
    features = _features(account, session)
    if features["payment_method_update"]["enabled"]:
        body.append(_card(account, session, customer))
    if features["customer_update"]["enabled"]:
        body.append(_details(session, customer, features["customer_update"]["allowed_updates"]))
    if features["invoice_history"]["enabled"]:
        body.append(_invoices(account, customer))
    if session["return_url"]:
        body.append(f'<p><a class="back" href="{escape(session["return_url"])}">Back to the site</a></p>')
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
    features = _features(account, session)
    toggle = _toggle(subscription, action, hidden, features["subscription_cancel"]) if features["subscription_cancel"]["enabled"] else ""
    plans = _plans(account, action, hidden, subscription, _offered(account, subscription, features))
    return f'<section class="card"><h2>{escape(product.get("name", "Subscription"))}</h2>{facts(rows)}{plans}{toggle}</section>'


def _toggle(subscription: JSON, action: str, hidden: str, feature: JSON) -> str:
    if subscription["cancel_at_period_end"]:
        return post_form(action, hidden, button("Don’t cancel", value="undo", primary=True))
    label = "Cancel now" if feature["mode"] == "immediately" else "Cancel at the period’s end"
    reason = ""
    if feature["cancellation_reason"]["enabled"]:
        options = "".join(f'<option value="{o}">{o.replace("_", " ")}</option>' for o in ("", *feature["cancellation_reason"]["options"]))
        field_id = f"feedback-{subscription['id']}"
        reason = f'<label for="{field_id}">Why? (optional)</label><select id="{field_id}" name="feedback">{options}</select>'
    return post_form(action, hidden, reason, button(label, value="cancel"))


def _details(session: JSON, customer: JSON, allowed: list[str]) -> str:
    fields = "".join(
        f'<label for="{key}">{key.title()}</label><input id="{key}" name="{key}" value="{escape(customer[key] or "")}">'
        for key in ("email", "name")
        if key in allowed
    )
    if not fields:
        return ""
    form = post_form(f"/portal/{session['id']}", fields, button("Save", value="details"))
    return f'<section class="card"><h2>Details</h2>{form}</section>'


def _plans(account: Account, action: str, hidden: str, subscription: JSON, offered: list[str]) -> str:
    options = []
    for id in offered:
        price = account.get("price", id)
        product = account.store.get(price["product"]) or {}
        words = f"{product.get('name')}, {amount_shown(price['unit_amount'], price['currency'])} a {price['recurring']['interval']}"
        options.append(f'<option value="{id}">{escape(words)}</option>')
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
