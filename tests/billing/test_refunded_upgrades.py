"""An upgrade whose payment went back leaves what was paid before it: not the dearer plan, and not nothing."""

import pytest

from billing.changing import change_price, preview_change
from billing.entitlements import entitled_user_ids, entitlement_of
from billing.models import Price, Subscription
from billing.synchronising import synchronise_customer
from tests.factories import make_group, make_group_plan, make_price, make_user


@pytest.fixture
def patron(db):
    """A dearer plan, by the month."""
    return make_price(amount=1500)


@pytest.fixture
def patron_year(patron):
    return make_price(plan=patron.plan, amount=15000, interval=Price.Interval.YEAR)


def opened(user):
    """Return what is reserved for which plans a reader may read, asked at both doors, which agree."""
    held = entitlement_of(user)
    by_query = {price.plan_id for price in Price.objects.all() if user.pk in entitled_user_ids(plan_ids=[price.plan_id])}
    assert by_query == set(held.plan_ids)
    return [name for name in Price.objects.values_list("plan__pk", flat=True).distinct() if held.opens([name])]


def upgrade(user, price):
    assert change_price(user, price, preview_change(user, price).token) == ""


def charges(till, user):
    return till.stripe.objects("charge", customer=user.customer.stripe_id, status="succeeded")


def test_it_falls_back_to_the_plan_that_was_paid_before(till, as_reader, reader, month, patron):
    till.subscribe(as_reader, reader, month)
    with till.later(days=10):
        upgrade(reader, patron)
        assert opened(reader) == [patron.plan_id]
        refund = till.stripe.refund(charges(till, reader)[0]["id"])
        synchronise_customer(reader.customer)
        assert opened(reader) == [month.plan_id]
        row = Subscription.objects.get()
        assert (row.price, row.held_plan) == (patron, month.plan), "what Stripe charges next is still the dearer price"
        assert f"{month.plan} is open to you" in as_reader.get("/account/billing/").content.decode()
        till.stripe.fail_refund(refund["id"])
        synchronise_customer(reader.customer)
        assert opened(reader) == [patron.plan_id]


def test_a_refund_in_part_keeps_the_dearer_plan(till, as_reader, reader, month, patron):
    till.subscribe(as_reader, reader, month)
    with till.later(days=10):
        upgrade(reader, patron)
        till.stripe.refund(charges(till, reader)[0]["id"], 1)
        synchronise_customer(reader.customer)
        assert opened(reader) == [patron.plan_id]


def test_a_disputed_upgrade_falls_back_while_the_bank_decides(till, as_reader, reader, month, patron):
    till.subscribe(as_reader, reader, month)
    with till.later(days=10):
        upgrade(reader, patron)
        dispute = till.stripe.dispute(charges(till, reader)[0]["id"])
        synchronise_customer(reader.customer)
        assert opened(reader) == [month.plan_id]
        till.stripe.close_dispute(dispute["id"], won=True)
        synchronise_customer(reader.customer)
        assert opened(reader) == [patron.plan_id]


def test_the_next_renewal_that_is_paid_brings_the_dearer_plan(till, as_reader, reader, month, patron):
    till.subscribe(as_reader, reader, month)
    with till.later(days=10):
        upgrade(reader, patron)
        till.stripe.refund(charges(till, reader)[0]["id"])
    with till.later(days=35):
        synchronise_customer(reader.customer)
        assert opened(reader) == [patron.plan_id]


def test_a_longer_and_dearer_price_refunded_leaves_the_month_that_was_paid(till, as_reader, reader, month, patron, patron_year):
    till.subscribe(as_reader, reader, month)
    paid_until = Subscription.objects.get().current_period_end
    with till.later(days=10):
        upgrade(reader, patron_year)
        till.stripe.refund(charges(till, reader)[0]["id"])
        synchronise_customer(reader.customer)
        assert opened(reader) == [month.plan_id]
        assert Subscription.objects.get().entitled_until == paid_until
    with till.later(days=40):
        assert opened(reader) == []


def test_of_two_upgrades_the_last_that_stayed_paid_counts(till, as_reader, reader, month, patron):
    third = make_price(amount=3000)
    till.subscribe(as_reader, reader, month)
    for days, price in ((5, patron), (10, third)):
        with till.later(days=days):
            upgrade(reader, price)
    with till.later(days=12):
        newest, _second, first = charges(till, reader)
        till.stripe.refund(newest["id"])
        synchronise_customer(reader.customer)
        assert opened(reader) == [patron.plan_id]
        till.stripe.refund(first["id"])
        synchronise_customer(reader.customer)
        assert opened(reader) == [patron.plan_id], "it was paid since, with what was left of the first taken off"


def test_the_first_payment_refunded_leaves_the_upgrade_that_was_paid(till, as_reader, reader, month, patron):
    till.subscribe(as_reader, reader, month)
    with till.later(days=10):
        upgrade(reader, patron)
        till.stripe.refund(charges(till, reader)[1]["id"])
        synchronise_customer(reader.customer)
        assert Subscription.objects.get().held_plan is None


def test_a_renewal_refunded_ends_it_whatever_the_plan_was(till, as_reader, reader, month, patron):
    till.subscribe(as_reader, reader, month)
    with till.later(days=10):
        upgrade(reader, patron)
    with till.later(days=35):
        till.stripe.refund(charges(till, reader)[0]["id"])
        synchronise_customer(reader.customer)
        assert opened(reader) == []


def test_who_sits_in_a_group_falls_back_with_it(db):
    member, lesser = make_user(), make_group_plan()
    make_price(plan=lesser)
    group = make_group(members=(member,))
    Subscription.objects.filter(pk=group.subscription_id).update(held_plan=lesser)
    assert opened(member) == [lesser.pk]
