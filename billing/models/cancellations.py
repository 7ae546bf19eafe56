"""Why readers leave."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models.subscriptions import Subscription


class CancellationQuerySet(models.QuerySet["Cancellation"]):
    """Words for sets of cancellations."""

    def stayed(self) -> Self:
        """Keep those of readers who took the offer."""
        return self.filter(outcome="stayed")


class Cancellation(models.Model):
    """One reader's wish to leave, in their words, and what came of it; or that a lost dispute ended their subscription."""

    class Reason(models.TextChoices):
        """Stripe knows the same ones, and some that nobody gives up a magazine for."""

        TOO_EXPENSIVE = "too_expensive", _("It is too expensive")
        UNUSED = "unused", _("I don’t read it enough")
        LOW_QUALITY = "low_quality", _("The writing is not what I hoped for")
        MISSING_FEATURES = "missing_features", _("Something is missing")
        SWITCHED_SERVICE = "switched_service", _("I read something else now")
        CUSTOMER_SERVICE = "customer_service", _("I was treated badly")
        OTHER = "other", _("Something else")

    class Outcome(models.TextChoices):
        LEFT = "left", _("cancelled")
        STAYED = "stayed", _("took the offer")
        UNDONE = "undone", _("changed their mind")
        LOST = "lost", _("ended after a lost dispute")

    # Whoever deletes their account leaves the reason here, without their name or words.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="cancellations", verbose_name=_("person")
    )
    subscription = models.ForeignKey(
        Subscription, models.SET_NULL, null=True, blank=True, related_name="cancellations", verbose_name=_("subscription")
    )
    reason = models.CharField(_("reason"), max_length=20, choices=Reason, blank=True)
    words = models.TextField(_("in their words"), max_length=1000, blank=True)
    outcome = models.CharField(_("outcome"), max_length=6, choices=Outcome, default=Outcome.LEFT)
    created_at = models.DateTimeField(_("when"), auto_now_add=True)

    objects = CancellationQuerySet.as_manager()

    class Meta:
        verbose_name = _("cancellation")
        verbose_name_plural = _("cancellations")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(outcome="stayed"), name="billing_cancellation_one_offer_a_reader"),
            models.UniqueConstraint(fields=["subscription"], condition=Q(outcome="left"), name="billing_cancellation_one_in_force"),
            models.UniqueConstraint(fields=["subscription"], condition=Q(outcome="lost"), name="billing_cancellation_one_dispute"),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display() or '–'} ({self.get_outcome_display()})"

    @property
    def has_stayed(self) -> bool:
        """Say whether the reader took the offer; twin of `CancellationQuerySet.stayed`."""
        return self.outcome == self.Outcome.STAYED
