"""Find the customers of whom our mirror and Stripe tell different things, by lists of the whole account.

It costs a call for every hundred subscriptions, customers, recent sessions, charges, refunds and disputes, however many customers
there are; only who differs is then synchronised.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from billing import stripe_client
from billing.customers import is_foreign
from billing.mirroring import entitled_until, is_ours, own_fields_of
from billing.models import CheckoutAttempt, Customer, Payment, Subscription
from billing.stripe_client import JSON
from billing.takings import NOT_REFUNDED, refunded_of, worst_of

SESSION_DAYS = 3
# Longer than a month, so that every month that is paid is looked at once.
MONEY_DAYS = 35
# Banks take up to some four months.
DISPUTE_DAYS = 180
CHUNK = 500


@dataclass(slots=True)
class Comparison:
    """What was looked at, and the ids at Stripe of the customers who differ."""

    counts: Counter[str] = field(default_factory=Counter)
    differing: set[str | None] = field(default_factory=set)


def compare_subscriptions(comparison: Comparison) -> None:
    """Compare all subscriptions, ended ones too; one whose money once went back is always looked at."""
    rows = {row.stripe_id: row for row in Subscription.objects.select_related("customer", "price")}
    unsteady = set(Payment.objects.filter(~Q(pk__in=Payment.objects.standing())).values_list("subscription__stripe_id", flat=True))
    for found in stripe_client.every_subscription():
        comparison.counts["subscriptions"] += 1
        row = rows.pop(found["id"], None)
        differs = is_ours(found) if row is None else _differs(row, found) or (row.is_live and row.stripe_id in unsteady)
        if differs:
            comparison.differing.add(found["customer"])
    # Those left are unknown at Stripe.
    comparison.differing |= {row.customer.stripe_id for row in rows.values() if row.is_live}


def _differs(row: Subscription, found: JSON) -> bool:
    if any(getattr(row, name) != value for name, value in own_fields_of(found).items()):
        return True
    if row.customer.stripe_id != found["customer"] or row.is_past_due:
        return True
    if row.price is not None and row.price.stripe_price_id not in {item["price"]["id"] for item in found["items"]["data"]}:
        return True
    return row.is_live and row.entitled_until != entitled_until(found)


def compare_customers(comparison: Comparison) -> None:
    """Find those of ours who are no customers at Stripe any more, and still hold something."""
    ours = set(Customer.objects.at_stripe().filter(subscriptions__in=Subscription.objects.live()).values_list("stripe_id", flat=True))
    for found in stripe_client.every_customer():
        comparison.counts["customers"] += 1
        ours.discard(found["id"])
    comparison.differing |= ours


def compare_sessions(comparison: Comparison) -> None:
    """Find purchases that were finished at Stripe, and of which we have no attempt or one that is open."""
    since = _seconds_ago(days=SESSION_DAYS)
    closed = set(CheckoutAttempt.objects.exclude(pk__in=CheckoutAttempt.objects.open()).values_list("stripe_session_id", flat=True))
    for found in stripe_client.every_session(since=since):
        comparison.counts["sessions"] += 1
        if found["status"] == "complete" and found["id"] not in closed and _is_marked(found):
            comparison.differing.add(found["customer"])


def _is_marked(found: JSON) -> bool:
    metadata = found["metadata"] or {}
    return "site" in metadata and not is_foreign(metadata)


def compare_money(comparison: Comparison) -> None:
    """Compare what was paid of late, and what went back of late."""
    charges = {charge["id"]: charge for charge in stripe_client.every_charge(since=_seconds_ago(days=MONEY_DAYS))}
    refunds = defaultdict(list)
    for refund in stripe_client.every_refund(since=_seconds_ago(days=MONEY_DAYS)):
        comparison.counts["refunds"] += 1
        refunds[refund["charge"]].append(refund)
    comparison.counts["charges"] += len(charges)
    rows = _payments({*charges, *refunds})
    for charge_id, charge in charges.items():
        row = rows.get(charge_id)
        if charge["status"] == "succeeded" and (row is None or row.amount_refunded != refunded_of(charge)):
            comparison.differing.add(charge["customer"])
    for charge_id, found in refunds.items():
        row = rows.get(charge_id)
        # Of an older charge we see the late refunds alone: what they come to is the least that must have gone back.
        if row is not None and charge_id not in charges and _may_differ(row, found):
            comparison.differing.add(row.customer.stripe_id)


def _may_differ(row: Payment, refunds: list[JSON]) -> bool:
    good = [refund["amount"] for refund in refunds if refund["status"] not in NOT_REFUNDED]
    return row.amount_refunded < sum(good) or len(good) < len(refunds)


def compare_disputes(comparison: Comparison) -> None:
    """Compare what banks took back, gave back, or have to decide on."""
    disputes = defaultdict(list)
    for dispute in stripe_client.every_dispute(since=_seconds_ago(days=DISPUTE_DAYS)):
        comparison.counts["disputes"] += 1
        disputes[dispute["charge"]].append(dispute)
    for charge_id, row in _payments(set(disputes)).items():
        if row.dispute != worst_of(disputes[charge_id]):
            comparison.differing.add(row.customer.stripe_id)


def _payments(charges: set[str]) -> dict[str, Payment]:
    """Return our payments by their charges."""
    rows: dict[str, Payment] = {}
    for chunk in batched(sorted(charges), CHUNK):
        found = Payment.objects.filter(stripe_charge_id__in=chunk).select_related("customer")
        rows |= {str(row.stripe_charge_id): row for row in found}
    return rows


def batched(items: list[str], size: int) -> Iterator[list[str]]:
    """Yield items in lists of a size that a query can take."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _seconds_ago(*, days: int) -> int:
    return int((timezone.now() - timedelta(days=days)).timestamp())


COMPARISONS: tuple[Callable[[Comparison], None], ...] = (
    compare_subscriptions,
    compare_customers,
    compare_sessions,
    compare_money,
    compare_disputes,
)
