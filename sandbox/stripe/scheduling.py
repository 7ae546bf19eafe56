"""Subscription schedules: what a subscription becomes at moments fixed beforehand."""

from __future__ import annotations

from sandbox.stripe.account import Account
from sandbox.stripe.changing import change_items
from sandbox.stripe.discounts import Offer, redeem
from sandbox.stripe.errors import invalid
from sandbox.stripe.params import Params
from sandbox.stripe.store import JSON
from sandbox.stripe.subscribing import end_subscription, item_json, period_end, set_price


def phase_json(subscription: JSON, items: list[tuple[JSON, int]], start: int, end: int, **more: object) -> JSON:
    """Write a phase: these prices and quantities from `start` to `end`."""
    nulls = ("application_fee_percent", "automatic_tax", "billing_cycle_anchor", "billing_thresholds", "collection_method",
             "default_payment_method", "description", "invoice_settings", "on_behalf_of", "transfer_data", "trial_end")  # fmt: skip
    return dict.fromkeys(nulls) | {
        "add_invoice_items": [],
        "currency": subscription["currency"],
        "default_tax_rates": [],
        "discounts": [],
        "end_date": end,
        "items": [_item_json(price, quantity) for price, quantity in items],
        "metadata": {},
        "proration_behavior": "create_prorations",
        "start_date": start,
        **more,
    }


def first_phase(subscription: JSON) -> JSON:
    """Write a subscription's current period as a phase."""
    rows = subscription["items"]["data"]
    return phase_json(
        subscription,
        [(row["price"], row["quantity"]) for row in rows],
        min(row["current_period_start"] for row in rows),
        period_end(subscription),
        discounts=[{"coupon": None, "discount": id, "promotion_code": None} for id in subscription["discounts"]],
        trial_end=subscription["trial_end"] if subscription["status"] == "trialing" else None,
    )


def set_phases(account: Account, schedule: JSON, phases: list[JSON]) -> None:
    """Replace the phases in memory; the first must be the one under way."""
    subscription = account.get("subscription", schedule["subscription"])
    current = phases[0]
    if current["start_date"] != schedule["current_phase"]["start_date"]:
        raise invalid("You can not modify the start date of the current phase.", "phases[0][start_date]")
    held = [(row["price"]["id"], row["quantity"]) for row in subscription["items"]["data"]]
    if [(item["price"], item["quantity"]) for item in current["items"]] != held:
        raise invalid("The sandbox changes later phases; change the subscription itself for the current one.", "phases[0][items]")
    if subscription["status"] == "trialing" and current["trial_end"] != subscription["trial_end"]:
        raise invalid("A current phase without its trial_end would end the trial; the sandbox refuses that.", "phases[0][trial_end]")
    schedule["phases"] = phases
    schedule["current_phase"] = {"start_date": current["start_date"], "end_date": current["end_date"]}
    _take_discounts(account, subscription, current)
    account.save(subscription)


def next_phase(account: Account, schedule: JSON) -> None:
    """End the phase under way and begin the one that follows, or do what is to be done after the last."""
    subscription = account.get("subscription", schedule["subscription"])
    following = _following(schedule)
    if following is None:
        _finish(account, schedule, subscription)
        return
    if account.now < period_end(subscription):
        change_items(account, subscription, _as_items(subscription, following), following["proration_behavior"])
        subscription = account.get("subscription", subscription["id"])
    else:
        before = {"items": subscription["items"] | {"data": [dict(row) for row in subscription["items"]["data"]]}}
        _put_items(account, subscription, following)
        account.save(subscription)
        account.emit("customer.subscription.updated", subscription, before)
    _take_discounts(account, subscription, following)
    subscription["metadata"] |= following["metadata"]
    account.save(subscription)
    current = {"start_date": following["start_date"], "end_date": following["end_date"]}
    account.change(schedule, "subscription_schedule.updated", current_phase=current)


def enter_next(account: Account, subscription: JSON) -> None:
    """Give a subscription in memory the prices of the phase that begins when its period ends."""
    schedule = account.store.get(subscription["schedule"] or "")
    following = _following(schedule) if schedule else None
    if following and following["start_date"] == period_end(subscription):
        _put_items(account, subscription, following)


def release(account: Account, schedule: JSON, *, status: str = "released") -> JSON:
    """Leave the subscription as it is now, to itself."""
    if schedule["status"] not in {"active", "not_started"}:
        raise invalid(f"You cannot release a subscription schedule that is {schedule['status']}.", "id")
    subscription = account.get("subscription", schedule["subscription"])
    account.change(subscription, "customer.subscription.updated", schedule=None)
    return account.change(
        schedule,
        f"subscription_schedule.{status}",
        status=status,
        subscription=None,
        current_phase=None,
        released_at=account.now,
        released_subscription=subscription["id"],
    )


def release_if_scheduled(account: Account, subscription: JSON) -> None:
    """Take a subscription off its schedule, if it has one."""
    if subscription["schedule"]:
        release(account, account.get("subscription_schedule", subscription["schedule"]))
        subscription["schedule"] = None


def _finish(account: Account, schedule: JSON, subscription: JSON) -> None:
    if schedule["end_behavior"] == "cancel":
        account.change(subscription, None, schedule=None)
        moments = {"completed_at": account.now, "current_phase": None}
        account.change(schedule, "subscription_schedule.completed", status="completed", **moments)
        end_subscription(account, subscription, reason=None)
    else:
        release(account, schedule)


def _following(schedule: JSON) -> JSON | None:
    for phase in schedule["phases"]:
        if phase["start_date"] >= schedule["current_phase"]["end_date"]:
            found: JSON = phase
            return found
    return None


def _put_items(account: Account, subscription: JSON, phase: JSON) -> None:
    rows = subscription["items"]["data"]
    for number, wanted in enumerate(phase["items"]):
        price = account.get("price", wanted["price"])
        if number < len(rows):
            set_price(rows[number], price)
            rows[number]["quantity"] = wanted["quantity"]
        else:
            rows.append(item_json(account, subscription, price, wanted["quantity"], phase["start_date"]))
    del rows[len(phase["items"]) :]


def _as_items(subscription: JSON, phase: JSON) -> list[Params]:
    """Write a phase's items as the `items[]` of an update."""
    ids = [row["id"] for row in subscription["items"]["data"]]
    wanted = [{"price": item["price"], "quantity": str(item["quantity"])} for item in phase["items"]]
    changed = [Params(item | ({"id": ids[n]} if n < len(ids) else {})) for n, item in enumerate(wanted)]
    return changed + [Params({"id": id, "deleted": "true"}) for id in ids[len(wanted) :]]


def _take_discounts(account: Account, subscription: JSON, phase: JSON) -> None:
    """A phase's discounts replace the subscription's; one that is held already isn't redeemed again."""
    held = {account.get("discount", id)["source"]["coupon"]: id for id in subscription["discounts"]}
    ids = []
    for row in phase["discounts"]:
        if row["discount"]:
            ids.append(row["discount"])
            continue
        code = account.get("promotion_code", row["promotion_code"]) if row["promotion_code"] else None
        coupon = account.get("coupon", code["promotion"]["coupon"] if code else row["coupon"])
        kept = held.get(coupon["id"])
        ids.append(kept or redeem(account, Offer(coupon, code), customer=subscription["customer"], subscription=subscription["id"],
                                  session=None)["id"])  # fmt: skip
    subscription["discounts"] = ids


def _item_json(price: JSON, quantity: int) -> JSON:
    return {
        "billing_thresholds": None,
        "discounts": [],
        "metadata": {},
        "plan": price["id"],
        "price": price["id"],
        "quantity": quantity,
        "tax_rates": [],
    }
