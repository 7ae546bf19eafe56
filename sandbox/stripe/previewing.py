"""Work out invoices that don't exist yet."""

from __future__ import annotations

from copy import deepcopy

from sandbox.stripe.account import Account
from sandbox.stripe.changing import apply_items, due_now
from sandbox.stripe.discounts import Offer, live_discounts, redeem
from sandbox.stripe.invoicing import draft_json
from sandbox.stripe.lines import Line, item_line
from sandbox.stripe.params import Params
from sandbox.stripe.scheduling import enter_next
from sandbox.stripe.store import JSON
from sandbox.stripe.subscribing import period_end, step_period


def upcoming_invoice(account: Account, subscription: JSON, offers: list[Offer] | None = None) -> JSON:
    """Preview the invoice of the next renewal; `offers` take the place of the discounts it has."""
    with account.store.undone():
        return _preview(account, _with(account, deepcopy(subscription), offers), [])


def preview_change(
    account: Account,
    subscription: JSON,
    wanted: list[Params],
    proration: str,
    *,
    offers: list[Offer] | None = None,
    at: int | None = None,
    ends_trial: bool = False,
) -> JSON:
    """Preview what changing the items would cost; nothing is kept. `at` is `proration_date`."""
    with account.store.undone():
        changed = _with(account, deepcopy(subscription), offers)
        lines, restart = apply_items(account, changed, wanted, proration, at, ends_trial=ends_trial)
        if due := due_now(account, changed, lines, restart, proration):
            return _draft(account, changed, "subscription_update", due)
        return _preview(account, changed, lines)


def _with(account: Account, subscription: JSON, offers: list[Offer] | None) -> JSON:
    for number, offer in enumerate(offers or []):
        discount = redeem(account, offer, customer=subscription["customer"], subscription=subscription["id"], session=None)
        subscription["discounts"] = [*(subscription["discounts"] if number else []), discount["id"]]
    return subscription


def _preview(account: Account, following: JSON, extra: list[Line]) -> JSON:
    """Write the next renewal's invoice; moves the given subscription, a copy, into that period."""
    if period_end(following) >= account.now:
        enter_next(account, following)
        step_period(following)
    pending = account.store.notes(following["id"]).get("pending_lines", [])
    lines = [item_line(account, following, item) for item in following["items"]["data"]]
    lines += [Line.from_json(account, saved) for saved in pending] + extra
    return _draft(account, following, "upcoming", lines)


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
