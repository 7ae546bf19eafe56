"""Customers."""

from __future__ import annotations

from sandbox.stripe.account import Account
from sandbox.stripe.customers import add_customer
from sandbox.stripe.errors import invalid
from sandbox.stripe.listing import equal, paginate
from sandbox.stripe.params import Params
from sandbox.stripe.payment_methods import attach, method_from
from sandbox.stripe.routing import api
from sandbox.stripe.store import JSON
from sandbox.stripe.subscribing import end_subscription

ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")
TAX_EXEMPTIONS = ("exempt", "none", "reverse")


def _fields(account: Account, params: Params, current: JSON) -> JSON:
    fields: JSON = {"metadata": params.metadata(current.get("metadata"))}
    for key in ("email", "name", "phone", "description"):
        if key in params:
            fields[key] = params.text(key)
    if "tax_exempt" in params:
        fields["tax_exempt"] = params.choice("tax_exempt", TAX_EXEMPTIONS, "none")
    if "preferred_locales" in params:
        fields["preferred_locales"] = params.strings("preferred_locales")
    if "balance" in params:
        fields["balance"] = params.integer("balance")
    if address := params.section("address"):
        fields["address"] = {key: address.text(key) for key in ADDRESS}
    return fields


def _set_default_method(account: Account, customer: JSON, params: Params) -> None:
    settings = params.section("invoice_settings")
    if settings is None or "default_payment_method" not in settings:
        return
    method_id = settings.text("default_payment_method")
    if method_id:
        method = account.get("payment_method", method_id, "invoice_settings[default_payment_method]")
        if method["customer"] != customer["id"]:
            message = "The customer does not have a payment method with the ID " + method_id
            raise invalid(message, "invoice_settings[default_payment_method]")
    default = customer["invoice_settings"] | {"default_payment_method": method_id}
    account.change(customer, "customer.updated", invoice_settings=default)


@api.add("POST", "/v1/customers")
def create(account: Account, params: Params) -> JSON:
    """Create a customer."""
    clock = params.text("test_clock")
    if clock:
        account.get("test_helpers.test_clock", clock, "test_clock")
    customer = add_customer(account, **_fields(account, params, {}), test_clock=clock)
    if method_id := params.text("payment_method"):
        attach(account, method_from(account, method_id), customer["id"])
        customer = account.get("customer", customer["id"])
    _set_default_method(account, customer, params)
    return customer


@api.add("GET", "/v1/customers")
def list_all(account: Account, params: Params) -> JSON:
    """List customers, newest first."""
    rows = account.store.find("customer", **equal(params, "email", "test_clock"))
    rows = [row for row in rows if not row.get("deleted")]
    return paginate(account, params, rows, "/v1/customers")


@api.add("GET", "/v1/customers/{id}")
def retrieve(account: Account, params: Params, id: str) -> JSON:
    """Fetch one customer."""
    return account.get("customer", id)


@api.add("POST", "/v1/customers/{id}")
def update(account: Account, params: Params, id: str) -> JSON:
    """Change a customer."""
    customer = account.get("customer", id)
    if customer.get("deleted"):
        raise invalid(f"No such customer: '{id}'", "id", "resource_missing")
    account.change(customer, "customer.updated", **_fields(account, params, customer))
    _set_default_method(account, customer, params)
    return customer


@api.add("DELETE", "/v1/customers/{id}")
def delete(account: Account, params: Params, id: str) -> JSON:
    """Delete a customer; what they subscribed to ends at once."""
    customer = account.get("customer", id)
    for subscription in account.store.find("subscription", customer=id):
        if subscription["status"] not in {"canceled", "incomplete_expired"}:
            end_subscription(account, subscription)
    account.emit("customer.deleted", customer)
    return account.save({"id": id, "object": "customer", "deleted": True})
