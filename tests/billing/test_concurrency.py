"""Many at once, on real connections."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from django.db import connection
from django.test import Client

from billing import stripe_client
from billing.models import CheckoutAttempt, Customer, DoubleSubscription, Payment, Subscription, WebhookEvent
from billing.synchronising import synchronise_customer
from sandbox.stripe.subscribing import end_subscription, start_subscription
from tests.billing.conftest import Till
from tests.factories import make_price, make_user

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def at_once(count, call):
    """Call from so many threads at a time, each with a connection of its own."""
    start = Barrier(count)

    def alone(number):
        start.wait()
        try:
            return call(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(alone, range(count)))


@pytest.fixture
def till(transactional_db, stripe):
    return Till(stripe, None)


@pytest.fixture(autouse=True)
def _stripe_is_far_away(monkeypatch):
    """Leave time between an answer and what is made of it: without the lock, somebody comes in between."""

    def slow(call):
        def answer(*args, **kwargs):
            found = call(*args, **kwargs)
            time.sleep(0.1)
            return found

        return answer

    for name in ("list_open_sessions", "list_subscriptions"):
        monkeypatch.setattr(stripe_client, name, slow(getattr(stripe_client, name)))


@pytest.fixture
def buyer(transactional_db):
    return make_user("buyer@example.com")


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def test_many_tabs_at_once_open_one_session(till, buyer):
    price = make_price()
    clients = [signed_in(buyer) for _ in range(6)]
    responses = at_once(6, lambda number: till.choose(clients[number], price))
    assert {response.status_code for response in responses} == {303}
    assert len({response.headers["Location"] for response in responses}) == 1
    assert [len(till.stripe.objects(kind)) for kind in ("customer", "product", "price", "checkout.session")] == [1, 1, 1, 1]
    assert CheckoutAttempt.objects.count() == Customer.objects.count() == 1


def test_two_prices_at_once_leave_one_session_open(till, buyer):
    month = make_price()
    year = make_price(plan=month.plan, interval="year", amount=7000)
    clients = [signed_in(buyer) for _ in range(6)]
    at_once(6, lambda number: till.choose(clients[number], (month, year)[number % 2]))
    assert len(till.stripe.objects("checkout.session", status="open")) == 1
    assert CheckoutAttempt.objects.open().count() == 1


def test_one_event_twenty_times_in_parallel_has_one_effect(till, buyer):
    client = signed_in(buyer)
    till.pay(client, buyer, make_price())
    body, signature = till.stripe.signed(till.stripe.events("checkout.session.completed")[0])
    post = lambda number: Client().post(  # noqa: E731
        "/webhooks/stripe/", body, content_type="application/json", headers={"Stripe-Signature": signature}
    )
    assert {response.status_code for response in at_once(20, post)} == {200}
    row = WebhookEvent.objects.get()
    assert (row.status, row.attempts) == ("done", 1)
    assert Subscription.objects.count() == Payment.objects.count() == 1


def test_a_double_found_by_many_at_once_is_cancelled_and_refunded_once(till, buyer):
    first = till.subscribe(signed_in(buyer), buyer, make_price())
    account = till.stripe.account
    customer = till.stripe.object(first["customer"])
    method = till.stripe.use_card(customer["id"], "succeeds")
    items = [(first["items"]["data"][0]["price"], 1)]
    second = start_subscription(account, customer=customer, items=items, currency="eur", method=method, metadata=first["metadata"])
    account.save(second | {"created": first["created"] + 1})
    at_once(8, lambda number: synchronise_customer(Customer.objects.select_related("user").get()))
    assert [refund["amount"] for refund in till.stripe.objects("refund")] == [700]
    assert DoubleSubscription.objects.get().state == "settled"
    assert sorted(Subscription.objects.values_list("status", flat=True)) == ["active", "canceled"]


def test_refunds_disputes_and_renewals_told_at_once_are_mirrored_once(till, buyer):
    till.subscribe(signed_in(buyer), buyer, make_price())
    charge = till.stripe.objects("charge")[0]
    till.stripe.refund(charge["id"], 100)
    till.stripe.dispute(charge["id"])
    events = [till.stripe.signed(event) for event in till.stripe.events("charge.refunded", "refund.created", "charge.dispute.created")]

    def post(number):
        body, signature = events[number % len(events)]
        return Client().post("/webhooks/stripe/", body, content_type="application/json", headers={"Stripe-Signature": signature})

    assert {response.status_code for response in at_once(12, post)} == {200}
    row = Payment.objects.get()
    assert (row.amount_refunded, row.dispute) == (100, "open")
    assert set(WebhookEvent.objects.values_list("status", "attempts")) == {("done", 1)}


def test_all_events_of_a_purchase_and_the_return_at_once_end_in_one_subscription(till, buyer):
    client = signed_in(buyer)
    attempt = till.pay(client, buyer, make_price())
    events = [till.stripe.signed(event) for event in till.stripe.events()]

    def act(number):
        if number == 0:
            return till.come_back(client, attempt)
        body, signature = events[number - 1]
        return Client().post("/webhooks/stripe/", body, content_type="application/json", headers={"Stripe-Signature": signature})

    assert {response.status_code for response in at_once(len(events) + 1, act)} == {200}
    assert Subscription.objects.get().is_entitling()
    assert not WebhookEvent.objects.exclude(status__in=["done", "ignored"]).exists()
    attempt.refresh_from_db()
    assert attempt.status == "complete"


def test_an_older_answer_is_never_written_over_a_newer(till, buyer, monkeypatch):
    theirs = till.subscribe(signed_in(buyer), buyer, make_price())
    has_asked, newer_is_written = Event(), Event()
    ask = stripe_client.list_subscriptions

    def ask_and_dawdle(customer_id):
        answer = ask(customer_id)
        if not has_asked.is_set():
            has_asked.set()
            newer_is_written.wait(1.5)
        return answer

    monkeypatch.setattr(stripe_client, "list_subscriptions", ask_and_dawdle)

    def synchronise(number):
        customer = Customer.objects.get()
        if number == 1:
            has_asked.wait()
            end_subscription(till.stripe.account, till.stripe.object(theirs["id"]))
        synchronise_customer(customer)
        if number == 1:
            newer_is_written.set()

    at_once(2, synchronise)
    assert Subscription.objects.get().status == "canceled"
