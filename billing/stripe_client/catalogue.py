"""What is sold: products, prices and coupons."""

from typing import Any

import stripe

from billing.stripe_client.calling import JSON, client, is_there, one_fault, plain


@one_fault
def product_exists(product_id: str) -> bool:
    """Say whether a product is there."""
    return is_there(client().v1.products.retrieve, product_id)


@one_fault
def create_product(*, name: str, metadata: dict[str, str]) -> JSON:
    """Create a product."""
    return plain(client().v1.products.create({"name": name, "metadata": metadata}))


@one_fault
def get_product(product_id: str) -> JSON:
    """Return a product."""
    return plain(client().v1.products.retrieve(product_id))


@one_fault
def sell_product(product_id: str, *, name: str) -> JSON:
    """Take a product up again if it was archived, and change the name that receipts and Stripe's pages show."""
    return plain(client().v1.products.update(product_id, {"name": name, "active": True}))


@one_fault
def create_price(*, product: str, amount: int, currency: str, interval: Any, tax_behavior: Any, metadata: dict[str, str]) -> JSON:
    """Create a recurring price; the amount is in minor units."""
    return plain(
        client().v1.prices.create(
            {
                "product": product,
                "unit_amount": amount,
                "currency": currency.lower(),
                "recurring": {"interval": interval},
                "tax_behavior": tax_behavior,
                "metadata": metadata,
            }
        )
    )


@one_fault
def get_price(price_id: str) -> JSON:
    """Return a price."""
    return plain(client().v1.prices.retrieve(price_id))


@one_fault
def set_price_active(price_id: str, *, is_active: bool) -> JSON:
    """Archive a price, so that nobody buys it any more, or take it up again; who pays it goes on paying it."""
    return plain(client().v1.prices.update(price_id, {"active": is_active}))


@one_fault
def coupon_of(coupon_id: str, *, percent: int, months: int, name: str, metadata: dict[str, str]) -> str:
    """Return the id of a coupon that takes so much off for so many months, made on first use, and anew once it is used up.

    Who has a discount of a coupon that is deleted keeps it.
    """
    try:
        if plain(client().v1.coupons.retrieve(coupon_id))["valid"]:
            return coupon_id
        client().v1.coupons.delete(coupon_id)
    except stripe.InvalidRequestError as error:
        if error.code != "resource_missing":
            raise
    params: Any = {"id": coupon_id, "percent_off": percent, "duration": "repeating", "duration_in_months": months}
    client().v1.coupons.create({**params, "name": name, "metadata": metadata})
    return coupon_id


@one_fault
def get_coupon(coupon_id: str) -> JSON:
    """Return a coupon."""
    return plain(client().v1.coupons.retrieve(coupon_id))
