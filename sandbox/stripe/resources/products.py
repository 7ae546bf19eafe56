"""Products."""

from __future__ import annotations

from sandbox.stripe.account import Account
from sandbox.stripe.listing import paginate
from sandbox.stripe.params import Params
from sandbox.stripe.products import add_product
from sandbox.stripe.routing import api
from sandbox.stripe.store import JSON


def _fields(params: Params, current: JSON) -> JSON:
    fields: JSON = {"metadata": params.metadata(current.get("metadata"))}
    for key in ("name", "description", "statement_descriptor", "tax_code", "unit_label", "url", "default_price"):
        if key in params:
            fields[key] = params.text(key)
    if "active" in params:
        fields["active"] = params.flag("active")
    if "images" in params:
        fields["images"] = params.strings("images")
    return fields


@api.add("POST", "/v1/products")
def create(account: Account, params: Params) -> JSON:
    """Create a product."""
    params.required("name")
    return add_product(account, id=params.text("id"), **_fields(params, {}))


@api.add("GET", "/v1/products")
def list_all(account: Account, params: Params) -> JSON:
    """List products, newest first."""
    rows = account.store.find("product")
    if (active := params.flag("active")) is not None:
        rows = [row for row in rows if row["active"] is active]
    if ids := params.strings("ids"):
        rows = [row for row in rows if row["id"] in ids]
    return paginate(account, params, rows, "/v1/products")


@api.add("GET", "/v1/products/{id}")
def retrieve(account: Account, params: Params, id: str) -> JSON:
    """Fetch one product."""
    return account.get("product", id)


@api.add("POST", "/v1/products/{id}")
def update(account: Account, params: Params, id: str) -> JSON:
    """Change a product."""
    product = account.get("product", id)
    return account.change(product, "product.updated", **_fields(params, product), updated=account.now)
