"""The mirror of the money that came in, and of what went back."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.models.checkouts import Kind
from billing.models.customers import Customer
from billing.models.plans import display_amount
from billing.models.subscriptions import Subscription


class PaymentQuerySet(models.QuerySet["Payment"]):
    """Words for sets of payments."""

    def standing(self) -> Self:
        """Keep those whose money is ours: not all refunded, not in dispute, and no dispute lost."""
        return self.filter(amount_refunded__lt=F("amount")).exclude(dispute__in=TAKEN_BACK)

    def in_dispute(self) -> Self:
        """Keep those that a bank has taken back and not decided on."""
        return self.filter(dispute="open")

    def refundable(self) -> Self:
        """Keep those of which something can be given back."""
        return self.standing().exclude(stripe_charge_id=None)


class Payment(models.Model):
    """A paid invoice or one-off payment as Stripe last described it; written by `billing.synchronising` only.

    What was free (a trial, a whole discount) has no row.
    """

    class Dispute(models.TextChoices):
        NONE = "none", _("none")
        OPEN = "open", _("open")
        WON = "won", _("won")
        LOST = "lost", _("lost")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="payments", verbose_name=_("person"))
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="payments", verbose_name=_("customer"))
    subscription = models.ForeignKey(
        Subscription, models.PROTECT, null=True, blank=True, related_name="payments", verbose_name=_("subscription")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.SUBSCRIPTION)
    reason = models.CharField(_("occasion"), max_length=40, blank=True, help_text=_("Stripe's word: subscription_create is the first."))
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.PositiveBigIntegerField(_("amount in minor units"))
    amount_refunded = models.PositiveBigIntegerField(_("refunded, in minor units"), default=0)
    dispute = models.CharField(_("dispute"), max_length=4, choices=Dispute, default=Dispute.NONE)
    paid_at = models.DateTimeField(_("paid"))
    period_start = models.DateTimeField(_("pays from"), null=True, blank=True)
    period_end = models.DateTimeField(_("pays until"), null=True, blank=True)
    number = models.CharField(_("invoice number"), max_length=100, blank=True)
    hosted_invoice_url = models.CharField(_("invoice or receipt"), max_length=2000, blank=True)
    invoice_pdf = models.CharField(_("invoice as PDF"), max_length=2000, blank=True)
    stripe_invoice_id = models.CharField(_("invoice at Stripe"), max_length=255, null=True, blank=True, unique=True)
    stripe_payment_intent_id = models.CharField(_("payment at Stripe"), max_length=255, null=True, blank=True, unique=True)
    stripe_charge_id = models.CharField(_("charge at Stripe"), max_length=255, null=True, blank=True, unique=True)
    synchronised_at = models.DateTimeField(_("synchronised"))

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["-paid_at", "-pk"]
        permissions = [("refund_payment", "Can refund payments")]
        indexes = [
            models.Index(fields=["user", "-paid_at"], name="billing_payment_of_a_person"),
            models.Index(fields=["paid_at"], name="billing_payment_by_day"),
            models.Index(fields=["paid_at"], condition=Q(dispute="open"), name="billing_payment_in_dispute"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="billing_payment_is_of_something"),
            models.CheckConstraint(condition=Q(amount_refunded__lte=F("amount")), name="billing_payment_gives_back_no_more"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="billing_payment_currency_is_iso_4217"),
            models.CheckConstraint(
                condition=Q(stripe_invoice_id__isnull=False) | Q(stripe_payment_intent_id__isnull=False),
                name="billing_payment_is_known_to_stripe",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.display}, {self.user}"

    @property
    def is_standing(self) -> bool:
        """Say whether its money is ours; twin of `PaymentQuerySet.standing`."""
        return self.amount_refunded < self.amount and self.dispute not in TAKEN_BACK

    @property
    def is_in_dispute(self) -> bool:
        """Say whether a bank has yet to decide on it; twin of `PaymentQuerySet.in_dispute`."""
        return self.dispute == self.Dispute.OPEN

    @property
    def is_refundable(self) -> bool:
        """Say whether something of it can be given back; twin of `PaymentQuerySet.refundable`."""
        return self.is_standing and self.stripe_charge_id is not None

    @property
    def amount_left(self) -> int:
        """Return what was not refunded, in minor units."""
        return self.amount - self.amount_refunded

    @property
    def left_display(self) -> str:
        """Return what was not refunded, as people see it."""
        return display_amount(self.amount_left, self.currency)

    @property
    def display(self) -> str:
        """Return the amount as people see it."""
        return display_amount(self.amount, self.currency)


TAKEN_BACK = (Payment.Dispute.OPEN, Payment.Dispute.LOST)
