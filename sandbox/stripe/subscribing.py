"""The life of a subscription: start, renewal, dunning, change and end."""

from __future__ import annotations

from copy import deepcopy

from sandbox.stripe.account import Account
from sandbox.stripe.dates import add_interval, day_of
from sandbox.stripe.discounts import Offer, live_discounts, redeem
from sandbox.stripe.errors import declined, invalid
from sandbox.stripe.invoicing import close, collect, intent_of, open_invoice, subscription_id
from sandbox.stripe.lines import Line, item_line
from sandbox.stripe.listing import list_of
from sandbox.stripe.params import Params
from sandbox.stripe.payment_methods import default_method
from sandbox.stripe.pending import apply_held, is_held_for
from sandbox.stripe.store import JSON

LIVE = ("trialing", "active", "past_due", "unpaid", "paused")
ENDED = ("canceled", "incomplete_expired")
INCOMPLETE_SECONDS = 23 * 3600
# Stripe's default: a renewal that fails is tried again after 3, 5 and 7 days, then the subscription ends.
RETRY_DAYS = (3, 5, 7)
TRIAL_ENDS = ("cancel", "create_invoice", "pause")
DUNNING_ENDS = ("canceled", "unpaid", "past_due")


def start_subscription(
    account: Account,
    *,
    customer: JSON,
    items: list[tuple[JSON, int]],
    currency: str,
    trial_end: int | None = None,
    offers: list[Offer] | None = None,
    metadata: JSON | None = None,
    method: JSON | None = None,
    behaviour: str | None = None,
    session: str | None = None,
    fields: JSON | None = None,
    is_charged: bool = True,
) -> JSON:
    """Create a subscription, its first invoice and the first attempt at paying it.

    `behaviour` is how the payment method acts this once, with the customer present.
    """
    subscription = _blank(account, customer, currency) | (fields or {})
    subscription |= {
        "metadata": metadata or {},
        "default_payment_method": method["id"] if method else None,
        "trial_start": account.now if trial_end else None,
        "trial_end": trial_end,
        "status": "trialing" if trial_end else "incomplete",
        "billing_cycle_anchor": trial_end or account.now,
    }
    rows = [item_json(account, subscription, price, quantity, trial_end) for price, quantity in items]
    subscription["items"] = list_of(rows, f"/v1/subscription_items?subscription={subscription['id']}")
    discounts = [
        redeem(account, offer, customer=customer["id"], subscription=subscription["id"], session=session) for offer in offers or []
    ]
    subscription["discounts"] = [discount["id"] for discount in discounts]
    account.add(subscription, "customer.subscription.created")
    if customer["currency"] is None:
        account.change(account.get("customer", customer["id"]), None, currency=currency)
    invoice = bill(account, subscription, "subscription_create", free=bool(trial_end))
    if is_charged:
        chosen = method or default_method(account, customer["id"])
        invoice = collect(account, invoice, chosen, behaviour=behaviour)
    after_payment(account, invoice)
    return account.get("subscription", subscription["id"])


def bill(account: Account, subscription: JSON, reason: str, *, free: bool = False, lines: list[Line] | None = None) -> JSON:
    """Write the invoice of a period, with what was left over from changes before."""
    if lines is None:
        pending = account.store.notes(subscription["id"]).get("pending_lines", [])
        lines = [item_line(account, subscription, item, free=free) for item in subscription["items"]["data"]]
        lines += [Line.from_json(account, saved) for saved in pending]
        account.store.note(subscription["id"], pending_lines=[])
    discounts = live_discounts(account, subscription, account.now)
    invoice = open_invoice(
        account,
        customer=account.get("customer", subscription["customer"]),
        lines=lines,
        currency=subscription["currency"],
        reason=reason,
        subscription=subscription,
        discounts=discounts,
    )
    kept = [d["id"] for d in discounts if free or not _is_once(account, d)]
    account.change(subscription, None, latest_invoice=invoice["id"], discounts=kept)
    return invoice


def renew(account: Account, subscription: JSON) -> None:
    """Begin the next period and ask for its money; or end what was to end."""
    if subscription["cancel_at"] and subscription["cancel_at"] <= account.now:
        end_subscription(account, subscription, reason=None)
        return
    if subscription["status"] == "trialing" and _ends_with_trial(account, subscription):
        return
    before = {"items": deepcopy(subscription["items"])}
    if subscription["status"] == "trialing":
        subscription["status"], before["status"] = "active", "trialing"
    step_period(subscription)
    account.save(subscription)
    account.emit("customer.subscription.updated", subscription, before)
    if subscription["status"] == "unpaid":
        return
    invoice = bill(account, subscription, "subscription_cycle")
    if pause := subscription["pause_collection"]:
        if invoice["status"] == "open" and pause["behavior"] != "keep_as_draft":
            close(account, invoice, "void" if pause["behavior"] == "void" else "uncollectible")
        return
    method = default_method(account, subscription["customer"], subscription)
    after_payment(account, collect(account, invoice, method))


def _ends_with_trial(account: Account, subscription: JSON) -> bool:
    """End or pause a trial that nobody left a payment method for, if that is how it is to end."""
    behavior = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    if behavior == "create_invoice" or default_method(account, subscription["customer"], subscription):
        return False
    if behavior == "cancel":
        end_subscription(account, subscription, reason=None)
    else:
        account.change(subscription, "customer.subscription.updated", status="paused")
        account.emit("customer.subscription.paused", subscription)
    return True


def read_trial_settings(params: Params) -> JSON:
    """Read what becomes of a trial without a payment method."""
    section = params.section("trial_settings")
    behavior = section and section.section("end_behavior")
    if not behavior:
        return {}
    return {"trial_settings": {"end_behavior": {"missing_payment_method": behavior.choice("missing_payment_method", TRIAL_ENDS)}}}


def retry_payment(account: Account, invoice: JSON) -> None:
    """Try an open renewal once more."""
    subscription = account.get("subscription", subscription_id(invoice) or "")
    method = default_method(account, subscription["customer"], subscription)
    after_payment(account, collect(account, invoice, method))


def after_payment(account: Account, invoice: JSON) -> None:
    """Bring a subscription in line with what became of its invoice."""
    id = subscription_id(invoice)
    if id is None:
        return
    subscription = account.get("subscription", id)
    if is_held_for(account, subscription, invoice):
        if invoice["status"] == "paid":
            apply_held(account, subscription)
        return
    if invoice["status"] == "paid":
        if subscription["status"] in {"incomplete", "past_due", "unpaid"} and not _owes(account, id):
            account.change(subscription, "customer.subscription.updated", status="active")
        return
    intent = intent_of(account, invoice)
    if subscription["status"] == "incomplete" or (intent and intent["status"] == "processing"):
        return
    attempts = invoice["attempt_count"]
    if attempts <= len(RETRY_DAYS):
        account.change(invoice, "invoice.updated", next_payment_attempt=account.now + RETRY_DAYS[attempts - 1] * 86400)
        if subscription["status"] != "past_due":
            account.change(subscription, "customer.subscription.updated", status="past_due")
        return
    _give_up(account, subscription, invoice)


def end_subscription(account: Account, subscription: JSON, *, reason: str | None = "cancellation_requested") -> JSON:
    """End a subscription now."""
    details = subscription["cancellation_details"]
    if reason:
        details = details | {"reason": reason}
    subscription |= {
        "status": "canceled",
        "ended_at": account.now,
        "canceled_at": subscription["canceled_at"] or account.now,
        "cancellation_details": details,
    }
    account.save(subscription)
    for invoice in account.store.find("invoice", parent__subscription_details__subscription=subscription["id"]):
        if invoice["next_payment_attempt"]:
            account.change(invoice, "invoice.updated", next_payment_attempt=None, auto_advance=False)
    account.emit("customer.subscription.deleted", subscription)
    if subscription["schedule"]:
        schedule = account.get("subscription_schedule", subscription["schedule"])
        account.change(schedule, "subscription_schedule.canceled", status="canceled", canceled_at=account.now, current_phase=None)
    return subscription


def expire_incomplete(account: Account, subscription: JSON) -> None:
    """Give up a subscription whose first payment never came."""
    if subscription["latest_invoice"]:
        close(account, account.get("invoice", subscription["latest_invoice"]), "void")
    changes = {"status": "incomplete_expired", "ended_at": account.now}
    account.change(subscription, "customer.subscription.updated", **changes)


def refuse_unpaid(account: Account, subscription: JSON, behavior: str) -> None:
    """Apply `payment_behavior` after a first payment that failed."""
    if subscription["status"] == "incomplete" and behavior == "error_if_incomplete":
        intent = intent_of(account, account.get("invoice", subscription["latest_invoice"]))
        raise declined(intent["id"] if intent else "", keeps_effects=False)


def period_end(subscription: JSON) -> int:
    """Tell when the current period ends."""
    return min(item["current_period_end"] for item in subscription["items"]["data"])


def step_period(subscription: JSON, start: int | None = None) -> None:
    """Move every item into the period that follows, or that begins at `start`; in memory."""
    anchor = day_of(subscription["billing_cycle_anchor"])
    for item in subscription["items"]["data"]:
        begin = start if start is not None else item["current_period_end"]
        recurring = item["price"]["recurring"]
        end = add_interval(begin, recurring["interval"], recurring["interval_count"], anchor_day=anchor)
        item |= {"current_period_start": begin, "current_period_end": end}
    if subscription["cancel_at_period_end"]:
        subscription["cancel_at"] = period_end(subscription)


def item_json(account: Account, subscription: JSON, price: JSON, quantity: int, end: int | None = None) -> JSON:
    """Write a new item of a subscription."""
    if price["type"] != "recurring":
        raise invalid("The price specified is set to `type=one_time` but this field only accepts recurring prices.", "price")
    recurring = price["recurring"]
    start = account.now
    return {
        "id": account.new_id("si", 14),
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": start,
        "current_period_end": end or add_interval(start, recurring["interval"], recurring["interval_count"]),
        "current_period_start": start,
        "discounts": [],
        "metadata": {},
        "plan": _plan(price),
        "price": price,
        "quantity": quantity,
        "subscription": subscription["id"],
        "tax_rates": [],
    }


def automatic_tax_json(is_on: bool) -> JSON:
    """Write whether a subscription's invoices are taxed."""
    return {"disabled_reason": None, "enabled": is_on, "liability": {"type": "self"} if is_on else None}


def set_price(item: JSON, price: JSON) -> None:
    """Put an item on another price."""
    item |= {"price": price, "plan": _plan(price)}


def _give_up(account: Account, subscription: JSON, invoice: JSON) -> None:
    account.change(invoice, "invoice.updated", next_payment_attempt=None)
    ending = account.store.setting("dunning_end", DUNNING_ENDS[0])
    if ending == "canceled":
        end_subscription(account, subscription, reason="payment_failed")
    else:
        account.change(subscription, "customer.subscription.updated", status=ending)


def _owes(account: Account, id: str) -> bool:
    return bool(account.store.find("invoice", parent__subscription_details__subscription=id, status="open"))


def _is_once(account: Account, discount: JSON) -> bool:
    return bool(account.get("coupon", discount["source"]["coupon"])["duration"] == "once")


def _plan(price: JSON) -> JSON:
    recurring = price["recurring"]
    return {
        "id": price["id"],
        "object": "plan",
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "billing_scheme": price["billing_scheme"],
        "created": price["created"],
        "currency": price["currency"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "livemode": False,
        "metadata": price["metadata"],
        "meter": None,
        "nickname": price["nickname"],
        "product": price["product"],
        "tiers_mode": None,
        "transform_usage": None,
        "trial_period_days": recurring["trial_period_days"],
        "usage_type": recurring["usage_type"],
    }


def _blank(account: Account, customer: JSON, currency: str) -> JSON:
    nulls = ("application", "application_fee_percent", "billing_cycle_anchor_config", "billing_thresholds", "cancel_at",
             "canceled_at", "days_until_due", "default_payment_method", "default_source", "description", "ended_at",
             "latest_invoice", "next_pending_invoice_item_invoice", "on_behalf_of", "pause_collection",
             "pending_invoice_item_interval", "pending_setup_intent", "pending_update", "schedule",
             "transfer_data", "trial_end", "trial_start")  # fmt: skip
    settings = {"payment_method_options": None, "payment_method_types": None, "save_default_payment_method": "off"}
    return dict.fromkeys(nulls) | {
        "id": account.new_id("sub"),
        "object": "subscription",
        "automatic_tax": automatic_tax_json(False),
        "billing_mode": {"flexible": None, "type": "classic"},
        "billing_schedules": [],
        "cancel_at_period_end": False,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "created": account.now,
        "currency": currency,
        "customer": customer["id"],
        "default_tax_rates": [],
        "discounts": [],
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
        "livemode": False,
        "payment_settings": settings,
        "start_date": account.now,
        "test_clock": customer["test_clock"],
        "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
    }
