"""New products."""

from __future__ import annotations

from typing import Any

from sandbox.stripe.account import Account
from sandbox.stripe.store import JSON


def add_product(account: Account, *, name: str, id: str | None = None, **fields: Any) -> JSON:
    """Create a product and its event."""
    product = {
        "id": id or account.new_id("prod", 14),
        "object": "product",
        "active": True,
        "created": account.now,
        "default_price": None,
        "description": None,
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": {},
        "name": name,
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "type": "service",
        "unit_label": None,
        "updated": account.now,
        "url": None,
    }
    return account.add(product | fields, "product.created")
