"""Subscriptions that somebody pays for and somebody else reads."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.models.grants import Grant
from billing.models.mails import Mail
from billing.models.plans import Plan, display_amount


class GiftSubscriptionQuerySet(models.QuerySet["GiftSubscription"]):
    """Words for sets of gift subscriptions."""

    def paid(self) -> Self:
        """Keep those whose money arrived; the others were begun only."""
        return self.filter(paid_at__isnull=False)

    def redeemable(self, *, at: datetime | None = None) -> Self:
        """Keep those whose link still gives something."""
        return self.paid().filter(
            redeemed_at__isnull=True, revoked_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=at or timezone.now()
        )

    def undelivered(self) -> Self:
        """Keep those whose mail could not be delivered, for a person to look after."""
        return self.filter(redeemed_at__isnull=True, mail__status__in=UNDELIVERED)


class GiftSubscription(models.Model):
    """Some months of a plan, bought for somebody; the link to accept it is derived, and only its hash is kept.

    A row is made before it is paid, and then has no link. `withdrawn_at` follows the money, `revoked_at` is the newsroom's word.
    """

    class Months(models.IntegerChoices):
        ONE = 1, _("one month")
        THREE = 3, _("three months")
        YEAR = 12, _("one year")

    class State(models.TextChoices):
        UNPAID = "unpaid", _("not paid")
        OPEN = "open", _("not accepted yet")
        REDEEMED = "redeemed", _("accepted")
        EXPIRED = "expired", _("expired")
        REVOKED = "revoked", _("withdrawn")

    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="gifts_bought", verbose_name=_("bought by"))
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="gifts", verbose_name=_("plan"))
    months = models.PositiveSmallIntegerField(_("months"), choices=Months)
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.PositiveIntegerField(_("amount in minor units"))
    giver_name = models.CharField(_("from"), max_length=80, blank=True)
    # Empty where the giver hands over the link, and again once it isn't needed any more.
    recipient_email = models.EmailField(_("for"), blank=True)
    message = models.TextField(_("message"), max_length=1000, blank=True)
    deliver_at = models.DateTimeField(_("to be delivered"), null=True, blank=True)
    mail = models.OneToOneField(Mail, models.SET_NULL, null=True, blank=True, editable=False, related_name="gift", verbose_name=_("mail"))
    # In which the page spoke on which it was bought.
    language = models.CharField(max_length=16, blank=True, editable=False)
    created_at = models.DateTimeField(_("begun"), default=timezone.now)
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    expires_at = models.DateTimeField(_("can be accepted until"), null=True, blank=True)
    stripe_payment_intent_id = models.CharField(_("payment at Stripe"), max_length=255, null=True, blank=True, unique=True)
    link_number = models.PositiveSmallIntegerField(default=1, editable=False)
    token_hash = models.CharField(max_length=64, null=True, unique=True, editable=False)
    redeemed_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    redeemed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="gifts_accepted", verbose_name=_("accepted by")
    )
    grant = models.OneToOneField(Grant, models.SET_NULL, null=True, blank=True, editable=False, related_name="gift")
    # What it gave when it was accepted: the grant itself is cut when the money goes back, and put back when it returns.
    starts_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("money gone back"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = GiftSubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("gift subscription")
        verbose_name_plural = _("gift subscriptions")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["buyer", "-created_at"], name="billing_gift_of_a_buyer")]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="billing_gift_costs_something"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="billing_gift_currency_is_iso_4217"),
            models.CheckConstraint(condition=Q(months__in=[1, 3, 12]), name="billing_gift_lasts"),
            models.CheckConstraint(
                condition=Q(paid_at=None, expires_at=None, token_hash=None)
                | Q(paid_at__isnull=False, expires_at__isnull=False, token_hash__isnull=False),
                name="billing_gift_has_a_link_once_paid",
            ),
            models.CheckConstraint(
                condition=Q(redeemed_at=None, starts_at=None, ends_at=None, redeemed_by=None, grant=None)
                | Q(redeemed_at__isnull=False, paid_at__isnull=False, starts_at__isnull=False, ends_at__gt=models.F("starts_at")),
                name="billing_gift_gives_once_redeemed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan}, {self.get_months_display()}"

    @property
    def display(self) -> str:
        """Return the amount as people see it."""
        return display_amount(self.amount, self.currency)

    @property
    def is_paid(self) -> bool:
        """Say whether its money arrived; twin of `GiftSubscriptionQuerySet.paid`."""
        return self.paid_at is not None

    def is_redeemable(self, *, at: datetime | None = None) -> bool:
        """Say whether its link still gives something; twin of `GiftSubscriptionQuerySet.redeemable`."""
        return self.state_at(at or timezone.now()) == self.State.OPEN

    @property
    def is_undelivered(self) -> bool:
        """Say whether its mail could not be delivered; twin of `GiftSubscriptionQuerySet.undelivered`."""
        return self.redeemed_at is None and self.mail is not None and self.mail.status in UNDELIVERED

    @property
    def is_delivered(self) -> bool:
        """Say whether its mail went out."""
        return self.mail is not None and self.mail.status == Mail.Status.SENT

    @property
    def state(self) -> "GiftSubscription.State":
        """Return how far it has come."""
        return self.state_at(timezone.now())

    def state_at(self, moment: datetime) -> "GiftSubscription.State":
        """Return how far it has come at a moment."""
        if self.expires_at is None:
            return self.State.UNPAID
        if self.revoked_at or self.withdrawn_at:
            return self.State.REVOKED
        if self.redeemed_at:
            return self.State.REDEEMED
        return self.State.OPEN if self.expires_at > moment else self.State.EXPIRED


UNDELIVERED = (Mail.Status.FAILED, Mail.Status.UNSURE)
