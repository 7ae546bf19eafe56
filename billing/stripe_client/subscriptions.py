"""Subscriptions: looked at, changed, scheduled, paused, ended."""

from typing import Any

from billing.stripe_client.calling import JSON, PAGE_SIZE, client, one_fault, plain

# What a subscription is mirrored with: whether it is paid, by which card, at what discount, and what it becomes.
SUBSCRIPTION_PARTS = ("latest_invoice", "default_payment_method", "discounts.source.coupon", "schedule")


@one_fault
def list_subscriptions(customer_id: str) -> list[JSON]:
    """Return all subscriptions of a customer, ended ones too, each with its latest invoice."""
    expand = [f"data.{path}" for path in SUBSCRIPTION_PARTS]
    params: Any = {"customer": customer_id, "status": "all", "limit": PAGE_SIZE, "expand": expand}
    return [plain(found) for found in client().v1.subscriptions.list(params).auto_paging_iter()]


@one_fault
def get_subscription(subscription_id: str) -> JSON:
    """Return one subscription with its latest invoice."""
    return plain(client().v1.subscriptions.retrieve(subscription_id, {"expand": list(SUBSCRIPTION_PARTS)}))


@one_fault
def has_payment_method(subscription_id: str) -> bool:
    """Say whether there is something that a subscription could be paid by: its own, or its customer's."""
    found = plain(client().v1.subscriptions.retrieve(subscription_id, {"expand": ["customer"]}))
    customer = found["customer"]
    settings = customer.get("invoice_settings") or {}
    own = found["default_payment_method"] or found["default_source"]
    return bool(own or settings.get("default_payment_method") or customer.get("default_source"))


@one_fault
def stop_renewal(subscription_id: str) -> JSON:
    """Let a subscription end with the period that is paid."""
    return plain(client().v1.subscriptions.update(subscription_id, {"cancel_at_period_end": True}))


@one_fault
def cancel_subscription(subscription_id: str) -> JSON:
    """End a subscription now; nothing is refunded."""
    return plain(client().v1.subscriptions.cancel(subscription_id))


@one_fault
def mark_double(subscription_id: str, *, of: str) -> JSON:
    """Remember at Stripe, where nothing of it can get lost, that a subscription was bought beside another."""
    return plain(client().v1.subscriptions.update(subscription_id, {"metadata": {"double_of": of}}))


@one_fault
def mark_disputed(subscription_id: str, *, charge: str, stops_renewal: bool) -> JSON:
    """Remember at Stripe for which disputed charge a subscription ends, and let it end with the period that is paid, if it is to."""
    params: Any = {"metadata": {"disputed_charge": charge}}
    if stops_renewal:
        params["cancel_at_period_end"] = True
    return plain(client().v1.subscriptions.update(subscription_id, params))


@one_fault
def preview_change(subscription_id: str, *, item: str, price: JSON, moment: int, ends_trial: bool) -> JSON:
    """Return the invoice that a change of price would make, were it made at a moment, in seconds; `price` or `price_data` names it."""
    details: Any = {"items": [{"id": item, **price}], **_reckoned(moment, ends_trial=ends_trial)}
    return plain(client().v1.invoices.create_preview({"subscription": subscription_id, "subscription_details": details}))


@one_fault
def preview_renewal(subscription_id: str) -> JSON:
    """Return the invoice that the next renewal would write, with its discounts and taxes."""
    return plain(client().v1.invoices.create_preview({"subscription": subscription_id}))


@one_fault
def change_price_if_paid(subscription_id: str, *, item: str, price: str, moment: int, ends_trial: bool) -> JSON:
    """Change the price at once and charge the difference, or the whole where a trial ends; until that is paid, nothing changes."""
    params: Any = {
        "items": [{"id": item, "price": price}],
        **_reckoned(moment, ends_trial=ends_trial),
        "payment_behavior": "pending_if_incomplete",
        "expand": ["latest_invoice"],
    }
    return plain(client().v1.subscriptions.update(subscription_id, params))


def _reckoned(moment: int, *, ends_trial: bool) -> JSON:
    """Say from when a change is reckoned up; a trial leaves nothing to reckon up."""
    return {"proration_behavior": "always_invoice"} | ({"trial_end": "now"} if ends_trial else {"proration_date": moment})


@one_fault
def change_price_unreckoned(subscription_id: str, *, item: str, price: str) -> JSON:
    """Change the price from the next invoice on, without reckoning up what is left of this period."""
    params: Any = {"items": [{"id": item, "price": price}], "proration_behavior": "none"}
    return plain(client().v1.subscriptions.update(subscription_id, params))


@one_fault
def create_schedule(subscription_id: str) -> JSON:
    """Put a subscription on a schedule, of one phase as yet: the period that runs."""
    return plain(client().v1.subscription_schedules.create({"from_subscription": subscription_id}))


@one_fault
def set_phases(schedule_id: str, phases: Any) -> JSON:
    """Say what a subscription becomes, phase by phase; after the last it goes on by itself."""
    params: Any = {"phases": phases, "end_behavior": "release", "proration_behavior": "none"}
    return plain(client().v1.subscription_schedules.update(schedule_id, params))


@one_fault
def release_schedule(schedule_id: str) -> JSON:
    """Leave a subscription as it is now, to itself."""
    return plain(client().v1.subscription_schedules.release(schedule_id))


@one_fault
def end_with_period(subscription_id: str, *, feedback: str) -> JSON:
    """Let a subscription end with the period that is paid, and tell Stripe why."""
    params: Any = {"cancel_at_period_end": True}
    if feedback:
        params["cancellation_details"] = {"feedback": feedback}
    return plain(client().v1.subscriptions.update(subscription_id, params))


@one_fault
def keep_renewing(subscription_id: str, *, has_own_date: bool) -> JSON:
    """Take back that a subscription ends, with its period or at a date of its own."""
    params: Any = {"cancel_at": ""} if has_own_date else {"cancel_at_period_end": False}
    return plain(client().v1.subscriptions.update(subscription_id, params))


@one_fault
def add_discount(subscription_id: str, *, coupon: str, besides: list[str]) -> JSON:
    """Give a subscription a coupon besides the discounts it has."""
    discounts: Any = [*({"discount": held} for held in besides), {"coupon": coupon}]
    return plain(client().v1.subscriptions.update(subscription_id, {"discounts": discounts}))


@one_fault
def pause_payments(subscription_id: str, *, until: int) -> JSON:
    """Charge nothing until a moment, in seconds: invoices until then are void."""
    params: Any = {"pause_collection": {"behavior": "void", "resumes_at": until}}
    return plain(client().v1.subscriptions.update(subscription_id, params))


@one_fault
def resume_payments(subscription_id: str, *, is_new_period: bool) -> JSON:
    """End a pause; with a new period, which is charged now or not begun at all."""
    params: Any = {"pause_collection": ""}
    if is_new_period:
        params |= {"billing_cycle_anchor": {"type": "now"}, "proration_behavior": "none", "payment_behavior": "error_if_incomplete"}
    return plain(client().v1.subscriptions.update(subscription_id, params))


@one_fault
def preview_quantity(subscription_id: str, item_id: str, quantity: int, *, at: int) -> JSON:
    """Return the invoice that another quantity would cost at once, reckoned from a second on; nothing is changed."""
    details: Any = {"items": [{"id": item_id, "quantity": quantity}], "proration_behavior": "always_invoice", "proration_date": at}
    return plain(client().v1.invoices.create_preview({"subscription": subscription_id, "subscription_details": details}))


@one_fault
def change_quantity(subscription_id: str, item_id: str, quantity: int, *, paid_from: int | None = None) -> JSON:
    """Change how many of something a subscription holds.

    Paid from a second on: the difference is charged now, and the change made once it is paid. Else nothing is charged or refunded.
    """
    params: Any = {"items": [{"id": item_id, "quantity": quantity}], "proration_behavior": "none", "expand": ["latest_invoice"]}
    if paid_from is not None:
        params |= {"proration_behavior": "always_invoice", "proration_date": paid_from, "payment_behavior": "pending_if_incomplete"}
    return plain(client().v1.subscriptions.update(subscription_id, params))
