"""Change a running subscription: plan, quantity, cancellation, pause."""

from __future__ import annotations

from copy import deepcopy

from sandbox.stripe.account import Account
from sandbox.stripe.errors import declined, invalid
from sandbox.stripe.invoicing import collect, intent_of
from sandbox.stripe.lines import Line, item_line, unit_amount
from sandbox.stripe.params import Params
from sandbox.stripe.payment_methods import default_method
from sandbox.stripe.pending import held_fields, hold
from sandbox.stripe.pricing import add_price
from sandbox.stripe.store import JSON
from sandbox.stripe.subscribing import (
    ENDED,
    after_payment,
    bill,
    item_json,
    period_end,
    set_price,
    step_period,
)

PRORATIONS = ("always_invoice", "create_prorations", "none")


def change_items(
    account: Account,
    subscription: JSON,
    wanted: list[Params],
    proration: str,
    *,
    behavior: str = "",
    at: int | None = None,
    ends_trial: bool = False,
) -> None:
    """Apply `items[]`; another interval, or a trial that ends, begins a new period and is paid at once.

    `behavior` is `payment_behavior`: what becomes of the change when its invoice isn't paid. `at` is `proration_date`.
    """
    changed = deepcopy(subscription)
    lines, restart = apply_items(account, changed, wanted, proration, at, ends_trial=ends_trial)
    due = due_now(account, changed, lines, restart, proration)
    if due and behavior == "pending_if_incomplete":
        _change_once_paid(account, subscription, changed, due)
        return
    account.save(changed)
    account.emit("customer.subscription.updated", changed, {"items": subscription["items"]})
    if due:
        invoice = _charge(account, changed, due)
        if invoice["status"] != "paid" and behavior == "error_if_incomplete":
            raise declined((intent_of(account, invoice) or {}).get("id", ""), keeps_effects=False)
        after_payment(account, invoice)
    elif lines:
        pending = account.store.notes(subscription["id"]).get("pending_lines", [])
        account.store.note(subscription["id"], pending_lines=pending + [line.to_json() for line in lines])


def due_now(account: Account, changed: JSON, prorations: list[Line], restart: bool, proration: str) -> list[Line]:
    """Tell what a change asks for at once; nothing when it waits for the next invoice."""
    if restart:
        lines = [item_line(account, changed, item) for item in changed["items"]["data"]]
        return [line for line in prorations if line.amount < 0] + lines
    return prorations if proration == "always_invoice" else []


def _change_once_paid(account: Account, subscription: JSON, changed: JSON, due: list[Line]) -> None:
    invoice = _charge(account, subscription, due)
    if invoice["status"] == "paid":
        account.change(subscription, "customer.subscription.updated", **held_fields(subscription, changed))
    else:
        hold(account, subscription, changed, invoice, period_end(subscription))


def apply_items(
    account: Account, subscription: JSON, wanted: list[Params], proration: str, at: int | None = None, *, ends_trial: bool = False
) -> tuple[list[Line], bool]:
    """Change the items in memory; returns the prorations, and whether a new period begins."""
    lines: list[Line] = []
    rows = subscription["items"]["data"]
    restart = False
    for params in wanted:
        price, quantity = _price(account, params), params.integer("quantity")
        item = _item(rows, params)
        old = deepcopy(item) if item else None
        if item is None:
            if price is None:
                raise invalid("A new item needs a price.", params.name("price"), "parameter_missing")
            item = item_json(account, subscription, price, quantity or 1, period_end(subscription))
            rows.append(item)
        elif params.flag("deleted"):
            rows.remove(item)
        else:
            restart |= bool(price and _interval(price) != _interval(item["price"]))
            set_price(item, price or item["price"])
            item["quantity"] = quantity if quantity is not None else item["quantity"]
        if proration != "none" and subscription["status"] not in {"trialing", "incomplete"}:
            lines += _prorations(account, subscription, old, item if item in rows else None, at or account.now)
    if not rows:
        raise invalid("A subscription must have at least one active plan.", "items")
    restart &= subscription["status"] != "trialing"
    if ends_trial and subscription["status"] == "trialing":
        subscription |= {"status": "active", "trial_end": account.now}
        restart = True
    if restart:
        subscription["billing_cycle_anchor"] = account.now
        step_period(subscription, account.now)
    return lines, restart


def set_cancel_at_period_end(account: Account, subscription: JSON, cancel: bool, details: JSON | None = None) -> JSON:
    """Let a subscription run out, or take that back."""
    if subscription["status"] in ENDED:
        raise invalid("A canceled subscription can only update its cancellation_details and metadata.", "id")
    reason = {"reason": "cancellation_requested"} if cancel else {"reason": None, "comment": None, "feedback": None}
    return account.change(
        subscription,
        "customer.subscription.updated",
        cancel_at_period_end=cancel,
        cancel_at=period_end(subscription) if cancel else None,
        canceled_at=account.now if cancel else None,
        cancellation_details=subscription["cancellation_details"] | reason | (details or {}),
    )


def pause(account: Account, subscription: JSON) -> JSON:
    """Pause a subscription that is running."""
    if subscription["status"] not in {"active", "trialing"}:
        raise invalid(f"A subscription that is {subscription['status']} can't be paused.", "id")
    account.change(subscription, "customer.subscription.updated", status="paused")
    account.emit("customer.subscription.paused", subscription)
    return subscription


def resume(account: Account, subscription: JSON) -> JSON:
    """Take up a paused subscription with a new period, paid at once."""
    if subscription["status"] != "paused":
        raise invalid("Only a paused subscription can be resumed.", "id")
    subscription["billing_cycle_anchor"] = account.now
    step_period(subscription, account.now)
    account.change(subscription, "customer.subscription.updated", status="active")
    account.emit("customer.subscription.resumed", subscription)
    after_payment(account, _charge(account, subscription, None))
    return account.get("subscription", subscription["id"])


def begin_period(account: Account, subscription: JSON, behavior: str) -> None:
    """Begin a new period now, paid at once, without reckoning up the old one."""
    subscription["billing_cycle_anchor"] = account.now
    step_period(subscription, account.now)
    account.save(subscription)
    account.emit("customer.subscription.updated", subscription)
    invoice = _charge(account, subscription, None)
    if invoice["status"] != "paid" and behavior == "error_if_incomplete":
        raise declined((intent_of(account, invoice) or {}).get("id", ""), keeps_effects=False)
    after_payment(account, invoice)


def _charge(account: Account, subscription: JSON, lines: list[Line] | None) -> JSON:
    invoice = bill(account, subscription, "subscription_update", lines=lines)
    return collect(account, invoice, default_method(account, subscription["customer"], subscription))


def _prorations(account: Account, subscription: JSON, old: JSON | None, new: JSON | None, at: int) -> list[Line]:
    """Credit what is unused of the old item and charge the rest of its period for the new."""
    reference = old or new or {}
    start, end = reference["current_period_start"], reference["current_period_end"]
    share = max(0, end - at) / max(1, end - start)
    lines = []
    for item, sign, word in ((old, -1, "Unused time on"), (new, 1, "Remaining time on")):
        if item is None:
            continue
        whole = unit_amount(account, item["price"], subscription["currency"]) * item["quantity"]
        product = account.store.get(item["price"]["product"]) or {}
        lines.append(
            Line(
                description=f"{word} {product.get('name', 'deleted product')}",
                amount=sign * round(whole * share),
                price=item["price"],
                quantity=item["quantity"],
                start=at,
                end=end,
                item=item["id"],
                subscription=subscription["id"],
                is_proration=True,
            )
        )
    return lines


def _price(account: Account, params: Params) -> JSON | None:
    """Read the price of an item: one there is, or one that is made for it."""
    if (data := params.section("price_data")) is not None:
        return add_price(account, data, active=False)
    id = params.text("price")
    return account.get("price", id, params.name("price")) if id else None


def _interval(price: JSON) -> tuple[str, int]:
    return price["recurring"]["interval"], price["recurring"]["interval_count"]


def _item(rows: list[JSON], params: Params) -> JSON | None:
    id = params.text("id")
    if id is None:
        return None
    for row in rows:
        if row["id"] == id:
            return row
    raise invalid(f"No such subscription item: '{id}'", params.name("id"), "resource_missing")
