"""Coupons."""

from __future__ import annotations

from sandbox.stripe.account import Account
from sandbox.stripe.discounts import kept_coupon
from sandbox.stripe.errors import invalid
from sandbox.stripe.listing import paginate
from sandbox.stripe.params import Params
from sandbox.stripe.routing import api
from sandbox.stripe.store import JSON


@api.add("POST", "/v1/coupons")
def create(account: Account, params: Params) -> JSON:
    """Create a coupon."""
    percent, amount = params.number("percent_off"), params.integer("amount_off")
    if (percent is None) == (amount is None):
        raise invalid("You must pass either percent_off or amount_off.", "percent_off")
    currency = params.text("currency")
    if amount is not None and not currency:
        raise invalid("You must pass currency when passing amount_off.", "currency", "parameter_missing")
    duration = params.choice("duration", ("forever", "once", "repeating"), "once")
    months = params.integer("duration_in_months")
    if (duration == "repeating") != (months is not None):
        raise invalid("duration_in_months goes with the duration repeating, and only with it.", "duration_in_months")
    id = params.text("id") or account.new_id("c", 8)[2:]
    if account.store.get(id) and not account.store.notes(id).get("is_deleted"):
        raise invalid("Coupon already exists.", "id", "resource_already_exists")
    coupon = {
        "id": id,
        "object": "coupon",
        "amount_off": amount,
        "created": account.now,
        "currency": currency.lower() if currency else None,
        "duration": duration,
        "duration_in_months": months,
        "livemode": False,
        "max_redemptions": params.integer("max_redemptions"),
        "metadata": params.metadata(),
        "name": params.text("name"),
        "percent_off": percent,
        "redeem_by": params.integer("redeem_by"),
        "times_redeemed": 0,
        "valid": True,
    }
    products: list[str] = []
    if applies_to := params.section("applies_to"):
        products = applies_to.strings("products")
    return account.add(coupon, "coupon.created", products=products, is_deleted=False)


@api.add("GET", "/v1/coupons")
def list_all(account: Account, params: Params) -> JSON:
    """List coupons, newest first."""
    rows = [row for row in account.store.find("coupon") if not account.store.notes(row["id"]).get("is_deleted")]
    return paginate(account, params, rows, "/v1/coupons")


@api.add("GET", "/v1/coupons/{id}")
def retrieve(account: Account, params: Params, id: str) -> JSON:
    """Fetch one coupon."""
    return kept_coupon(account, id)


@api.add("POST", "/v1/coupons/{id}")
def update(account: Account, params: Params, id: str) -> JSON:
    """Change a coupon."""
    coupon = kept_coupon(account, id)
    changes: JSON = {"metadata": params.metadata(coupon["metadata"])}
    if "name" in params:
        changes["name"] = params.text("name")
    return account.change(coupon, "coupon.updated", **changes)


@api.add("DELETE", "/v1/coupons/{id}")
def delete(account: Account, params: Params, id: str) -> JSON:
    """Delete a coupon."""
    coupon = kept_coupon(account, id)
    # Discounts given before go on, so the coupon stays known to the stand-in, but can't be found or redeemed; its id is free again.
    account.emit("coupon.deleted", coupon)
    account.save(coupon | {"valid": False}, is_deleted=True)
    return {"id": id, "object": "coupon", "deleted": True}
