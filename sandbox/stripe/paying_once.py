"""What is paid once at Checkout: gifts and donations, with an invoice if the seller asks for one."""

from __future__ import annotations

from sandbox.stripe.account import Account
from sandbox.stripe.charging import confirm, new_intent
from sandbox.stripe.discounts import offer_from_json, redeem
from sandbox.stripe.invoicing import mark_paid, open_invoice, pay_with
from sandbox.stripe.lines import Line
from sandbox.stripe.store import JSON


def pay_once(account: Account, session: JSON, method: JSON | None, behaviour: str) -> None:
    """Take the money of a session, if it asks for any."""
    for saved in account.store.notes(session["id"])["offers"]:
        redeem(account, offer_from_json(account, saved), customer=session["customer"], subscription=None, session=session["id"])
    if session["amount_total"]:
        intent = intent_for(account, session)
        if session["customer"] and intent["customer"] is None:
            account.change(intent, None, customer=session["customer"])
        if confirm(account, intent, method, behaviour=behaviour)["status"] != "succeeded":
            return
    write_invoice(account, session)


def intent_for(account: Account, session: JSON) -> JSON:
    """Find the payment intent of a session, or make it; one attempt after another uses the same."""
    if session["payment_intent"]:
        return account.change(account.get("payment_intent", session["payment_intent"]), None, amount=session["amount_total"])
    data = account.store.notes(session["id"])["payment_intent_data"]
    intent = new_intent(
        account,
        amount=session["amount_total"],
        currency=session["currency"],
        customer=session["customer"],
        metadata=data.get("metadata") or {},
        description=data.get("description"),
    )
    account.change(intent, None, setup_future_usage=data.get("setup_future_usage"), receipt_email=data.get("receipt_email"))
    account.store.note(intent["id"], session=session["id"])
    session["payment_intent"] = intent["id"]
    return intent


def write_invoice(account: Account, session: JSON) -> None:
    """Write the paid invoice that `invoice_creation` asks for."""
    creation = session["invoice_creation"]
    if not creation or not creation["enabled"] or session["invoice"]:
        return
    rows = account.store.notes(session["id"])["line_items"]
    invoice = open_invoice(
        account,
        customer=account.get("customer", session["customer"]),
        lines=[_line(account, row) for row in rows],
        currency=session["currency"],
        reason="manual",
        metadata=creation["invoice_data"]["metadata"],
        is_taxed=session["automatic_tax"]["enabled"],
    )
    if invoice["status"] == "open":
        pay_with(account, invoice, account.get("payment_intent", session["payment_intent"]))
        account.change(invoice, None, attempted=True, attempt_count=1)
        mark_paid(account, invoice)
    account.change(session, None, invoice=invoice["id"])


def _line(account: Account, row: JSON) -> Line:
    return Line(
        description=row["description"],
        amount=row["amount_subtotal"] - row["amount_discount"],
        price=row["price"],
        quantity=row["quantity"],
        start=account.now,
        end=account.now,
    )
