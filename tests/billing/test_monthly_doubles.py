"""Two tabs begin no two monthly contributions; where a race does, the newer goes back."""

import pytest

from billing import stripe_client
from billing.contributions import totals
from billing.models import CheckoutAttempt, Contribution, ContributionSettings, DoubleSubscription, Mail, Payment, Subscription
from billing.synchronising import synchronise_customer
from tests.billing.test_contributions import give, given, wish


@pytest.fixture(autouse=True)
def _open(db):
    rules = ContributionSettings.load()
    rules.is_open = True
    rules.save()


def monthly_sessions(till, status="open"):
    return [session for session in till.stripe.objects("checkout.session", status=status) if session["mode"] == "subscription"]


@pytest.fixture
def raced(till, as_reader, reader, monkeypatch):
    """Two sessions that were both open and both paid, the first of them by €5 a month; nobody came back yet."""
    monkeypatch.setattr(stripe_client, "list_open_sessions", lambda customer: [])
    for amount in ("5", "20"):
        assert wish(as_reader, "month", amount=amount).status_code == 303
    monkeypatch.undo()
    attempts = list(CheckoutAttempt.objects.order_by("pk"))
    for number, attempt in enumerate(attempts):
        till.stripe.complete_checkout(attempt.stripe_session_id)
        found = till.stripe.object(till.stripe.object(attempt.stripe_session_id)["subscription"])
        till.stripe.account.save(found | {"created": found["created"] + number})
    return attempts


def test_another_amount_closes_the_session_of_the_first(till, as_reader, reader):
    first = wish(as_reader, "month", amount="5").headers["Location"]
    assert wish(as_reader, "month", amount="20").headers["Location"] != first
    (session,) = monthly_sessions(till)
    assert session["amount_subtotal"] == 2000
    assert wish(as_reader, "month", amount="20").headers["Location"] == session["url"], "the same once more is the same session"
    assert list(CheckoutAttempt.objects.open().values_list("stripe_session_id", flat=True)) == [session["id"]]


def test_a_session_that_nobody_here_knows_of_is_closed_too(till, as_reader, reader):
    wish(as_reader, "month", amount="5")
    CheckoutAttempt.objects.all().delete()
    wish(as_reader, "month", amount="20")
    assert len(monthly_sessions(till)) == 1


def test_what_is_given_once_is_left_alone(till, as_reader, reader):
    for every in ("once", "month"):
        wish(as_reader, every, amount="9")
    assert len(till.stripe.objects("checkout.session", status="open")) == 2


def test_who_has_just_paid_in_another_tab_begins_no_second(till, as_reader, reader):
    give(till, as_reader, reader, "month")
    assert not Subscription.objects.exists(), "nothing told us yet"
    response = wish(as_reader, "month", amount="20")
    assert response.headers["Location"] == "/account/contributions/"
    assert monthly_sessions(till) == [] and Subscription.objects.get().kind == "contribution"


def test_of_two_that_were_paid_the_newer_goes_back_unthanked(till, as_reader, reader, raced):
    pages = [till.come_back(as_reader, attempt).content.decode() for attempt in raced]
    older, newer = (Contribution.objects.get(pk=attempt.subject_id) for attempt in raced)
    assert "You give €5 every month" in pages[0]
    assert "given back" in pages[1] and "You give €20" not in pages[1]
    assert [till.stripe.object(row.stripe_subscription_id)["status"] for row in (older, newer)] == ["active", "canceled"]
    assert sorted(Payment.objects.values_list("amount", "amount_refunded")) == [(500, 0), (2000, 2000)]
    row = DoubleSubscription.objects.get()
    assert (row.stripe_id, row.other_stripe_id, row.state) == (newer.stripe_subscription_id, older.stripe_subscription_id, "settled")
    assert Mail.objects.filter(name="contribution").count() == 1
    assert older.withdrawn_at is None and newer.withdrawn_at is not None
    assert totals().this_month == 500
    assert "given back" in as_reader.get("/account/contributions/").content.decode()


def test_in_whatever_order_they_are_heard_of(till, as_reader, reader, raced):
    for event in till.stripe.events("checkout.session.completed")[::-1]:
        till.deliver(event)
    assert Mail.objects.filter(name="contribution").count() == 1
    assert [(row.amount, row.withdrawn_at is None) for row in Contribution.objects.order_by("amount")] == [(500, True), (2000, False)]
    assert synchronise_customer(reader.customer) == []


def test_one_that_was_stopped_is_no_double_of_the_next(till, as_reader, reader):
    row = given(till, as_reader, reader, "month")
    as_reader.post(f"/account/contributions/{row.pk}/stop/")
    given(till, as_reader, reader, "month", amount="20")
    assert sorted(Subscription.objects.values_list("status", flat=True)) == ["active", "canceled"]
    assert not DoubleSubscription.objects.exists()
