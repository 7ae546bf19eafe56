"""Setup intents, to read; Checkout makes them."""

from __future__ import annotations

from sandbox.stripe.account import Account
from sandbox.stripe.listing import equal, found, paginate
from sandbox.stripe.params import Params
from sandbox.stripe.routing import api
from sandbox.stripe.store import JSON


@api.add("GET", "/v1/setup_intents")
def list_all(account: Account, params: Params) -> JSON:
    """List setup intents, newest first."""
    rows = found(account, params, "setup_intent", **equal(params, "customer", "payment_method"))
    return paginate(account, params, rows, "/v1/setup_intents")


@api.add("GET", "/v1/setup_intents/{id}")
def retrieve(account: Account, params: Params, id: str) -> JSON:
    """Fetch one setup intent."""
    return account.get("setup_intent", id)
