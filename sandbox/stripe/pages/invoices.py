"""An invoice's own page, where whoever has the address can pay what is open."""

from __future__ import annotations

from html import escape

from sandbox.layout import button, facts, not_found, page, post_form
from sandbox.stripe.account import Account
from sandbox.stripe.dates import amount_shown, shown
from sandbox.stripe.errors import ApiError
from sandbox.stripe.invoicing import collect, intent_of
from sandbox.stripe.payment_methods import ASKS, DECLINES, SUCCEEDS, attach, make_default, new_method
from sandbox.stripe.settling import settle
from sandbox.stripe.store import JSON
from sandbox.stripe.subscribing import after_payment
from sandbox.web import Request, Response, Routes, see_other

CARDS = {"pay": SUCCEEDS, "ask": ASKS, "decline": DECLINES}


def routes_for(account: Account) -> Routes:
    """Bind these pages to one account."""
    routes = Routes()

    @routes.add("GET", "/invoices/{id}")
    def show(request: Request, id: str) -> Response:
        invoice = _invoice(account, id)
        return _page(account, invoice) if invoice else not_found("There is no such invoice.")

    @routes.add("POST", "/invoices/{id}")
    def act(request: Request, id: str) -> Response:
        with account.store.transaction():
            invoice = _invoice(account, id)
            if invoice is None:
                return not_found("There is no such invoice.")
            try:
                _act(account, invoice, request.form.get("action", ""))
            except ApiError as error:
                return _page(account, invoice, str(error))
            invoice = account.get("invoice", id)
            intent = intent_of(account, invoice) or {}
            if refusal := intent.get("last_payment_error"):
                return _page(account, invoice, f"{refusal['message']} Nothing was paid; try another card.")
        return see_other(f"/invoices/{id}")

    return routes


def _invoice(account: Account, id: str) -> JSON | None:
    found = account.store.get(id)
    return found if found and found["object"] == "invoice" else None


def _act(account: Account, invoice: JSON, action: str) -> None:
    """Pay with a new card, which is kept for what comes later, or answer the bank."""
    if invoice["status"] not in {"open", "uncollectible"}:
        return
    intent = intent_of(account, invoice)
    if intent and intent["status"] == "requires_action" and action in {"confirm", "refuse"}:
        settle(account, intent, paid=action == "confirm")
    elif action in CARDS:
        method = attach(account, new_method(account, CARDS[action], email=invoice["customer_email"]), invoice["customer"])
        invoice = collect(account, invoice, method)
        if invoice["status"] == "paid":
            make_default(account, invoice["customer"], method)
            after_payment(account, invoice)


def _page(account: Account, invoice: JSON, problem: str = "") -> Response:
    currency = invoice["currency"]
    lines = "".join(
        f"<li>{escape(line['description'])}: {amount_shown(line['amount'], currency)}</li>" for line in invoice["lines"]["data"]
    )
    rows: dict[str, object] = {"State": invoice["status"], "Date": shown(invoice["created"])}
    if tax := sum(tax["amount"] for tax in invoice["total_taxes"]):
        rows["Tax"] = amount_shown(tax, currency)
    rows |= {"Total": amount_shown(invoice["total"], currency), "Due": amount_shown(invoice["amount_remaining"], currency)}
    alert = f'<p class="bad" role="alert">{escape(problem)}</p>' if problem else ""
    body = f'{alert}<section class="card">{facts(rows)}<ul>{lines}</ul></section>{_form(account, invoice)}'
    return page(f"Invoice {invoice['number'] or invoice['id']}", body, narrow=True, nav=False)


def _form(account: Account, invoice: JSON) -> str:
    if invoice["status"] not in {"open", "uncollectible"}:
        return ""
    action = f"/invoices/{invoice['id']}"
    intent = intent_of(account, invoice)
    if intent and intent["status"] == "processing":
        return "<p>The bank has not sent the money yet.</p>"
    if intent and intent["status"] == "requires_action":
        confirm = post_form(action, button("Confirm the payment", value="confirm", primary=True), button("Refuse it", value="refuse"))
        return f'<section class="card"><p>Your bank wants to know that it is you (3-D Secure).</p>{confirm}</section>'
    others = button("Pay with a card that asks (3DS)", value="ask") + button("Pay with a card that is declined", value="decline")
    return post_form(action, button("Pay with a card that works", value="pay", primary=True), f'<div class="row">{others}</div>')
