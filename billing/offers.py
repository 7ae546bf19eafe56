"""The rate card: what is on sale in one currency, as readers see it."""

from dataclasses import dataclass

from billing.models import Plan, Price, SubscriptionSettings
from billing.models.plans import display_amount
from magazine.months import MONTHS_A_YEAR


@dataclass(frozen=True, slots=True)
class Offer:
    """One price, with what makes it worth choosing: what a month of it comes to, and how many months it saves."""

    plan: Plan
    price: Price
    is_first: bool
    is_favoured: bool
    a_month: str = ""
    months_free: int = 0

    @property
    def is_yearly(self) -> bool:
        """Say whether it is paid once a year."""
        return self.price.interval == Price.Interval.YEAR


@dataclass(frozen=True, slots=True)
class RateCard:
    """All offers in one currency, and the currencies there are."""

    currency: str
    currencies: list[str]
    offers: list[Offer]
    has_several_plans: bool


def rate_card(currency: str = "") -> RateCard:
    """Return the offers in a currency, in the magazine's own if nothing is sold in the one asked for."""
    prices = list(Price.objects.on_sale().select_related("plan").order_by("plan__position", "plan__pk", "-interval"))
    currencies = sorted({price.currency for price in prices})
    own = SubscriptionSettings.load().currency
    chosen = next((code for code in (currency, own, *currencies) if code in currencies), own)
    sold = [price for price in prices if price.currency == chosen]
    plans = list(dict.fromkeys(price.plan_id for price in sold))
    has_favourite = any(price.plan.is_recommended for price in sold)
    offers = []
    for price in sold:
        siblings = [other for other in sold if other.plan_id == price.plan_id]
        is_first = siblings[0] is price
        is_favoured = is_first and (price.plan.is_recommended or (not has_favourite and price.plan_id == plans[0]))
        a_month, months_free = _compared(price, siblings)
        offers.append(Offer(price.plan, price, is_first, is_favoured, a_month, months_free))
    return RateCard(chosen, currencies, offers, has_several_plans=len(plans) > 1)


def _compared(price: Price, siblings: list[Price]) -> tuple[str, int]:
    """Return what a month of a yearly price comes to, and how many of the plan's months it saves."""
    if price.interval != Price.Interval.YEAR:
        return "", 0
    monthly = next((other.amount for other in siblings if other.interval == Price.Interval.MONTH), None)
    months_free = max(0, (monthly * MONTHS_A_YEAR - price.amount) // monthly) if monthly else 0
    return display_amount(round(price.amount / MONTHS_A_YEAR), price.currency), months_free


def seat_prices(currency: str = "") -> tuple[list[Price], list[str]]:
    """Return what a seat in a group costs in a currency, in the magazine's own if none is sold in the one asked for, and all currencies."""
    prices = list(Price.objects.on_sale_to_groups().select_related("plan").order_by("plan__position", "plan__pk", "-interval"))
    currencies = sorted({price.currency for price in prices})
    chosen = next((code for code in (currency, SubscriptionSettings.load().currency, *currencies) if code in currencies), "")
    return [price for price in prices if price.currency == chosen], currencies
