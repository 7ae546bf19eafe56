"""Prices."""

from __future__ import annotations

from sandbox.stripe.account import Account
from sandbox.stripe.listing import equal, paginate
from sandbox.stripe.params import Params
from sandbox.stripe.pricing import add_price, currency_options, free_lookup_key
from sandbox.stripe.routing import api
from sandbox.stripe.store import JSON


@api.add("POST", "/v1/prices")
def create(account: Account, params: Params) -> JSON:
    """Create a price."""
    return add_price(account, params)


@api.add("GET", "/v1/prices")
def list_all(account: Account, params: Params) -> JSON:
    """List prices, newest first."""
    rows = account.store.find("price", **equal(params, "product", "type", "currency"))
    if (active := params.flag("active")) is not None:
        rows = [row for row in rows if row["active"] is active]
    if keys := params.strings("lookup_keys"):
        rows = [row for row in rows if row["lookup_key"] in keys]
    return paginate(account, params, rows, "/v1/prices")


@api.add("GET", "/v1/prices/{id}")
def retrieve(account: Account, params: Params, id: str) -> JSON:
    """Fetch one price."""
    return account.get("price", id)


@api.add("POST", "/v1/prices/{id}")
def update(account: Account, params: Params, id: str) -> JSON:
    """Change a price."""
    price = account.get("price", id)
    changes: JSON = {"metadata": params.metadata(price["metadata"])}
    if "active" in params:
        changes["active"] = params.flag("active")
    if "nickname" in params:
        changes["nickname"] = params.text("nickname")
    transfer = bool(params.flag("transfer_lookup_key"))
    if "lookup_key" in params:
        changes["lookup_key"] = params.text("lookup_key")
        if changes["lookup_key"] and changes["lookup_key"] != price["lookup_key"]:
            free_lookup_key(account, changes["lookup_key"], transfer)
    if options := currency_options(params.section("currency_options")):
        kept = account.store.notes(id).get("currency_options", {})
        account.store.note(id, currency_options=kept | options)
    return account.change(price, "price.updated", **changes)
