"""Tell in words what events say happened, for people who moved the clock."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from itertools import islice

from sandbox.stripe.account import Account
from sandbox.stripe.dates import amount_shown, shown
from sandbox.stripe.store import JSON

SHOWN = 60
Teller = Callable[[JSON, JSON], str | None]


def stories_since(account: Account, seq: int) -> str:
    """List what happened after an event, newest first; empty if nothing did."""
    rows = account.store.rows("SELECT data FROM objects WHERE kind = 'event' AND seq > ? ORDER BY seq DESC LIMIT 2000", seq)
    events = (json.loads(row["data"]) for row in rows)
    told = (item for event in events if event["type"] in TELLERS and (item := _item(account, event)))
    items = list(islice(told, SHOWN + 1))
    more = '<p class="soft">And more before that: <a href="/events">all events</a>.</p>' if len(items) > SHOWN else ""
    return f'<ul class="list">{"".join(items[:SHOWN])}</ul>{more}' if items else ""


def last_event(account: Account) -> int:
    """Tell the number of the newest event."""
    return int(account.store.rows("SELECT COALESCE(MAX(seq), 0) AS seq FROM objects WHERE kind = 'event'")[0]["seq"])


def _item(account: Account, event: JSON) -> str | None:
    obj, before = event["data"]["object"], event["data"].get("previous_attributes") or {}
    words = TELLERS[event["type"]](obj, before)
    if words is None:
        return None
    mark = ' class="bad"' if event["type"] in ALARMING else ""
    who = _person(account, obj)
    when = f'<a href="/events/{event["id"]}">{shown(event["created"])}</a>'
    return f'<li><div><span{mark}>{escape(words)}</span>{who}</div><div class="soft">{when}{_link(obj)}</div></li>'


def _person(account: Account, obj: JSON) -> str:
    id = obj["id"] if obj["object"] == "customer" else obj.get("customer")
    if not id and obj.get("charge"):
        id = (account.store.get(obj["charge"]) or {}).get("customer")
    customer = account.store.get(id or "")
    return f' <a href="/people/{id}">{escape(customer.get("email") or customer["id"])}</a>' if customer else ""


def _link(obj: JSON) -> str:
    if obj["object"] == "invoice" and not obj["id"].startswith("upcoming"):
        return f' · <a href="/invoices/{obj["id"]}">Invoice</a>'
    intent = obj.get("payment_intent")
    return f' · <a href="/payments/{intent}">Payment</a>' if intent else ""


def _money(obj: JSON, key: str = "amount_paid") -> str:
    return amount_shown(obj[key], obj["currency"])


def _paid(invoice: JSON, before: JSON) -> str:
    what = {"subscription_cycle": "Renewed", "subscription_create": "Subscribed", "subscription_update": "Changed"}
    return f"{what.get(invoice['billing_reason'], 'Paid')}: {_money(invoice)} paid by"


def _failed(invoice: JSON, before: JSON) -> str:
    return f"Payment failed: {_money(invoice, 'amount_due')}, attempt {invoice['attempt_count']}, of"


def _to_be_tried(invoice: JSON, before: JSON) -> str | None:
    following = invoice["next_payment_attempt"]
    return f"Next attempt on {shown(following)} at the card of" if following and "next_payment_attempt" in before else None


def _updated(subscription: JSON, before: JSON) -> str | None:
    if "status" in before:
        return f"Subscription went from {before['status'].replace('_', ' ')} to {subscription['status'].replace('_', ' ')} for"
    if "cancel_at_period_end" in before:
        return f"{'Cancelled, to end with the period,' if subscription['cancel_at_period_end'] else 'Cancellation taken back'} by"
    old, new = (part["data"][0]["price"]["id"] if part else None for part in (before.get("items"), subscription["items"]))
    return "Changed to another price:" if old and old != new else None


def _ended(subscription: JSON, before: JSON) -> str:
    reason = subscription["cancellation_details"]["reason"]
    return f"Subscription ended{': every attempt to charge failed,' if reason == 'payment_failed' else ''} for"


def _disputed(dispute: JSON, before: JSON) -> str:
    return f"Dispute over {_money(dispute, 'amount')} is {dispute['status'].replace('_', ' ')}, opened by"


def _refunded(charge: JSON, before: JSON) -> str:
    return f"Refunded: {_money(charge, 'amount_refunded')} of {_money(charge, 'amount')} to"


def _says(words: str) -> Teller:
    return lambda obj, before: words


TELLERS: dict[str, Teller] = {
    "charge.dispute.closed": _disputed,
    "charge.dispute.created": _disputed,
    "charge.refunded": _refunded,
    "checkout.session.async_payment_failed": _says("The bank debit failed of"),
    "checkout.session.async_payment_succeeded": _says("The bank debit arrived from"),
    "checkout.session.completed": _says("Checkout completed by"),
    "checkout.session.expired": _says("Checkout was never finished by"),
    "customer.deleted": _says("Customer deleted"),
    "customer.subscription.deleted": _ended,
    "customer.subscription.pending_update_expired": _says("An unpaid change was given up of"),
    "customer.subscription.trial_will_end": _says("Trial ends in three days for"),
    "customer.subscription.updated": _updated,
    "invoice.paid": _paid,
    "invoice.payment_action_required": _says("The bank asks for a confirmation by"),
    "invoice.payment_failed": _failed,
    "invoice.updated": _to_be_tried,
    "invoice.upcoming": _says("Renewal in a week for"),
    "subscription_schedule.released": _says("Planned change is made for"),
}
ALARMING = frozenset(name for name in TELLERS if "failed" in name or "dispute" in name)
