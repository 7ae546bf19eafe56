"""Coupons and promotion codes, given and counted."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.stripe.account import Account
from sandbox.stripe.dates import add_interval
from sandbox.stripe.errors import invalid, missing
from sandbox.stripe.params import Params
from sandbox.stripe.store import JSON


@dataclass(frozen=True)
class Offer:
    """A coupon that may be redeemed now, and the promotion code it came by."""

    coupon: JSON
    promotion_code: JSON | None = None

    def to_json(self) -> JSON:
        """Write as JSON."""
        return {"coupon": self.coupon["id"], "promotion_code": (self.promotion_code or {}).get("id")}


def read_offers(account: Account, params: Params, customer: str | None) -> list[Offer]:
    """Read `discounts[]` of a request; raises when one can't be redeemed."""
    return [_read_offer(account, section, customer) for section in params.objects("discounts")]


def _read_offer(account: Account, section: Params, customer: str | None) -> Offer:
    coupon_id, promotion_id = section.text("coupon"), section.text("promotion_code")
    if promotion_id:
        code = account.get("promotion_code", promotion_id, section.name("promotion_code"))
        return check_code(account, code, customer)
    if coupon_id:
        return _check_coupon(account, Offer(kept_coupon(account, coupon_id, section.name("coupon"))))
    raise invalid("A discount needs a coupon or a promotion_code.", section.name("coupon"))


def kept_coupon(account: Account, id: str, param: str = "id") -> JSON:
    """Fetch a coupon that isn't deleted; raises Stripe's `resource_missing`."""
    coupon = account.get("coupon", id, param)
    if account.store.notes(id).get("is_deleted"):
        raise missing("coupon", id, param)
    return coupon


def change_discounts(account: Account, params: Params, subscription: JSON) -> list[str]:
    """Read `discounts[]` of an update: those named by `discount` stay, coupons and codes are redeemed, the rest ends."""
    customer, held = subscription["customer"], subscription["discounts"]
    ids: list[str] = []
    for section in params.objects("discounts"):
        kept = section.text("discount")
        if kept is not None and kept not in held:
            raise invalid(f"No such discount: '{kept}'", section.name("discount"), "resource_missing")
        if kept is None:
            offer = _read_offer(account, section, customer)
            kept = redeem(account, offer, customer=customer, subscription=subscription["id"], session=None)["id"]
        ids.append(str(kept))
    for id in held:
        if id not in ids:
            account.emit("customer.discount.deleted", account.get("discount", id))
    return ids


def offer_from_json(account: Account, saved: JSON) -> Offer:
    """Rebuild an offer from `Offer.to_json`."""
    code = saved.get("promotion_code")
    return Offer(account.get("coupon", saved["coupon"]), account.get("promotion_code", code) if code else None)


def find_code(account: Account, text: str, customer: str | None) -> Offer:
    """Find what a customer typed in; raises when it is no live code."""
    for code in account.store.find("promotion_code"):
        if code["code"].upper() == text.strip().upper() and code["active"]:
            return check_code(account, code, customer)
    raise invalid("This code is invalid.", "promotion_code")


def check_code(account: Account, code: JSON, customer: str | None) -> Offer:
    """Make an offer of a promotion code; raises when it can’t be redeemed."""
    expired = code["expires_at"] is not None and code["expires_at"] <= account.now
    used_up = code["max_redemptions"] is not None and code["times_redeemed"] >= code["max_redemptions"]
    if not code["active"] or expired or used_up:
        raise invalid("This promotion code cannot be redeemed.", "promotion_code")
    if code["customer"] and code["customer"] != customer:
        raise invalid("This promotion code belongs to another customer.", "promotion_code")
    if code["restrictions"]["first_time_transaction"] and customer and account.store.find("invoice", customer=customer):
        raise invalid("This promotion code is for a customer's first purchase.", "promotion_code")
    return _check_coupon(account, Offer(account.get("coupon", code["promotion"]["coupon"]), code))


def redeem(account: Account, offer: Offer, *, customer: str | None, subscription: str | None, session: str | None) -> JSON:
    """Turn an offer into a discount; counts the redemption."""
    coupon = account.get("coupon", offer.coupon["id"])
    used = coupon["times_redeemed"] + 1
    limit = coupon["max_redemptions"]
    account.change(coupon, "coupon.updated", times_redeemed=used, valid=coupon["valid"] and (limit is None or used < limit))
    if offer.promotion_code:
        code = account.get("promotion_code", offer.promotion_code["id"])
        account.change(code, "promotion_code.updated", times_redeemed=code["times_redeemed"] + 1)
    months = coupon["duration_in_months"]
    discount = {
        "id": account.new_id("di"),
        "object": "discount",
        "checkout_session": session,
        "customer": customer,
        "end": add_interval(account.now, "month", months) if coupon["duration"] == "repeating" else None,
        "invoice": None,
        "invoice_item": None,
        "promotion_code": (offer.promotion_code or {}).get("id"),
        "source": {"coupon": coupon["id"], "type": "coupon"},
        "start": account.now,
        "subscription": subscription,
        "subscription_item": None,
    }
    return account.add(discount, "customer.discount.created" if customer else None)


def live_discounts(account: Account, subscription: JSON, at: int) -> list[JSON]:
    """List the discounts that still hold for a subscription at a moment."""
    discounts = [account.get("discount", id) for id in subscription["discounts"]]
    return [d for d in discounts if d["end"] is None or d["end"] > at]


def reduction(account: Account, coupon: JSON, amount: int, currency: str, product: str | None) -> int:
    """Work out what a coupon takes off an amount, in minor units."""
    products = account.store.notes(coupon["id"]).get("products") or []
    if amount <= 0 or (products and product not in products):
        return 0
    if coupon["percent_off"] is not None:
        return round(amount * coupon["percent_off"] / 100)
    return min(amount, coupon["amount_off"]) if coupon["currency"] == currency else 0


def _check_coupon(account: Account, offer: Offer) -> Offer:
    coupon = offer.coupon
    expired = coupon["redeem_by"] is not None and coupon["redeem_by"] <= account.now
    if not coupon["valid"] or expired:
        raise invalid(f"Coupon {coupon['id']} is used up and cannot be applied.", "coupon", "coupon_expired")
    return offer
