"""Keep the ledger of terms: what each subscription brings a year, after discounts and before tax, and when that changed."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from billing.mirroring import kind_of, moment, waits_for_first_payment
from billing.models import Kind, Subscription, Term
from billing.stripe_client import JSON

# What counts as running; a payment that is overdue does until Stripe ends the subscription.
RUNNING = frozenset(["trialing", "active", "past_due"])
A_YEAR = {"day": 365, "week": 52, "month": 12, "year": 1}


@dataclass(frozen=True, slots=True)
class Rate:
    """What a subscription brings now."""

    plan_id: int | None
    currency: str
    annual_amount: int
    is_trial: bool


def record_term(row: Subscription, found: JSON) -> None:
    """Bring the ledger of a mirrored subscription up to what Stripe says; the caller holds the customer's lock."""
    if kind_of(found) == Kind.CONTRIBUTION:
        return
    rate = _rate_of(row, found)
    last = row.terms.order_by("-starts_at", "-pk").first()
    running = last if last is not None and last.ends_at is None else None
    if running is not None and rate == Rate(running.plan_id, running.currency, running.annual_amount, running.is_trial):
        return
    at = _changed_at(found, last)
    if running is not None:
        _end(running, at, _ending(running, rate, found))
    if rate is not None:
        _begin(row, rate, at)


def end_term(row: Subscription, at: datetime) -> None:
    """End the ledger of a subscription that Stripe knows no more."""
    running = row.terms.filter(ends_at=None).first()
    if running is not None:
        _end(running, at, _last_ending(running))


def annual_amount(found: JSON) -> int:
    """Return what a subscription brings a year in minor units, after its discounts and before tax."""
    total = Decimal(0)
    for item in found["items"]["data"]:
        price = item["price"]
        unit = Decimal(price.get("unit_amount_decimal") or price.get("unit_amount") or 0)
        recurring = price.get("recurring") or {"interval": "year", "interval_count": 1}
        times = Decimal(A_YEAR[recurring["interval"]]) / (recurring.get("interval_count") or 1)
        total += unit * (item.get("quantity") or 1) * times
    periods = _periods_a_year(found)
    for coupon in _coupons(found):
        if coupon.get("percent_off"):
            total -= total * Decimal(str(coupon["percent_off"])) / 100
        elif coupon.get("amount_off"):
            total -= Decimal(coupon["amount_off"]) * periods
    return max(0, int(total.to_integral_value()))


def _rate_of(row: Subscription, found: JSON) -> Rate | None:
    if found["status"] not in RUNNING or found.get("pause_collection"):
        return None
    if found["status"] != "trialing" and waits_for_first_payment(found):
        return None
    plan_id = row.price.plan_id if row.price else None
    return Rate(plan_id, found["currency"].upper(), annual_amount(found), is_trial=found["status"] == "trialing")


def _periods_a_year(found: JSON) -> Decimal:
    recurring = found["items"]["data"][0]["price"].get("recurring") or {"interval": "year", "interval_count": 1}
    return Decimal(A_YEAR[recurring["interval"]]) / (recurring.get("interval_count") or 1)


def _coupons(found: JSON) -> list[dict[str, Any]]:
    """Return the coupons in force; a discount that wasn't expanded, or holds for one invoice only, tells nothing of a year."""
    discounts = [discount for discount in found.get("discounts") or [] if isinstance(discount, dict)]
    coupons = [(discount.get("source") or {}).get("coupon") for discount in discounts]
    return [coupon for coupon in coupons if isinstance(coupon, dict) and coupon.get("duration") != "once"]


def _changed_at(found: JSON, last: Term | None) -> datetime:
    """Return when the present state began, as near as Stripe tells, and never before the last entry."""
    if last is None:
        at = moment(found["start_date"])
    elif found.get("ended_at"):
        at = moment(found["ended_at"])
    elif last.is_trial and last.ends_at is None and found.get("trial_end"):
        at = min(moment(found["trial_end"]), timezone.now())
    else:
        at = timezone.now()
    return at if last is None else max(at, last.ends_at or last.starts_at)


def _ending(running: Term, rate: Rate | None, found: JSON) -> str:
    if rate is None:
        if found.get("pause_collection") or found["status"] == "paused":
            return Term.Ending.PAUSED
        return _last_ending(running)
    return Term.Ending.CONVERTED if running.is_trial and not rate.is_trial else Term.Ending.CHANGED


def _last_ending(running: Term) -> str:
    if running.is_trial:
        return Term.Ending.LAPSED
    goes_on = Term.objects.paid().filter(user_id=running.user_id, ends_at=None).exclude(pk=running.pk).exists()
    return Term.Ending.CHANGED if goes_on else Term.Ending.CHURNED


def _end(term: Term, at: datetime, how: str) -> None:
    term.ends_at, term.ends_as = at, how
    term.save(update_fields=["ends_at", "ends_as"])


def _begin(row: Subscription, rate: Rate, at: datetime) -> None:
    Term.objects.create(
        subscription=row,
        user_id=row.user_id,
        plan_id=rate.plan_id,
        currency=rate.currency,
        annual_amount=rate.annual_amount,
        is_trial=rate.is_trial,
        starts_at=at,
        begins_as=_beginning(row, rate, at),
    )


def _beginning(row: Subscription, rate: Rate, at: datetime) -> str:
    if rate.is_trial:
        return Term.Beginning.TRIAL
    earlier = Term.objects.paid().filter(user_id=row.user_id, starts_at__lte=at)
    if not earlier.exists():
        return Term.Beginning.NEW
    # Another that runs, or that ended at this very moment, goes on as this one.
    goes_on = earlier.running(at=at).exists() or earlier.filter(ends_at=at).exists()
    return Term.Beginning.CHANGED if goes_on else Term.Beginning.REACTIVATED
