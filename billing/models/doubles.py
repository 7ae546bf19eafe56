"""Second subscriptions of one reader."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models.customers import Customer


class DoubleQuerySet(models.QuerySet["DoubleSubscription"]):
    """Words for sets of doubles."""

    def unseen(self) -> Self:
        """Keep those that nobody in the newsroom has looked at."""
        return self.filter(seen_at=None)

    def settled(self) -> Self:
        """Keep those that were cancelled and refunded."""
        return self.filter(state="settled")


class DoubleSubscription(models.Model):
    """A subscription that a reader bought beside one they had: an alarm, for a person to look at."""

    class State(models.TextChoices):
        OPEN = "open", _("both run: end one by hand")
        SETTLED = "settled", _("the newer was cancelled and refunded")
        OVER = "over", _("it went away by itself")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person"))
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="doubles", verbose_name=_("customer"))
    stripe_id = models.CharField(_("second subscription at Stripe"), max_length=255, unique=True)
    other_stripe_id = models.CharField(_("beside"), max_length=255, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State)
    noted_at = models.DateTimeField(_("noted"), auto_now_add=True)
    seen_at = models.DateTimeField(_("seen"), null=True, blank=True)

    objects = DoubleQuerySet.as_manager()

    class Meta:
        verbose_name = _("double subscription")
        verbose_name_plural = _("double subscriptions")
        ordering = ["-noted_at"]
        indexes = [models.Index(fields=["noted_at"], condition=Q(seen_at=None), name="billing_double_unseen")]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_state_display()}"

    @property
    def is_unseen(self) -> bool:
        """Say whether nobody has looked at it; twin of `DoubleQuerySet.unseen`."""
        return self.seen_at is None

    @property
    def is_settled(self) -> bool:
        """Say whether it was cancelled and refunded; twin of `DoubleQuerySet.settled`."""
        return self.state == self.State.SETTLED
