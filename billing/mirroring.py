"""Read what Stripe says of a subscription into our words: pure but for the price and what is owed."""

from datetime import UTC, datetime
from typing import Any

from billing import stripe_client
from billing.catalogue import price_from_stripe
from billing.customers import is_foreign
from billing.models import Customer
from billing.models.checkouts import Kind
from billing.models.subscriptions import GRACE, RENEWAL, Subscription
from billing.stripe_client import JSON

# What of Stripe's subscriptions is mirrored; only those of the first kind open anything by themselves.
MIRRORED_KINDS = frozenset([Kind.SUBSCRIPTION, Kind.GROUP, Kind.CONTRIBUTION])
# The ones that could still come to life without the reader paying anew; an abandoned first payment can't.
SOLD = frozenset(["trialing", "active", "past_due", "unpaid", "paused"])


def is_ours(found: JSON) -> bool:
    """Say whether a subscription is one of ours: of this site, of a kind we sell, and of a plan we know or a contribution."""
    if is_foreign(found.get("metadata")) or kind_of(found) not in MIRRORED_KINDS:
        return False
    return kind_of(found) == Kind.CONTRIBUTION or any(price_from_stripe(item["price"]) for item in _items(found))


def is_sold(found: JSON) -> bool:
    """Say whether somebody who has this subscription must not be sold another of their own."""
    return kind_of(found) == Kind.SUBSCRIPTION and found["status"] in SOLD


def kind_of(found: JSON) -> str:
    """Return what was bought; what was made at Stripe by hand is a subscription."""
    return str((found.get("metadata") or {}).get("kind", Kind.SUBSCRIPTION))


def fields_of(found: JSON, customer: Customer) -> dict[str, Any]:
    """Return the fields of our mirror; asks Stripe what is owed only where a payment is overdue."""
    status = found["status"]
    return {
        "user_id": customer.user_id,
        "customer_id": customer.pk,
        "kind": kind_of(found),
        "quantity": _items(found)[0].get("quantity") or 1,
        "status": status,
        "price_id": next((price.pk for item in _items(found) if (price := price_from_stripe(item["price"]))), None),
        "started_at": moment(found["start_date"]),
        "current_period_end": _period_end(found),
        "cancel_at": _cancel_at(found),
        "ended_at": _moment_or_none(found.get("ended_at")),
        "trial_end": _moment_or_none(found.get("trial_end")),
        "entitled_until": entitled_until(found, unpaid_since=_unpaid_since(found) if status == Subscription.Status.PAST_DUE else None),
    }


def entitled_until(found: JSON, *, unpaid_since: datetime | None = None) -> datetime:
    """Return until when a subscription opens the articles, as far as it is known now.

    A renewal may be slow to reach us, so an active one stays open RENEWAL longer than it is paid. A failed payment leaves GRACE
    from the invoice that is owed: Stripe moves the period on before it is paid, so that the period's end says nothing. A refund
    in full or an open dispute will cut it here.
    """
    never, status = moment(found["start_date"]), found["status"]
    if status in (Subscription.Status.ACTIVE, Subscription.Status.TRIALING) and not _waits_for_first_payment(found):
        until = _period_end(found) + RENEWAL
    elif status == Subscription.Status.PAST_DUE and not _waits_for_first_payment(found):
        until = (unpaid_since or _period_start(found)) + GRACE
    else:
        return never
    cancel_at = _cancel_at(found)
    return min(until, cancel_at) if cancel_at else until


def moment(seconds: int) -> datetime:
    """Turn Stripe's seconds into a moment."""
    return datetime.fromtimestamp(seconds, tz=UTC)


def _moment_or_none(seconds: int | None) -> datetime | None:
    return None if seconds is None else moment(seconds)


def _items(found: JSON) -> list[JSON]:
    items: list[JSON] = found["items"]["data"]
    return items


def _period_end(found: JSON) -> datetime:
    return moment(min(item["current_period_end"] for item in _items(found)))


def _period_start(found: JSON) -> datetime:
    return moment(min(item["current_period_start"] for item in _items(found)))


def _cancel_at(found: JSON) -> datetime | None:
    if found.get("cancel_at"):
        return moment(found["cancel_at"])
    return _period_end(found) if found.get("cancel_at_period_end") else None


def _waits_for_first_payment(found: JSON) -> bool:
    """Say whether the very first invoice isn't paid: a bank debit under way already makes Stripe call it active."""
    invoice = found.get("latest_invoice")
    return isinstance(invoice, dict) and invoice.get("billing_reason") == "subscription_create" and invoice["status"] != "paid"


def _unpaid_since(found: JSON) -> datetime | None:
    """Return when the oldest invoice that is owed was written: dunning may outlast a period, and grace must not begin anew."""
    return min((moment(invoice["created"]) for invoice in stripe_client.list_open_invoices(found["id"])), default=None)
