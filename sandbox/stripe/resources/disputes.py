"""Disputes: banks open and decide them, and we may give one up."""

from __future__ import annotations

from sandbox.stripe.account import Account
from sandbox.stripe.listing import equal, found, paginate
from sandbox.stripe.params import Params
from sandbox.stripe.refunding import close_dispute
from sandbox.stripe.routing import api
from sandbox.stripe.store import JSON


@api.add("GET", "/v1/disputes")
def list_all(account: Account, params: Params) -> JSON:
    """List disputes, newest first."""
    rows = found(account, params, "dispute", **equal(params, "charge", "payment_intent"))
    return paginate(account, params, rows, "/v1/disputes")


@api.add("GET", "/v1/disputes/{id}")
def retrieve(account: Account, params: Params, id: str) -> JSON:
    """Fetch one dispute."""
    return account.get("dispute", id)


@api.add("POST", "/v1/disputes/{id}/close")
def close(account: Account, params: Params, id: str) -> JSON:
    """Give a dispute up."""
    return close_dispute(account, account.get("dispute", id), won=False)
