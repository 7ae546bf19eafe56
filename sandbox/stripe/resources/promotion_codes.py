"""Promotion codes."""

from __future__ import annotations

from sandbox.stripe.account import Account
from sandbox.stripe.errors import invalid
from sandbox.stripe.listing import equal, paginate
from sandbox.stripe.params import Params
from sandbox.stripe.routing import api
from sandbox.stripe.store import JSON


@api.add("POST", "/v1/promotion_codes")
def create(account: Account, params: Params) -> JSON:
    """Create a promotion code."""
    promotion = params.section("promotion")
    if promotion is None:
        raise invalid("Missing required param: promotion.", "promotion", "parameter_missing")
    promotion.choice("type", ("coupon",), "coupon")
    coupon = account.get("coupon", promotion.required("coupon"), "promotion[coupon]")
    code = (params.text("code") or account.new_id("c", 8)[2:]).upper()
    if any(c["code"].upper() == code and c["active"] for c in account.store.find("promotion_code")):
        raise invalid(f"An active promotion code with `code: {code}` already exists.", "code")
    restrictions = params.section("restrictions") or Params({})
    promotion_code = {
        "id": account.new_id("promo"),
        "object": "promotion_code",
        "active": params.flag("active", True),
        "code": code,
        "created": account.now,
        "customer": params.text("customer"),
        "expires_at": params.integer("expires_at"),
        "livemode": False,
        "max_redemptions": params.integer("max_redemptions"),
        "metadata": params.metadata(),
        "promotion": {"coupon": coupon["id"], "type": "coupon"},
        "restrictions": {
            "first_time_transaction": restrictions.flag("first_time_transaction", False),
            "minimum_amount": restrictions.integer("minimum_amount"),
            "minimum_amount_currency": restrictions.text("minimum_amount_currency"),
        },
        "times_redeemed": 0,
    }
    return account.add(promotion_code, "promotion_code.created")


@api.add("GET", "/v1/promotion_codes")
def list_all(account: Account, params: Params) -> JSON:
    """List promotion codes, newest first."""
    rows = account.store.find("promotion_code", **equal(params, "customer"))
    if (active := params.flag("active")) is not None:
        rows = [row for row in rows if row["active"] is active]
    if code := params.text("code"):
        rows = [row for row in rows if row["code"].upper() == code.upper()]
    if coupon := params.text("coupon"):
        rows = [row for row in rows if row["promotion"]["coupon"] == coupon]
    return paginate(account, params, rows, "/v1/promotion_codes")


@api.add("GET", "/v1/promotion_codes/{id}")
def retrieve(account: Account, params: Params, id: str) -> JSON:
    """Fetch one promotion code."""
    return account.get("promotion_code", id)


@api.add("POST", "/v1/promotion_codes/{id}")
def update(account: Account, params: Params, id: str) -> JSON:
    """Change a promotion code."""
    promotion_code = account.get("promotion_code", id)
    changes: JSON = {"metadata": params.metadata(promotion_code["metadata"])}
    if "active" in params:
        changes["active"] = params.flag("active")
    return account.change(promotion_code, "promotion_code.updated", **changes)
