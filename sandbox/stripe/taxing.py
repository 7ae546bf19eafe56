"""Tax, when `automatic_tax` is on: one rate for everything, enough to tell totals from subtotals."""

from __future__ import annotations

from sandbox.stripe.errors import invalid
from sandbox.stripe.params import Params
from sandbox.stripe.store import JSON

PERCENT = 21
RATE_ID = "txr_sandbox"


def read_automatic_tax(params: Params) -> bool | None:
    """Read `automatic_tax[enabled]`; None when nothing is said of it."""
    section = params.section("automatic_tax")
    if section is None:
        return None
    section.accept("liability")
    return section.required("enabled") == "true"


def require_address(customer: JSON | None, *, is_collected: bool) -> None:
    """Refuse to tax a customer whose country nobody knows, as Stripe does."""
    if customer and not customer["address"] and not is_collected:
        raise invalid(
            "Automatic tax calculation in Checkout requires a valid address on the Customer. Add a valid address to the "
            "Customer or set `customer_update[address]` to 'auto' to save the address entered in Checkout to the Customer.",
            "automatic_tax",
            "customer_tax_location_invalid",
        )


def tax_in(amount: int, price: JSON) -> int:
    """Work out the tax on an amount, in minor units; an inclusive price contains it."""
    return round(amount * PERCENT / (100 + PERCENT if is_inclusive(price) else 100))


def is_inclusive(price: JSON) -> bool:
    """Tell whether a price contains its tax."""
    return bool(price["tax_behavior"] == "inclusive")


def tax_json(amount: int, price: JSON) -> JSON:
    """Write the tax on an amount as an invoice and its lines carry it."""
    tax = tax_in(amount, price)
    return {
        "amount": tax,
        "tax_behavior": "inclusive" if is_inclusive(price) else "exclusive",
        "tax_rate_details": {"tax_rate": RATE_ID},
        "taxability_reason": "standard_rated",
        "taxable_amount": amount - tax if is_inclusive(price) else amount,
        "type": "tax_rate_details",
    }


def added_up(taxes: list[JSON]) -> list[JSON]:
    """Add the taxes of many lines up, one entry for inclusive and one for exclusive."""
    totals = []
    for behavior in ("exclusive", "inclusive"):
        rows = [tax for tax in taxes if tax["tax_behavior"] == behavior]
        if rows:
            sums = {key: sum(row[key] for row in rows) for key in ("amount", "taxable_amount")}
            totals.append(rows[0] | sums)
    return totals
