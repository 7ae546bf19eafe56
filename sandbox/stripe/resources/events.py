"""Events."""

from __future__ import annotations

from fnmatch import fnmatchcase

from sandbox.stripe.account import Account
from sandbox.stripe.listing import found, paginate
from sandbox.stripe.params import Params
from sandbox.stripe.routing import api
from sandbox.stripe.store import JSON
from sandbox.stripe.webhooks import undelivered_events


@api.add("GET", "/v1/events")
def list_all(account: Account, params: Params) -> JSON:
    """List events, newest first."""
    rows = found(account, params, "event")
    if (delivered := params.flag("delivery_success")) is not None:
        missed = undelivered_events(account)
        rows = [row for row in rows if (row["id"] not in missed) is delivered]
    patterns = params.strings("types") or [params.text("type") or "*"]
    rows = [row for row in rows if any(fnmatchcase(row["type"], pattern) for pattern in patterns)]
    return paginate(account, params, rows, "/v1/events")


@api.add("GET", "/v1/events/{id}")
def retrieve(account: Account, params: Params, id: str) -> JSON:
    """Fetch one event."""
    return account.get("event", id)
