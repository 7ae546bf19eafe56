"""Money in the newsroom: refunds by button, comps from a person's page, and what needs somebody."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from billing.entitlements import entitlement_of
from billing.models import DoubleSubscription, Grant, Payment, Reconciliation, Subscription, WebhookEvent
from billing.synchronising import synchronise_customer
from tests.factories import make_payment, make_subscription, make_user


@pytest.fixture
def bookkeeper(db):
    user = make_user("books@example.com", is_staff=True)
    user.groups.add(Group.objects.get(name="Money"))
    return user


@pytest.fixture
def as_bookkeeper(client, bookkeeper):
    client.force_login(bookkeeper)
    return client


@pytest.fixture
def payment(till, client, reader, month):
    client.force_login(reader)
    till.subscribe(client, reader, month)
    client.logout()
    return Payment.objects.get()


def refund_page(payment):
    return reverse("admin:billing_payment_refund", args=[payment.pk])


def decide(client, payment, **fields):
    """Open the page, fill it in and press the button."""
    form = client.get(refund_page(payment)).context["form"]
    hidden = {field.name: field.value() for field in form.hidden_fields()}
    return client.post(
        refund_page(payment),
        {**hidden, "extent": "all", "reason": "requested_by_customer", "note": "Moved abroad", **fields},
        follow=True,
    )


def test_a_refund_in_full_goes_back_is_written_down_and_closes_what_it_paid_for(till, payment, as_bookkeeper, bookkeeper, reader):
    page = as_bookkeeper.get(reverse("admin:billing_payment_change", args=[payment.pk])).content.decode()
    assert refund_page(payment) in page
    assert "is on its way back" in decide(as_bookkeeper, payment).content.decode()
    (refund,) = till.stripe.objects("refund")
    assert (refund["amount"], refund["reason"], refund["metadata"]) == (700, "requested_by_customer", {"by": str(bookkeeper.pk)})
    assert not entitlement_of(reader).opens_everything
    assert Subscription.objects.get().status == "active"
    entry = LogEntry.objects.get()
    assert entry.user == bookkeeper and "€7: Moved abroad" in entry.get_change_message()
    page = as_bookkeeper.get(refund_page(payment), follow=True).content.decode()
    assert "went back already" in page and "Refund…" not in page


@pytest.mark.parametrize(
    ("won", "says"), [(True, "is on its way back"), (False, "a bank has taken it back"), (None, "a bank has taken it back")]
)
def test_of_what_was_disputed_only_what_was_won_is_refunded(till, payment, as_bookkeeper, reader, won, says):
    dispute = till.stripe.dispute(payment.stripe_charge_id)
    if won is not None:
        till.stripe.close_dispute(dispute["id"], won=won)
    synchronise_customer(reader.customer)
    page = as_bookkeeper.get(reverse("admin:billing_payment_change", args=[payment.pk])).content.decode()
    assert ("Refund…" in page) == bool(won)
    answer = decide(as_bookkeeper, payment) if won else as_bookkeeper.get(refund_page(payment), follow=True)
    assert says in answer.content.decode()
    payment.refresh_from_db()
    assert (payment.amount_refunded, len(till.stripe.objects("refund"))) == ((700, 1) if won else (0, 0))


def test_a_part_may_go_back_and_the_subscription_may_end_with_it(till, payment, as_bookkeeper, reader):
    decide(as_bookkeeper, payment, extent="part", amount="2.50")
    assert till.stripe.objects("refund")[0]["amount"] == 250 and entitlement_of(reader).opens_everything
    payment.refresh_from_db()
    decide(as_bookkeeper, payment, ends_subscription="on")
    assert till.stripe.objects("refund")[0]["amount"] == 450
    assert Subscription.objects.get().status == "canceled"


@pytest.mark.parametrize("amount", ["", "0", "-1", "7.01", "1.005", "many"])
def test_an_amount_that_cannot_be_is_refused(till, payment, as_bookkeeper, amount):
    assert decide(as_bookkeeper, payment, extent="part", amount=amount).context["form"].errors["amount"]
    assert till.stripe.objects("refund") == []


def test_yen_have_no_cents(db):
    from billing.admin.refunds import RefundForm

    payment = make_payment(currency="JPY", amount=900)
    fields = {"extent": "part", "reason": "duplicate", "note": "x", "key": "k", "seen_refunded": 0}
    form = RefundForm({**fields, "amount": "450"}, payment=payment)
    assert form.is_valid() and form.cleaned_data["minor_units"] == 450
    assert not RefundForm({**fields, "amount": "4.50"}, payment=payment).is_valid()


def test_pressing_twice_gives_back_once(till, payment, as_bookkeeper):
    form = as_bookkeeper.get(refund_page(payment)).context["form"]
    data = {field.name: field.value() for field in form.hidden_fields()}
    data |= {"extent": "part", "amount": "2", "reason": "duplicate", "note": "Twice"}
    as_bookkeeper.post(refund_page(payment), data)
    second = as_bookkeeper.post(refund_page(payment), data)
    assert "in the meantime" in second.content.decode()
    assert [refund["amount"] for refund in till.stripe.objects("refund")] == [200]


def test_after_a_fault_the_same_form_can_be_sent_again_and_gives_back_once(till, payment, as_bookkeeper):
    form = as_bookkeeper.get(refund_page(payment)).context["form"]
    data = {field.name: field.value() for field in form.hidden_fields()}
    data |= {"extent": "part", "amount": "2", "reason": "duplicate", "note": "Again"}
    # The work is done, and every answer is lost.
    till.stripe.set_faults(api="error_after")
    page = as_bookkeeper.post(refund_page(payment), data)
    assert "Press again" in page.content.decode() and page.context["form"]["key"].value() == data["key"]
    till.stripe.set_faults()
    as_bookkeeper.post(refund_page(payment), data)
    assert [refund["amount"] for refund in till.stripe.objects("refund")] == [200]
    payment.refresh_from_db()
    assert payment.amount_refunded == 200


def test_only_who_may_refund_sees_and_does_it(client, payment):
    user = make_user(is_staff=True)
    client.force_login(user)
    assert client.get(refund_page(payment)).status_code == 403
    user.groups.add(*Group.objects.exclude(name="Money"))
    assert client.get(refund_page(payment)).status_code == 403
    assert client.post(refund_page(payment), {"extent": "all"}).status_code == 403


def test_money_reads_all_about_money_and_changes_nothing_by_hand(as_bookkeeper, reader, month):
    make_subscription(reader, price=month)
    payment = make_payment(reader)
    for model in ("subscription", "payment", "customer", "webhookevent", "reconciliation", "doublesubscription", "grant"):
        assert as_bookkeeper.get(reverse(f"admin:billing_{model}_changelist")).status_code == 200
    assert as_bookkeeper.get(reverse("admin:billing_payment_delete", args=[payment.pk])).status_code == 403


def test_a_persons_page_leads_to_what_they_hold_and_to_a_comp(as_editor, editor, reader):
    page = as_editor.get(reverse("admin:accounts_user_change", args=[reader.pk])).content.decode()
    add = f"{reverse('admin:billing_grant_add')}?user={reader.pk}"
    assert add in page
    assert f"{reverse('admin:billing_payment_changelist')}?user__id__exact={reader.pk}" in page
    make_payment(reader)
    make_payment()
    listed = as_editor.get(f"{reverse('admin:billing_payment_changelist')}?user__id__exact={reader.pk}")
    assert listed.context["cl"].result_count == 1
    form = as_editor.get(add).context["adminform"].form
    assert form["user"].value() == str(reader.pk) and form["ends_at"].value() > timezone.now()


def test_a_comp_needs_a_reason_and_can_be_ended(as_editor, reader):
    moment = timezone.localtime()
    data = {"user": reader.pk, "kind": "comp", "reason": "", "starts_at_0": moment.date().isoformat(), "starts_at_1": "00:00:00"}
    response = as_editor.post(reverse("admin:billing_grant_add"), {**data, "ends_at_0": "", "ends_at_1": ""})
    assert "reason" in response.context["adminform"].form.errors and Grant.objects.count() == 0
    grant = Grant.objects.create(user=reader, reason="Jury")
    as_editor.post(reverse("admin:billing_grant_changelist"), {"action": "end_now", "_selected_action": [grant.pk]})
    assert not Grant.objects.in_force().exists()


def test_what_needs_somebody_is_told_on_the_first_page_and_leads_to_the_rows(as_editor, reader, month):
    row = make_subscription(reader, price=month, status="past_due")
    make_payment(reader, dispute="open")
    DoubleSubscription.objects.create(user=reader, customer=row.customer, stripe_id="sub_2", state="settled")
    moment = timezone.now()
    Reconciliation.objects.create(kind="nightly", started_at=moment, finished_at=moment, drift_count=2)
    WebhookEvent.objects.create(stripe_id="evt_1", kind="invoice.paid", payload={}, status="dead")
    tasks = {str(task.label): task for task in as_editor.get("/admin/").context["tasks"]}
    for label in ("events given up", "differences from Stripe", "double subscriptions", "payments in dispute", "payments overdue"):
        assert tasks[label].count == 1
        assert as_editor.get(tasks[label].url).context["cl"].result_count == 1, label
    for model, rows in (("reconciliation", Reconciliation), ("doublesubscription", DoubleSubscription)):
        chosen = {"action": "mark_seen", "_selected_action": [rows.objects.get().pk]}
        as_editor.post(reverse(f"admin:billing_{model}_changelist"), chosen)
        assert rows.objects.get().seen_at
    labels = {str(task.label) for task in as_editor.get("/admin/").context["tasks"]}
    assert not labels & {"differences from Stripe", "double subscriptions"}


@pytest.mark.parametrize("model", ["payment", "subscription", "doublesubscription", "reconciliation", "grant", "webhookevent", "customer"])
def test_a_list_asks_no_more_questions_the_longer_it_is(as_editor, month, django_assert_max_num_queries, model):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def add(number):
        user, moment = make_user(), timezone.now()
        row = make_subscription(user, price=month)
        make_payment(user)
        DoubleSubscription.objects.create(user=user, customer=row.customer, stripe_id=f"sub_d{number}", state="open")
        Reconciliation.objects.create(kind="nightly", started_at=moment, finished_at=moment)
        Grant.objects.create(user=user, reason="Jury", given_by=make_user())
        WebhookEvent.objects.create(stripe_id=f"evt_{number}", kind="invoice.paid", payload={})

    url = reverse(f"admin:billing_{model}_changelist")
    counts = []
    for numbers in (range(3), range(3, 6)):
        for number in numbers:
            add(number)
        as_editor.get(url)
        with CaptureQueriesContext(connection) as queries:
            as_editor.get(url)
        counts.append(len(queries))
    assert counts[0] == counts[1]
