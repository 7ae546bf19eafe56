"""Hold a change to a subscription back until its invoice is paid, as `pending_if_incomplete` asks."""

from __future__ import annotations

from sandbox.stripe.account import Account
from sandbox.stripe.invoicing import close
from sandbox.stripe.store import JSON

EXPIRES_SECONDS = 23 * 3600
HELD = ("items", "billing_cycle_anchor", "cancel_at", "status", "trial_end")


def hold(account: Account, subscription: JSON, changed: JSON, invoice: JSON, period_end: int) -> None:
    """Keep a change for later; it is given up after 23 hours, or with the period."""
    update = {
        "billing_cycle_anchor": changed["billing_cycle_anchor"],
        "expires_at": min(account.now + EXPIRES_SECONDS, period_end),
        "subscription_items": changed["items"]["data"],
        "trial_end": changed["trial_end"] if changed["trial_end"] != subscription["trial_end"] else None,
        "trial_from_plan": None,
    }
    account.store.note(subscription["id"], held={"invoice": invoice["id"], "fields": held_fields(subscription, changed)})
    account.change(subscription, "customer.subscription.updated", pending_update=update)


def held_fields(subscription: JSON, changed: JSON) -> JSON:
    """Tell what a change changes."""
    return {name: changed[name] for name in HELD if changed[name] != subscription[name]}


def is_held_for(account: Account, subscription: JSON, invoice: JSON) -> bool:
    """Tell whether a change waits for this invoice."""
    held = account.store.notes(subscription["id"]).get("held")
    return bool(held and held["invoice"] == invoice["id"])


def apply_held(account: Account, subscription: JSON) -> JSON:
    """Make the change that waited."""
    fields = account.store.notes(subscription["id"])["held"]["fields"]
    account.store.note(subscription["id"], held=None)
    account.change(subscription, "customer.subscription.updated", **fields, pending_update=None)
    account.emit("customer.subscription.pending_update_applied", subscription)
    return subscription


def expire_held(account: Account, subscription: JSON) -> None:
    """Give up a change that nobody paid for."""
    invoice = account.get("invoice", account.store.notes(subscription["id"])["held"]["invoice"])
    if invoice["status"] == "open":
        close(account, invoice, "void")
    account.store.note(subscription["id"], held=None)
    account.change(subscription, "customer.subscription.updated", pending_update=None)
    account.emit("customer.subscription.pending_update_expired", subscription)
