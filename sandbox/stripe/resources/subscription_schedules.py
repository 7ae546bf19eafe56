"""Subscription schedules, made from a subscription that runs."""

from __future__ import annotations

from sandbox.stripe.account import Account
from sandbox.stripe.changing import PRORATIONS
from sandbox.stripe.dates import add_interval
from sandbox.stripe.errors import invalid
from sandbox.stripe.listing import equal, paginate
from sandbox.stripe.params import Params
from sandbox.stripe.routing import api
from sandbox.stripe.scheduling import first_phase, phase_json, set_phases
from sandbox.stripe.scheduling import release as let_go
from sandbox.stripe.store import JSON
from sandbox.stripe.subscribing import LIVE, end_subscription

BASE = "/v1/subscription_schedules"
END_BEHAVIORS = ("cancel", "release")
INTERVALS = ("day", "week", "month", "year")
# What a phase repeats of its subscription, which keeps it here whatever the phase says.
WITHOUT_EFFECT = ("automatic_tax", "billing_cycle_anchor", "collection_method", "default_payment_method", "description",
                  "invoice_settings")  # fmt: skip


@api.add("POST", BASE)
def create(account: Account, params: Params) -> JSON:
    """Put a subscription on a schedule whose one phase is the current period."""
    subscription = account.get("subscription", params.required("from_subscription"), "from_subscription")
    if subscription["schedule"]:
        message = f"You cannot migrate a subscription that is already attached to a schedule: `{subscription['schedule']}`."
        raise invalid(message, "from_subscription")
    if subscription["status"] not in LIVE:
        raise invalid(f"You cannot migrate a subscription that is {subscription['status']}.", "from_subscription")
    phase = first_phase(subscription)
    schedule = {
        "id": account.new_id("sub_sched"),
        "object": "subscription_schedule",
        "application": None,
        "billing_mode": {"flexible": None, "type": "classic"},
        "canceled_at": None,
        "completed_at": None,
        "created": account.now,
        "current_phase": {"start_date": phase["start_date"], "end_date": phase["end_date"]},
        "customer": subscription["customer"],
        "default_settings": _default_settings(subscription),
        # Stripe cancels at the end of what was to be canceled.
        "end_behavior": "cancel" if subscription["cancel_at_period_end"] else "release",
        "livemode": False,
        "metadata": {},
        "pause_schedules": [],
        "phases": [phase],
        "released_at": None,
        "released_subscription": None,
        "status": "active",
        "subscription": subscription["id"],
        "test_clock": subscription["test_clock"],
    }
    account.add(schedule, "subscription_schedule.created")
    account.change(subscription, "customer.subscription.updated", schedule=schedule["id"])
    return schedule


def _default_settings(subscription: JSON) -> JSON:
    return {
        "application_fee_percent": None,
        "automatic_tax": subscription["automatic_tax"],
        "billing_cycle_anchor": "automatic",
        "billing_thresholds": None,
        "collection_method": "charge_automatically",
        "default_payment_method": subscription["default_payment_method"],
        "description": subscription["description"],
        "invoice_settings": {
            "account_tax_ids": None,
            "custom_fields": None,
            "days_until_due": None,
            "description": None,
            "footer": None,
            "issuer": {"type": "self"},
        },
        "on_behalf_of": None,
        "transfer_data": None,
    }


@api.add("GET", BASE)
def list_all(account: Account, params: Params) -> JSON:
    """List schedules, newest first."""
    return paginate(account, params, account.store.find("subscription_schedule", **equal(params, "customer")), BASE)


@api.add("GET", BASE + "/{id}")
def retrieve(account: Account, params: Params, id: str) -> JSON:
    """Fetch one schedule."""
    return account.get("subscription_schedule", id)


@api.add("POST", BASE + "/{id}")
def update(account: Account, params: Params, id: str) -> JSON:
    """Say what is to come after the phase under way."""
    schedule = account.get("subscription_schedule", id)
    if schedule["status"] != "active":
        raise invalid(f"You cannot update a subscription schedule that is {schedule['status']}.", "id")
    params.choice("proration_behavior", PRORATIONS)
    changes: JSON = {"metadata": params.metadata(schedule["metadata"])}
    if "end_behavior" in params:
        changes["end_behavior"] = params.choice("end_behavior", END_BEHAVIORS)
    if sections := params.objects("phases"):
        changed = dict(schedule)
        set_phases(account, changed, _phases(account, schedule, sections))
        changes |= {"phases": changed["phases"], "current_phase": changed["current_phase"]}
    return account.change(schedule, "subscription_schedule.updated", **changes)


def _phases(account: Account, schedule: JSON, sections: list[Params]) -> list[JSON]:
    subscription = account.get("subscription", schedule["subscription"])
    phases: list[JSON] = []
    for section in sections:
        start = phases[-1]["end_date"] if phases else section.integer("start_date")
        if start is None:
            raise invalid("The first phase needs a start_date.", section.name("start_date"), "parameter_missing")
        if phases and section.integer("start_date", start) != start:
            raise invalid("A phase must begin where the one before it ends.", section.name("start_date"))
        items = [(account.get("price", row.required("price"), row.name("price")), row.integer("quantity", 1) or 1)
                 for row in section.objects("items")]  # fmt: skip
        if not items:
            raise invalid("A phase needs items.", section.name("items"), "parameter_missing")
        section.accept(*WITHOUT_EFFECT)
        if section.text("currency", subscription["currency"]) != subscription["currency"]:
            raise invalid("A phase keeps the subscription's currency.", section.name("currency"))
        phases.append(
            phase_json(
                subscription,
                items,
                start,
                _end(section, start, items[0][0]),
                metadata=section.metadata(),
                discounts=[
                    {key: row.text(key) for key in ("coupon", "discount", "promotion_code")} for row in section.objects("discounts")
                ],
                proration_behavior=section.choice("proration_behavior", PRORATIONS, "create_prorations"),
                trial_end=section.integer("trial_end"),
            )
        )
    return phases


def _end(section: Params, start: int, price: JSON) -> int:
    """Read when a phase ends; without a word of it, after one interval of its price."""
    end = section.integer("end_date")
    if end is not None:
        if end <= start:
            raise invalid("A phase must end after it begins.", section.name("end_date"))
        return end
    if duration := section.section("duration"):
        interval = duration.choice("interval", INTERVALS) or "month"
        return add_interval(start, interval, duration.integer("interval_count", 1) or 1)
    return add_interval(start, price["recurring"]["interval"], price["recurring"]["interval_count"])


@api.add("POST", BASE + "/{id}/release")
def release(account: Account, params: Params, id: str) -> JSON:
    """Take the subscription off its schedule."""
    params.accept("preserve_cancel_date")
    return let_go(account, account.get("subscription_schedule", id))


@api.add("POST", BASE + "/{id}/cancel")
def cancel(account: Account, params: Params, id: str) -> JSON:
    """End the schedule and its subscription now."""
    params.accept("invoice_now", "prorate")
    schedule = account.get("subscription_schedule", id)
    if schedule["status"] != "active":
        raise invalid(f"You cannot cancel a subscription schedule that is {schedule['status']}.", "id")
    end_subscription(account, account.get("subscription", schedule["subscription"]))
    return account.get("subscription_schedule", id)
