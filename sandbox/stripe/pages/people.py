"""Customers and what they hold: give them another card, end what they have, look at what they paid."""

from __future__ import annotations

from html import escape

from sandbox.layout import button, facts, not_found, page, post_form
from sandbox.stripe import changing
from sandbox.stripe.account import Account
from sandbox.stripe.dates import amount_shown, shown
from sandbox.stripe.errors import ApiError
from sandbox.stripe.payment_methods import ASKS, DECLINES, DELAYED, SUCCEEDS, attach, behaviour_of, default_method, make_default, new_method
from sandbox.stripe.scheduling import release_if_scheduled
from sandbox.stripe.store import JSON
from sandbox.stripe.subscribing import ENDED, end_subscription, period_end
from sandbox.web import Request, Response, Routes, see_other

SHOWN = 200
EXPIRED = "expired"
CARDS = {
    SUCCEEDS: "Goes on working (4242)",
    DECLINES: "Is declined (0341)",
    ASKS: "Asks for confirmation (3184)",
    DELAYED: "Is a bank debit that takes days (3000)",
    EXPIRED: "Has expired",
}


def routes_for(account: Account) -> Routes:
    """Bind these pages to one account."""
    routes = Routes()

    @routes.add("GET", "/people")
    def index(request: Request) -> Response:
        people = [found for found in account.store.find("customer") if not found.get("deleted")][:SHOWN]
        rows = "".join(_row(account, customer) for customer in people)
        return page("People", f'<ul class="list">{rows}</ul>' if rows else "<p>Nobody has come to pay yet.</p>")

    @routes.add("GET", "/people/{id}")
    def show(request: Request, id: str) -> Response:
        customer = _customer(account, id)
        return _page(account, customer) if customer else not_found("There is no such customer.")

    @routes.add("POST", "/people/{id}")
    def act(request: Request, id: str) -> Response:
        with account.store.transaction():
            customer = _customer(account, id)
            if customer is None:
                return not_found("There is no such customer.")
            try:
                _act(account, customer, request.form)
            except ApiError as error:
                return _page(account, customer, str(error))
        return see_other(f"/people/{id}")

    return routes


def _customer(account: Account, id: str) -> JSON | None:
    found = account.store.get(id)
    return found if found and found["object"] == "customer" and not found.get("deleted") else None


def _act(account: Account, customer: JSON, form: dict[str, str]) -> None:
    action = form.get("action", "")
    if action == "card" and form.get("card") in CARDS:
        _give_card(account, customer, form["card"])
        return
    subscription = account.store.get(form.get("subscription", "")) or {}
    if subscription.get("customer") != customer["id"] or subscription["status"] in ENDED:
        return
    if action == "end":
        end_subscription(account, subscription)
    elif action in {"cancel", "undo"}:
        release_if_scheduled(account, subscription)
        changing.set_cancel_at_period_end(account, subscription, action == "cancel")


def _give_card(account: Account, customer: JSON, kind: str) -> None:
    method = new_method(account, SUCCEEDS if kind == EXPIRED else kind, email=customer["email"])
    if kind == EXPIRED:
        account.change(method, None, card=method["card"] | {"exp_month": 1, "exp_year": 2020})
    make_default(account, customer["id"], attach(account, method, customer["id"]))


def _subscriptions(account: Account, customer: JSON) -> list[JSON]:
    return account.store.find("subscription", customer=customer["id"])


def _state(subscription: JSON) -> str:
    words = str(subscription["status"]).replace("_", " ")
    if subscription["status"] in ENDED:
        return words
    return f"{words}, {'ends' if subscription['cancel_at'] else 'until'} {shown(period_end(subscription))}"


def _row(account: Account, customer: JSON) -> str:
    states = "; ".join(_state(s) for s in _subscriptions(account, customer)) or "no subscription"
    name = escape(customer["email"] or customer["id"])
    return f'<li><a href="/people/{customer["id"]}">{name}</a><div class="soft">{escape(states)}</div></li>'


def _page(account: Account, customer: JSON, problem: str = "") -> Response:
    alert = f'<p class="bad" role="alert">{escape(problem)}</p>' if problem else ""
    held = "".join(_subscription(account, customer, s) for s in _subscriptions(account, customer)) or "<p>There is no subscription.</p>"
    body = f'{alert}{held}{_card(account, customer)}{_payments(account, customer)}<p><a class="back" href="/people">All people</a></p>'
    return page(customer["email"] or customer["id"], body)


def _subscription(account: Account, customer: JSON, subscription: JSON) -> str:
    item = subscription["items"]["data"][0]
    product = account.store.get(item["price"]["product"]) or {}
    recurring = item["price"]["recurring"]
    amount = amount_shown(item["price"]["unit_amount"] * item["quantity"], item["price"]["currency"])
    rows: dict[str, object] = {"State": _state(subscription), "Price": f"{amount} a {recurring['interval']}"}
    if subscription["schedule"]:
        rows["Planned"] = "changes when the period ends"
    if subscription["pending_update"]:
        rows["Waits"] = "a change that is not paid yet"
    name = escape(product.get("name", "Subscription"))
    return f'<section class="card"><h2>{name}</h2>{facts(rows)}{_buttons(customer, subscription)}</section>'


def _buttons(customer: JSON, subscription: JSON) -> str:
    if subscription["status"] in ENDED:
        return ""
    hidden = f'<input type="hidden" name="subscription" value="{subscription["id"]}">'
    ends = subscription["cancel_at_period_end"]
    toggle = button("Don’t cancel", value="undo") if ends else button("Cancel at the period’s end", value="cancel")
    return post_form(f"/people/{customer['id']}", hidden, f'<div class="row">{toggle}{button("End now", value="end")}</div>')


def _card(account: Account, customer: JSON) -> str:
    method = default_method(account, customer["id"])
    details = method.get(method["type"]) if method else None
    now = f"<p>Ends in {details['last4']}.</p>" if details else "<p>There is none.</p>"
    chosen = behaviour_of(account, method) if method else ""
    choices = "".join(
        f'<label><input type="radio" name="card" value="{kind}" required{" checked" if kind == chosen else ""}>{words}</label>'
        for kind, words in CARDS.items()
    )
    fields = f"<fieldset><legend>From now on the card</legend>{choices}</fieldset>"
    form = post_form(f"/people/{customer['id']}", fields, button("Give this card", value="card", primary=True))
    return f'<section class="card"><h2>Card</h2>{now}{form}</section>'


def _payments(account: Account, customer: JSON) -> str:
    rows = "".join(
        f'<li><a href="/payments/{i["id"]}">{amount_shown(i["amount"], i["currency"])}</a>'
        f'<div class="soft">{i["status"].replace("_", " ")}, {shown(i["created"])}</div></li>'
        for i in account.store.find("payment_intent", customer=customer["id"])[:SHOWN]
    )
    hint = '<p class="soft">Open one to refund it, dispute it, or let what waits arrive or fail.</p>'
    return f'<section class="card"><h2>Payments</h2>{hint if rows else ""}<ul class="list">{rows or "<li>None yet.</li>"}</ul></section>'
