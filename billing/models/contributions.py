"""Money that readers give without getting anything for it."""

from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.models.plans import display_amount
from magazine.one_row import OneRow

is_list_of_amounts = RegexValidator(r"^\d{1,9}( *, *\d{1,9})*$", _("Write amounts in minor units with commas between, such as 500, 1000."))


class ContributionSettings(OneRow):
    """What the editor says about contributions, and what they allow."""

    is_open = models.BooleanField(_("take contributions"), default=False)
    takes_monthly = models.BooleanField(_("take monthly ones"), default=True)
    introduction = models.TextField(_("introduction"), blank=True, help_text=_("What the money is for."))
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default="EUR",
        validators=[RegexValidator(r"^[A-Z]{3}$", _("Write three capital letters, such as EUR."))],
        help_text=_("ISO 4217 code."),
    )
    suggested_once = models.CharField(
        _("suggested, once"),
        max_length=100,
        default="1000, 2500, 5000, 10000",
        validators=[is_list_of_amounts],
        help_text=_("In minor units, with commas between: 500 is €5.00."),
    )
    suggested_monthly = models.CharField(
        _("suggested, every month"), max_length=100, default="300, 500, 1000, 2000", validators=[is_list_of_amounts]
    )
    minimum = models.PositiveIntegerField(_("at least"), default=200, help_text=_("In minor units. Stripe’s fee eats very small amounts."))
    maximum = models.PositiveIntegerField(
        _("at most"), default=100000, help_text=_("In minor units; who wants to give more may write to you.")
    )
    thanks = models.TextField(_("thanks"), blank=True, help_text=_("In the mail that thanks for a contribution."))
    shows_count = models.BooleanField(_("show how many people give"), default=False)
    shows_sum = models.BooleanField(_("show what came in this month"), default=False)

    class Meta:
        verbose_name = verbose_name_plural = _("support page")
        constraints = [
            models.CheckConstraint(
                condition=Q(minimum__gt=0) & Q(maximum__gte=F("minimum")), name="billing_contributionsettings_limits_are_in_order"
            ),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="billing_contributionsettings_currency_is_iso_4217"),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    def clean(self) -> None:
        """Refuse limits between which there is nothing."""
        if self.minimum < 1 or self.maximum < self.minimum:
            raise ValidationError({"maximum": _("The most must not be less than the least, and the least more than nothing.")})

    def suggested(self, interval: str) -> list[int]:
        """Return the suggested amounts that are within the limits."""
        listed = self.suggested_monthly if interval == Contribution.Interval.MONTH else self.suggested_once
        amounts = [int(text) for text in listed.split(",") if text.strip().isdecimal()]
        return [amount for amount in amounts if self.minimum <= amount <= self.maximum]

    def display(self, amount: int) -> str:
        """Return an amount as people see it."""
        return display_amount(amount, self.currency)


class ContributionQuerySet(models.QuerySet["Contribution"]):
    """Words for sets of contributions."""

    def paid(self) -> Self:
        """Keep those whose money arrived; the others were begun only."""
        return self.filter(paid_at__isnull=False)

    def shown(self) -> Self:
        """Keep those whose giver and whose reader at the desk want them on the support page."""
        return self.paid().filter(is_public=True, is_approved=True, withdrawn_at__isnull=True).exclude(name="")


class Contribution(models.Model):
    """One wish to give, once or every month, made before it is paid; what came in by it is in the payments.

    It opens nothing, whatever it comes to.
    """

    class Interval(models.TextChoices):
        ONCE = "once", _("once")
        MONTH = "month", _("every month")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="contributions", verbose_name=_("person"))
    interval = models.CharField(_("how often"), max_length=5, choices=Interval, default=Interval.ONCE)
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.PositiveIntegerField(_("amount in minor units"))
    name = models.CharField(_("name"), max_length=80, blank=True)
    message = models.TextField(_("message"), max_length=500, blank=True)
    is_public = models.BooleanField(_("may be shown"), default=False)
    is_approved = models.BooleanField(_("on the support page"), default=False)
    # In which the page spoke on which it was given.
    language = models.CharField(max_length=16, blank=True, editable=False)
    created_at = models.DateTimeField(_("begun"), default=timezone.now)
    paid_at = models.DateTimeField(_("first paid"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("money gone back"), null=True, blank=True)
    stripe_payment_intent_id = models.CharField(_("payment at Stripe"), max_length=255, null=True, blank=True, unique=True)
    stripe_subscription_id = models.CharField(_("subscription at Stripe"), max_length=255, null=True, blank=True, unique=True)

    objects = ContributionQuerySet.as_manager()

    class Meta:
        verbose_name = _("contribution")
        verbose_name_plural = _("contributions")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="billing_contribution_of_person"),
            models.Index(fields=["-paid_at"], condition=Q(is_public=True, is_approved=True), name="billing_contribution_shown"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="billing_contribution_is_something"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="billing_contribution_currency_is_iso_4217"),
            models.CheckConstraint(condition=Q(is_approved=False) | Q(is_public=True), name="billing_contribution_shown_by_consent"),
        ]

    def __str__(self) -> str:
        return f"{self.display} {self.get_interval_display()}"

    @property
    def display(self) -> str:
        """Return the amount as people see it."""
        return display_amount(self.amount, self.currency)

    @property
    def is_paid(self) -> bool:
        """Say whether its money arrived; twin of `ContributionQuerySet.paid`."""
        return self.paid_at is not None

    @property
    def is_shown(self) -> bool:
        """Say whether it stands on the support page; twin of `ContributionQuerySet.shown`."""
        return self.is_paid and self.is_public and self.is_approved and self.withdrawn_at is None and bool(self.name)

    @property
    def is_monthly(self) -> bool:
        """Say whether it is given every month."""
        return self.interval == self.Interval.MONTH
