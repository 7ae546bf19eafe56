"""Work out invoices that don't exist yet."""

from __future__ import annotations

from copy import deepcopy

from sandbox.stripe.account import Account
from sandbox.stripe.changing import apply_items
from sandbox.stripe.discounts import live_discounts
from sandbox.stripe.invoicing import draft_json
from sandbox.stripe.lines import Line, item_line
from sandbox.stripe.params import Params
from sandbox.stripe.store import JSON
from sandbox.stripe.subscribing import period_end, step_period


def upcoming_invoice(account: Account, subscription: JSON) -> JSON:
    """Preview the invoice of the next renewal."""
    return _preview(account, subscription, "upcoming")


def preview_change(account: Account, subscription: JSON, wanted: list[Params], proration: str) -> JSON:
    """Preview what changing the items would cost; nothing is kept."""
    with account.store.undone():
        changed = deepcopy(subscription)
        lines, restart = apply_items(account, changed, wanted, proration)
        if restart:
            lines = [line for line in lines if line.amount < 0]
            lines += [item_line(account, changed, item) for item in changed["items"]["data"]]
        elif proration != "always_invoice":
            return _preview(account, changed, "upcoming", lines)
        return _draft(account, changed, "subscription_update", lines)


def _preview(account: Account, subscription: JSON, reason: str, extra: list[Line] | None = None) -> JSON:
    with account.store.undone():
        following = deepcopy(subscription)
        account.save(following)
        if period_end(following) >= account.now:
            step_period(account, following)
        pending = account.store.notes(subscription["id"]).get("pending_lines", [])
        lines = [item_line(account, following, item) for item in following["items"]["data"]]
        lines += [Line.from_json(account, saved) for saved in pending] + (extra or [])
        return _draft(account, following, reason, lines)


def _draft(account: Account, subscription: JSON, reason: str, lines: list[Line]) -> JSON:
    draft = draft_json(
        account,
        customer=account.get("customer", subscription["customer"]),
        lines=lines,
        currency=subscription["currency"],
        reason=reason,
        subscription=subscription,
        discounts=live_discounts(account, subscription, account.now),
    )
    return draft | {"id": f"upcoming_{draft['id']}"}
