"""Subscriptions and their items."""

from __future__ import annotations

from sandbox.stripe import changing
from sandbox.stripe.account import Account
from sandbox.stripe.discounts import change_discounts, read_offers
from sandbox.stripe.errors import invalid, missing
from sandbox.stripe.listing import equal, paginate
from sandbox.stripe.params import Params
from sandbox.stripe.pricing import amount_in
from sandbox.stripe.routing import api
from sandbox.stripe.store import JSON
from sandbox.stripe.subscribing import (
    ENDED,
    automatic_tax_json,
    end_subscription,
    period_end,
    read_trial_settings,
    refuse_unpaid,
    start_subscription,
)
from sandbox.stripe.taxing import read_automatic_tax

BASE = "/v1/subscriptions"
BEHAVIORS = ("allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete")
FEEDBACK = ("customer_service", "low_quality", "missing_features", "other", "switched_service", "too_complex",
            "too_expensive", "unused")  # fmt: skip


@api.add("POST", BASE)
def create(account: Account, params: Params) -> JSON:
    """Create a subscription."""
    customer = account.get("customer", params.required("customer"), "customer")
    currency = params.text("currency")
    items = []
    for section in params.objects("items"):
        price = account.get("price", section.required("price"), section.name("price"))
        _, currency = amount_in(account, price, currency)
        items.append((price, section.integer("quantity", 1) or 1))
    if not items or currency is None:
        raise invalid("Missing required param: items.", "items", "parameter_missing")
    method_id = params.text("default_payment_method")
    behavior = params.choice("payment_behavior", BEHAVIORS, "allow_incomplete") or ""
    params.accept("proration_behavior", "off_session", "collection_method", "payment_settings")
    days = params.integer("trial_period_days")
    subscription = start_subscription(
        account,
        customer=customer,
        items=items,
        currency=currency,
        trial_end=account.now + days * 86400 if days else _trial_end(account, params),
        offers=read_offers(account, params, customer["id"]),
        metadata=params.metadata(),
        method=account.get("payment_method", method_id, "default_payment_method") if method_id else None,
        fields={"description": params.text("description")} | _automatic_tax(params) | read_trial_settings(params),
        is_charged=behavior != "default_incomplete",
    )
    refuse_unpaid(account, subscription, behavior)
    return _apply(account, subscription, params)


@api.add("GET", BASE)
def list_all(account: Account, params: Params) -> JSON:
    """List subscriptions, newest first."""
    status, price = params.text("status"), params.text("price")
    rows = account.store.find("subscription", **equal(params, "customer", "test_clock"))
    if status is None:
        rows = [row for row in rows if row["status"] != "canceled"]
    elif status == "ended":
        rows = [row for row in rows if row["status"] in ENDED]
    elif status != "all":
        rows = [row for row in rows if row["status"] == status]
    if price:
        rows = [row for row in rows if any(item["price"]["id"] == price for item in row["items"]["data"])]
    return paginate(account, params, rows, BASE)


@api.add("GET", BASE + "/{id}")
def retrieve(account: Account, params: Params, id: str) -> JSON:
    """Fetch one subscription."""
    return account.get("subscription", id)


@api.add("POST", BASE + "/{id}")
def update(account: Account, params: Params, id: str) -> JSON:
    """Change a subscription."""
    subscription = account.get("subscription", id)
    if subscription["status"] in ENDED and set(params.names()) - {"metadata", "cancellation_details", "expand"}:
        raise invalid("A canceled subscription can only update its cancellation_details and metadata.", "id")
    proration = params.choice("proration_behavior", changing.PRORATIONS, "create_prorations") or ""
    behavior = params.choice("payment_behavior", BEHAVIORS, "allow_incomplete") or ""
    proration_date = params.integer("proration_date")
    params.accept("off_session")
    changes: JSON = {"metadata": params.metadata(subscription["metadata"])}
    changes |= _automatic_tax(params) | read_trial_settings(params)
    if "description" in params:
        changes["description"] = params.text("description")
    if method_id := params.text("default_payment_method"):
        changes["default_payment_method"] = account.get("payment_method", method_id, "default_payment_method")["id"]
    items = params.objects("items")
    ends_trial = bool(items) and params.raw("trial_end") == "now"
    trial_end = _trial_end(account, params)
    if trial_end and not ends_trial:
        changes |= {"trial_end": trial_end, "status": "trialing", "trial_start": subscription["trial_start"] or account.now}
        changes["items"] = subscription["items"] | {"data": [
            item | {"current_period_end": trial_end} for item in subscription["items"]["data"]
        ]}  # fmt: skip
    if "discounts" in params:
        changes["discounts"] = change_discounts(account, params, subscription)
    account.change(subscription, "customer.subscription.updated", **changes)
    if items:
        changing.change_items(account, subscription, items, proration, behavior=behavior, at=proration_date, ends_trial=ends_trial)
    subscription = _apply(account, account.get("subscription", id), params)
    anchor = params.section("billing_cycle_anchor")
    if anchor and anchor.choice("type", ("now", "unchanged")) == "now":
        changing.begin_period(account, subscription, behavior)
    return account.get("subscription", id)


def _apply(account: Account, subscription: JSON, params: Params) -> JSON:
    """Apply what may be set at creation and later alike: cancellation and paused collection."""
    details = _cancellation_details(params)
    cancel = params.flag("cancel_at_period_end")
    if subscription["schedule"] and ("cancel_at_period_end" in params or "cancel_at" in params):
        raise invalid(
            f"The subscription is managed by the subscription schedule `{subscription['schedule']}`, and updating any "
            "cancelation behavior directly is not allowed. Please update the schedule instead.",
            "cancel_at_period_end",
        )
    if cancel is not None and cancel != subscription["cancel_at_period_end"]:
        changing.set_cancel_at_period_end(account, subscription, cancel, details)
    if "cancel_at" in params:
        moment = params.raw("cancel_at")
        at = period_end(subscription) if moment in {"min_period_end", "max_period_end"} else params.integer("cancel_at")
        changes = {"cancel_at": at, "canceled_at": account.now if at else None}
        account.change(subscription, "customer.subscription.updated", **changes)
    if "pause_collection" in params:
        section = params.section("pause_collection")
        pause = None
        if section:
            behavior = section.choice("behavior", ("keep_as_draft", "mark_uncollectible", "void"))
            pause = {"behavior": behavior, "resumes_at": section.integer("resumes_at")}
        account.change(subscription, "customer.subscription.updated", pause_collection=pause)
    return subscription


@api.add("DELETE", BASE + "/{id}")
def cancel(account: Account, params: Params, id: str) -> JSON:
    """End a subscription now."""
    subscription = account.get("subscription", id)
    if subscription["status"] in ENDED:
        raise invalid(f"No such subscription: '{id}'", "id", "resource_missing")
    params.accept("invoice_now", "prorate")
    subscription["cancellation_details"] |= _cancellation_details(params)
    return end_subscription(account, subscription)


@api.add("POST", BASE + "/{id}/pause")
def pause(account: Account, params: Params, id: str) -> JSON:
    """Pause a subscription."""
    params.accept("type", "bill_for", "invoicing_behavior")
    return changing.pause(account, account.get("subscription", id))


@api.add("POST", BASE + "/{id}/resume")
def resume(account: Account, params: Params, id: str) -> JSON:
    """Take up a paused subscription."""
    params.accept("billing_cycle_anchor", "proration_behavior")
    return changing.resume(account, account.get("subscription", id))


@api.add("GET", "/v1/subscription_items")
def list_items(account: Account, params: Params) -> JSON:
    """List the items of a subscription."""
    subscription = account.get("subscription", params.required("subscription"), "subscription")
    return paginate(account, params, subscription["items"]["data"], "/v1/subscription_items")


@api.add("GET", "/v1/subscription_items/{id}")
def retrieve_item(account: Account, params: Params, id: str) -> JSON:
    """Fetch one item."""
    return _find_item(account, id)[1]


@api.add("POST", "/v1/subscription_items/{id}")
def update_item(account: Account, params: Params, id: str) -> JSON:
    """Change the price or the quantity of one item."""
    subscription, _ = _find_item(account, id)
    proration = params.choice("proration_behavior", changing.PRORATIONS, "create_prorations") or ""
    behavior = params.choice("payment_behavior", BEHAVIORS, "allow_incomplete") or ""
    params.accept("off_session")
    wanted = {key: value for key in ("price", "quantity") if (value := params.text(key)) is not None}
    changing.change_items(
        account, subscription, [Params({"id": id} | wanted)], proration, behavior=behavior, at=params.integer("proration_date")
    )
    return _find_item(account, id)[1]


def _find_item(account: Account, id: str) -> tuple[JSON, JSON]:
    for subscription in account.store.find("subscription"):
        for item in subscription["items"]["data"]:
            if item["id"] == id:
                return subscription, item
    raise missing("subscription_item", id)


def _automatic_tax(params: Params) -> JSON:
    is_on = read_automatic_tax(params)
    return {} if is_on is None else {"automatic_tax": automatic_tax_json(is_on)}


def _trial_end(account: Account, params: Params) -> int | None:
    if params.raw("trial_end") == "now":
        return account.now
    return params.integer("trial_end")


def _cancellation_details(params: Params) -> JSON:
    section = params.section("cancellation_details")
    if section is None:
        return {}
    return {"comment": section.text("comment"), "feedback": section.choice("feedback", FEEDBACK)}
