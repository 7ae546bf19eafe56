"""Back from Stripe: with a webhook before, after, or never."""

from functools import partial

import pytest

from billing.entitlements import entitlement_of
from billing.models import CheckoutAttempt, Subscription
from billing.reconciling import reconcile_recent
from tests.factories import make_user


def test_the_return_page_opens_everything_by_itself(till, as_reader, reader, month):
    attempt = till.pay(as_reader, reader, month)
    assert not entitlement_of(reader).opens_everything
    response = till.come_back(as_reader, attempt)
    assert "Thank you" in response.content.decode()
    assert entitlement_of(reader).opens_everything
    attempt.refresh_from_db()
    assert attempt.status == "complete" and attempt.closed_at


def test_the_reader_goes_on_where_they_came_from(till, as_reader, reader, month):
    till.choose(as_reader, month, next="/the-storm-bonus/")
    attempt = CheckoutAttempt.objects.get()
    till.stripe.complete_checkout(attempt.stripe_session_id)
    assert 'href="/the-storm-bonus/"' in till.come_back(as_reader, attempt).content.decode()


def test_webhook_then_return_and_return_then_webhook_end_the_same(till, client, month):
    ends = []
    for order in ("webhook first", "return first"):
        user = make_user()
        client.force_login(user)
        attempt = till.pay(client, user, month)
        event = till.stripe.events("checkout.session.completed")[-1]
        steps = [partial(till.come_back, client, attempt), partial(till.deliver, event)]
        for step in reversed(steps) if order == "webhook first" else steps:
            assert step().status_code == 200
            assert entitlement_of(user).opens_everything
        row = Subscription.objects.get(user=user)
        ends.append((row.status, CheckoutAttempt.objects.get(user=user).status))
    assert ends[0] == ends[1] == ("active", "complete")


def test_without_return_and_webhook_the_reconciler_finds_it(till, as_reader, reader, month):
    till.pay(as_reader, reader, month)
    report = reconcile_recent()
    assert report.counts["checkouts"] == 1 and not report.faults
    assert entitlement_of(reader).opens_everything


def test_a_foreign_or_guessed_session_is_not_found(till, client, reader, month):
    thief = make_user()
    client.force_login(reader)
    attempt = till.pay(client, reader, month)
    assert till.come_back(client, attempt, session_id="cs_test_guess").status_code == 404
    assert till.come_back(client, attempt, reference="guess").status_code == 404
    assert client.get("/subscribe/return/").status_code == 404
    client.force_login(thief)
    assert till.come_back(client, attempt).status_code == 404
    assert not entitlement_of(thief).opens_everything


def test_the_return_page_needs_the_sign_in(till, as_reader, reader, month, client):
    attempt = till.pay(as_reader, reader, month)
    as_reader.logout()
    assert till.come_back(as_reader, attempt).status_code == 302


def test_completed_but_unpaid_opens_nothing_and_looks_again_without_script(till, as_reader, reader, month):
    attempt = till.pay(as_reader, reader, month, "delayed")
    response = till.come_back(as_reader, attempt)
    text = response.content.decode()
    assert '<meta http-equiv="refresh"' in text and "being processed" in text
    assert not entitlement_of(reader).opens_everything
    for event in till.stripe.events():
        till.deliver(event)
    assert not entitlement_of(reader).opens_everything
    # Choosing again leads back here, not to a second purchase.
    assert till.choose(as_reader, month).headers["Location"].startswith(("/subscribe/return/", "/account/billing/"))
    assert len(till.stripe.objects("checkout.session")) == 1


@pytest.mark.parametrize("is_paid", [True, False])
def test_a_delayed_payment_opens_everything_when_it_arrives_and_only_then(till, as_reader, reader, month, is_paid):
    attempt = till.pay(as_reader, reader, month, "delayed")
    till.come_back(as_reader, attempt)
    (intent,) = till.stripe.objects("payment_intent")
    till.stripe.settle(intent["id"], paid=is_paid)
    kind = "succeeded" if is_paid else "failed"
    till.deliver(till.stripe.events(f"checkout.session.async_payment_{kind}")[0])
    assert entitlement_of(reader).opens_everything is is_paid
    attempt.refresh_from_db()
    assert attempt.status == ("complete" if is_paid else "open")


def test_a_bank_debit_that_stripe_calls_active_before_it_is_paid_opens_nothing(till, as_reader, reader, month):
    attempt = till.pay(as_reader, reader, month, "delayed")
    till.stripe.account.save(till.subscription_of(reader) | {"status": "active"})
    till.come_back(as_reader, attempt)
    assert Subscription.objects.get().status == "active"
    assert not entitlement_of(reader).opens_everything


def test_when_stripe_fails_on_the_way_back_the_page_waits_and_nothing_is_lost(till, as_reader, reader, month):
    attempt = till.pay(as_reader, reader, month)
    till.stripe.set_faults(api="error")
    response = till.come_back(as_reader, attempt)
    assert response.status_code == 200 and "being processed" in response.content.decode()
    till.stripe.set_faults()
    assert "Thank you" in till.come_back(as_reader, attempt).content.decode()


def test_an_expired_session_says_that_nothing_was_paid(till, as_reader, reader, month):
    till.choose(as_reader, month)
    attempt = CheckoutAttempt.objects.get()
    with till.later(days=2):
        assert "Nothing was paid" in till.come_back(as_reader, attempt).content.decode()
