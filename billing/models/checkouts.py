"""Attempts to buy."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.plans import Price


class CheckoutAttempt(models.Model):
    """One visit to Stripe Checkout; the reference ties the way back to it."""

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        COMPLETE = "complete", _("complete")
        EXPIRED = "expired", _("expired")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="checkout_attempts", verbose_name=_("person"))
    price = models.ForeignKey(Price, models.PROTECT, related_name="checkout_attempts", verbose_name=_("price"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    reference = models.CharField(max_length=64, unique=True, editable=False)
    stripe_session_id = models.CharField(_("session at Stripe"), max_length=255, null=True, blank=True, unique=True)
    next_path = models.CharField(_("where the reader came from"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("checkout")
        verbose_name_plural = _("checkouts")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=models.Q(status="open"), name="billing_checkoutattempt_one_open_a_reader")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_status_display()}"
