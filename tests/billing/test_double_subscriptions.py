"""A second subscription by a race: undone by itself, seen by the newsroom, and never at the reader's cost."""

import pytest

from billing import stripe_client
from billing.entitlements import entitlement_of
from billing.models import DoubleSubscription, Payment, Subscription
from billing.stripe_client import StripeCallError
from billing.synchronising import synchronise_customer
from sandbox.stripe.payment_methods import SUCCEEDS, attach, new_method
from sandbox.stripe.subscribing import start_subscription


def subscribe_again(till, user, **how):
    """Start a subscription beside the one there is, as a race of two sessions would."""
    account = till.stripe.account
    first = till.stripe.objects("subscription", customer=user.customer.stripe_id)[-1]
    customer = till.stripe.object(user.customer.stripe_id)
    method = attach(account, new_method(account, SUCCEEDS), customer["id"])
    price = first["items"]["data"][0]["price"]
    how = {"metadata": first["metadata"], **how}
    second = start_subscription(account, customer=customer, items=[(price, 1)], currency="eur", method=method, **how)
    return account.save(second | {"created": first["created"] + 1})


def state_of(till, subscription):
    return till.stripe.object(subscription["id"])["status"]


def refunded(till):
    return sorted(refund["amount"] for refund in till.stripe.objects("refund"))


def test_the_newer_is_cancelled_and_refunded_and_the_newsroom_sees_it(till, as_reader, reader, month, caplog):
    first = till.subscribe(as_reader, reader, month)
    second = subscribe_again(till, reader)
    synchronise_customer(reader.customer)
    assert (state_of(till, first), state_of(till, second)) == ("active", "canceled")
    assert refunded(till) == [700]
    row = DoubleSubscription.objects.get()
    assert (row.stripe_id, row.other_stripe_id, row.state, row.is_unseen) == (second["id"], first["id"], "settled", True)
    assert sorted(Payment.objects.values_list("amount_refunded", flat=True)) == [0, 700]
    assert entitlement_of(reader).opens_everything
    assert second["id"] in caplog.text and reader.email not in caplog.text


def test_doing_it_again_refunds_nothing_more(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    subscribe_again(till, reader)
    for _ in range(3):
        synchronise_customer(reader.customer)
    assert refunded(till) == [700]
    assert DoubleSubscription.objects.count() == 1
    assert synchronise_customer(reader.customer) == []


@pytest.mark.parametrize("call", ["cancel_subscription", "create_refund"])
def test_what_breaks_off_half_way_is_taken_up_again(till, as_reader, reader, month, monkeypatch, call):
    till.subscribe(as_reader, reader, month)
    second = subscribe_again(till, reader)

    def down(*args, **kwargs):
        raise StripeCallError("no answer")

    monkeypatch.setattr(stripe_client, call, down)
    with pytest.raises(StripeCallError):
        synchronise_customer(reader.customer)
    assert DoubleSubscription.objects.count() == 0
    monkeypatch.undo()
    synchronise_customer(reader.customer)
    assert state_of(till, second) == "canceled" and refunded(till) == [700]
    assert DoubleSubscription.objects.get().state == "settled"


def test_a_charge_that_stripe_will_not_refund_keeps_nobody_from_their_articles(till, as_reader, reader, month, monkeypatch, caplog):
    till.subscribe(as_reader, reader, month)
    second = subscribe_again(till, reader)

    def refuse(**kwargs):
        raise StripeCallError("too old", is_refused=True)

    monkeypatch.setattr(stripe_client, "create_refund", refuse)
    synchronise_customer(reader.customer)
    assert state_of(till, second) == "canceled"
    assert entitlement_of(reader).opens_everything
    assert "somebody must give it back" in caplog.text


def test_money_that_arrives_after_the_end_goes_back_as_well(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    second = subscribe_again(till, reader, behaviour="delayed")
    till.stripe.account.save(till.stripe.object(second["id"]) | {"status": "active"})
    synchronise_customer(reader.customer)
    assert state_of(till, second) == "canceled" and refunded(till) == []
    (intent,) = till.stripe.objects("payment_intent", status="processing")
    till.stripe.settle(intent["id"])
    synchronise_customer(reader.customer)
    assert refunded(till) == [700]


def test_what_a_double_took_and_a_bank_gave_back_to_us_goes_back_to_the_reader(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    subscribe_again(till, reader)
    dispute = till.stripe.dispute(till.stripe.objects("charge")[0]["id"])
    synchronise_customer(reader.customer)
    assert refunded(till) == []
    till.stripe.close_dispute(dispute["id"], won=True)
    synchronise_customer(reader.customer)
    assert refunded(till) == [700]


def test_the_one_that_pays_is_never_cancelled_for_an_older_that_does_not(till, as_reader, reader, month):
    first = till.subscribe(as_reader, reader, month)
    second = subscribe_again(till, reader)
    till.stripe.account.save(till.stripe.object(first["id"]) | {"status": "unpaid"})
    synchronise_customer(reader.customer)
    assert state_of(till, second) == "active" and refunded(till) == []
    assert DoubleSubscription.objects.get().state == "open"
    assert entitlement_of(reader).opens_everything


def test_an_older_one_that_runs_out_is_no_double(till, as_reader, reader, month):
    first = till.subscribe(as_reader, reader, month)
    end = first["items"]["data"][0]["current_period_end"]
    till.stripe.account.save(till.stripe.object(first["id"]) | {"cancel_at": end, "cancel_at_period_end": True})
    second = subscribe_again(till, reader)
    synchronise_customer(reader.customer)
    assert state_of(till, second) == "active" and refunded(till) == []
    assert DoubleSubscription.objects.count() == 0


@pytest.mark.parametrize("metadata", [{"kind": "contribution"}, {"kind": "group"}, {"site": "another"}])
def test_what_is_no_subscription_of_their_own_is_no_double(till, as_reader, reader, month, metadata):
    first = till.subscribe(as_reader, reader, month)
    second = subscribe_again(till, reader, metadata=first["metadata"] | metadata)
    synchronise_customer(reader.customer)
    assert state_of(till, second) == "active" and DoubleSubscription.objects.count() == 0


def test_doubles_that_ran_side_by_side_for_long_wait_for_a_person(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    second = subscribe_again(till, reader)
    with till.later(days=4):
        synchronise_customer(reader.customer)
        assert state_of(till, second) == "active" and refunded(till) == []
        assert DoubleSubscription.objects.get().state == "open"
        stripe_client.cancel_subscription(second["id"])
        synchronise_customer(reader.customer)
        assert DoubleSubscription.objects.get().state == "over"


def test_a_dry_run_cancels_and_refunds_nothing(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    second = subscribe_again(till, reader)
    assert synchronise_customer(reader.customer, is_dry_run=True)
    assert state_of(till, second) == "active" and refunded(till) == []
    assert (DoubleSubscription.objects.count(), Subscription.objects.count()) == (0, 1)
