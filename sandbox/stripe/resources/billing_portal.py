"""Customer Portal: configurations and sessions."""

from __future__ import annotations

from sandbox.stripe.account import Account
from sandbox.stripe.errors import invalid
from sandbox.stripe.listing import paginate
from sandbox.stripe.params import Params
from sandbox.stripe.routing import api
from sandbox.stripe.store import JSON

CONFIGURATIONS = "/v1/billing_portal/configurations"
# What the portal lets a customer do while nobody has configured it.
OPEN_TO_ALL = {"subscription_update": {"enabled": "true"}, "customer_update": {"enabled": "true", "allowed_updates": {"0": "name"}}}
FLOWS = ("payment_method_update", "subscription_cancel", "subscription_update", "subscription_update_confirm")


def _feature(params: Params | None, key: str, default: JSON) -> JSON:
    """Merge one feature's posted fields over its defaults, by the type of the default."""
    section = params.section(key) if params else None
    feature = dict(default)
    for name, value in default.items():
        if section is None or name not in section:
            continue
        if isinstance(value, bool):
            feature[name] = section.flag(name)
        elif isinstance(value, list):
            feature[name] = _products(section) if name == "products" else section.strings(name)
        elif isinstance(value, dict):
            feature[name] = _feature(section, name, value)
        else:
            feature[name] = section.text(name)
    return feature


def _products(section: Params) -> list[JSON]:
    quantity = {"enabled": False, "maximum": None, "minimum": 0}
    return [
        {"adjustable_quantity": quantity, "prices": row.strings("prices"), "product": row.required("product")}
        for row in section.objects("products")
    ]


def _features(params: Params | None, current: JSON) -> JSON:
    return {key: _feature(params, key, default) for key, default in current.items()}


def _defaults() -> JSON:
    return {
        "customer_update": {"allowed_updates": [], "enabled": False},
        "invoice_history": {"enabled": True},
        "payment_method_update": {"enabled": True, "payment_method_configuration": None},
        "subscription_cancel": {
            "cancellation_reason": {"enabled": False, "options": []},
            "enabled": True,
            "mode": "at_period_end",
            "proration_behavior": "none",
        },
        "subscription_pause": {"duration": {"interval_options": [], "type": "indefinite"}, "enabled": False},
        "subscription_update": {
            "billing_cycle_anchor": None,
            "default_allowed_updates": [],
            "enabled": False,
            "products": [],
            "proration_behavior": "create_prorations",
            "schedule_at_period_end": {"conditions": []},
            "trial_update_behavior": "end_trial",
        },
    }


def _profile(params: Params, current: JSON) -> JSON:
    section = params.section("business_profile")
    return {key: section.text(key, value) if section else value for key, value in current.items()}


@api.add("POST", CONFIGURATIONS)
def create(account: Account, params: Params) -> JSON:
    """Create a portal configuration."""
    features = params.section("features")
    if features is None:
        raise invalid("Missing required param: features.", "features", "parameter_missing")
    return _add(account, params, features)


def _add(account: Account, params: Params, features: Params | None) -> JSON:
    profile = {"headline": None, "privacy_policy_url": None, "terms_of_service_url": None}
    configuration = {
        "id": account.new_id("bpc"),
        "object": "billing_portal.configuration",
        "active": True,
        "application": None,
        "business_profile": _profile(params, profile),
        "created": account.now,
        "default_return_url": params.text("default_return_url"),
        "features": _features(features, _defaults()),
        "is_default": not account.store.find("billing_portal.configuration"),
        "livemode": False,
        "login_page": {"enabled": False, "url": None},
        "metadata": params.metadata(),
        "name": params.text("name"),
        "updated": account.now,
    }
    return account.add(configuration, "billing_portal.configuration.created")


@api.add("GET", CONFIGURATIONS)
def list_all(account: Account, params: Params) -> JSON:
    """List portal configurations, newest first."""
    rows = account.store.find("billing_portal.configuration")
    for key in ("active", "is_default"):
        if (wanted := params.flag(key)) is not None:
            rows = [row for row in rows if row[key] is wanted]
    return paginate(account, params, rows, CONFIGURATIONS)


@api.add("GET", CONFIGURATIONS + "/{id}")
def retrieve(account: Account, params: Params, id: str) -> JSON:
    """Fetch one portal configuration."""
    return account.get("billing_portal.configuration", id)


@api.add("POST", CONFIGURATIONS + "/{id}")
def update(account: Account, params: Params, id: str) -> JSON:
    """Change a portal configuration."""
    configuration = account.get("billing_portal.configuration", id)
    changes: JSON = {
        "features": _features(params.section("features"), configuration["features"]),
        "business_profile": _profile(params, configuration["business_profile"]),
        "metadata": params.metadata(configuration["metadata"]),
        "updated": account.now,
    }
    if "active" in params:
        changes["active"] = params.flag("active")
    for key in ("default_return_url", "name"):
        if key in params:
            changes[key] = params.text(key)
    return account.change(configuration, "billing_portal.configuration.updated", **changes)


@api.add("POST", "/v1/billing_portal/sessions")
def create_session(account: Account, params: Params) -> JSON:
    """Open the portal for a customer."""
    customer = account.get("customer", params.required("customer"), "customer")
    configuration_id = params.text("configuration")
    if configuration_id:
        configuration = account.get("billing_portal.configuration", configuration_id, "configuration")
    else:
        known = account.store.find("billing_portal.configuration", is_default=True)
        configuration = known[0] if known else _add(account, Params({}), Params(OPEN_TO_ALL))
    id = account.new_id("bps")
    session = {
        "id": id,
        "object": "billing_portal.session",
        "configuration": configuration["id"],
        "created": account.now,
        "customer": customer["id"],
        "flow": _flow(params.section("flow_data")),
        "livemode": False,
        "locale": params.text("locale"),
        "on_behalf_of": None,
        "return_url": params.text("return_url") or configuration["default_return_url"],
        "url": f"{account.base_url}/portal/{id}",
    }
    return account.add(session, "billing_portal.session.created")


def _flow(section: Params | None) -> JSON | None:
    if section is None:
        return None
    kind = section.choice("type", FLOWS)
    after = section.section("after_completion")
    redirect = after.section("redirect") if after else None
    flow: JSON = {
        "after_completion": {
            "hosted_confirmation": None,
            "redirect": {"return_url": redirect.required("return_url")} if redirect else None,
            "type": after.choice("type", ("portal_homepage", "redirect")) if after else "portal_homepage",
        },
        "subscription_cancel": None,
        "subscription_update": None,
        "subscription_update_confirm": None,
        "type": kind,
    }
    for key in ("subscription_cancel", "subscription_update"):
        if part := section.section(key):
            flow[key] = {"subscription": part.required("subscription")}
    return flow
