"""Write invoices, and collect what they ask for."""

from __future__ import annotations

from typing import Any

from sandbox.stripe.account import Account
from sandbox.stripe.charging import cancel_intent, confirm, new_intent
from sandbox.stripe.errors import invalid
from sandbox.stripe.lines import Line, discounted, line_json
from sandbox.stripe.listing import list_of
from sandbox.stripe.store import JSON
from sandbox.stripe.taxing import added_up, tax_json


def draft_json(
    account: Account,
    *,
    customer: JSON,
    lines: list[Line],
    currency: str,
    reason: str,
    subscription: JSON | None = None,
    discounts: list[JSON] | None = None,
    metadata: JSON | None = None,
    is_taxed: bool = False,
) -> JSON:
    """Work out an invoice without keeping it."""
    id = account.new_id("in")
    discounts = discounts or []
    taken = discounted(account, lines, discounts, currency)
    totals = [{"amount": sum(a["amount"] for a in _flat(taken) if a["discount"] == d["id"]), "discount": d["id"]}
              for d in discounts]  # fmt: skip
    subtotal = sum(line.amount for line in lines)
    is_taxed = is_taxed or bool(subscription and subscription["automatic_tax"]["enabled"])
    taxes = [[tax_json(line.amount - sum(a["amount"] for a in off), line.price)] if is_taxed else []
             for line, off in zip(lines, taken, strict=True)]  # fmt: skip
    tax = {t["tax_behavior"]: t["amount"] for t in added_up(_flat(taxes))}
    total = subtotal - sum(t["amount"] for t in totals) + tax.get("exclusive", 0)
    credit = min(max(total, 0), max(-customer["balance"], 0))
    due = max(total, 0) - credit
    rows = [line_json(account, id, line, off, currency) | {"taxes": due} for line, off, due in zip(lines, taken, taxes, strict=True)]
    start, end = min((line.start for line in lines), default=account.now), max((line.end for line in lines), default=account.now)
    return _blank(account, customer, subscription) | {
        "id": id,
        "amount_due": due,
        "amount_remaining": due,
        "automatic_tax": _automatic_tax(is_taxed),
        "billing_reason": reason,
        "currency": currency,
        "discounts": [d["id"] for d in discounts],
        "lines": list_of(rows, f"/v1/invoices/{id}/lines"),
        "metadata": metadata or {},
        "period_end": end,
        "period_start": start,
        "starting_balance": customer["balance"],
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal - tax.get("inclusive", 0),
        "total": total,
        "total_discount_amounts": totals,
        "total_excluding_tax": total - sum(tax.values()),
        "total_taxes": added_up(_flat(taxes)),
    }


def open_invoice(account: Account, **what: Any) -> JSON:
    """Keep and finalise an invoice; one that asks for nothing is paid at once."""
    invoice = account.add(draft_json(account, **what), "invoice.created")
    return finalize(account, invoice)


def finalize(account: Account, invoice: JSON) -> JSON:
    """Number an invoice and open it for payment."""
    customer = account.get("customer", invoice["customer"])
    number = f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04d}"
    # A credit pays for later invoices; it is kept as a negative balance of the customer.
    ending = invoice["starting_balance"] + max(invoice["total"], 0) - invoice["amount_due"] + min(invoice["total"], 0)
    account.change(customer, None, next_invoice_sequence=customer["next_invoice_sequence"] + 1, balance=ending)
    account.change(
        invoice,
        "invoice.finalized",
        status="open",
        number=number,
        effective_at=account.now,
        ending_balance=ending,
        auto_advance=True,
        hosted_invoice_url=f"{account.base_url}/invoices/{invoice['id']}",
        invoice_pdf=f"{account.base_url}/invoices/{invoice['id']}",
        status_transitions=invoice["status_transitions"] | {"finalized_at": account.now},
    )
    return mark_paid(account, invoice) if invoice["amount_due"] == 0 else invoice


def collect(account: Account, invoice: JSON, method: JSON | None, *, behaviour: str | None = None) -> JSON:
    """Charge what is open on an invoice; returns the invoice, paid or not."""
    if invoice["status"] == "paid":
        return invoice
    intent = intent_of(account, invoice) or _ask_for(account, invoice)
    account.change(invoice, None, attempted=True, attempt_count=invoice["attempt_count"] + 1, next_payment_attempt=None)
    confirm(account, intent, method, behaviour=behaviour)
    return reflect_payment(account, invoice, intent)


def reflect_payment(account: Account, invoice: JSON, intent: JSON) -> JSON:
    """Bring an invoice in line with its payment intent."""
    if intent["status"] == "succeeded":
        return mark_paid(account, invoice)
    if intent["status"] == "requires_action":
        account.emit("invoice.payment_action_required", invoice)
    if intent["status"] != "processing":
        account.emit("invoice.payment_failed", invoice)
    return invoice


def mark_paid(account: Account, invoice: JSON) -> JSON:
    """Close an invoice as paid."""
    for payment in account.store.find("invoice_payment", invoice=invoice["id"], status="open"):
        moments = payment["status_transitions"] | {"paid_at": account.now}
        account.change(payment, "invoice_payment.paid", status="paid", amount_paid=payment["amount_requested"], status_transitions=moments)
    account.change(
        invoice,
        "invoice.updated",
        status="paid",
        attempted=True,
        amount_paid=invoice["amount_due"],
        amount_remaining=0,
        next_payment_attempt=None,
        status_transitions=invoice["status_transitions"] | {"paid_at": account.now},
    )
    account.emit("invoice.paid", invoice)
    account.emit("invoice.payment_succeeded", invoice)
    return invoice


def close(account: Account, invoice: JSON, status: str) -> JSON:
    """Void an open invoice or give it up as uncollectible."""
    if invoice["status"] not in {"open", "uncollectible"}:
        raise invalid(f"This invoice is {invoice['status']}; only an open one can be closed.", "invoice")
    if intent := intent_of(account, invoice):
        cancel_intent(account, intent)
    name = "voided" if status == "void" else "marked_uncollectible"
    moments = invoice["status_transitions"] | {f"{name}_at": account.now}
    return account.change(invoice, f"invoice.{name}", status=status, next_payment_attempt=None, status_transitions=moments)


def intent_of(account: Account, invoice: JSON) -> JSON | None:
    """Find the payment intent that pays an invoice."""
    for payment in account.store.find("invoice_payment", invoice=invoice["id"]):
        return account.get("payment_intent", payment["payment"]["payment_intent"])
    return None


def invoice_of(account: Account, intent: JSON) -> JSON | None:
    """Find the invoice that a payment intent pays."""
    for payment in account.store.find("invoice_payment", payment__payment_intent=intent["id"]):
        return account.get("invoice", payment["invoice"])
    return None


def subscription_id(invoice: JSON) -> str | None:
    """Read which subscription an invoice belongs to."""
    details = (invoice["parent"] or {}).get("subscription_details") or {}
    found = details.get("subscription")
    return str(found) if found else None


def _ask_for(account: Account, invoice: JSON) -> JSON:
    intent = new_intent(
        account,
        amount=invoice["amount_due"],
        currency=invoice["currency"],
        customer=invoice["customer"],
        metadata={},
        description="Subscription creation" if invoice["billing_reason"] == "subscription_create" else None,
    )
    pay_with(account, invoice, intent)
    return intent


def pay_with(account: Account, invoice: JSON, intent: JSON) -> None:
    """Say which payment intent pays an invoice."""
    payment = {
        "id": account.new_id("inpay"),
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": invoice["amount_due"],
        "created": account.now,
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "livemode": False,
        "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }
    account.add(payment)


def _blank(account: Account, customer: JSON, subscription: JSON | None) -> JSON:
    parent = None
    if subscription:
        details = {"metadata": subscription["metadata"], "subscription": subscription["id"]}
        parent = {"quote_details": None, "subscription_details": details, "type": "subscription_details"}
    zeroes = ("amount_overpaid", "amount_paid", "amount_shipping", "attempt_count",
              "post_payment_credit_notes_amount", "pre_payment_credit_notes_amount")  # fmt: skip
    nulls = ("account_tax_ids", "application", "automatically_finalizes_at", "custom_fields", "customer_address",
             "customer_phone", "customer_shipping", "default_payment_method", "default_source", "description", "due_date",
             "effective_at", "ending_balance", "footer", "from_invoice", "hosted_invoice_url", "invoice_pdf",
             "last_finalization_error", "latest_revision", "next_payment_attempt", "number", "on_behalf_of",
             "receipt_number", "rendering", "shipping_cost", "shipping_details", "statement_descriptor",
             "webhooks_delivered_at")  # fmt: skip
    return dict.fromkeys(zeroes, 0) | dict.fromkeys(nulls) | {
        "object": "invoice",
        "account_country": "NL",
        "account_name": "Sandbox",
        "attempted": False,
        "auto_advance": False,
        "collection_method": "charge_automatically",
        "created": account.now,
        "customer": customer["id"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_tax_exempt": customer["tax_exempt"],
        "customer_tax_ids": [],
        "default_tax_rates": [],
        "issuer": {"type": "self"},
        "livemode": False,
        "parent": parent,
        "payment_settings": {"default_mandate": None, "payment_method_options": None, "payment_method_types": None},
        "status": "draft",
        "status_transitions": {"finalized_at": None, "marked_uncollectible_at": None, "paid_at": None, "voided_at": None},
        "test_clock": customer["test_clock"],
        "total_pretax_credit_amounts": [],
    }  # fmt: skip


def _automatic_tax(is_on: bool) -> JSON:
    state = {"liability": {"type": "self"}, "provider": "stripe", "status": "complete"} if is_on else {}
    return {"disabled_reason": None, "enabled": is_on, "liability": None, "provider": None, "status": None} | state


def _flat(taken: list[list[JSON]]) -> list[JSON]:
    return [amount for row in taken for amount in row]
