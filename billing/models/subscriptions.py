"""The mirror of Stripe's subscriptions."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.models.checkouts import Kind
from billing.models.customers import Customer
from billing.models.plans import Plan, Price

# How long a failed payment leaves the reader their access, and a renewal that we heard nothing of.
GRACE_DAYS = 14
RENEWAL_HOURS = 24
# How far our clock may be from Stripe's without anybody losing a minute that they paid for.
CLOCK_SKEW_MINUTES = 10


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    """Words for sets of subscriptions."""

    def entitling(self, *, at: datetime | None = None) -> Self:
        """Keep those that open the articles to their reader at a moment."""
        return self.personal().in_force(at=at)

    def in_force(self, *, at: datetime | None = None) -> Self:
        """Keep those whose state opens what they are for at a moment, of whatever kind they are."""
        return self.filter(status__in=ENTITLING_STATUSES, entitled_until__gt=at or timezone.now())

    def personal(self) -> Self:
        """Keep those by which a reader subscribes for themselves: no group's, and no contribution."""
        return self.filter(kind=Kind.SUBSCRIPTION)

    def of_plans(self, plan_ids: Collection[int]) -> Self:
        """Keep those by which somebody holds one of some plans."""
        return self.filter(Q(held_plan__in=plan_ids) | Q(held_plan=None, price__plan__in=plan_ids))

    def live(self) -> Self:
        """Keep those that may still charge the reader."""
        return self.exclude(status__in=TERMINAL_STATUSES)

    def expiring_before_renewal(self) -> Self:
        """Keep those whose card won't be valid any more when they renew."""
        return self.filter(card_expires_at__lte=models.F("current_period_end"))

    def past_due(self) -> Self:
        """Keep those whose last payment failed."""
        return self.filter(status="past_due")

    def overdue(self, *, at: datetime | None = None) -> Self:
        """Keep live ones whose period ended without our hearing how it went on, until Stripe was asked a day after it at the latest."""
        has_ended = self.live().filter(current_period_end__lte=at or timezone.now())
        return has_ended.filter(synchronised_at__lt=F("current_period_end") + RENEWAL)


class Subscription(models.Model):
    """A subscription as Stripe last described it; written by `billing.synchronising` only."""

    class Status(models.TextChoices):
        """Stripe's own words for a subscription's state."""

        INCOMPLETE = "incomplete", _("incomplete")
        INCOMPLETE_EXPIRED = "incomplete_expired", _("never completed")
        TRIALING = "trialing", _("on trial")
        ACTIVE = "active", _("active")
        PAST_DUE = "past_due", _("past due")
        CANCELED = "canceled", _("cancelled")
        UNPAID = "unpaid", _("unpaid")
        PAUSED = "paused", _("paused")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="subscriptions", verbose_name=_("person"))
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="subscriptions", verbose_name=_("customer"))
    stripe_id = models.CharField(_("id at Stripe"), max_length=255, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.SUBSCRIPTION)
    status = models.CharField(_("status"), max_length=20, choices=Status)
    price = models.ForeignKey(Price, models.PROTECT, null=True, blank=True, related_name="subscriptions", verbose_name=_("price"))
    held_plan = models.ForeignKey(
        Plan,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("open instead"),
        help_text=_("The plan that was paid before, where the payment for a change to the present price went back."),
    )
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    started_at = models.DateTimeField(_("started"))
    current_period_end = models.DateTimeField(_("paid until"), null=True, blank=True)
    cancel_at = models.DateTimeField(_("ends"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    trial_end = models.DateTimeField(_("trial until"), null=True, blank=True)
    card_expires_at = models.DateTimeField(_("card valid until"), null=True, blank=True)
    next_price = models.ForeignKey(
        Price, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("price from the next period on")
    )
    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True)
    # A dearer price that was chosen and isn't paid yet; the old one holds until then.
    change_waits_until = models.DateTimeField(_("change waits for payment until"), null=True, blank=True)
    entitled_until = models.DateTimeField(_("open until"), help_text=_("With grace after a failed payment."))
    synchronised_at = models.DateTimeField(_("synchronised"))

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        ordering = ["-started_at"]
        indexes = [
            models.Index(fields=["user", "status", "entitled_until"], name="billing_subscription_entitled"),
            models.Index(fields=["current_period_end"], name="billing_subscription_period"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_status_display()}"

    def is_entitling(self, *, at: datetime | None = None) -> bool:
        """Say whether it opens the articles to its reader at a moment; twin of `SubscriptionQuerySet.entitling`."""
        return self.is_personal and self.is_in_force(at=at)

    def is_in_force(self, *, at: datetime | None = None) -> bool:
        """Say whether its state opens what it is for at a moment; twin of `SubscriptionQuerySet.in_force`."""
        return self.status in ENTITLING_STATUSES and self.entitled_until > (at or timezone.now())

    def is_of_plans(self, plan_ids: Collection[int]) -> bool:
        """Say whether somebody holds one of some plans by it; twin of `SubscriptionQuerySet.of_plans`."""
        return (self.held_plan_id or (self.price and self.price.plan_id)) in plan_ids

    @property
    def open_until(self) -> datetime:
        """Return when it ends to be open as it stands now: without the minutes that stay for a clock that is wrong."""
        return min(self.cancel_at or self.entitled_until, self.entitled_until)

    @property
    def is_personal(self) -> bool:
        """Say whether a reader subscribes by it for themselves; twin of `SubscriptionQuerySet.personal`."""
        return self.kind == Kind.SUBSCRIPTION

    def is_overdue(self, *, at: datetime | None = None) -> bool:
        """Say whether its period ended unheard of; twin of `SubscriptionQuerySet.overdue`."""
        end = self.current_period_end
        return self.is_live and end is not None and end <= (at or timezone.now()) and self.synchronised_at < end + RENEWAL

    @property
    def is_expiring_before_renewal(self) -> bool:
        """Say whether its card won't be valid when it renews; twin of `SubscriptionQuerySet.expiring_before_renewal`."""
        expires, renews = self.card_expires_at, self.current_period_end
        return expires is not None and renews is not None and expires <= renews

    @property
    def is_past_due(self) -> bool:
        """Say whether the last payment failed; twin of `SubscriptionQuerySet.past_due`."""
        return self.status == self.Status.PAST_DUE

    @property
    def is_live(self) -> bool:
        """Say whether it may still charge the reader; twin of `SubscriptionQuerySet.live`."""
        return self.status not in TERMINAL_STATUSES

    @property
    def is_settled(self) -> bool:
        """Say whether it simply runs on, so that its price can be changed or its payments paused."""
        is_running = self.status in (self.Status.ACTIVE, self.Status.TRIALING)
        return is_running and not (self.is_ending or self.paused_until or self.next_price_id or self.change_waits_until)

    @property
    def is_ending(self) -> bool:
        """Say whether it is cancelled and runs out."""
        return self.is_live and self.cancel_at is not None


ENTITLING_STATUSES = (Subscription.Status.TRIALING, Subscription.Status.ACTIVE, Subscription.Status.PAST_DUE)
TERMINAL_STATUSES = (Subscription.Status.CANCELED, Subscription.Status.INCOMPLETE_EXPIRED)
GRACE = timedelta(days=GRACE_DAYS)
RENEWAL = timedelta(hours=RENEWAL_HOURS)
CLOCK_SKEW = timedelta(minutes=CLOCK_SKEW_MINUTES)
