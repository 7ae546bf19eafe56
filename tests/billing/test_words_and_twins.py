"""Words for sets and questions to one row are the same rule, told twice."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from billing.entitlements import Source, entitled_user_ids, entitlement_of
from billing.models import CheckoutAttempt, DoubleSubscription, Grant, Payment, Plan, Price, Reconciliation, Subscription, WebhookEvent
from billing.models.events import MAX_ATTEMPTS, wait_after
from tests.factories import make_payment, make_price, make_subscription, make_user

DAYS = (-400, -15, -1, 1, 15, 400)


def agree(word, predicate, rows):
    """Both must hold for some and fail for some, else they agree on nothing."""
    kept = set(word.values_list("pk", flat=True))
    assert kept == {row.pk for row in rows if predicate(row)}
    assert 0 < len(kept) < len(rows)


@pytest.fixture
def subscriptions(db):
    now = timezone.now()
    price = make_price()
    return [
        make_subscription(
            status=status, price=price, entitled_until=now + timedelta(days=day), current_period_end=now + timedelta(days=day)
        )
        for status in Subscription.Status
        for day in DAYS
    ]


def test_entitling(subscriptions):
    for day in (-20, 0, 20):
        at = timezone.now() + timedelta(days=day)
        agree(Subscription.objects.entitling(at=at), lambda row, at=at: row.is_entitling(at=at), subscriptions)


def test_live(subscriptions):
    agree(Subscription.objects.live(), lambda row: row.is_live, subscriptions)


def test_past_due(subscriptions):
    agree(Subscription.objects.past_due(), lambda row: row.is_past_due, subscriptions)


def test_overdue(subscriptions):
    for row in subscriptions[::2]:
        row.synchronised_at -= timedelta(days=399)
        row.save(update_fields=["synchronised_at"])
    agree(Subscription.objects.overdue(), lambda row: row.is_overdue(), subscriptions)


def test_of_plans(db):
    present, before = make_price(), make_price()
    rows = [
        make_subscription(price=price, held_plan=held) for price in (present, before, None) for held in (None, before.plan, present.plan)
    ]
    for price in (present, before):
        agree(Subscription.objects.of_plans([price.plan_id]), lambda row, price=price: row.is_of_plans([price.plan_id]), rows)


def test_in_force(db):
    now = timezone.now()
    moments = [now + timedelta(days=day) for day in DAYS]
    user = make_user()
    grants = [
        Grant.objects.create(user=user, starts_at=start, ends_at=end)
        for start in moments
        for end in [None, *moments]
        if not end or end > start
    ]
    for at in (now, now - timedelta(days=10), moments[0], moments[3]):
        agree(Grant.objects.in_force(at=at), lambda row, at=at: row.is_in_force(at=at), grants)


def test_waiting(db):
    now = timezone.now()
    events = [
        WebhookEvent.objects.create(
            stripe_id=f"evt_{status}{day}", kind="x", payload={}, status=status, next_attempt_at=now + timedelta(days=day)
        )
        for status in WebhookEvent.Status
        for day in DAYS
    ]
    agree(WebhookEvent.objects.waiting(), lambda row: row.is_waiting(), events)


def test_open_attempts(db):
    price = make_price()
    attempts = [
        CheckoutAttempt.objects.create(user=make_user(), price=price, status=status, stripe_session_id=f"cs_{status}")
        for status in CheckoutAttempt.Status
    ]
    agree(CheckoutAttempt.objects.open(), lambda row: row.is_open, attempts)


def test_prices_on_sale(db):
    plans = [Plan.objects.create(name=str(flag), slug=f"plan-{flag}", is_on_sale=flag) for flag in (True, False)]
    prices = [make_price(plan=plan, is_current=flag) for plan in plans for flag in (True, False)]
    agree(Price.objects.on_sale(), lambda row: row.is_on_sale, prices)


def test_the_one_door_and_its_set_agree(subscriptions):
    now = timezone.now()
    granted, gone = make_user(), make_user(is_active=False)
    Grant.objects.create(user=granted)
    Grant.objects.create(user=gone)
    users = [row.user for row in subscriptions] + [granted, gone, make_user()]
    for at in (now, now + timedelta(days=20), now - timedelta(days=20)):
        open_to = set(entitled_user_ids(at=at))
        assert open_to == {user.pk for user in users if entitlement_of(user, at=at).opens_everything}
        assert open_to and len(open_to) < len(users)


def test_the_one_door_and_its_set_agree_on_plans(db):
    lesser, greater = (Plan.objects.create(name=name, slug=name) for name in ("lesser", "greater"))
    prices = {plan: make_price(plan=plan) for plan in (lesser, greater)}
    users = {name: make_user() for name in ("lesser", "greater", "both", "no plan", "grant", "lesser grant", "greater grant", "nothing")}
    for name, held in (("lesser", [lesser]), ("greater", [greater]), ("both", [lesser, greater]), ("no plan", [None])):
        for plan in held:
            make_subscription(users[name], price=prices.get(plan))
    for name, plan in (("grant", None), ("lesser grant", lesser), ("greater grant", greater)):
        Grant.objects.create(user=users[name], plan=plan)
    opened = {
        (): set(users) - {"nothing"},
        (lesser,): {"lesser", "both", "grant", "lesser grant"},
        (greater,): {"greater", "both", "grant", "greater grant"},
        (lesser, greater): set(users) - {"nothing", "no plan"},
    }
    for plans, names in opened.items():
        ids = frozenset(plan.pk for plan in plans)
        assert {name for name, user in users.items() if entitlement_of(user).opens(ids)} == names
        assert set(entitled_user_ids(plan_ids=ids)) == {users[name].pk for name in names}


def test_what_is_paid_for_is_told_before_what_was_given_in_one_query(reader, django_assert_num_queries):
    Grant.objects.create(user=reader)
    make_subscription(reader, status="past_due", entitled_until=timezone.now() + timedelta(days=1), price=None)
    longer = make_subscription(reader, entitled_until=timezone.now() + timedelta(days=9))
    with django_assert_num_queries(1):
        found = entitlement_of(reader)
    assert (found.source, found.until, found.is_past_due) == (Source.SUBSCRIPTION, longer.entitled_until, False)
    assert found.is_of_every_plan and found.plan_ids == {longer.price.plan_id}


def test_a_grant_without_an_end_outlasts_one_with(reader):
    Grant.objects.create(user=reader, ends_at=timezone.now() + timedelta(days=9))
    Grant.objects.create(user=reader)
    assert entitlement_of(reader).until is None


def test_one_open_attempt_a_reader_is_a_rule_of_the_database(reader):
    price = make_price()
    CheckoutAttempt.objects.create(user=reader, price=price, stripe_session_id="cs_1")
    with pytest.raises(IntegrityError):
        CheckoutAttempt.objects.create(user=reader, price=price, stripe_session_id="cs_2")


def test_waits_grow_and_the_last_comes_within_days():
    waits = [wait_after(attempts) for attempts in range(1, MAX_ATTEMPTS)]
    assert waits == sorted(waits)
    assert timedelta(days=2) < sum(waits, timedelta()) < timedelta(days=4)


def test_words_about_payments(reader):
    rows = [
        make_payment(reader, amount_refunded=refunded, dispute=dispute, stripe_charge_id=charge and f"ch_{refunded}_{dispute}")
        for refunded in (0, 1, 700)
        for dispute in Payment.Dispute
        for charge in (None, "ch")
    ]
    agree(Payment.objects.standing(), lambda row: row.is_standing, rows)
    agree(Payment.objects.in_dispute(), lambda row: row.is_in_dispute, rows)
    agree(Payment.objects.refundable(), lambda row: row.is_refundable, rows)


def test_findings_that_nobody_has_seen(db):
    moment = timezone.now()
    rows = [
        Reconciliation.objects.create(
            kind="nightly", started_at=moment, finished_at=moment, drift_count=drifts, fault_count=faults, seen_at=seen_at
        )
        for drifts in (0, 1)
        for faults in (0, 1)
        for seen_at in (None, moment)
    ]
    agree(Reconciliation.objects.with_findings(), lambda row: row.has_findings, rows)
    agree(Reconciliation.objects.unseen(), lambda row: row.is_unseen, rows)


def test_doubles_that_nobody_has_seen(subscriber):
    fields = {"user": subscriber, "customer": subscriber.customer, "state": "open"}
    rows = [DoubleSubscription.objects.create(stripe_id=f"sub_{at}", seen_at=at, **fields) for at in (None, timezone.now())]
    agree(DoubleSubscription.objects.unseen(), lambda row: row.is_unseen, rows)
    DoubleSubscription.objects.filter(pk=rows[0].pk).update(state="settled")
    agree(DoubleSubscription.objects.settled(), lambda row: row.is_settled, list(DoubleSubscription.objects.all()))


@pytest.mark.parametrize(
    "fields",
    [{"amount": 0}, {"amount_refunded": 701}, {"currency": "eur"}, {"stripe_invoice_id": None}],
)
def test_a_payment_that_cannot_be_is_refused(reader, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_payment(reader, **fields)
