"""Refunds."""

from __future__ import annotations

from sandbox.stripe.account import Account
from sandbox.stripe.errors import invalid
from sandbox.stripe.listing import equal, found, paginate
from sandbox.stripe.params import Params
from sandbox.stripe.refunding import refund
from sandbox.stripe.routing import api
from sandbox.stripe.store import JSON

REASONS = ("duplicate", "fraudulent", "requested_by_customer")


@api.add("POST", "/v1/refunds")
def create(account: Account, params: Params) -> JSON:
    """Create a refund."""
    charge_id, intent_id = params.text("charge"), params.text("payment_intent")
    if intent_id:
        charge_id = account.get("payment_intent", intent_id, "payment_intent")["latest_charge"]
    if not charge_id:
        raise invalid("One of the following params should be provided: payment_intent or charge.", "charge")
    charge = account.get("charge", charge_id, "charge")
    reason = params.choice("reason", REASONS)
    return refund(account, charge, amount=params.integer("amount"), reason=reason, metadata=params.metadata())


@api.add("GET", "/v1/refunds")
def list_all(account: Account, params: Params) -> JSON:
    """List refunds, newest first."""
    rows = found(account, params, "refund", **equal(params, "charge", "payment_intent"))
    return paginate(account, params, rows, "/v1/refunds")


@api.add("GET", "/v1/refunds/{id}")
def retrieve(account: Account, params: Params, id: str) -> JSON:
    """Fetch one refund."""
    return account.get("refund", id)
