"""What the magazine earns, in numbers; each is one query over the ledger of terms, the payments or the checkouts.

Months are calendar months in the site's zone. Monthly recurring revenue (MRR) is a twelfth of what the subscriptions that run would
bring in a year, after discounts and before tax. One that is past due counts until Stripe ends it; trials, paused subscriptions, gifts,
complimentary access and contributions don't.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, Q, QuerySet, Sum, When
from django.db.models.functions import TruncMonth
from django.utils import timezone

from billing.models import CheckoutAttempt, Kind, Payment, Term
from magazine.months import MONTHS_A_YEAR

MONTHS = 13
SOURCES = 20


@dataclass(frozen=True, slots=True)
class Movements:
    """How many subscriptions began, came back and ended in one month, and how its trials ended."""

    month: datetime
    new: int = 0
    reactivated: int = 0
    churned: int = 0
    converted: int = 0
    lapsed: int = 0

    @property
    def conversion(self) -> int | None:
        """Return the share of the trials ending in this month that became a subscription, in percent; None without any."""
        ended = self.converted + self.lapsed
        return round(100 * self.converted / ended) if ended else None


@dataclass(frozen=True, slots=True)
class Revenue:
    """What came in for a plan in one currency, in minor units, less what went back."""

    plan: str
    kind: str
    currency: str
    amount: int


@dataclass(frozen=True, slots=True)
class SourceOfSubscriptions:
    """How many subscribed from one page."""

    path: str
    subscriptions: int


def months_until(now: datetime, count: int = MONTHS) -> list[datetime]:
    """Return the beginnings of the last so many months, the present one last."""
    first = timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    months = [first]
    for _ in range(count - 1):
        months.append(timezone.make_aware(timezone.make_naive(months[-1] - timedelta(days=1)).replace(day=1, hour=0)))
    return months[::-1]


def monthly_recurring_revenue(at: datetime | None = None) -> dict[str, int]:
    """Return the MRR at a moment by currency, in minor units."""
    rows = Term.objects.paid().running(at=at).order_by().values("currency").annotate(annual=Sum("annual_amount"))
    return {row["currency"]: _a_month(row["annual"]) for row in rows if row["annual"]}


def revenue_by_month(months: list[datetime], *, now: datetime) -> dict[str, list[int]]:
    """Return the MRR at the end of each month (the present one: now) by currency, in minor units; one query for all."""
    moments = [*months[1:], now]
    sums = {
        f"m{n}": Sum(Case(When(Q(starts_at__lt=at) & (Q(ends_at=None) | Q(ends_at__gte=at)), then=F("annual_amount")), default=0))
        for n, at in enumerate(moments)
    }
    # Named by number, so that no type can know them.
    rows: Any = Term.objects.paid().order_by().values("currency").annotate(**sums)
    return {row["currency"]: [_a_month(row[f"m{n}"]) for n in range(len(moments))] for row in rows}


def movements_by_month(months: list[datetime]) -> list[Movements]:
    """Return what began and ended in each month."""
    begun = _by_month(Term.objects.filter(starts_at__gte=months[0]), "starts_at", "begins_as")
    ended = _by_month(Term.objects.filter(ends_at__gte=months[0]), "ends_at", "ends_as")
    return [
        Movements(
            month,
            new=begun.get((month, Term.Beginning.NEW), 0),
            reactivated=begun.get((month, Term.Beginning.REACTIVATED), 0),
            churned=ended.get((month, Term.Ending.CHURNED), 0),
            converted=ended.get((month, Term.Ending.CONVERTED), 0),
            lapsed=ended.get((month, Term.Ending.LAPSED), 0),
        )
        for month in months
    ]


def revenue_since(since: datetime) -> list[Revenue]:
    """Return what was paid since a moment by plan, kind and currency, most first; money in dispute or lost is left out."""
    lost = (Payment.Dispute.OPEN, Payment.Dispute.LOST)
    rows = (
        Payment.objects.filter(paid_at__gte=since)
        .exclude(dispute__in=lost)
        .order_by()
        .values("subscription__price__plan__name", "kind", "currency")
        .annotate(total=Sum(F("amount") - F("amount_refunded")))
        .order_by("-total")
    )
    return [Revenue(row["subscription__price__plan__name"] or "", row["kind"], row["currency"], row["total"]) for row in rows]


def sources_since(since: datetime) -> list[SourceOfSubscriptions]:
    """Return the pages that most readers subscribed from."""
    rows = (
        CheckoutAttempt.objects.filter(status=CheckoutAttempt.Status.COMPLETE, kind=Kind.SUBSCRIPTION, closed_at__gte=since)
        .exclude(next_path="")
        .order_by()
        .values("next_path")
        .annotate(count=Count("pk"))
        .order_by("-count", "next_path")[:SOURCES]
    )
    return [SourceOfSubscriptions(row["next_path"], row["count"]) for row in rows]


def subscriptions_running(at: datetime | None = None) -> dict[str, int]:
    """Return how many subscriptions run at a moment: `paid` and `trial`."""
    found = Term.objects.running(at=at).aggregate(paid=Count("pk", filter=Q(is_trial=False)), trial=Count("pk", filter=Q(is_trial=True)))
    return {"paid": found["paid"], "trial": found["trial"]}


def _by_month(terms: QuerySet[Term], moment: str, how: str) -> dict[tuple[datetime, str], int]:
    rows = terms.order_by().annotate(month=TruncMonth(moment)).values("month", how).annotate(count=Count("pk"))
    return {(row["month"], row[how]): row["count"] for row in rows}


def _a_month(annual: int) -> int:
    return round(annual / MONTHS_A_YEAR)
