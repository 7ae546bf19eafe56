"""Billing in the newsroom."""

import pytest
from django.urls import reverse
from django.utils import timezone

from billing.models import (
    CheckoutAttempt,
    Customer,
    DoubleSubscription,
    Grant,
    Payment,
    Plan,
    Price,
    Reconciliation,
    Subscription,
    SubscriptionSettings,
    WebhookEvent,
)
from tests.factories import make_payment, make_subscription, make_user


def address(model, what="changelist", *args):
    return reverse(f"admin:billing_{model._meta.model_name}_{what}", args=args)


@pytest.mark.parametrize(
    "model",
    [Plan, Customer, Subscription, Payment, DoubleSubscription, Reconciliation, Grant, CheckoutAttempt, WebhookEvent, SubscriptionSettings],
)
def test_every_list_and_row_shows(as_editor, reader, month, model):
    make_subscription(reader, price=month)
    make_payment(reader)
    drift = {"id": "sub_1", "field": "status", "ours": "<b>", "theirs": "active"}
    Reconciliation.objects.create(kind="nightly", started_at=timezone.now(), finished_at=timezone.now(), drifts=[drift], drift_count=1)
    DoubleSubscription.objects.create(user=reader, customer=reader.customer, stripe_id="sub_2", state="open")
    Grant.objects.create(user=reader, reason="Jury")
    CheckoutAttempt.objects.create(user=reader, price=month, stripe_session_id="cs_1")
    WebhookEvent.objects.create(stripe_id="evt_1", kind="invoice.paid", payload={})
    SubscriptionSettings.load()
    assert as_editor.get(address(model), follow=True).status_code == 200
    assert as_editor.get(address(model, "change", model.objects.first().pk)).status_code == 200


@pytest.mark.parametrize("model", [Customer, Subscription, Payment, DoubleSubscription, Reconciliation, CheckoutAttempt, WebhookEvent])
def test_what_stripe_says_is_not_edited(as_editor, reader, month, model):
    make_subscription(reader, price=month)
    assert as_editor.get(address(model, "add")).status_code == 403
    row = Subscription.objects.get()
    as_editor.post(address(Subscription, "change", row.pk), {"status": "canceled"})
    row.refresh_from_db()
    assert row.status == "active"


def test_an_editor_fetches_a_subscription_from_stripe(till, as_editor, editor, month):
    till.pay(as_editor, editor, month)
    customer = Customer.objects.get(user=editor)
    data = {"action": "synchronise_now", "_selected_action": [customer.pk]}
    assert "1 customer is up to date" in as_editor.post(address(Customer), data, follow=True).content.decode()
    row = Subscription.objects.get()
    Subscription.objects.update(status="canceled")
    as_editor.post(address(Subscription), {"action": "synchronise_now", "_selected_action": [row.pk]})
    assert Subscription.objects.get().status == "active"


def test_an_editor_is_told_when_stripe_does_not_answer(till, as_editor, editor, month):
    till.pay(as_editor, editor, month)
    till.stripe.set_faults(api="error")
    data = {"action": "synchronise_now", "_selected_action": [editor.customer.pk]}
    assert "Try again later" in as_editor.post(address(Customer), data, follow=True).content.decode()


def test_an_editor_replays_an_event_that_was_given_up(till, as_editor, editor, month):
    till.pay(as_editor, editor, month)
    session = till.session_of(editor)
    row = WebhookEvent.objects.create(
        stripe_id="evt_1", kind="checkout.session.completed", object_id=session, payload={"object": {}}, status="dead", attempts=20
    )
    as_editor.post(address(WebhookEvent), {"action": "replay", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert row.status == "done"
    assert Subscription.objects.get(user=editor).is_entitling()


def prices_form(plan, price, **changed):
    fields = {
        "interval": price.interval,
        "currency": price.currency,
        "amount": price.amount,
        "trial_days": 0,
        "is_current": "on",
        **changed,
    }
    rows = {f"prices-0-{name}": value for name, value in fields.items()}
    totals = {"prices-TOTAL_FORMS": 1, "prices-INITIAL_FORMS": 1, "prices-MIN_NUM_FORMS": 0, "prices-MAX_NUM_FORMS": 99}
    about = {"name": plan.name, "slug": plan.slug, "position": 0, "is_on_sale": "on", "min_seats": 2, "max_seats": 50}
    return {**about, **totals, **rows, "prices-0-id": price.pk, "prices-0-plan": plan.pk}


def test_a_new_amount_is_for_new_readers_only(as_editor, plan, month):
    Price.objects.filter(pk=month.pk).update(stripe_price_id="price_1")
    old = make_subscription(price=month)
    assert as_editor.post(address(Plan, "change", plan.pk), prices_form(plan, month, amount=900)).status_code == 302
    assert [(price.amount, price.is_current, price.stripe_price_id) for price in Price.objects.order_by("pk")] == [
        (700, False, "price_1"),
        (900, True, None),
    ]
    old.refresh_from_db()
    assert old.price.amount == 700


def test_a_price_for_students_is_a_new_one_so_that_nobody_who_pays_the_old_one_has_to_prove_anything(as_editor, plan, month):
    Price.objects.filter(pk=month.pk).update(stripe_price_id="price_1")
    row = make_subscription(price=month)
    as_editor.post(address(Plan, "change", plan.pk), prices_form(plan, month, for_students="on"))
    row.refresh_from_db()
    assert not row.price.for_students
    assert Price.objects.get(is_current=True).for_students


def test_an_amount_that_nobody_saw_yet_is_simply_corrected(as_editor, plan, month):
    as_editor.post(address(Plan, "change", plan.pk), prices_form(plan, month, amount=900))
    assert Price.objects.get().amount == 900


def test_a_comp_remembers_who_gave_it(as_editor, editor, reader):
    start = timezone.localtime()
    data = {"user": reader.pk, "kind": "comp", "reason": "Jury", "starts_at_0": start.date().isoformat(), "starts_at_1": "00:00:00"}
    response = as_editor.post(address(Grant, "add"), {**data, "ends_at_0": "", "ends_at_1": ""})
    assert response.status_code == 302, response.context["errors"]
    assert Grant.objects.get().given_by == editor


def test_a_colleague_without_the_right_replays_nothing(client, month):
    from django.contrib.auth.models import Permission

    user = make_user(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_webhookevent"))
    client.force_login(user)
    row = WebhookEvent.objects.create(stripe_id="evt_1", kind="x", payload={"object": {}}, status="dead")
    client.post(address(WebhookEvent), {"action": "replay", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert row.status == "dead"
