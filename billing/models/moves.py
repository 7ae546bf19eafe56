"""Readers who are moved from a price to another."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.models.plans import Price
from billing.models.subscriptions import Subscription

LEAST_NOTICE_DAYS = 14
MOST_NOTICE_DAYS = 365


class PriceMigrationQuerySet(models.QuerySet["PriceMigration"]):
    """Words for sets of migrations."""

    def started(self) -> Self:
        """Keep those of which readers are told."""
        return self.filter(started_at__isnull=False)


class PriceMigration(models.Model):
    """An editor's decision that who pays an old price pays another from a renewal on, after a notice by mail."""

    from_price = models.OneToOneField(Price, models.PROTECT, related_name="migration_away", verbose_name=_("from the price"))
    to_price = models.ForeignKey(Price, models.PROTECT, related_name="migrations_here", verbose_name=_("to the price"))
    notice_days = models.PositiveSmallIntegerField(
        _("days of notice"),
        default=30,
        validators=[MinValueValidator(LEAST_NOTICE_DAYS), MaxValueValidator(MOST_NOTICE_DAYS)],
        help_text=_("A reader pays the new price from the first renewal that is at least so many days after the mail."),
    )
    started_at = models.DateTimeField(_("started"), null=True, blank=True, editable=False)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+", verbose_name=_("started by")
    )

    objects = PriceMigrationQuerySet.as_manager()

    class Meta:
        verbose_name = _("price migration")
        verbose_name_plural = _("price migrations")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(from_price=F("to_price")), name="billing_pricemigration_goes_somewhere"),
            models.CheckConstraint(
                condition=Q(notice_days__range=(LEAST_NOTICE_DAYS, MOST_NOTICE_DAYS)), name="billing_pricemigration_gives_notice"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_price} → {self.to_price}"

    def clean(self) -> None:
        """Refuse what would begin another period, or would move readers who go on coming."""
        if self.from_price_id is None or self.to_price_id is None:
            return
        if (self.from_price.interval, self.from_price.currency) != (self.to_price.interval, self.to_price.currency):
            raise ValidationError(_("Both prices must be in one currency and paid as often as each other."))
        if self.from_price.plan.is_for_groups != self.to_price.plan.is_for_groups:
            raise ValidationError(_("A price for groups is followed by one for groups, and one for readers by one for readers."))
        if self.from_price.is_current and self.from_price.plan.is_on_sale:
            raise ValidationError(_("The old price is still on sale. Take it off sale first."))

    @property
    def is_started(self) -> bool:
        """Say whether readers are told of it; twin of `PriceMigrationQuerySet.started`."""
        return self.started_at is not None


class PriceMoveQuerySet(models.QuerySet["PriceMove"]):
    """Words for sets of moves."""

    def waiting(self) -> Self:
        """Keep those that are still to be made."""
        return self.filter(state="waiting")

    def due(self, *, at: datetime | None = None, within: datetime) -> Self:
        """Keep those whose reader renews before `within`, long enough after the notice; never one whose renewal has passed."""
        return self.waiting().filter(
            subscription__current_period_end__gte=F("not_before"),
            subscription__current_period_end__gt=at or timezone.now(),
            subscription__current_period_end__lte=within,
        )


class PriceMove(models.Model):
    """One subscription that is moved to another price at a renewal: the row is the job."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for the renewal")
        DONE = "done", _("done")
        LEFT = "left", _("no longer needed")

    migration = models.ForeignKey(PriceMigration, models.CASCADE, null=True, blank=True, related_name="moves", verbose_name=_("migration"))
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="price_moves", verbose_name=_("subscription"))
    from_price = models.ForeignKey(Price, models.PROTECT, related_name="+", verbose_name=_("from the price"))
    to_price = models.ForeignKey(Price, models.PROTECT, related_name="+", verbose_name=_("to the price"))
    not_before = models.DateTimeField(_("not before"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    noticed_at = models.DateTimeField(_("notice"), default=timezone.now)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    objects = PriceMoveQuerySet.as_manager()

    class Meta:
        verbose_name = _("price move")
        verbose_name_plural = _("price moves")
        ordering = ["-noticed_at"]
        indexes = [models.Index(fields=["not_before"], condition=Q(state="waiting"), name="billing_pricemove_waiting")]
        constraints = [
            models.UniqueConstraint(fields=["subscription"], condition=Q(state="waiting"), name="billing_pricemove_one_waits"),
            models.UniqueConstraint(fields=["migration", "subscription"], name="billing_pricemove_once_a_migration"),
        ]

    def __str__(self) -> str:
        return f"{self.subscription}: {self.from_price} → {self.to_price}"

    @property
    def is_waiting(self) -> bool:
        """Say whether it is still to be made; twin of `PriceMoveQuerySet.waiting`."""
        return self.state == self.State.WAITING

    def is_due(self, *, at: datetime | None = None, within: datetime) -> bool:
        """Say whether its reader renews before `within`, long enough after the notice; twin of `PriceMoveQuerySet.due`."""
        end = self.subscription.current_period_end
        return self.is_waiting and end is not None and end >= self.not_before and (at or timezone.now()) < end <= within

    def settle(self, state: str) -> None:
        """End a move that waits; one that is settled stays as it is."""
        moment = timezone.now()
        if type(self).objects.waiting().filter(pk=self.pk).update(state=state, settled_at=moment):
            self.state, self.settled_at = state, moment
