"""Whatever no event told us of is found by comparing: hourly what is late, nightly everything."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from billing.entitlements import entitlement_of
from billing.models import CheckoutAttempt, Customer, Payment, Reconciliation, Subscription, WebhookEvent
from billing.reconciling import forget_old_reports, reconcile_all, reconcile_recent
from billing.tasks import reconcile_all as nightly
from sandbox.application import Application
from sandbox.stripe.subscribing import end_subscription
from tests.factories import make_user


@pytest.fixture
def calls(monkeypatch):
    """What is asked of Stripe."""
    paths = []
    respond = Application.respond
    monkeypatch.setattr(Application, "respond", lambda self, request: paths.append(request.path) or respond(self, request))
    return paths


@pytest.fixture
def subscribed(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    return reader


def charge_of(till, user):
    return till.stripe.objects("charge", customer=user.customer.stripe_id)[0]


def change(till, user, **fields):
    till.stripe.account.save(till.subscription_of(user) | fields)


# What drifted is found and repaired -------------------------------------------------------------------------------


def test_when_nothing_differs_nobody_is_synchronised(till, subscribed, calls):
    report = reconcile_all()
    assert not report.drifts and not report.faults and report.counts["synchronised"] == 0
    assert {name: report.counts[name] for name in ("subscriptions", "customers", "sessions", "charges")} == dict.fromkeys(
        ("subscriptions", "customers", "sessions", "charges"), 1
    )


def test_the_number_of_calls_does_not_grow_with_the_customers(till, month, calls):
    counts = []
    for _ in range(2):
        for _ in range(3):
            user, client = make_user(), Client()
            client.force_login(user)
            till.subscribe(client, user, month)
        calls.clear()
        reconcile_all()
        counts.append(len(calls))
    assert counts[0] == counts[1] == 9


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "canceled"},
        {"current_period_end": timezone.now()},
        {"cancel_at": timezone.now()},
        {"entitled_until": timezone.now() + timedelta(days=900)},
        {"price": None},
        {"quantity": 5},
    ],
)
def test_a_row_that_is_wrong_is_found_repaired_and_reported(till, subscribed, month, fields):
    before = Subscription.objects.values().get()
    if "price" in fields:
        other = till.stripe.objects("price")[0] | {"id": "price_other", "unit_amount": 900}
        from billing.catalogue import price_from_stripe

        fields = {"price": price_from_stripe(other)}
    Subscription.objects.update(**fields)
    report = reconcile_all()
    assert [drift.field.removesuffix("_id") for drift in report.drifts] == list(fields)
    after = Subscription.objects.values().get()
    assert {**before, "synchronised_at": None} == {**after, "synchronised_at": None}
    row = Reconciliation.objects.get()
    assert (row.kind, row.drift_count, row.has_findings) == ("by_hand", 1, True)
    assert row.drifts[0]["id"].startswith("sub_") and subscribed.email not in json.dumps(row.drifts)


def test_a_row_that_is_missing_is_made(till, subscribed):
    Payment.objects.all().delete()
    Subscription.objects.all().delete()
    reconcile_all()
    assert Subscription.objects.count() == Payment.objects.count() == 1
    assert entitlement_of(subscribed).opens_everything


def test_a_row_that_stripe_does_not_know_is_ended(till, subscribed):
    till.stripe.account.store.rows("DELETE FROM objects WHERE kind IN ('subscription', 'customer')")
    reconcile_all()
    assert Subscription.objects.get().status == "canceled"


@pytest.mark.parametrize("amount", [None, 100])
def test_a_refund_that_nobody_told_us_of_is_found(till, subscribed, amount):
    till.stripe.refund(charge_of(till, subscribed)["id"], amount)
    assert [drift.field for drift in reconcile_all().drifts if drift.field == "amount_refunded"]
    assert entitlement_of(subscribed).opens_everything is (amount is not None)


def test_a_late_refund_and_its_failure_are_found(till, as_reader, reader, year):
    till.subscribe(as_reader, reader, year)
    with till.later(days=200):
        refund = till.stripe.refund(charge_of(till, reader)["id"])
        reconcile_all()
        assert not entitlement_of(reader).opens_everything
        till.stripe.fail_refund(refund["id"])
        reconcile_all()
        assert entitlement_of(reader).opens_everything


def test_a_dispute_of_long_ago_and_its_end_are_found(till, as_reader, reader, year):
    till.subscribe(as_reader, reader, year)
    with till.later(days=60):
        dispute = till.stripe.dispute(charge_of(till, reader)["id"])
        reconcile_all()
        assert not entitlement_of(reader).opens_everything
    with till.later(days=120):
        till.stripe.close_dispute(dispute["id"], won=True)
        reconcile_all()
        assert entitlement_of(reader).opens_everything


def test_a_purchase_whose_attempt_got_lost_is_found(till, as_reader, reader, month):
    till.pay(as_reader, reader, month)
    CheckoutAttempt.objects.all().delete()
    reconcile_all()
    assert entitlement_of(reader).opens_everything


def test_what_belongs_to_others_in_the_same_account_is_left_alone(till, subscribed, calls):
    account = till.stripe.account
    theirs = till.subscription_of(subscribed)
    account.save(till.stripe.object(subscribed.customer.stripe_id) | {"id": "cus_other", "metadata": {}})
    account.save(theirs | {"id": "sub_other", "customer": "cus_other", "metadata": {"site": "another"}})
    account.save(charge_of(till, subscribed) | {"id": "ch_other", "customer": "cus_other"})
    report = reconcile_all()
    assert report.counts["synchronised"] == 0 and Subscription.objects.count() == 1


# Reports ----------------------------------------------------------------------------------------------------------


def test_a_dry_run_says_the_same_and_changes_nothing(till, subscribed):
    Subscription.objects.update(status="canceled")
    reports = []
    for how in ({"dry_run": True}, {"dry_run": True}, {}):
        out = StringIO()
        call_command("stripe_reconcile", stdout=out, **how)
        reports.append(out.getvalue().replace("repaired", "differ"))
        if how:
            assert Subscription.objects.get().status == "canceled"
    assert "status was canceled, is active at Stripe" in reports[0] and "1 fields differ" in reports[0]
    assert reports[0] == reports[1]
    assert Subscription.objects.get().status == "active"
    assert list(Reconciliation.objects.order_by("pk").values_list("is_dry_run", flat=True)) == [True, True, False]


def test_when_stripe_is_down_it_stops_early_and_says_so(till, subscribed):
    till.stripe.set_faults(api="error")
    with pytest.raises(CommandError, match="doesn't answer"):
        call_command("stripe_reconcile", stdout=StringIO())
    row = Reconciliation.objects.get()
    assert row.was_stopped and row.fault_count == 3 and row.has_findings
    assert entitlement_of(subscribed).opens_everything


def test_the_nightly_task_keeps_a_report_and_forgets_old_ones(till, subscribed):
    nightly()
    assert Reconciliation.objects.get().kind == "nightly"
    Reconciliation.objects.update(started_at=timezone.now() - timedelta(days=40))
    assert forget_old_reports() == 1


def test_one_customer_that_fails_does_not_keep_the_others_from_being_looked_after(till, month, monkeypatch):
    users = []
    for _ in range(2):
        user, client = make_user(), Client()
        client.force_login(user)
        till.subscribe(client, user, month)
        users.append(user)
    Subscription.objects.update(status="canceled")
    from billing.stripe_client import StripeCallError
    from billing.synchronising import synchronise_customer

    def fail_for_first(customer, **how):
        if customer.user == users[0]:
            raise StripeCallError("broken")
        return synchronise_customer(customer, **how)

    monkeypatch.setattr("billing.reconciling.synchronise_customer", fail_for_first)
    report = reconcile_all()
    assert len(report.faults) == 1 and not report.was_stopped
    assert Subscription.objects.get(user=users[1]).status == "active"


# Every hour -------------------------------------------------------------------------------------------------------


def test_events_that_stripe_could_not_deliver_are_fetched_once_and_worked_on(
    till, as_reader, reader, month, django_capture_on_commit_callbacks
):
    attempt = till.pay(as_reader, reader, month)
    CheckoutAttempt.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        report = reconcile_recent()
    kept = WebhookEvent.objects.filter(kind="checkout.session.completed")
    assert kept.get().object_id == attempt.stripe_session_id and report.counts["events"] == WebhookEvent.objects.count()
    assert entitlement_of(reader).opens_everything
    assert not WebhookEvent.objects.filter(status="ignored").exists(), "what needs nothing done isn't fetched"
    with django_capture_on_commit_callbacks(execute=True):
        assert reconcile_recent().counts["events"] == 0


def test_webhook_only_return_only_and_reconciler_only_leave_the_same_rows(till, month):
    def by_webhook(client, attempt):
        for event in till.stripe.events():
            till.deliver(event)

    def by_return(client, attempt):
        till.come_back(client, attempt)

    def by_reconciler(client, attempt):
        reconcile_recent()

    def by_comparison(client, attempt):
        reconcile_all()

    ends = []
    own = ("id", "user_id", "customer_id", "stripe_id", "subscription_id", "synchronised_at", "number", "hosted_invoice_url", "invoice_pdf")
    moments = ("current_period_end", "entitled_until", "started_at", "paid_at", "period_start", "period_end")
    for way in (by_webhook, by_return, by_reconciler, by_comparison):
        user, client = make_user(), Client()
        client.force_login(user)
        attempt = till.pay(client, user, month)
        way(client, attempt)
        attempt.refresh_from_db()
        rows = [attempt.status]
        for model in (Subscription, Payment):
            found = model.objects.filter(user=user).values().get()
            start = found.get("started_at") or found["paid_at"]
            assert found["synchronised_at"]
            plain = {name: value for name, value in found.items() if name not in own and not name.startswith("stripe_")}
            rows.append({name: round((value - start).total_seconds(), -2) if name in moments else value for name, value in plain.items()})
        ends.append(rows)
        assert Customer.objects.get(user=user).synchronised_at
    assert ends[0] == ends[1] == ends[2] == ends[3]
    assert ends[0][0] == "complete" and ends[0][1]["status"] == "active"


def test_a_period_that_ended_unheard_of_is_looked_after_hourly_for_a_day_and_then_nightly(till, subscribed):
    change(till, subscribed, pause_collection={"behavior": "void"})
    end = Subscription.objects.get().current_period_end
    for hours, is_overdue in ((-1, False), (1, True), (23, True), (25, True)):
        assert Subscription.objects.overdue(at=end + timedelta(hours=hours)).exists() is is_overdue
    Subscription.objects.update(synchronised_at=end + timedelta(hours=24))
    assert not Subscription.objects.overdue(at=end + timedelta(days=9)).exists()


def test_a_day_after_the_period_without_renewal_there_is_no_access_whatever_happens(till, subscribed):
    end = Subscription.objects.get().current_period_end
    till.stripe.set_faults(api="error")
    assert entitlement_of(subscribed, at=end + timedelta(hours=23, minutes=59)).opens_everything
    assert not entitlement_of(subscribed, at=end + timedelta(hours=24)).opens_everything


def test_a_renewal_is_seen_in_time_without_any_webhook(till, subscribed):
    with till.later(days=31, hours=2):
        assert Subscription.objects.overdue().exists()
        reconcile_recent()
        assert entitlement_of(subscribed).opens_everything and not Subscription.objects.overdue().exists()
        assert Payment.objects.count() == 2


def test_ended_at_stripe_behind_our_back(till, subscribed):
    end_subscription(till.stripe.account, till.subscription_of(subscribed))
    reconcile_all()
    assert not entitlement_of(subscribed).opens_everything


# The wrong key ----------------------------------------------------------------------------------------------------


def forget_everything(till):
    """Answer as another account would, or the same one in the other mode."""
    till.stripe.account.store.rows("DELETE FROM objects")


def test_a_key_of_another_account_ends_nobodys_subscription(till, subscribed):
    forget_everything(till)
    report = reconcile_all()
    assert report.faults and Subscription.objects.get().status == "active"
    with till.later(days=31):
        assert reconcile_recent().faults
        assert Subscription.objects.get().status == "active"


def test_a_key_of_another_account_makes_no_second_customer(till, as_reader, subscribed, month):
    known = subscribed.customer.stripe_id
    forget_everything(till)
    assert till.choose(as_reader, month).status_code == 503
    assert Customer.objects.get().stripe_id == known


def test_one_customer_that_we_stumble_over_does_not_keep_the_others_from_being_looked_after(till, subscribed, monkeypatch):
    def stumble(customer, **how):
        raise KeyError("items")

    Subscription.objects.update(status="canceled")
    monkeypatch.setattr("billing.reconciling.synchronise_customer", stumble)
    report = reconcile_all()
    assert report.faults == [f"customer {subscribed.customer.pk}: KeyError"] and not report.was_stopped
    assert Reconciliation.objects.get().has_findings
