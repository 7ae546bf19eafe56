"""What a Checkout session sells, and what it comes to."""

from __future__ import annotations

from sandbox.stripe.account import Account
from sandbox.stripe.discounts import Offer, offer_from_json, reduction
from sandbox.stripe.errors import invalid
from sandbox.stripe.params import Params
from sandbox.stripe.pricing import add_price, amount_in
from sandbox.stripe.store import JSON
from sandbox.stripe.taxing import is_inclusive, tax_in

MAX_QUANTITY = 99


def read_lines(account: Account, params: Params, mode: str) -> tuple[list[JSON], str]:
    """Read `line_items[]` and the currency they are sold in."""
    rows: list[JSON] = []
    currency = params.text("currency")
    for section in params.objects("line_items"):
        price = _price(account, section)
        amount, currency = amount_in(account, price, currency)
        quantity = section.integer("quantity", 1) or 0
        if quantity < 1:
            raise invalid("Invalid integer: quantity must be at least 1", section.name("quantity"))
        if mode == "payment" and price["type"] == "recurring":
            raise invalid("You specified `payment` mode but passed a recurring price.", section.name("price"))
        if mode == "subscription" and price["type"] != "recurring":
            raise invalid("The sandbox sells recurring prices only in `subscription` mode.", section.name("price"))
        rows.append(_row(account, price, currency, quantity) | {
            "adjustable_quantity": _adjustable(section, quantity),
            "amount_subtotal": amount * quantity,
            "metadata": section.metadata(),
        })  # fmt: skip
    if not rows or currency is None:
        raise invalid("Missing required param: line_items.", "line_items", "parameter_missing")
    return rows, currency


def price_session(account: Account, session: JSON, offers: list[Offer]) -> JSON:
    """Work out the amounts of a session from its lines, offers and tax, and keep them."""
    notes = account.store.notes(session["id"])
    rows = notes["line_items"]
    budgets = [offer.coupon["amount_off"] for offer in offers]
    for row in rows:
        left = row["amount_subtotal"]
        for number, offer in enumerate(offers):
            off = reduction(account, offer.coupon, left, session["currency"], row["price"]["product"])
            if budgets[number] is not None:
                off = min(off, budgets[number])
                budgets[number] -= off
            left -= off
        tax = tax_in(left, row["price"]) if session["automatic_tax"]["enabled"] else 0
        added = 0 if is_inclusive(row["price"]) else tax
        row |= {"amount_discount": row["amount_subtotal"] - left, "amount_tax": tax, "amount_total": left + added}
    account.store.note(session["id"], line_items=rows, offers=[offer.to_json() for offer in offers])
    # A trial asks for nothing today.
    today = [] if has_trial(notes) else rows
    sums = {key: sum(row[f"amount_{key}"] for row in today) for key in ("subtotal", "discount", "tax", "total")}
    session |= {
        "amount_subtotal": sums["subtotal"],
        "amount_total": sums["total"],
        "total_details": {"amount_discount": sums["discount"], "amount_shipping": 0, "amount_tax": sums["tax"]},
        "discounts": [offer.to_json() for offer in offers],
    }
    return account.save(session)


def set_quantity(account: Account, session: JSON, quantity: int) -> JSON:
    """Let the customer choose how many, where the seller allows it."""
    notes = account.store.notes(session["id"])
    for row in notes["line_items"]:
        limits = row["adjustable_quantity"]
        if not limits:
            continue
        if not limits["minimum"] <= quantity <= limits["maximum"]:
            raise invalid(f"Choose from {limits['minimum']} to {limits['maximum']}.", "quantity")
        row |= {"amount_subtotal": row["amount_subtotal"] // row["quantity"] * quantity, "quantity": quantity}
    account.store.note(session["id"], line_items=notes["line_items"])
    return price_session(account, session, [offer_from_json(account, saved) for saved in notes["offers"]])


def has_trial(notes: JSON) -> bool:
    """Tell whether what a session sells begins with a trial."""
    data = notes["subscription_data"]
    return bool(data.get("trial_period_days") or data.get("trial_end"))


def _price(account: Account, section: Params) -> JSON:
    data = section.section("price_data")
    if data is not None:
        return add_price(account, data, active=False)
    price = account.get("price", section.required("price"), section.name("price"))
    if not price["active"]:
        raise invalid("The price specified is inactive. This field only accepts active prices.", section.name("price"))
    if not account.get("product", price["product"])["active"]:
        raise invalid("The price specified is of a product that is not active.", section.name("price"))
    return price


def _adjustable(section: Params, quantity: int) -> JSON | None:
    chosen = section.section("adjustable_quantity")
    if chosen is None or not chosen.flag("enabled"):
        return None
    limits = {"minimum": chosen.integer("minimum", 0), "maximum": chosen.integer("maximum", MAX_QUANTITY)}
    if not (limits["minimum"] or 0) <= quantity <= (limits["maximum"] or 0):
        raise invalid("The quantity must lie within the adjustable ones.", section.name("quantity"))
    return {"enabled": True, **limits}


def _row(account: Account, price: JSON, currency: str, quantity: int) -> JSON:
    return {
        "id": account.new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_tax": 0,
        "amount_total": 0,
        "currency": currency,
        "description": account.get("product", price["product"])["name"],
        "price": price,
        "quantity": quantity,
    }
