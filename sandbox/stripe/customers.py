"""New customers."""

from __future__ import annotations

from typing import Any

from sandbox.stripe.account import Account
from sandbox.stripe.store import JSON


def add_customer(account: Account, **fields: Any) -> JSON:
    """Create a customer and its event."""
    customer: JSON = {
        "id": account.new_id("cus", 14),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": account.now,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": account.new_id("x", 8)[2:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    return account.add(customer | fields, "customer.created")


def keep_address(account: Account, customer_id: str, country: str = "NL") -> None:
    """Keep the country that a customer gave at Checkout, unless an address is known."""
    customer = account.get("customer", customer_id)
    if not customer["address"]:
        address = dict.fromkeys(("city", "line1", "line2", "postal_code", "state")) | {"country": country}
        account.change(customer, "customer.updated", address=address)
