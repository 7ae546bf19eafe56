"""Finish payments that wait: for the bank, or for the customer's confirmation."""

from __future__ import annotations

from sandbox.stripe.account import Account
from sandbox.stripe.charging import fail, succeed
from sandbox.stripe.errors import invalid
from sandbox.stripe.invoicing import invoice_of, reflect_payment
from sandbox.stripe.paying_once import write_invoice
from sandbox.stripe.store import JSON
from sandbox.stripe.subscribing import after_payment

WAITING = ("processing", "requires_action")


def settle(account: Account, intent: JSON, *, paid: bool) -> JSON:
    """Let a waiting payment succeed or fail, and all that hangs on it: invoice, subscription, Checkout session."""
    if intent["status"] not in WAITING:
        raise invalid(f"This payment is {intent['status']} and waits for nothing.", "payment_intent")
    method = account.get("payment_method", intent["payment_method"])
    if paid:
        succeed(account, intent, method)
    else:
        code = "card_declined" if intent["status"] == "processing" else "payment_intent_authentication_failure"
        fail(account, intent, method, code=code)
    if invoice := invoice_of(account, intent):
        after_payment(account, reflect_payment(account, invoice, intent))
    _tell_session(account, intent, paid=paid)
    return intent


def _tell_session(account: Account, intent: JSON, *, paid: bool) -> None:
    id = account.store.notes(intent["id"]).get("session")
    session = account.store.get(id) if id else None
    if session is None or session["status"] != "complete" or session["payment_status"] != "unpaid":
        return
    if paid:
        write_invoice(account, session)
        account.change(session, None, payment_status="paid")
        account.emit("checkout.session.async_payment_succeeded", session)
    else:
        account.emit("checkout.session.async_payment_failed", session)
