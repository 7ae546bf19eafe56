"""The ledger of terms, kept from what Stripe says."""

from datetime import timedelta

import pytest

from billing.accounting import annual_amount
from billing.models import Subscription, Term
from billing.reconciling import reconcile_all
from billing.synchronising import synchronise_customer
from sandbox.stripe.subscribing import end_subscription


def change(till, user, **fields):
    till.stripe.account.save(till.subscription_of(user) | fields)
    synchronise_customer(user.customer)


def ledger(user):
    return [(term.annual_amount, term.is_trial, term.begins_as, term.ends_as) for term in Term.objects.filter(user=user)]


def test_the_first_payment_begins_a_term_and_looking_again_changes_nothing(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    for _ in range(3):
        synchronise_customer(reader.customer)
    assert ledger(reader) == [(8400, False, "new", "")]
    term = Term.objects.get()
    assert (term.plan, term.currency, term.starts_at) == (month.plan, "EUR", Subscription.objects.get().started_at)


def test_an_abandoned_first_payment_is_in_no_ledger(till, as_reader, reader, month):
    till.pay(as_reader, reader, month, "declined")
    reconcile_all()
    assert not Term.objects.exists()


def test_a_renewal_is_no_movement(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    with till.later(days=40):
        reconcile_all()
        assert ledger(reader) == [(8400, False, "new", "")]


def test_an_end_is_churn_from_the_moment_stripe_ended_it_and_a_return_is_told_from_new(till, as_reader, reader, month, year):
    theirs = till.subscribe(as_reader, reader, month)
    with till.later(days=3):
        end_subscription(till.stripe.account, till.subscription_of(reader))
    with till.later(days=5):
        synchronise_customer(reader.customer)
        ended = Subscription.objects.get(stripe_id=theirs["id"]).ended_at
        assert Term.objects.get().ends_at == ended
        till.subscribe(as_reader, reader, year)
    assert ledger(reader) == [(8400, False, "new", "churned"), (7000, False, "reactivated", "")]


def test_a_pause_stops_the_ledger_and_going_on_is_no_new_reader(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    change(till, reader, pause_collection={"behavior": "void", "resumes_at": None})
    change(till, reader, pause_collection=None)
    assert ledger(reader) == [(8400, False, "new", "paused"), (8400, False, "reactivated", "")]


def test_a_subscription_that_stripe_knows_no_more_ends_its_term(till, as_reader, reader, month):
    theirs = till.subscribe(as_reader, reader, month)
    till.stripe.account.store.rows("DELETE FROM objects WHERE id = ?", theirs["id"])
    synchronise_customer(reader.customer)
    assert ledger(reader) == [(8400, False, "new", "churned")]


def found(amount=700, interval="month", quantity=1, count=1, coupon=None):
    price = {"unit_amount": amount, "recurring": {"interval": interval, "interval_count": count}}
    return {
        "items": {"data": [{"price": price, "quantity": quantity}]},
        "discounts": [{"source": {"type": "coupon", "coupon": coupon}}] if coupon else ["di_unexpanded"],
    }


@pytest.mark.parametrize(
    ("subscription", "amount"),
    [
        (found(), 8400),
        (found(7000, "year"), 7000),
        (found(700, quantity=5), 42000),
        (found(2000, count=3), 8000),
        (found(coupon={"percent_off": 25.0, "duration": "forever"}), 6300),
        (found(coupon={"amount_off": 100, "duration": "repeating"}), 7200),
        (found(coupon={"percent_off": 100.0, "duration": "forever"}), 0),
        (found(coupon={"percent_off": 50.0, "duration": "once"}), 8400),
        (found(7000, "year", coupon={"amount_off": 9000, "duration": "forever"}), 0),
    ],
)
def test_a_year_is_counted_after_discounts(subscription, amount):
    assert annual_amount(subscription) == amount


def test_running_says_the_same_of_a_row_and_of_a_set(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    with till.later(days=3):
        end_subscription(till.stripe.account, till.subscription_of(reader))
        synchronise_customer(reader.customer)
    term = Term.objects.get()
    for at in (term.starts_at - timedelta(seconds=1), term.starts_at, term.ends_at - timedelta(seconds=1), term.ends_at):
        assert term.is_running(at=at) == Term.objects.running(at=at).exists()
