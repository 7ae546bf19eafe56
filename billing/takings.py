"""Read what Stripe says of money into our words: pure.

An invoice says what was paid for, a charge what was paid and what went back; since 2025 they meet in the invoice's payments. A
charge that belongs to no invoice is a one-off payment, of the kind that its metadata names.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from billing.customers import is_foreign
from billing.models import Kind, Payment
from billing.stripe_client import JSON

# An enquiry, or one that ended well, takes no money from us.
DISPUTES = {
    "needs_response": Payment.Dispute.OPEN,
    "under_review": Payment.Dispute.OPEN,
    "won": Payment.Dispute.WON,
    "lost": Payment.Dispute.LOST,
}
WORST_LAST = (Payment.Dispute.NONE, Payment.Dispute.WON, Payment.Dispute.OPEN, Payment.Dispute.LOST)
NOT_REFUNDED = frozenset(["failed", "canceled"])


@dataclass(frozen=True, slots=True)
class Taking:
    """A paid invoice or one-off payment as Stripe has it; one of nothing (a trial, a whole discount) still pays for its period.

    `price` is the id at Stripe of the price that was paid.
    """

    invoice: str | None
    intent: str | None
    charge: str | None
    subscription: str | None
    kind: str
    currency: str
    amount: int
    refunded: int
    dispute: str
    paid_at: datetime
    start: datetime | None = None
    end: datetime | None = None
    price: str | None = None
    reason: str = ""
    number: str = ""
    url: str = ""
    pdf: str = ""

    @property
    def is_standing(self) -> bool:
        """Say whether the money stayed; twin of `Payment.is_standing`, but that nothing paid is nothing returned."""
        return (self.amount == 0 or self.refunded < self.amount) and self.dispute not in (Payment.Dispute.OPEN, Payment.Dispute.LOST)

    @property
    def left(self) -> int:
        """Return what was not refunded."""
        return self.amount - self.refunded

    def fields(self) -> dict[str, Any]:
        """Return the fields of our mirror that depend on Stripe alone."""
        return {
            "kind": self.kind,
            "reason": self.reason,
            "currency": self.currency,
            "amount": self.amount,
            "amount_refunded": self.refunded,
            "dispute": self.dispute,
            "paid_at": self.paid_at,
            "period_start": self.start,
            "period_end": self.end,
            "number": self.number,
            "hosted_invoice_url": self.url,
            "invoice_pdf": self.pdf,
            "stripe_invoice_id": self.invoice,
            "stripe_payment_intent_id": self.intent,
            "stripe_charge_id": self.charge,
        }


def takings_from(
    invoices: Iterable[JSON], charges: Iterable[JSON], disputes: Mapping[str, Sequence[JSON]], *, ours: frozenset[str]
) -> list[Taking]:
    """Return what was taken from a customer; `ours` are the ids of the subscriptions we mirror, `disputes` those of each charge."""
    invoices = list(invoices)
    of_invoices = {intent for invoice in invoices for intent in _intents(invoice)}
    good = {charge["payment_intent"] or charge["id"]: charge for charge in charges if charge["status"] == "succeeded"}
    takings = [_from_invoice(invoice, good, disputes) for invoice in invoices if invoice["status"] == "paid" and _is_for(invoice, ours)]
    takings += [
        _from_charge(charge, disputes) for intent, charge in good.items() if intent not in of_invoices and _kind_of(charge["metadata"])
    ]
    return takings


def _from_invoice(invoice: JSON, charges: Mapping[str, JSON], disputes: Mapping[str, Sequence[JSON]]) -> Taking:
    paid_by = [charges[intent] for intent in _intents(invoice) if intent in charges]
    main = _main_line(invoice)
    amount = invoice["amount_paid"]
    return Taking(
        invoice=invoice["id"],
        intent=next((charge["payment_intent"] for charge in paid_by), None),
        charge=next((charge["id"] for charge in paid_by), None),
        subscription=subscription_of(invoice),
        kind=_kind_in(_metadata(invoice)) or Kind.SUBSCRIPTION,
        currency=invoice["currency"].upper(),
        amount=amount,
        refunded=min(amount, sum(refunded_of(charge) for charge in paid_by)),
        dispute=_worst(disputes, paid_by),
        paid_at=moment((invoice.get("status_transitions") or {}).get("paid_at") or invoice["created"]),
        start=moment(main["period"]["start"]) if main else None,
        end=moment(main["period"]["end"]) if main else None,
        price=_price_of(main) if main else None,
        reason=invoice.get("billing_reason") or "",
        number=invoice.get("number") or "",
        url=invoice.get("hosted_invoice_url") or "",
        pdf=invoice.get("invoice_pdf") or "",
    )


def _from_charge(charge: JSON, disputes: Mapping[str, Sequence[JSON]]) -> Taking:
    return Taking(
        invoice=None,
        intent=charge["payment_intent"] or charge["id"],
        charge=charge["id"],
        subscription=None,
        kind=_kind_of(charge["metadata"]),
        currency=charge["currency"].upper(),
        amount=charge["amount_captured"],
        refunded=min(charge["amount_captured"], refunded_of(charge)),
        dispute=_worst(disputes, [charge]),
        paid_at=moment(charge["created"]),
        url=charge.get("receipt_url") or "",
    )


def moment(seconds: int) -> datetime:
    """Turn Stripe's seconds into a moment."""
    return datetime.fromtimestamp(seconds, tz=UTC)


def subscription_of(invoice: JSON) -> str | None:
    """Return the subscription that an invoice is for."""
    return ((invoice.get("parent") or {}).get("subscription_details") or {}).get("subscription")


def _metadata(invoice: JSON) -> JSON:
    return ((invoice.get("parent") or {}).get("subscription_details") or {}).get("metadata") or {}


def _is_for(invoice: JSON, ours: frozenset[str]) -> bool:
    return subscription_of(invoice) in ours or bool(_kind_of(_metadata(invoice)))


def _kind_of(metadata: JSON | None) -> str:
    """Return the kind that we wrote on something we sold; empty on what bears no mark of this site."""
    return _kind_in(metadata) if "site" in (metadata or {}) and not is_foreign(metadata) else ""


def _kind_in(metadata: JSON | None) -> str:
    kind = (metadata or {}).get("kind", "")
    return kind if kind in Kind.values else ""


def _intents(invoice: JSON) -> Iterator[str]:
    """Yield what an invoice was paid by, or was tried to: payment intents, and charges without one."""
    for payment in (invoice.get("payments") or {}).get("data", []):
        found = payment["payment"].get("payment_intent") or payment["payment"].get("charge")
        if found:
            yield found


def _main_line(invoice: JSON) -> JSON | None:
    """Return what an invoice pays for: the latest period it asks money for; what it gives back for is a negative line."""
    lines: list[JSON] = [line for line in invoice["lines"]["data"] if line["amount"] >= 0]
    return max(lines, key=lambda line: line["period"]["end"], default=None)


def _price_of(line: JSON) -> str | None:
    """Return the id at Stripe of the price that a line asks."""
    return ((line.get("pricing") or {}).get("price_details") or {}).get("price")


def refunded_of(charge: JSON) -> int:
    """Return what went back and did not fail on the way; a refund under way counts."""
    refunds = charge.get("refunds") or {"data": [], "has_more": True}
    if refunds.get("has_more"):
        return int(charge["amount_refunded"])
    return sum(refund["amount"] for refund in refunds["data"] if refund["status"] not in NOT_REFUNDED)


def worst_of(disputes: Iterable[JSON]) -> str:
    """Return what disputes about one payment come to."""
    found = (DISPUTES.get(dispute["status"], Payment.Dispute.NONE) for dispute in disputes)
    return max(found, key=WORST_LAST.index, default=Payment.Dispute.NONE)


def _worst(disputes: Mapping[str, Sequence[JSON]], charges: Iterable[JSON]) -> str:
    return worst_of(dispute for charge in charges for dispute in disputes.get(charge["id"], ()))
