"""Webhook endpoints; only addresses on this machine."""

from __future__ import annotations

from sandbox.loopback import is_loopback_url
from sandbox.stripe import API_VERSION
from sandbox.stripe.account import Account
from sandbox.stripe.errors import invalid
from sandbox.stripe.listing import paginate
from sandbox.stripe.params import Params
from sandbox.stripe.routing import api
from sandbox.stripe.store import JSON


def _url(params: Params) -> str:
    url = params.required("url")
    if not is_loopback_url(url):
        raise invalid("The sandbox delivers to this machine only.", "url", "url_invalid")
    return url


@api.add("POST", "/v1/webhook_endpoints")
def create(account: Account, params: Params) -> JSON:
    """Create a webhook endpoint."""
    secret = account.new_id("whsec", 32)
    endpoint = {
        "id": account.new_id("we"),
        "object": "webhook_endpoint",
        "api_version": params.choice("api_version", (API_VERSION,), API_VERSION),
        "application": None,
        "created": account.now,
        "description": params.text("description"),
        "enabled_events": params.strings("enabled_events"),
        "livemode": False,
        "metadata": params.metadata(),
        "status": "enabled",
        "url": _url(params),
    }
    if not endpoint["enabled_events"]:
        raise invalid("Missing required param: enabled_events.", "enabled_events", "parameter_missing")
    return account.add(endpoint, secret=secret) | {"secret": secret}


@api.add("GET", "/v1/webhook_endpoints")
def list_all(account: Account, params: Params) -> JSON:
    """List webhook endpoints, newest first."""
    return paginate(account, params, account.store.find("webhook_endpoint"), "/v1/webhook_endpoints")


@api.add("GET", "/v1/webhook_endpoints/{id}")
def retrieve(account: Account, params: Params, id: str) -> JSON:
    """Fetch one webhook endpoint."""
    return account.get("webhook_endpoint", id)


@api.add("POST", "/v1/webhook_endpoints/{id}")
def update(account: Account, params: Params, id: str) -> JSON:
    """Change a webhook endpoint."""
    endpoint = account.get("webhook_endpoint", id)
    changes: JSON = {"metadata": params.metadata(endpoint["metadata"])}
    if "url" in params:
        changes["url"] = _url(params)
    if "enabled_events" in params:
        changes["enabled_events"] = params.strings("enabled_events")
    if "description" in params:
        changes["description"] = params.text("description")
    if (disabled := params.flag("disabled")) is not None:
        changes["status"] = "disabled" if disabled else "enabled"
    return account.change(endpoint, None, **changes)


@api.add("DELETE", "/v1/webhook_endpoints/{id}")
def delete(account: Account, params: Params, id: str) -> JSON:
    """Delete a webhook endpoint."""
    account.get("webhook_endpoint", id)
    account.store.delete(id)
    return {"id": id, "object": "webhook_endpoint", "deleted": True}
