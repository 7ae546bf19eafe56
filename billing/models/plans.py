"""What is sold."""

import re
import unicodedata
from typing import Self

from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

# Currencies whose minor unit is the unit itself, from Stripe's list of zero-decimal currencies.
ZERO_DECIMAL_CURRENCIES = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"]
)

# One person alone is no group.
MIN_SEATS = 2
MOST_SEATS = 100


# Stripe allows two years.
MOST_TRIAL_DAYS = 730
# How many times the least amount a reader may choose: more is a slip of the finger.
MOST_TIMES = 100
MINOR_DIGITS = 2


class PlanQuerySet(models.QuerySet["Plan"]):
    """Words for sets of plans."""

    def on_sale(self) -> Self:
        """Keep the plans that can be bought, in order."""
        return self.filter(is_on_sale=True)


class Plan(models.Model):
    """A tier that readers can subscribe to."""

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("slug"), unique=True)
    description = models.TextField(_("description"), blank=True)
    benefits = models.TextField(_("benefits"), blank=True, help_text=_("One line each."))
    is_on_sale = models.BooleanField(_("on sale"), default=True)
    is_recommended = models.BooleanField(_("recommended"), default=False)
    is_for_groups = models.BooleanField(
        _("for groups"), default=False, help_text=_("Sold by the seat to several people; nobody buys it for themselves alone.")
    )
    min_seats = models.PositiveIntegerField(_("fewest seats"), default=MIN_SEATS, help_text=_("Of groups only."))
    max_seats = models.PositiveIntegerField(
        _("most seats"), default=MOST_SEATS, help_text=_("Of groups only; for more, they write to you.")
    )
    is_giftable = models.BooleanField(_("can be given"), default=True, help_text=_("Readers can buy it for somebody else."))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    # Its product is archived at Stripe, or gone, by somebody else's hand: we never do that.
    is_archived = models.BooleanField(default=False, editable=False)
    # The name that Stripe's receipts and pages show.
    pushed_name = models.CharField(max_length=80, blank=True, editable=False)
    stripe_product_id = models.CharField(max_length=255, null=True, blank=True, unique=True, editable=False)

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(min_seats__gte=MIN_SEATS, max_seats__gte=models.F("min_seats")), name="billing_plan_seats_are_several"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address where the plan is sold."""
        return reverse("billing:plans") + f"#{self.slug}"

    @property
    def benefit_list(self) -> list[str]:
        """Return the benefits, a line each."""
        return [line.strip() for line in self.benefits.splitlines() if line.strip()]


class PriceQuerySet(models.QuerySet["Price"]):
    """Words for sets of prices."""

    def on_sale(self) -> Self:
        """Keep the prices that readers can buy for themselves."""
        return self.filter(is_current=True, plan__is_on_sale=True, plan__is_for_groups=False, for_students=False)

    def on_sale_to_groups(self) -> Self:
        """Keep the prices of a seat that can be bought."""
        return self.filter(is_current=True, plan__is_on_sale=True, plan__is_for_groups=True)

    def for_proven_students(self) -> Self:
        """Keep the prices that only those can buy who have proved that they study."""
        return self.filter(is_current=True, plan__is_on_sale=True, plan__is_for_groups=False, for_students=True)

    def sellable(self) -> Self:
        """Keep the prices that Stripe has to accept: those on sale, and the amounts that readers chose above one of them."""
        return self.filter(Q(is_current=True) | Q(is_chosen=True), plan__is_on_sale=True)


class Price(models.Model):
    """What a plan costs in one currency for one interval."""

    class Interval(models.TextChoices):
        MONTH = "month", _("a month")
        YEAR = "year", _("a year")

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="prices", verbose_name=_("plan"))
    interval = models.CharField(_("interval"), max_length=5, choices=Interval, default=Interval.MONTH)
    currency = models.CharField(_("currency"), max_length=3, default="EUR", help_text=_("ISO 4217 code."))
    amount = models.PositiveIntegerField(_("amount in minor units"), help_text=_("700 is €7.00."))
    is_current = models.BooleanField(_("on sale"), default=True)
    is_least = models.BooleanField(
        _("readers choose"), default=False, help_text=_("The amount is the least that readers pay; they may choose to pay more.")
    )
    suggestions = models.CharField(
        _("suggested amounts"),
        max_length=100,
        blank=True,
        validators=[
            RegexValidator(r"^\d{1,9}( *, *\d{1,9})*$", _("Write amounts in minor units with commas between, such as 10000, 15000."))
        ],
        help_text=_("Where readers choose: in minor units, with commas between."),
    )
    trial_days = models.PositiveSmallIntegerField(
        _("days of trial"), default=0, validators=[MaxValueValidator(MOST_TRIAL_DAYS)], help_text=_("Free days, once for each reader.")
    )
    for_students = models.BooleanField(
        _("for students"), default=False, help_text=_("Only for readers who have proved that they study; beside an ordinary price.")
    )
    # Made for one amount that a reader chose.
    is_chosen = models.BooleanField(_("chosen by a reader"), default=False, editable=False)
    is_archived = models.BooleanField(default=False, editable=False)
    stripe_price_id = models.CharField(max_length=255, null=True, blank=True, unique=True, editable=False)

    objects = PriceQuerySet.as_manager()

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        ordering = ["plan", "currency", "amount"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "interval", "currency", "for_students"], condition=Q(is_current=True), name="billing_price_one_on_sale"
            ),
            models.UniqueConstraint(
                fields=["plan", "interval", "currency", "amount"], condition=Q(is_chosen=True), name="billing_price_chosen_once"
            ),
            models.CheckConstraint(condition=Q(is_chosen=False) | Q(is_current=False), name="billing_price_chosen_is_not_offered"),
            models.CheckConstraint(condition=Q(for_students=False) | Q(is_least=False), name="billing_price_students_do_not_choose"),
            models.CheckConstraint(condition=Q(trial_days__lte=MOST_TRIAL_DAYS), name="billing_price_trial_ends"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="billing_price_costs_something"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="billing_price_currency_is_iso_4217"),
        ]

    def __str__(self) -> str:
        return f"{self.plan}, {self.display} {self.get_interval_display()}"

    @property
    def is_on_sale(self) -> bool:
        """Say whether readers can buy it for themselves; twin of `PriceQuerySet.on_sale`."""
        return self.is_current and self.plan.is_on_sale and not self.plan.is_for_groups and not self.for_students

    @property
    def is_on_sale_to_groups(self) -> bool:
        """Say whether groups can buy it by the seat; twin of `PriceQuerySet.on_sale_to_groups`."""
        return self.is_current and self.plan.is_on_sale and self.plan.is_for_groups

    @property
    def is_for_proven_students(self) -> bool:
        """Say whether only proven students can buy it; twin of `PriceQuerySet.for_proven_students`."""
        return self.is_current and self.plan.is_on_sale and self.for_students and not self.plan.is_for_groups

    @property
    def is_sellable(self) -> bool:
        """Say whether Stripe has to accept it; twin of `PriceQuerySet.sellable`."""
        return (self.is_current or self.is_chosen) and self.plan.is_on_sale

    @property
    def most(self) -> int:
        """Return the most that a reader may choose, in minor units."""
        return self.amount * MOST_TIMES if self.is_least else self.amount

    @property
    def most_display(self) -> str:
        """Return the most that a reader may choose as they see it."""
        return display_amount(self.most, self.currency)

    @property
    def suggested(self) -> list[tuple[str, str]]:
        """Return the suggested amounts that may be chosen, as readers would write them and as they see them."""
        amounts = [int(text) for text in self.suggestions.split(",") if text.strip().isdecimal()]
        fitting = [amount for amount in amounts if self.amount <= amount <= self.most]
        return [(plain_amount(amount, self.currency), display_amount(amount, self.currency)) for amount in fitting]

    def wanted(self, text: str) -> int | None:
        """Return what a reader pays who writes an amount, in minor units; None if they may not choose it."""
        amount = parse_amount(text, self.currency) if self.is_least else self.amount
        return amount if amount is not None and self.amount <= amount <= self.most else None

    @property
    def display(self) -> str:
        """Return the amount as readers see it, such as €7 or €7.50."""
        return display_amount(self.amount, self.currency)


SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "CNY": "CN¥", "JPY": "¥", "HKD": "HK$", "SGD": "S$", "AUD": "A$", "CAD": "C$"}


def display_amount(amount: int, currency: str) -> str:
    """Write minor units of a currency as readers see them: whole units without decimals."""
    symbol = SYMBOLS.get(currency, f"{currency} ")
    if currency in ZERO_DECIMAL_CURRENCIES:
        return f"{symbol}{amount:,}"
    whole, cents = divmod(amount, 100)
    return f"{symbol}{whole:,}.{cents:02}" if cents else f"{symbol}{whole:,}"


def plain_amount(amount: int, currency: str) -> str:
    """Write minor units as a reader would in a form, such as 150 or 12.50; `parse_amount` reads it back."""
    if currency in ZERO_DECIMAL_CURRENCIES:
        return str(amount)
    whole, cents = divmod(amount, 10**MINOR_DIGITS)
    return f"{whole}.{cents:02}" if cents else str(whole)


def parse_amount(text: str, currency: str) -> int | None:
    """Read an amount as readers write it, such as 150 or 12,50, in minor units; None if it is no amount of that currency."""
    # A sign of a currency does no harm; full-width figures are figures.
    match = re.fullmatch(r"[^\w.,+-]{0,3}(\d{1,7})(?:[.,](\d{1,2}))?[^\w.,+-]{0,3}", unicodedata.normalize("NFKC", text).strip())
    if match is None:
        return None
    whole, cents = match[1], match[2]
    if currency in ZERO_DECIMAL_CURRENCIES:
        return None if cents else int(whole)
    return int(whole) * 10**MINOR_DIGITS + int((cents or "0").ljust(MINOR_DIGITS, "0"))
