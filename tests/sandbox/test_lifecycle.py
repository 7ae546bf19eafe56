"""Time: renewals, dunning, ends, changes."""

from datetime import UTC, datetime
from typing import Any

import pytest
import stripe

from sandbox.stripe.dates import add_interval
from sandbox.testing import Sandbox


def test_a_month_renews_and_is_paid(client: Any, sandbox: Sandbox, buy: Any):
    subscription = buy()
    first_end = subscription["items"].data[0].current_period_end

    sandbox.advance_to(first_end)

    renewed = client.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
    assert renewed["items"].data[0].current_period_start == first_end
    assert (renewed.status, renewed.latest_invoice.status) == ("active", "paid")
    assert renewed.latest_invoice.billing_reason == "subscription_cycle"
    assert sandbox.events("customer.subscription.updated")[-1]["data"]["previous_attributes"]["items"]


def test_a_year_of_months_is_thirteen_invoices(client: Any, sandbox: Sandbox, buy: Any):
    subscription = buy()

    sandbox.advance(years=1)

    assert len(client.invoices.list({"subscription": subscription.id, "limit": 50}).data) == 13


def test_the_31st_comes_back_after_a_short_month():
    january = int(datetime(2027, 1, 31, tzinfo=UTC).timestamp())

    february = add_interval(january, "month", 1, anchor_day=31)
    march = add_interval(february, "month", 1, anchor_day=31)

    assert [datetime.fromtimestamp(t, UTC).day for t in (february, march)] == [28, 31]


def test_a_failing_card_goes_past_due_is_retried_and_ends(client: Any, sandbox: Sandbox, buy: Any):
    subscription = buy(renewals="declines")

    sandbox.advance(months=1)
    owing = client.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
    assert (owing.status, owing.latest_invoice.status, owing.latest_invoice.attempt_count) == ("past_due", "open", 1)
    assert owing.latest_invoice.next_payment_attempt > sandbox.account.now

    sandbox.advance(days=16)
    ended = client.subscriptions.retrieve(subscription.id)
    assert (ended.status, ended.cancellation_details.reason) == ("canceled", "payment_failed")
    assert len(sandbox.events("invoice.payment_failed")) == 4
    assert sandbox.events()[-1]["type"] == "customer.subscription.deleted"


def test_a_new_card_saves_a_subscription_that_is_past_due(client: Any, sandbox: Sandbox, buy: Any):
    subscription = buy(renewals="declines")
    sandbox.advance(months=1)

    sandbox.use_card(subscription.customer, "succeeds")
    sandbox.advance(days=4)

    assert client.subscriptions.retrieve(subscription.id).status == "active"


def test_a_card_that_asks_waits_for_the_customer(client: Any, sandbox: Sandbox, buy: Any):
    subscription = buy(renewals="requires_action")
    sandbox.advance(months=1)
    assert client.subscriptions.retrieve(subscription.id).status == "past_due"
    assert len(sandbox.events("invoice.payment_action_required")) == 1

    [intent] = [i for i in client.payment_intents.list().data if i.status == "requires_action"]
    sandbox.settle(intent.id)

    assert client.subscriptions.retrieve(subscription.id).status == "active"


def test_a_bank_debit_that_failed_is_tried_again_once_and_waits_for_the_bank(client: Any, sandbox: Sandbox, buy: Any):
    subscription = buy("delayed")
    sandbox.advance(days=4)
    sandbox.advance_to(subscription["items"].data[0].current_period_end)
    [waiting] = sandbox.objects("payment_intent", status="processing")
    sandbox.settle(waiting["id"], paid=False)
    assert client.subscriptions.retrieve(subscription.id).status == "past_due"

    sandbox.advance(days=4)
    assert len(sandbox.objects("charge", payment_intent=waiting["id"])) == 2
    sandbox.advance(days=4)

    assert client.subscriptions.retrieve(subscription.id).status == "active"


def test_a_trial_warns_and_then_charges(client: Any, sandbox: Sandbox, buy: Any):
    subscription = buy(subscription_data={"trial_period_days": 14})

    sandbox.advance(days=12)
    assert len(sandbox.events("customer.subscription.trial_will_end")) == 1
    sandbox.advance(days=3)

    changed = client.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
    assert (changed.status, changed.latest_invoice.amount_paid) == ("active", 500)


def test_cancelling_at_the_end_keeps_it_until_then(client: Any, sandbox: Sandbox, buy: Any):
    subscription = buy()
    client.subscriptions.update(subscription.id, {"cancel_at_period_end": True})

    sandbox.advance(days=20)
    assert client.subscriptions.retrieve(subscription.id).status == "active"
    sandbox.advance(days=12)

    assert client.subscriptions.retrieve(subscription.id).status == "canceled"
    assert len(client.invoices.list({"subscription": subscription.id}).data) == 1


def test_what_ends_with_its_period_moves_with_it(client: Any, sandbox: Sandbox, buy: Any, yearly: Any):
    subscription = buy()
    client.subscriptions.update(subscription.id, {"cancel_at_period_end": True})

    client.subscriptions.update(subscription.id, {"items": [{"id": subscription["items"].data[0].id, "price": yearly.id}]})

    changed = client.subscriptions.retrieve(subscription.id)
    assert changed.cancel_at == changed["items"].data[0].current_period_end
    sandbox.advance(months=6)
    assert client.subscriptions.retrieve(subscription.id).status == "active"
    sandbox.advance(months=7)
    assert client.subscriptions.retrieve(subscription.id).status == "canceled"


def test_cancelling_can_be_undone(client: Any, sandbox: Sandbox, buy: Any):
    subscription = buy()
    client.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    client.subscriptions.update(subscription.id, {"cancel_at_period_end": False})

    sandbox.advance(months=1)

    assert client.subscriptions.retrieve(subscription.id).status == "active"


def test_the_preview_of_an_upgrade_is_what_it_then_costs(client: Any, sandbox: Sandbox, buy: Any, yearly: Any):
    subscription = buy()
    sandbox.advance(days=10)
    item = {"id": subscription["items"].data[0].id, "price": yearly.id}

    preview = client.invoices.create_preview(
        {"subscription": subscription.id, "subscription_details": {"items": [item], "proration_behavior": "always_invoice"}}
    )
    before = client.subscriptions.retrieve(subscription.id)
    client.subscriptions.update(subscription.id, {"items": [item], "proration_behavior": "always_invoice"})

    after = client.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
    assert before["items"].data[0].price.id != yearly.id
    assert 4600 < preview.amount_due < 5000
    assert abs(after.latest_invoice.amount_paid - preview.amount_due) <= 1
    assert after["items"].data[0].price.id == yearly.id


def test_an_incomplete_subscription_is_given_up_after_a_day(client: Any, sandbox: Sandbox, monthly: Any):
    customer = client.customers.create({"payment_method": "pm_card_chargeCustomerFail"})
    [method] = client.customers.payment_methods.list(customer.id).data
    client.customers.update(customer.id, {"invoice_settings": {"default_payment_method": method.id}})
    subscription = client.subscriptions.create({"customer": customer.id, "items": [{"price": monthly.id}]})
    assert subscription.status == "incomplete"

    sandbox.advance(days=1)

    assert client.subscriptions.retrieve(subscription.id).status == "incomplete_expired"


def test_error_if_incomplete_leaves_nothing_behind(client: Any, sandbox: Sandbox, monthly: Any):
    customer = client.customers.create({})

    with pytest.raises(stripe.CardError):
        client.subscriptions.create({"customer": customer.id, "items": [{"price": monthly.id}], "payment_behavior": "error_if_incomplete"})

    assert sandbox.objects("subscription") == []


def test_deleting_a_customer_ends_what_they_subscribe_to(client: Any, sandbox: Sandbox, buy: Any):
    subscription = buy()

    client.customers.delete(subscription.customer)

    assert client.subscriptions.retrieve(subscription.id).status == "canceled"
    assert client.customers.retrieve(subscription.customer).deleted


def test_a_paused_subscription_asks_for_nothing_until_it_resumes(client: Any, sandbox: Sandbox, buy: Any):
    subscription = buy()
    client.subscriptions.pause(subscription.id, {"type": "subscription"})
    sandbox.advance(months=3)
    assert client.subscriptions.retrieve(subscription.id).status == "paused"
    assert len(sandbox.objects("invoice")) == 1

    client.subscriptions.resume(subscription.id)

    assert client.subscriptions.retrieve(subscription.id).status == "active"
    assert len(sandbox.objects("invoice")) == 2


def test_a_charge_is_refunded_in_parts_but_never_beyond(client: Any, buy: Any):
    buy()
    [charge] = client.charges.list().data

    client.refunds.create({"charge": charge.id, "amount": 200})
    assert not client.charges.retrieve(charge.id).refunded
    with pytest.raises(stripe.InvalidRequestError, match="greater than"):
        client.refunds.create({"charge": charge.id, "amount": 301})
    client.refunds.create({"payment_intent": charge.payment_intent})

    assert client.charges.retrieve(charge.id).refunded
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.refunds.create({"charge": charge.id})
    assert caught.value.code == "charge_already_refunded"


def test_a_dispute_is_opened_and_decided_once(client: Any, sandbox: Sandbox, buy: Any):
    buy()
    [charge] = client.charges.list().data

    dispute = sandbox.dispute(charge.id)
    sandbox.close_dispute(dispute["id"], won=False)

    assert client.disputes.retrieve(dispute["id"]).status == "lost"
    assert [e["type"] for e in sandbox.events()][-2:] == ["charge.dispute.updated", "charge.dispute.closed"]


def test_a_test_clock_moves_the_clock_and_never_back(client: Any, sandbox: Sandbox):
    clock = client.test_helpers.test_clocks.create({"frozen_time": sandbox.account.now + 100})
    client.test_helpers.test_clocks.advance(clock.id, {"frozen_time": clock.frozen_time + 86400})

    assert sandbox.account.now >= clock.frozen_time + 86400
    with pytest.raises(stripe.InvalidRequestError, match="forward"):
        client.test_helpers.test_clocks.advance(clock.id, {"frozen_time": clock.frozen_time})
