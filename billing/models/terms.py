"""The ledger of what readers agreed to pay, from when until when."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.models.plans import Plan
from billing.models.subscriptions import Subscription


class TermQuerySet(models.QuerySet["Term"]):
    """Words for sets of terms."""

    def running(self, *, at: datetime | None = None) -> Self:
        """Keep those that run at a moment."""
        moment = at or timezone.now()
        return self.filter(starts_at__lte=moment).filter(Q(ends_at=None) | Q(ends_at__gt=moment))

    def paid(self) -> Self:
        """Keep those that bring money: no trials."""
        return self.filter(is_trial=False)


class Term(models.Model):
    """A time in which a subscription brought one amount; a change ends one term and begins the next at the same moment."""

    class Beginning(models.TextChoices):
        TRIAL = "trial", _("trial")
        NEW = "new", _("new")
        REACTIVATED = "reactivated", _("came back")
        CHANGED = "changed", _("changed")

    class Ending(models.TextChoices):
        CHANGED = "changed", _("changed")
        CONVERTED = "converted", _("trial became a subscription")
        LAPSED = "lapsed", _("trial lapsed")
        PAUSED = "paused", _("paused")
        CHURNED = "churned", _("ended")

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="terms", verbose_name=_("subscription"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person"))
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("plan"))
    currency = models.CharField(_("currency"), max_length=3)
    # A year's worth, since a twelfth of a yearly price is no whole number of minor units.
    annual_amount = models.PositiveBigIntegerField(_("a year, in minor units"))
    is_trial = models.BooleanField(_("trial"), default=False)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    begins_as = models.CharField(_("began as"), max_length=12, choices=Beginning)
    ends_as = models.CharField(_("ended as"), max_length=12, choices=Ending, blank=True)

    objects = TermQuerySet.as_manager()

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        ordering = ["starts_at", "pk"]
        indexes = [
            models.Index(fields=["user", "starts_at"], name="billing_term_user"),
            models.Index(fields=["starts_at"], name="billing_term_starts"),
            models.Index(fields=["ends_at"], name="billing_term_ends"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["subscription"], condition=Q(ends_at=None), name="billing_term_one_runs_a_subscription"),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gte=models.F("starts_at")), name="billing_term_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None, ends_as="") | (Q(ends_at__isnull=False) & ~Q(ends_as="")), name="billing_term_says_how_it_ended"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscription}: {self.annual_amount} {self.currency}"

    def is_running(self, *, at: datetime | None = None) -> bool:
        """Say whether it runs at a moment; twin of `TermQuerySet.running`."""
        moment = at or timezone.now()
        return self.starts_at <= moment and (self.ends_at is None or self.ends_at > moment)
