"""A gift stands after all that its reader holds, wherever that ends by then: no gap before it, and nothing of it lost."""

from datetime import timedelta

import pytest
from django.utils import timezone

from billing import stripe_client
from billing.entitlements import entitlement_of
from billing.leaving import undo_cancel
from billing.lining_up import line_up_everybody, line_up_gifts
from billing.models import Grant, Payment, Subscription
from billing.pausing import pause
from billing.synchronising import synchronise_customer
from tests.billing.gifting import bought, charge_of, lasts, path_of
from tests.factories import make_payment, make_subscription

A_MINUTE = timedelta(minutes=1)


def is_open(user):
    return entitlement_of(user).opens_everything


def begins(gift):
    """Return when a gift begins; grant and gift say the same."""
    gift.refresh_from_db()
    assert (gift.grant.starts_at, gift.grant.ends_at) == (gift.starts_at, gift.ends_at)
    return gift.starts_at


def begins_now(gift):
    return abs(begins(gift) - timezone.now()) < A_MINUTE


@pytest.fixture
def waiting(till, as_reader, reader, month, year, as_friend, friend):
    """A gift of a year, accepted by somebody whose paid month then ends."""
    gift = bought(till, as_reader, reader, year)
    till.subscribe(as_friend, friend, month)
    as_friend.post(path_of(gift), {"although": "renews"})
    assert begins(gift) == Subscription.objects.get(user=friend).cancel_at
    return gift


# What is held ends early -----------------------------------------------------------------------------------------


def test_cancelled_at_once_it_is_followed_at_once(till, waiting, friend):
    stripe_client.cancel_subscription(till.subscription_of(friend)["id"])
    till.deliver(till.stripe.events("customer.subscription.deleted")[-1])
    assert begins_now(waiting) and lasts(waiting, 365) and is_open(friend)


def test_refunded_in_full_it_is_followed_at_once(till, waiting, friend):
    till.stripe.refund(charge_of(till, friend)["id"])
    till.deliver(till.stripe.events("charge.refunded")[-1])
    assert begins_now(waiting) and lasts(waiting, 365) and is_open(friend)


def test_without_any_event_the_comparison_closes_the_gap(till, waiting, friend):
    stripe_client.cancel_subscription(till.subscription_of(friend)["id"])
    synchronise_customer(friend.customer)
    assert begins_now(waiting) and is_open(friend)


def test_a_dispute_lets_it_begin_and_one_that_is_won_puts_it_back_whole(till, waiting, friend):
    ends = begins(waiting)
    dispute = till.stripe.dispute(charge_of(till, friend)["id"])
    till.deliver(till.stripe.events("charge.dispute.created")[-1])
    assert begins_now(waiting) and is_open(friend)
    with till.later(days=5):
        till.stripe.close_dispute(dispute["id"], won=True)
        till.deliver(till.stripe.events("charge.dispute.closed")[-1])
        assert begins(waiting) == ends and lasts(waiting, 365) and is_open(friend)


def test_those_behind_it_follow(till, as_reader, reader, month, waiting, as_friend, friend):
    second = bought(till, as_reader, reader, month, months=1)
    as_friend.post(path_of(second))
    assert begins(second) == waiting.ends_at
    stripe_client.cancel_subscription(till.subscription_of(friend)["id"])
    synchronise_customer(friend.customer)
    assert begins_now(waiting) and begins(second) == waiting.ends_at


def test_a_gift_whose_money_goes_back_lets_the_next_one_begin(till, as_reader, reader, month, year, as_friend, friend):
    first, second = bought(till, as_reader, reader, year), bought(till, as_reader, reader, month, months=1)
    as_friend.post(path_of(first))
    as_friend.post(path_of(second))
    dispute = till.stripe.dispute(till.stripe.object(first.stripe_payment_intent_id)["latest_charge"])
    till.deliver(till.stripe.events("charge.dispute.created")[-1])
    assert begins_now(second) and is_open(friend)
    with till.later(days=10):
        till.stripe.close_dispute(dispute["id"], won=True)
        till.deliver(till.stripe.events("charge.dispute.closed")[-1])
        assert begins(first) == second.ends_at and lasts(first, 365), "behind the one that runs by now"
        assert lasts(second, 31)


def test_what_is_paid_for_while_a_bank_looks_at_a_gift_makes_it_no_longer(till, waiting, as_friend, friend, reader):
    dispute = till.stripe.dispute(till.stripe.object(waiting.stripe_payment_intent_id)["latest_charge"])
    till.deliver(till.stripe.events("charge.dispute.created")[-1])
    undo_cancel(friend)
    with till.later(days=70):
        synchronise_customer(friend.customer)
        till.stripe.close_dispute(dispute["id"], won=True)
        till.deliver(till.stripe.events("charge.dispute.closed")[-1])
        assert begins(waiting) == Subscription.objects.get(user=friend).open_until and lasts(waiting, 365)


def test_access_that_the_newsroom_ends_is_followed_within_the_hour(till, as_reader, reader, month, as_friend, friend):
    comp = Grant.objects.create(user=friend, reason="An author", ends_at=timezone.now() + timedelta(days=90))
    gift = bought(till, as_reader, reader, month, months=1)
    as_friend.post(path_of(gift))
    assert begins(gift) == comp.ends_at
    Grant.objects.filter(pk=comp.pk).update(ends_at=timezone.now())
    line_up_everybody()
    assert begins_now(gift) and lasts(gift, 31)


# What is held goes on --------------------------------------------------------------------------------------------


def test_while_a_subscription_renews_it_waits_and_nothing_of_it_is_lost(till, waiting, friend):
    undo_cancel(friend)
    for days in (31, 62, 93):
        with till.later(days=days):
            synchronise_customer(friend.customer)
            assert begins(waiting) > timezone.now() + timedelta(days=20)
    with till.later(days=95):
        stripe_client.cancel_subscription(till.subscription_of(friend)["id"])
        synchronise_customer(friend.customer)
        assert begins_now(waiting) and lasts(waiting, 365)


def test_a_renewal_that_we_hear_of_late_takes_nothing_from_it(till, waiting, friend):
    undo_cancel(friend)
    with till.later(days=40):
        waiting.refresh_from_db()
        assert waiting.starts_at < timezone.now(), "we heard nothing for more than a day: it began rather than leave a gap"
        assert is_open(friend)
        synchronise_customer(friend.customer)
        assert begins(waiting) > timezone.now() and lasts(waiting, 365)


def test_the_end_taken_back_and_decided_again_ends_where_it_was(till, waiting, as_friend, friend):
    ends = begins(waiting)
    undo_cancel(friend)
    assert begins(waiting) >= ends
    assert "A gift waits until your subscription ends" in as_friend.get("/account/billing/").content.decode()
    as_friend.post("/account/billing/cancel/")
    assert begins(waiting) == ends
    assert "A gift begins on" in as_friend.get("/account/billing/").content.decode()


def test_it_follows_a_pause_and_waits_on_with_what_is_left_once_payments_go_on(till, waiting, friend):
    undo_cancel(friend)
    pause(friend, months=2)
    paid_until = Subscription.objects.get(user=friend).entitled_until
    assert begins(waiting) == paid_until
    with till.later(days=95):
        synchronise_customer(friend.customer)
        assert begins(waiting) > timezone.now()
        last = Payment.objects.filter(user=friend).latest("period_start")
        left = timedelta(days=365) - (last.period_start - paid_until)
        assert abs((waiting.ends_at - waiting.starts_at) - left) <= timedelta(days=1)


def test_who_subscribes_while_a_gift_runs_has_both_as_they_chose(till, as_reader, reader, year, as_friend, friend):
    gift = bought(till, as_reader, reader, year)
    as_friend.post(path_of(gift))
    began = begins(gift)
    row = make_subscription(friend)
    Subscription.objects.filter(pk=row.pk).update(started_at=timezone.now())
    make_payment(friend, subscription=row, period_start=timezone.now())
    line_up_gifts(friend)
    assert begins(gift) == began


def test_during_grace_it_waits_for_the_end_of_it(till, as_reader, reader, year, as_friend, friend):
    ends = timezone.now() + timedelta(days=20)
    row = make_subscription(friend, cancel_at=ends, current_period_end=ends, entitled_until=ends)
    gift = bought(till, as_reader, reader, year)
    as_friend.post(path_of(gift))
    grace = timezone.now() + timedelta(days=9)
    Subscription.objects.filter(pk=row.pk).update(status="past_due", cancel_at=None, entitled_until=grace)
    line_up_gifts(friend)
    assert begins(gift) == grace


@pytest.mark.parametrize("order", ["forwards", "backwards"])
def test_the_order_of_events_changes_nothing(till, waiting, friend, order):
    undo_cancel(friend)
    with till.later(days=31):
        stripe_client.cancel_subscription(till.subscription_of(friend)["id"])
        events = till.stripe.events()
        for event in events if order == "forwards" else reversed(events):
            till.deliver(event)
        assert begins_now(waiting) and lasts(waiting, 365) and is_open(friend)


def test_looking_again_changes_nothing(till, waiting, friend):
    began = begins(waiting)
    for _ in range(3):
        line_up_everybody()
        synchronise_customer(friend.customer)
    assert begins(waiting) == began


def test_a_reader_without_gifts_costs_one_query(reader, django_assert_num_queries):
    with django_assert_num_queries(1):
        line_up_gifts(reader)
