"""Attempts to buy."""

import secrets
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.models.plans import Price

# Stripe closes a session that nobody paid after a day.
SESSION_HOURS = 24


def new_reference() -> str:
    """Return a reference that nobody can guess."""
    return secrets.token_urlsafe(32)


class CheckoutAttemptQuerySet(models.QuerySet["CheckoutAttempt"]):
    """Words for sets of attempts."""

    def open(self) -> Self:
        """Keep those that may still be paid."""
        return self.filter(status="open")

    def stale(self, *, at: datetime | None = None) -> Self:
        """Keep open ones that Stripe has closed by now."""
        return self.open().filter(created_at__lt=(at or timezone.now()) - timedelta(hours=SESSION_HOURS))


class Kind(models.TextChoices):
    """What is bought; the value is the `kind` in the metadata of all that Stripe makes of it."""

    SUBSCRIPTION = "subscription", _("subscription")
    GIFT = "gift", _("gift subscription")
    CONTRIBUTION = "contribution", _("contribution")
    GROUP = "group", _("group")


class CheckoutAttempt(models.Model):
    """One visit to Stripe Checkout; the reference ties the way back to it."""

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        COMPLETE = "complete", _("complete")
        EXPIRED = "expired", _("expired")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="checkout_attempts", verbose_name=_("person"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.SUBSCRIPTION)
    price = models.ForeignKey(Price, models.PROTECT, null=True, blank=True, related_name="checkout_attempts", verbose_name=_("price"))
    # The row of the kind's own model that is paid for: a gift, a contribution, a group.
    subject_id = models.BigIntegerField(null=True, blank=True, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    reference = models.CharField(max_length=64, unique=True, editable=False, default=new_reference)
    stripe_session_id = models.CharField(_("session at Stripe"), max_length=255, unique=True)
    next_path = models.CharField(_("where the reader came from"), max_length=500, blank=True)
    # The call to action that stood where the reader decided; a name that an editor chose, and no reader's.
    came_from = models.CharField(_("call to action"), max_length=50, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    objects = CheckoutAttemptQuerySet.as_manager()

    class Meta:
        verbose_name = _("checkout")
        verbose_name_plural = _("checkouts")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["created_at"], condition=Q(status="open"), name="billing_checkoutattempt_open")]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(status="open", kind="subscription"), name="billing_checkoutattempt_one_open_a_reader"
            ),
            models.CheckConstraint(
                condition=Q(price__isnull=False) | ~Q(kind="subscription"),
                name="billing_checkoutattempt_sells_a_price",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_status_display()}"

    @property
    def is_open(self) -> bool:
        """Say whether it may still be paid; twin of `CheckoutAttemptQuerySet.open`."""
        return self.status == self.Status.OPEN

    def close(self, status: str) -> None:
        """End an open attempt; one that is closed stays as it is."""
        moment = timezone.now()
        if type(self).objects.open().filter(pk=self.pk).update(status=status, closed_at=moment):
            self.status, self.closed_at = status, moment
