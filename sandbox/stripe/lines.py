"""The lines of an invoice, before and after discounts."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.stripe.account import Account
from sandbox.stripe.discounts import reduction
from sandbox.stripe.store import JSON


@dataclass
class Line:
    """One thing to pay for; `amount` in minor units, negative for a credit."""

    description: str
    amount: int
    price: JSON
    quantity: int
    start: int
    end: int
    item: str | None = None
    subscription: str | None = None
    is_proration: bool = False

    def to_json(self) -> JSON:
        """Write as JSON."""
        return self.__dict__ | {"price": self.price["id"]}

    @classmethod
    def from_json(cls, account: Account, saved: JSON) -> Line:
        """Rebuild from what `to_json` wrote."""
        return cls(**saved | {"price": account.get("price", saved["price"])})


def item_line(account: Account, subscription: JSON, item: JSON, *, free: bool = False) -> Line:
    """Write the line for one item's current period."""
    amount = 0 if free else unit_amount(account, item["price"], subscription["currency"]) * item["quantity"]
    product = account.store.get(item["price"]["product"]) or {}
    prefix = "Trial period for" if free else f"{item['quantity']} ×"
    return Line(
        description=f"{prefix} {product.get('name', 'deleted product')}",
        amount=amount,
        price=item["price"],
        quantity=item["quantity"],
        start=item["current_period_start"],
        end=item["current_period_end"],
        item=item["id"],
        subscription=subscription["id"],
    )


def unit_amount(account: Account, price: JSON, currency: str) -> int:
    """Read the price of one in a currency."""
    if currency == price["currency"]:
        return int(price["unit_amount"])
    return int(account.store.notes(price["id"])["currency_options"][currency]["unit_amount"])


def discounted(account: Account, lines: list[Line], discounts: list[JSON], currency: str) -> list[list[JSON]]:
    """Work out for each line what each discount takes off it."""
    left = [line.amount for line in lines]
    taken: list[list[JSON]] = [[] for _ in lines]
    for discount in discounts:
        coupon = account.get("coupon", discount["source"]["coupon"])
        budget = coupon["amount_off"]
        for number, line in enumerate(lines):
            if line.is_proration:
                continue
            off = reduction(account, coupon, left[number], currency, line.price["product"])
            if budget is not None:
                off = min(off, budget)
                budget -= off
            left[number] -= off
            taken[number].append({"amount": off, "discount": discount["id"]})
    return taken


def line_json(account: Account, invoice_id: str, line: Line, taken: list[JSON], currency: str) -> JSON:
    """Write a line as it goes over the wire."""
    return {
        "id": account.new_id("il"),
        "object": "line_item",
        "amount": line.amount,
        "currency": currency,
        "description": line.description,
        "discount_amounts": taken,
        "discountable": not line.is_proration,
        "discounts": [],
        "invoice": invoice_id,
        "livemode": False,
        "metadata": {},
        "parent": _parent(account, line),
        "period": {"end": line.end, "start": line.start},
        "pretax_credit_amounts": [],
        "pricing": {
            "price_details": {"price": line.price["id"], "product": line.price["product"]},
            "type": "price_details",
            "unit_amount_decimal": str(abs(line.amount) // max(line.quantity, 1)),
        },
        "quantity": line.quantity,
        "subscription": line.subscription,
        "subtotal": line.amount,
        "taxes": [],
    }


def _parent(account: Account, line: Line) -> JSON:
    if line.item and not line.is_proration:
        details = {
            "invoice_item": None,
            "proration": False,
            "proration_details": {"credited_items": None},
            "subscription": line.subscription,
            "subscription_item": line.item,
        }
        return {"type": "subscription_item_details", "subscription_item_details": details, "invoice_item_details": None}
    details = {
        "invoice_item": account.new_id("ii"),
        "proration": line.is_proration,
        "proration_details": {"credited_items": None},
        "subscription": line.subscription,
    }
    return {"type": "invoice_item_details", "invoice_item_details": details, "subscription_item_details": None}
