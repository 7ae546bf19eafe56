"""What a subscription becomes later: schedules, and changes that wait for their payment."""

from typing import Any

import pytest
import stripe

from sandbox.testing import Sandbox


@pytest.fixture
def cheaper(client: Any, monthly: Any) -> Any:
    price = {"product": monthly.product, "currency": "eur", "unit_amount": 300, "recurring": {"interval": "month"}}
    return client.prices.create(price)


@pytest.fixture
def dearer(client: Any, monthly: Any) -> Any:
    price = {"product": monthly.product, "currency": "eur", "unit_amount": 900, "recurring": {"interval": "month"}}
    return client.prices.create(price)


def item_of(subscription: Any) -> Any:
    return subscription["items"].data[0]


def at_the_end(client: Any, subscription: Any, price: str, **more: Any) -> Any:
    """Change the price when the period ends."""
    schedule = client.subscription_schedules.create({"from_subscription": subscription.id})
    [now] = schedule.phases
    current = {"start_date": now.start_date, "end_date": now.end_date, "items": [{"price": item_of(subscription).price.id}]}
    current |= {"trial_end": now.trial_end} if now.trial_end else {}
    current |= {"discounts": [{"discount": d.discount} for d in now.discounts]} if now.discounts else {}
    phases = [current, {"items": [{"price": price}], **more}]
    return client.subscription_schedules.update(schedule.id, {"phases": phases, "end_behavior": "release"})


def test_a_downgrade_waits_for_the_end_of_the_period(client: Any, sandbox: Sandbox, buy: Any, cheaper: Any):
    subscription = buy()
    schedule = at_the_end(client, subscription, cheaper.id)
    end = item_of(subscription).current_period_end

    sandbox.advance_to(end - 1)
    waiting = client.subscriptions.retrieve(subscription.id)
    assert (waiting.schedule, item_of(waiting).price.unit_amount) == (schedule.id, 500)
    sandbox.advance_to(end)

    changed = client.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
    assert (item_of(changed).price.id, changed.latest_invoice.amount_paid) == (cheaper.id, 300)
    assert item_of(changed).current_period_start == end
    sandbox.advance(months=1)
    released = client.subscription_schedules.retrieve(schedule.id)
    assert (released.status, released.released_subscription) == ("released", subscription.id)
    after = client.subscriptions.retrieve(subscription.id)
    assert (after.schedule, item_of(after).price.id) == (None, cheaper.id)


def test_a_year_becomes_months_at_its_end(client: Any, sandbox: Sandbox, buy: Any, yearly: Any, cheaper: Any):
    subscription = buy(line_items=[{"price": yearly.id, "quantity": 1}])
    at_the_end(client, subscription, cheaper.id)

    sandbox.advance_to(item_of(subscription).current_period_end)

    changed = client.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
    assert changed.latest_invoice.amount_paid == 300
    assert item_of(changed).current_period_end - item_of(changed).current_period_start < 32 * 86400


def test_the_next_invoice_is_foretold_with_the_price_to_come(client: Any, sandbox: Sandbox, buy: Any, cheaper: Any):
    subscription = buy()
    at_the_end(client, subscription, cheaper.id)

    sandbox.advance(days=26)

    assert client.invoices.create_preview({"subscription": subscription.id}).amount_due == 300
    assert sandbox.events("invoice.upcoming")[-1]["data"]["object"]["amount_due"] == 300


def test_a_schedule_is_released_and_nothing_changes(client: Any, sandbox: Sandbox, buy: Any, cheaper: Any):
    subscription = buy()
    schedule = at_the_end(client, subscription, cheaper.id)
    client.subscription_schedules.release(schedule.id)

    sandbox.advance(months=1)

    after = client.subscriptions.retrieve(subscription.id)
    assert (after.schedule, item_of(after).price.unit_amount) == (None, 500)
    assert [s.id for s in client.subscription_schedules.list({"customer": subscription.customer}).data] == [schedule.id]
    with pytest.raises(stripe.InvalidRequestError, match="released"):
        client.subscription_schedules.release(schedule.id)


def test_what_is_scheduled_is_cancelled_by_the_schedule_alone(client: Any, sandbox: Sandbox, buy: Any, cheaper: Any):
    subscription = buy()
    schedule = at_the_end(client, subscription, cheaper.id)

    with pytest.raises(stripe.InvalidRequestError, match="managed by the subscription schedule"):
        client.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    with pytest.raises(stripe.InvalidRequestError, match="already attached"):
        client.subscription_schedules.create({"from_subscription": subscription.id})
    client.subscription_schedules.cancel(schedule.id)

    assert client.subscriptions.retrieve(subscription.id).status == "canceled"
    assert sandbox.object(schedule.id)["status"] == "canceled"


def test_a_schedule_may_end_the_subscription(client: Any, sandbox: Sandbox, buy: Any):
    subscription = buy()
    schedule = client.subscription_schedules.create({"from_subscription": subscription.id})
    client.subscription_schedules.update(schedule.id, {"end_behavior": "cancel"})

    sandbox.advance(months=1)

    assert client.subscriptions.retrieve(subscription.id).status == "canceled"
    assert client.subscription_schedules.retrieve(schedule.id).status == "completed"
    assert len(sandbox.objects("invoice")) == 1


def test_a_phase_keeps_only_the_discounts_it_names(client: Any, sandbox: Sandbox, buy: Any, cheaper: Any):
    client.coupons.create({"id": "HALF", "percent_off": 50, "duration": "forever"})
    subscription = buy(discounts=[{"coupon": "HALF"}])
    at_the_end(client, subscription, cheaper.id, discounts=[{"coupon": "HALF"}])

    sandbox.advance_to(item_of(subscription).current_period_end)

    renewed = client.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
    assert renewed.latest_invoice.amount_paid == 150
    sandbox.advance(months=1)
    assert client.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]}).latest_invoice.amount_paid == 150


def test_a_phase_under_way_changes_in_the_middle_with_proration(client: Any, sandbox: Sandbox, buy: Any, dearer: Any):
    subscription = buy()
    schedule = client.subscription_schedules.create({"from_subscription": subscription.id})
    [now] = schedule.phases
    half = (now.start_date + now.end_date) // 2
    phases = [
        {"start_date": now.start_date, "end_date": half, "items": [{"price": item_of(subscription).price.id}]},
        {"items": [{"price": dearer.id}], "end_date": now.end_date, "proration_behavior": "always_invoice"},
    ]
    client.subscription_schedules.update(schedule.id, {"phases": phases})

    sandbox.advance_to(half)

    changed = client.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
    assert (item_of(changed).price.id, changed.latest_invoice.amount_paid) == (dearer.id, 200)


def test_an_upgrade_that_is_not_paid_changes_nothing_until_it_is(client: Any, sandbox: Sandbox, buy: Any, dearer: Any):
    subscription = buy(renewals="declines")
    sandbox.advance(days=10)
    upgrade(client, subscription, dearer.id)

    waiting = client.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
    assert (waiting.status, item_of(waiting).price.unit_amount) == ("active", 500)
    assert waiting.pending_update.subscription_items[0].price.id == dearer.id
    sandbox.use_card(subscription.customer, "succeeds")
    client.invoices.pay(waiting.latest_invoice.id)

    changed = client.subscriptions.retrieve(subscription.id)
    assert (item_of(changed).price.id, changed.pending_update) == (dearer.id, None)
    assert len(sandbox.events("customer.subscription.pending_update_applied")) == 1


def test_an_upgrade_that_is_never_paid_is_given_up(client: Any, sandbox: Sandbox, buy: Any, dearer: Any):
    subscription = buy(renewals="requires_action")
    sandbox.advance(days=10)
    upgrade(client, subscription, dearer.id)

    sandbox.advance(days=1)

    after = client.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
    assert (after.pending_update, item_of(after).price.unit_amount, after.latest_invoice.status) == (None, 500, "void")
    assert len(sandbox.events("customer.subscription.pending_update_expired")) == 1


def test_an_upgrade_that_is_paid_is_made_at_once(client: Any, buy: Any, dearer: Any):
    subscription = buy()

    upgrade(client, subscription, dearer.id)

    changed = client.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
    assert (item_of(changed).price.id, changed.pending_update, changed.latest_invoice.status) == (dearer.id, None, "paid")


def test_an_upgrade_that_must_be_paid_is_refused_whole(client: Any, sandbox: Sandbox, buy: Any, dearer: Any):
    subscription = buy(renewals="declines")

    with pytest.raises(stripe.CardError):
        upgrade(client, subscription, dearer.id, payment_behavior="error_if_incomplete")

    assert item_of(client.subscriptions.retrieve(subscription.id)).price.unit_amount == 500
    assert len(sandbox.objects("invoice")) == 1


def test_seats_are_added_for_the_rest_of_the_period(client: Any, sandbox: Sandbox, buy: Any):
    subscription = buy()
    item = item_of(subscription)
    half = (item.current_period_start + item.current_period_end) // 2
    wanted = {"items": [{"id": item.id, "quantity": 3}], "proration_behavior": "always_invoice"}

    preview = client.invoices.create_preview({"subscription": subscription.id, "subscription_details": wanted | {"proration_date": half}})
    client.subscriptions.update(subscription.id, wanted | {"proration_date": half})

    changed = client.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
    assert (preview.amount_due, changed.latest_invoice.amount_paid, item_of(changed).quantity) == (500, 500, 3)


def test_an_offer_is_foretold_taken_and_taken_back(client: Any, sandbox: Sandbox, buy: Any):
    client.coupons.create({"id": "STAY", "percent_off": 40, "duration": "repeating", "duration_in_months": 3})
    subscription = buy()

    preview = client.invoices.create_preview({"subscription": subscription.id, "discounts": [{"coupon": "STAY"}]})
    assert (preview.amount_due, client.coupons.retrieve("STAY").times_redeemed) == (300, 0)
    taken = client.subscriptions.update(subscription.id, {"discounts": [{"coupon": "STAY"}]})
    client.coupons.create({"id": "MORE", "amount_off": 100, "currency": "eur", "duration": "forever"})
    both = [{"discount": taken.discounts[0]}, {"coupon": "MORE"}]
    both = client.subscriptions.update(subscription.id, {"discounts": both})

    assert both.discounts[0] == taken.discounts[0]
    assert client.invoices.create_preview({"subscription": subscription.id}).amount_due == 200
    client.subscriptions.update(subscription.id, {"discounts": ""})
    assert client.invoices.create_preview({"subscription": subscription.id}).amount_due == 500
    assert len(sandbox.events("customer.discount.deleted")) == 2


def test_collection_is_paused_and_taken_up_by_the_clock(client: Any, sandbox: Sandbox, buy: Any):
    subscription = buy()
    resumes = item_of(subscription).current_period_end + 40 * 86400
    client.subscriptions.update(subscription.id, {"pause_collection": {"behavior": "void", "resumes_at": resumes}})

    sandbox.advance(months=2)
    waiting = client.subscriptions.retrieve(subscription.id)
    sandbox.advance(months=1)

    assert (waiting.status, [i["status"] for i in sandbox.objects("invoice")]) == ("active", ["paid", "void", "void", "paid"])
    assert client.subscriptions.retrieve(subscription.id).pause_collection is None


def upgrade(client: Any, subscription: Any, price: str, payment_behavior: str = "pending_if_incomplete") -> Any:
    item = {"id": item_of(subscription).id, "price": price}
    change = {"items": [item], "proration_behavior": "always_invoice", "payment_behavior": payment_behavior}
    return client.subscriptions.update(subscription.id, change)
