"""Payment intents, charges and payment methods, to read."""

from __future__ import annotations

from sandbox.stripe.account import Account
from sandbox.stripe.listing import equal, found, paginate
from sandbox.stripe.params import Params
from sandbox.stripe.payment_methods import attach as attach_method
from sandbox.stripe.payment_methods import method_from
from sandbox.stripe.routing import api
from sandbox.stripe.store import JSON


@api.add("GET", "/v1/payment_intents")
def list_intents(account: Account, params: Params) -> JSON:
    """List payment intents."""
    rows = found(account, params, "payment_intent", **equal(params, "customer"))
    return paginate(account, params, rows, "/v1/payment_intents")


@api.add("GET", "/v1/payment_intents/{id}")
def retrieve_intent(account: Account, params: Params, id: str) -> JSON:
    """Fetch one payment intent."""
    return account.get("payment_intent", id)


@api.add("GET", "/v1/charges")
def list_charges(account: Account, params: Params) -> JSON:
    """List charges."""
    rows = found(account, params, "charge", **equal(params, "customer", "payment_intent"))
    return paginate(account, params, rows, "/v1/charges")


@api.add("GET", "/v1/charges/{id}")
def retrieve_charge(account: Account, params: Params, id: str) -> JSON:
    """Fetch one charge."""
    return account.get("charge", id)


@api.add("GET", "/v1/payment_methods/{id}")
def retrieve_method(account: Account, params: Params, id: str) -> JSON:
    """Fetch one payment method."""
    return account.get("payment_method", id)


@api.add("POST", "/v1/payment_methods/{id}")
def update_method(account: Account, params: Params, id: str) -> JSON:
    """Change what is known of a card."""
    method = account.get("payment_method", id)
    changes: JSON = {"metadata": params.metadata(method["metadata"])}
    if card := params.section("card"):
        known = method["card"]
        changes["card"] = known | {key: card.integer(key, known[key]) for key in ("exp_month", "exp_year")}
    return account.change(method, "payment_method.updated", **changes)


@api.add("POST", "/v1/payment_methods/{id}/attach")
def attach(account: Account, params: Params, id: str) -> JSON:
    """Attach a payment method to a customer."""
    customer = account.get("customer", params.required("customer"), "customer")
    return attach_method(account, method_from(account, id), customer["id"])


@api.add("POST", "/v1/payment_methods/{id}/detach")
def detach(account: Account, params: Params, id: str) -> JSON:
    """Detach a payment method from its customer."""
    method = account.get("payment_method", id)
    return account.change(method, "payment_method.detached", customer=None)


@api.add("GET", "/v1/customers/{id}/payment_methods")
def list_methods(account: Account, params: Params, id: str) -> JSON:
    """List the payment methods of a customer."""
    account.get("customer", id)
    rows = account.store.find("payment_method", customer=id, **equal(params, "type"))
    return paginate(account, params, rows, f"/v1/customers/{id}/payment_methods")
