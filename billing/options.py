"""What Checkout is told besides the price: trial, codes, tax."""

from typing import Any

from billing.models import Price, SellingRules


def checkout_options(price: Price, *, may_try: bool) -> dict[str, Any]:
    """Return the options of a subscription's Checkout; `may_try` says that the reader never had a subscription."""
    rules = SellingRules.load()
    options: dict[str, Any] = {}
    if rules.takes_codes:
        options["allow_promotion_codes"] = True
    if rules.collects_tax:
        options |= tax_options()
    if price.trial_days and may_try:
        options["subscription_data"] = {"trial_period_days": price.trial_days}
        if not rules.asks_for_card:
            options["payment_method_collection"] = "if_required"
            options["subscription_data"]["trial_settings"] = {"end_behavior": {"missing_payment_method": "cancel"}}
    return options


def tax_options() -> dict[str, Any]:
    """Return what lets Stripe work out the tax: it needs the address, and businesses may give their number."""
    return {
        "automatic_tax": {"enabled": True},
        "customer_update": {"address": "auto", "name": "auto"},
        "tax_id_collection": {"enabled": True},
    }
