"""Stripe's lists: newest first, in pages, each page with a cursor."""

from __future__ import annotations

from typing import Any

from sandbox.stripe.account import Account
from sandbox.stripe.errors import invalid, missing
from sandbox.stripe.params import Params
from sandbox.stripe.store import JSON

DEFAULT_LIMIT = 10
MAX_LIMIT = 100
COMPARISONS = {
    "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "lte": lambda a, b: a <= b,
}


def list_of(data: list[JSON], url: str, has_more: bool = False) -> JSON:
    """Wrap rows as a list object."""
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def paginate(account: Account, params: Params, rows: list[JSON], url: str) -> JSON:
    """Cut one page out of rows that are newest first; reads limit, cursors and `created`."""
    limit = params.integer("limit", DEFAULT_LIMIT) or 0
    if not 1 <= limit <= MAX_LIMIT:
        raise invalid("Invalid integer: limit must be between 1 and 100", "limit")
    rows = _created(params, rows)
    after, before = params.text("starting_after"), params.text("ending_before")
    if after and before:
        raise invalid("You can't pass both starting_after and ending_before.", "starting_after")
    if before:
        rows = rows[: _position(rows, before, "ending_before")]
        return list_of(rows[-limit:], url, has_more=len(rows) > limit)
    if after:
        rows = rows[_position(rows, after, "starting_after") + 1 :]
    return list_of(rows[:limit], url, has_more=len(rows) > limit)


def found(account: Account, params: Params, kind: str, **filters: Any) -> list[JSON]:
    """Find objects for a list, newest first; what `created` leaves out isn't even read."""
    raw = params.raw("created")
    bound = str(raw.get("gte") or raw.get("gt") or "") if isinstance(raw, dict) else ""
    return account.store.find(kind, since=int(bound) if bound.isdecimal() else None, **filters)


def equal(params: Params, *names: str) -> dict[str, Any]:
    """Collect the given filters as keywords for `Store.find`."""
    return {name: value for name in names if (value := params.text(name)) is not None}


def _position(rows: list[JSON], id: str, param: str) -> int:
    for position, row in enumerate(rows):
        if row["id"] == id:
            return position
    raise missing("object", id, param)


def _created(params: Params, rows: list[JSON]) -> list[JSON]:
    raw = params.raw("created")
    if raw is None:
        return rows
    if isinstance(raw, str):
        moment = params.integer("created")
        return [row for row in rows if row["created"] == moment]
    bounds = params.section("created") or Params({})
    for name, compare in COMPARISONS.items():
        bound = bounds.integer(name)
        if bound is not None:
            rows = [row for row in rows if compare(row["created"], bound)]
    return rows
