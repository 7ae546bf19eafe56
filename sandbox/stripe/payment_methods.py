"""Cards and a bank debit that behave in known ways, named after Stripe's own test numbers."""

from __future__ import annotations

from datetime import UTC, datetime

from sandbox.stripe.account import Account
from sandbox.stripe.errors import missing
from sandbox.stripe.store import JSON

# What happens when the method is charged without the customer being there.
SUCCEEDS, DECLINES, ASKS, DELAYED = "succeeds", "declines", "requires_action", "delayed"
LAST4 = {SUCCEEDS: "4242", DECLINES: "0341", ASKS: "3184", DELAYED: "3000"}
# Stripe's names for test methods that may be passed in place of an id.
TEST_TOKENS = {
    "pm_card_visa": SUCCEEDS,
    "pm_card_chargeCustomerFail": DECLINES,
    "pm_card_authenticationRequired": ASKS,
    "pm_sepaDebit": DELAYED,
}
NO_ADDRESS = {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None}


def new_method(account: Account, behaviour: str, *, email: str | None = None) -> JSON:
    """Create a payment method that behaves in the given way when charged."""
    last4 = LAST4[behaviour]
    kind = "sepa_debit" if behaviour == DELAYED else "card"
    method = {
        "id": account.new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "limited",
        "billing_details": billing_details(email),
        kind: _sepa(last4) if kind == "sepa_debit" else _card(last4),
        "created": account.now,
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": kind,
    }
    return account.add(method, behaviour=behaviour)


def method_from(account: Account, id: str) -> JSON:
    """Fetch a payment method, or make one from the name of a test method."""
    if id in TEST_TOKENS:
        return new_method(account, TEST_TOKENS[id])
    found = account.store.get(id)
    if found is None or found["object"] != "payment_method":
        raise missing("payment_method", id, "payment_method")
    return found


def is_expired(account: Account, method: JSON) -> bool:
    """Tell whether a card is past the last month it is good for."""
    card = method.get("card")
    today = datetime.fromtimestamp(account.now, UTC)
    return bool(card and (card["exp_year"], card["exp_month"]) < (today.year, today.month))


def attach(account: Account, method: JSON, customer_id: str) -> JSON:
    """Give a payment method to a customer."""
    return account.change(method, "payment_method.attached", customer=customer_id)


def make_default(account: Account, customer_id: str, method: JSON) -> None:
    """Use a method for whatever the customer pays from now on, subscriptions included."""
    customer = account.get("customer", customer_id)
    settings = customer["invoice_settings"] | {"default_payment_method": method["id"]}
    account.change(customer, "customer.updated", invoice_settings=settings)
    for subscription in account.store.find("subscription", customer=customer_id):
        if subscription["status"] not in {"canceled", "incomplete_expired"}:
            account.change(subscription, "customer.subscription.updated", default_payment_method=method["id"])


def default_method(account: Account, customer_id: str, subscription: JSON | None = None) -> JSON | None:
    """Find what a charge is made to: the subscription's method, else the customer's."""
    chosen = subscription["default_payment_method"] if subscription else None
    if chosen is None:
        customer = account.get("customer", customer_id)
        chosen = (customer.get("invoice_settings") or {}).get("default_payment_method")
    return account.store.get(chosen) if chosen else None


def behaviour_of(account: Account, method: JSON) -> str:
    """Tell how a payment method behaves when charged."""
    return str(account.store.notes(method["id"]).get("behaviour", SUCCEEDS))


def billing_details(email: str | None) -> JSON:
    """Write billing details with an email alone."""
    return {"address": NO_ADDRESS, "email": email, "name": None, "phone": None, "tax_id": None}


def _card(last4: str) -> JSON:
    return {
        "brand": "visa",
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": "NL",
        "display_brand": "visa",
        "exp_month": 12,
        "exp_year": 2044,
        "fingerprint": f"sandbox{last4}",
        "funding": "credit",
        "generated_from": None,
        "last4": last4,
        "networks": {"available": ["visa"], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def _sepa(last4: str) -> JSON:
    return {
        "bank_code": "ABNA",
        "branch_code": None,
        "country": "NL",
        "fingerprint": f"sandbox{last4}",
        "generated_from": {"charge": None, "setup_attempt": None},
        "last4": last4,
    }
