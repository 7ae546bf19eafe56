"""End a subscription with its period, for the reason the reader gives; offer them to stay; take the end back."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from billing import stripe_client
from billing.models import Cancellation, Price, SellingRules, Subscription, SubscriptionSettings
from billing.planned import settle_plans
from billing.running import UnsettledError, held_subscription
from billing.stripe_client import JSON

if TYPE_CHECKING:
    from accounts.models import User


def cancel(user: "User", *, reason: str = "", words: str = "") -> None:
    """Let a reader's subscription end with the period that is paid; raises NothingRunningError and StripeCallError.

    The words stay here: Stripe learns the reason alone.
    """
    with held_subscription(user) as (row, found):
        if row.is_ending:
            return
        settle_plans(found)
        stripe_client.end_with_period(row.stripe_id, feedback=reason)
        Cancellation.objects.update_or_create(
            subscription=row, outcome=Cancellation.Outcome.LEFT, defaults={"user": user, "reason": reason, "words": words}
        )


def undo_cancel(user: "User") -> None:
    """Let a subscription that was cancelled go on; raises NothingRunningError and StripeCallError."""
    with held_subscription(user) as (row, found):
        if not row.is_ending:
            return
        stripe_client.keep_renewing(row.stripe_id, has_own_date=not found["cancel_at_period_end"])
        Cancellation.objects.filter(subscription=row, outcome=Cancellation.Outcome.LEFT).update(outcome=Cancellation.Outcome.UNDONE)


def is_offered_to(subscription: Subscription) -> bool:
    """Say whether a reader who leaves is offered something: once in their life, and where it would take effect in its time."""
    return (
        SellingRules.load().offer_percent > 0
        and subscription.is_settled
        and subscription.status == Subscription.Status.ACTIVE
        and subscription.price is not None
        and subscription.price.interval == Price.Interval.MONTH
        and not Cancellation.objects.stayed().filter(user=subscription.user_id).exists()
    )


def take_offer(user: "User", *, reason: str = "", words: str = "") -> None:
    """Give a reader who stays what the editor offers; raises NothingRunningError, UnsettledError and StripeCallError."""
    rules, site = SellingRules.load(), SubscriptionSettings.site()
    prefix = f"stay-{site}-"
    with held_subscription(user) as (row, found):
        if Cancellation.objects.stayed().filter(user=user, subscription=row).exists():
            return
        if not is_offered_to(row):
            raise UnsettledError
        held = found["discounts"]
        # An answer that got lost may have left the discount there.
        if not any(_coupon_of(discount).startswith(prefix) for discount in held):
            percent, months = rules.offer_percent, rules.offer_months
            name = _("%(percent)d %% off, because you stay") % {"percent": percent}
            coupon = stripe_client.coupon_of(
                f"{prefix}{percent}-{months}", percent=percent, months=months, name=name, metadata={"site": site}
            )
            SellingRules.objects.filter(pk=rules.pk).update(offer_coupon=coupon)
            stripe_client.add_discount(row.stripe_id, coupon=coupon, besides=[discount["id"] for discount in held])
        Cancellation.objects.create(user=user, subscription=row, reason=reason, words=words, outcome=Cancellation.Outcome.STAYED)


def _coupon_of(discount: JSON) -> str:
    """Return the id of a discount's coupon; the coupon itself may have been deleted."""
    coupon = discount["source"]["coupon"]
    return str(coupon["id"] if isinstance(coupon, dict) else coupon or "")
