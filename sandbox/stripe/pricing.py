"""Prices: how much, in which currencies, how often."""

from __future__ import annotations

from sandbox.stripe.account import Account
from sandbox.stripe.errors import invalid
from sandbox.stripe.params import Params
from sandbox.stripe.products import add_product
from sandbox.stripe.store import JSON

INTERVALS = ("day", "week", "month", "year")
TAX_BEHAVIORS = ("exclusive", "inclusive", "unspecified")


def add_price(account: Account, params: Params, *, active: bool = True) -> JSON:
    """Create a price from `currency`, `unit_amount`, `recurring` and a product or its data."""
    currency = params.required("currency").lower()
    amount = params.integer("unit_amount")
    if amount is None or amount < 0:
        raise invalid("Missing required param: unit_amount.", params.name("unit_amount"), "parameter_missing")
    recurring = _recurring(params.section("recurring"))
    lookup_key = params.text("lookup_key")
    if lookup_key:
        free_lookup_key(account, lookup_key, bool(params.flag("transfer_lookup_key")))
    price = {
        "id": account.new_id("price"),
        "object": "price",
        "active": active if "active" not in params else params.flag("active"),
        "billing_scheme": "per_unit",
        "created": account.now,
        "currency": currency,
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": lookup_key,
        "metadata": params.metadata(),
        "nickname": params.text("nickname"),
        "product": _product(account, params),
        "recurring": recurring,
        "tax_behavior": params.choice("tax_behavior", TAX_BEHAVIORS, "unspecified"),
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring" if recurring else "one_time",
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
    }
    options = {currency: _option(amount)} | currency_options(params.section("currency_options"))
    return account.add(price, "price.created", currency_options=options)


def amount_in(account: Account, price: JSON, currency: str | None) -> tuple[int, str]:
    """Read a price's amount in a currency, its own if none is asked for."""
    if currency is None or currency == price["currency"]:
        return price["unit_amount"], price["currency"]
    options = account.store.notes(price["id"]).get("currency_options", {})
    if currency not in options:
        raise invalid(f"The price {price['id']} has no amount in {currency}.", "currency")
    return options[currency]["unit_amount"], currency


def _recurring(section: Params | None) -> JSON | None:
    if section is None:
        return None
    section.required("interval")
    return {
        "interval": section.choice("interval", INTERVALS),
        "interval_count": section.integer("interval_count", 1),
        "meter": None,
        "trial_period_days": section.integer("trial_period_days"),
        "usage_type": section.choice("usage_type", ("licensed",), "licensed"),
    }


def _product(account: Account, params: Params) -> str:
    data = params.section("product_data")
    if data is not None:
        name = data.required("name")
        fields = {key: data.text(key) for key in ("description", "tax_code", "unit_label")}
        product = add_product(account, name=name, images=data.strings("images"), metadata=data.metadata(), **fields)
        return str(product["id"])
    return str(account.get("product", params.required("product"), "product")["id"])


def _option(amount: int, tax_behavior: str | None = "unspecified") -> JSON:
    return {
        "custom_unit_amount": None,
        "tax_behavior": tax_behavior,
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
    }


def currency_options(section: Params | None) -> JSON:
    """Read the amounts of a price in other currencies."""
    if section is None:
        return {}
    options = {}
    for currency in section.names():
        option = section.section(currency)
        if option is not None:
            amount = option.integer("unit_amount")
            options[currency] = _option(amount or 0, option.choice("tax_behavior", TAX_BEHAVIORS, "unspecified"))
    return options


def free_lookup_key(account: Account, key: str, transfer: bool) -> None:
    """Take a lookup key from the price that has it; raises unless it is to be transferred."""
    for holder in account.store.find("price", lookup_key=key):
        if not transfer:
            raise invalid(f"A price (`{holder['id']}`) already uses that lookup key.", "lookup_key")
        account.change(holder, "price.updated", lookup_key=None)
