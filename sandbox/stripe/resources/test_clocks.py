"""Test clocks. The sandbox has one clock for everything; every test clock is a handle on it."""

from __future__ import annotations

from sandbox.stripe.account import Account
from sandbox.stripe.errors import invalid
from sandbox.stripe.listing import paginate
from sandbox.stripe.params import Params
from sandbox.stripe.routing import api
from sandbox.stripe.store import JSON
from sandbox.stripe.timeline import advance_to

BASE = "/v1/test_helpers/test_clocks"
LIFETIME_SECONDS = 30 * 86400


def _forward(account: Account, params: Params) -> int:
    moment = params.integer("frozen_time")
    if moment is None:
        raise invalid("Missing required param: frozen_time.", "frozen_time", "parameter_missing")
    if moment < account.now - 60:
        raise invalid("The clock of the sandbox only moves forward.", "frozen_time")
    return moment


@api.add("POST", BASE)
def create(account: Account, params: Params) -> JSON:
    """Create a test clock."""
    moment = _forward(account, params)
    advance_to(account, moment)
    clock = {
        "id": account.new_id("clock"),
        "object": "test_helpers.test_clock",
        "created": account.now,
        "deletes_after": account.now + LIFETIME_SECONDS,
        "frozen_time": moment,
        "livemode": False,
        "name": params.text("name"),
        "status": "ready",
        "status_details": {},
    }
    return account.add(clock, "test_helpers.test_clock.created")


@api.add("POST", BASE + "/{id}/advance")
def advance(account: Account, params: Params, id: str) -> JSON:
    """Move the clock forward."""
    clock = account.get("test_helpers.test_clock", id)
    moment = _forward(account, params)
    advance_to(account, moment)
    return account.change(clock, "test_helpers.test_clock.ready", frozen_time=moment)


@api.add("GET", BASE)
def list_all(account: Account, params: Params) -> JSON:
    """List test clocks, newest first."""
    return paginate(account, params, account.store.find("test_helpers.test_clock"), BASE)


@api.add("GET", BASE + "/{id}")
def retrieve(account: Account, params: Params, id: str) -> JSON:
    """Fetch one test clock."""
    return account.get("test_helpers.test_clock", id)


@api.add("DELETE", BASE + "/{id}")
def delete(account: Account, params: Params, id: str) -> JSON:
    """Delete a test clock."""
    clock = account.get("test_helpers.test_clock", id)
    account.store.delete(id)
    account.emit("test_helpers.test_clock.deleted", clock)
    return {"id": id, "object": "test_helpers.test_clock", "deleted": True}
