"""Pause a subscription that is paid by the month: nothing is charged, and nothing is open.

A pause begins when the month that is paid ends, and takes whole months, so that nobody pays for a day on which they can't read.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from billing import stripe_client
from billing.models import Price, SellingRules, Subscription
from billing.running import UnsettledError, held_subscription
from magazine.months import months_after

if TYPE_CHECKING:
    from accounts.models import User

# Payments go on a little before the renewal that is to be charged again.
AHEAD = timedelta(hours=1)


def may_pause(subscription: Subscription) -> bool:
    """Say whether payments can be paused; of a year paid at once nothing could be left out."""
    price = subscription.price
    is_monthly = price is not None and price.interval == Price.Interval.MONTH
    return SellingRules.load().pause_months > 0 and is_monthly and subscription.is_settled and subscription.status == "active"


def end_of_pause(subscription: Subscription, months: int) -> datetime:
    """Return when payments go on after a pause of so many months."""
    return months_after(subscription.current_period_end or timezone.now(), months) - AHEAD


def pause(user: "User", *, months: int) -> None:
    """Pause a reader's payments; raises NothingRunningError, UnsettledError and StripeCallError."""
    with held_subscription(user) as (row, found):
        if row.paused_until:
            return
        if not may_pause(row) or not 1 <= months <= SellingRules.load().pause_months:
            raise UnsettledError
        if found["schedule"]:
            stripe_client.release_schedule(found["schedule"]["id"])
        stripe_client.pause_payments(row.stripe_id, until=int(end_of_pause(row, months).timestamp()))


def begins_anew(subscription: Subscription) -> bool:
    """Say whether going on costs a month now: the one that was paid before the pause is over."""
    return subscription.entitled_until <= timezone.now()


def resume(user: "User") -> None:
    """End a pause; raises NothingRunningError, and StripeCallError, with `is_declined` if the month could not be charged."""
    with held_subscription(user) as (row, _found):
        if row.paused_until:
            stripe_client.resume_payments(row.stripe_id, is_new_period=begins_anew(row))
