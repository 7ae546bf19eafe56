"""What is sold."""

from typing import Self

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

# Currencies whose minor unit is the unit itself, from Stripe's list of zero-decimal currencies.
ZERO_DECIMAL_CURRENCIES = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"]
)


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
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    stripe_product_id = models.CharField(max_length=255, null=True, blank=True, unique=True, editable=False)

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ["position", "pk"]

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
        """Keep the prices that can be bought."""
        return self.filter(is_current=True, plan__is_on_sale=True)


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
    stripe_price_id = models.CharField(max_length=255, null=True, blank=True, unique=True, editable=False)

    objects = PriceQuerySet.as_manager()

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        ordering = ["plan", "currency", "amount"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "interval", "currency"], condition=models.Q(is_current=True), name="billing_price_one_on_sale"
            ),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="billing_price_costs_something"),
            models.CheckConstraint(condition=models.Q(currency__regex=r"^[A-Z]{3}$"), name="billing_price_currency_is_iso_4217"),
        ]

    def __str__(self) -> str:
        return f"{self.plan}, {self.display} {self.get_interval_display()}"

    @property
    def is_on_sale(self) -> bool:
        """Say whether it can be bought; twin of `PriceQuerySet.on_sale`."""
        return self.is_current and self.plan.is_on_sale

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
