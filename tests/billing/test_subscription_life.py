"""A subscription from its first payment to its end, as our mirror shows it."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from billing import stripe_client
from billing.entitlements import HoldingState, entitled_user_ids, entitlement_of, holding_of
from billing.models import Payment, Price, Subscription
from billing.reconciling import reconcile_all, reconcile_recent
from billing.synchronising import synchronise_customer
from sandbox.stripe.subscribing import end_subscription


def change(till, user, **fields):
    """Change a subscription at Stripe behind our back."""
    till.stripe.account.save(till.subscription_of(user) | fields)


def is_open(user):
    is_entitled = entitlement_of(user).opens_everything
    assert (user.pk in set(entitled_user_ids())) is is_entitled
    return is_entitled


def test_an_active_subscription_stays_open_a_day_longer_than_paid_and_no_more(till, as_reader, reader, month):
    theirs = till.subscribe(as_reader, reader, month)
    row = Subscription.objects.get(stripe_id=theirs["id"])
    assert row.price == month
    assert row.entitled_until == row.current_period_end + timedelta(hours=24)
    assert entitlement_of(reader, at=row.current_period_end + timedelta(hours=23)).opens_everything
    assert not entitlement_of(reader, at=row.entitled_until).opens_everything


def test_a_renewal_that_no_event_told_us_of_is_found_by_the_reconciler(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    with till.later(days=32):
        assert not is_open(reader)
        reconcile_recent()
        assert is_open(reader)
        assert entitlement_of(reader).until > timezone.now() + timedelta(days=20)


def test_cancelled_at_the_end_of_the_period_it_stays_open_to_that_second_by_any_clock(till, as_reader, reader, month):
    theirs = till.subscribe(as_reader, reader, month)
    end = theirs["items"]["data"][0]["current_period_end"]
    change(till, reader, cancel_at_period_end=True, cancel_at=end)
    synchronise_customer(reader.customer)
    row = Subscription.objects.get()
    assert row.is_ending and row.cancel_at == row.current_period_end
    assert row.entitled_until == row.cancel_at + timedelta(minutes=10), "as much as a clock may be wrong"
    assert is_open(reader)
    assert entitlement_of(reader, at=row.cancel_at - timedelta(seconds=1)).opens_everything
    assert not entitlement_of(reader, at=row.entitled_until).opens_everything
    assert holding_of(reader).state == HoldingState.ENDING
    with till.later(days=32):
        assert not is_open(reader), "even if no event ever comes"
        assert holding_of(reader).state == HoldingState.ENDED
        reconcile_recent()
        assert Subscription.objects.get().status == "canceled"
        assert holding_of(reader).state == HoldingState.ENDED


def test_cancel_and_resume_leaves_it_renewing(till, as_reader, reader, month):
    end = till.subscribe(as_reader, reader, month)["items"]["data"][0]["current_period_end"]
    for fields in ({"cancel_at_period_end": True, "cancel_at": end}, {"cancel_at_period_end": False, "cancel_at": None}):
        change(till, reader, **fields)
        synchronise_customer(reader.customer)
    assert Subscription.objects.get().cancel_at is None
    assert holding_of(reader).state == HoldingState.RENEWING


def test_a_debt_that_was_given_up_opens_nothing_although_stripe_calls_it_active(till, as_reader, reader, year):
    till.subscribe(as_reader, reader, year, renewals="declines")
    with till.later(days=367):
        reconcile_recent()
        invoice = till.stripe.objects("invoice")[0]
        stripe_client.client().v1.invoices.mark_uncollectible(invoice["id"])
        change(till, reader, status="active")
        synchronise_customer(reader.customer)
        assert Subscription.objects.get().status == "active"
        assert not is_open(reader)


def test_a_failed_payment_leaves_a_fortnight_from_the_unpaid_invoice(till, as_reader, reader, year):
    till.subscribe(as_reader, reader, year, renewals="declines")
    with till.later(days=367):
        reconcile_recent()
        row = Subscription.objects.get()
        assert row.status == "past_due" and is_open(reader)
        assert entitlement_of(reader).is_past_due
        assert row.current_period_end > timezone.now() + timedelta(days=300), "Stripe has moved the period on unpaid"
        assert row.entitled_until < timezone.now() + timedelta(days=14)
        assert holding_of(reader).state == HoldingState.PAST_DUE
        assert not entitlement_of(reader, at=timezone.now() + timedelta(days=14)).opens_everything


def test_grace_does_not_begin_anew_with_the_next_unpaid_invoice(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month, renewals="declines")
    till.stripe.account.store.set("dunning_end", "past_due")
    with till.later(days=70):
        reconcile_recent()
        change(till, reader, status="past_due")
        synchronise_customer(reader.customer)
        assert not is_open(reader)


def test_grace_is_over_without_any_webhook(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month, renewals="declines")
    with till.later(days=31, hours=2):
        synchronise_customer(reader.customer)
        assert Subscription.objects.get().status == "past_due" and is_open(reader)
        until = Subscription.objects.get().entitled_until
    assert not entitlement_of(reader, at=until).opens_everything


def test_a_payment_recovered_opens_the_period_again(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month, renewals="declines")
    with till.later(days=31, hours=2):
        synchronise_customer(reader.customer)
        assert entitlement_of(reader).is_past_due
        till.stripe.use_card(reader.customer.stripe_id, "succeeds")
        till.stripe.advance(days=8)
        for event in till.stripe.events("invoice.paid", "customer.subscription.updated"):
            till.deliver(event)
        assert not entitlement_of(reader).is_past_due
        assert Subscription.objects.get().status == "active" and is_open(reader)


@pytest.mark.parametrize("status", ["incomplete", "incomplete_expired", "unpaid", "paused", "canceled", "something_new"])
def test_every_other_state_opens_nothing(till, as_reader, reader, month, status, wire_problems):
    till.subscribe(as_reader, reader, month)
    change(till, reader, status=status)
    synchronise_customer(reader.customer)
    assert Subscription.objects.get().status == status
    assert not is_open(reader)
    # A word that Stripe has not invented yet is no fault of the wire.
    wire_problems[:] = [problem for problem in wire_problems if "something_new" not in problem]


def test_a_trial_opens_everything(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    change(till, reader, status="trialing")
    synchronise_customer(reader.customer)
    assert is_open(reader) and holding_of(reader).is_trial


def test_cancelled_now_it_closes_now_and_another_one_keeps_open(till, as_reader, reader, month, year):
    old = till.subscribe(as_reader, reader, month)
    end_subscription(till.stripe.account, till.stripe.object(old["id"]))
    synchronise_customer(reader.customer)
    assert not is_open(reader)
    till.subscribe(as_reader, reader, year)
    synchronise_customer(reader.customer)
    assert is_open(reader)
    assert sorted(Subscription.objects.values_list("status", flat=True)) == ["active", "canceled"]


def test_a_customer_deleted_at_stripe_loses_access_without_a_fault(till, as_reader, reader, month):
    theirs = till.subscribe(as_reader, reader, month)
    store = till.stripe.account.store
    store.rows("DELETE FROM objects WHERE id IN (?, ?)", theirs["id"], reader.customer.stripe_id)
    synchronise_customer(reader.customer)
    row = Subscription.objects.get()
    assert row.status == "canceled" and not is_open(reader)


def test_a_price_made_at_stripe_for_our_plan_is_kept_for_its_readers(till, as_reader, reader, month):
    theirs = till.subscribe(as_reader, reader, month)
    item = theirs["items"]["data"][0]
    item["price"] |= {"id": "price_of_old", "unit_amount": 500}
    till.stripe.account.save(theirs)
    synchronise_customer(reader.customer)
    price = Subscription.objects.get().price
    assert (price.amount, price.is_current, price.plan) == (500, False, month.plan)


@pytest.mark.parametrize(("where", "value"), [("site", "another"), ("kind", "donation"), ("price", "price_unknown")])
def test_a_subscription_to_something_else_opens_nothing(till, as_reader, reader, month, where, value):
    till.pay(as_reader, reader, month)
    theirs = till.subscription_of(reader)
    if where == "price":
        theirs["items"]["data"][0]["price"] |= {"id": value, "product": "prod_unknown"}
    else:
        theirs["metadata"] |= {where: value}
    till.stripe.account.save(theirs)
    synchronise_customer(reader.customer)
    assert Subscription.objects.count() == 0 and not is_open(reader)
    assert Price.objects.count() == 1


def test_the_reconciler_reports_and_repairs_drift(till, as_reader, reader, month, capsys):
    till.subscribe(as_reader, reader, month)
    Subscription.objects.update(status="canceled")
    call_command("stripe_reconcile", dry_run=True)
    assert "status was canceled, is active" in capsys.readouterr().out
    assert Subscription.objects.get().status == "canceled"
    call_command("stripe_reconcile")
    assert "1 fields repaired" in capsys.readouterr().out
    assert Subscription.objects.get().status == "active"
    assert reconcile_all().drifts == []


def test_reading_never_calls_stripe(till, as_reader, reader, month, settings):
    till.subscribe(as_reader, reader, month)
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    assert is_open(reader)
    assert holding_of(reader).state == HoldingState.RENEWING


def test_looking_after_a_reader_of_many_years_asks_the_database_no_more_than_for_a_new_one(till, as_reader, reader, month, count_queries):
    till.subscribe(as_reader, reader, month)
    counts = []
    for days in (62, 400):
        with till.later(days=days):
            synchronise_customer(reader.customer)
            with count_queries() as queries:
                synchronise_customer(reader.customer)
            counts.append((Payment.objects.count(), len(queries)))
    (few, as_few), (many, as_many) = counts
    assert many > few + 8
    assert as_many <= as_few
