"""What a reader sees of their own subscription."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing.models import Grant, Subscription
from tests.factories import make_payment, make_subscription, make_user

URL = "/account/billing/"


def text_of(client, **headers):
    return client.get(URL, headers=headers).content.decode()


def test_a_stranger_signs_in_first(client, db):
    assert client.get(URL).status_code == client.post(URL).status_code == 302


def test_somebody_without_a_subscription_is_sent_to_the_prices(as_reader):
    text = text_of(as_reader)
    assert "You have no subscription" in text and reverse("billing:plans") in text
    assert as_reader.post(URL).headers["Location"] == reverse("billing:plans")


@pytest.mark.parametrize(
    ("fields", "days", "words"),
    [
        ({}, {}, "It renews on"),
        ({"status": "trialing"}, {}, "Your trial ends on"),
        ({}, {"cancel_at": 3}, "It is cancelled and stays open until"),
        ({"status": "past_due"}, {}, "Your last payment failed"),
        ({"status": "unpaid"}, {}, "a payment is missing"),
        ({"status": "active"}, {"entitled_until": -5}, "is being processed"),
        ({"status": "canceled"}, {"ended_at": 0}, "It ended on"),
    ],
)
def test_each_state_is_told_in_words(as_reader, reader, fields, days, words):
    moments = {name: timezone.now() + timedelta(days=count) for name, count in days.items()}
    make_subscription(reader, **fields, **moments)
    assert words in text_of(as_reader)


def test_a_comp_is_told_with_its_end(as_reader, reader):
    Grant.objects.create(user=reader, reason="Jury", ends_at=timezone.now() + timedelta(days=30))
    assert "with our compliments" in text_of(as_reader)


def test_the_best_subscription_is_told_and_not_the_last(as_reader, reader):
    make_subscription(reader)
    make_subscription(reader, status="canceled", ended_at=timezone.now(), entitled_until=timezone.now() + timedelta(days=90))
    assert "It renews on" in text_of(as_reader)


def test_the_account_page_can_load_it_as_a_fragment(as_subscriber):
    fragment = text_of(as_subscriber, **{"HX-Request": "true"})
    assert "It renews on" in fragment and "<html" not in fragment
    assert "<html" in text_of(as_subscriber)


def test_it_is_never_public(as_subscriber):
    assert as_subscriber.get(URL).headers["Cache-Control"] == "private, no-store"


def test_the_portal_is_the_readers_own(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    response = as_reader.post(URL)
    assert response.status_code == 303
    (session,) = till.stripe.objects("billing_portal.session")
    assert response.headers["Location"] == session["url"]
    assert session["customer"] == reader.customer.stripe_id


def test_opening_the_portal_needs_the_token_of_the_form(till, reader, month):
    client = Client(enforce_csrf_checks=True)
    client.force_login(reader)
    assert client.post(URL).status_code == 403


def test_back_from_the_portal_the_page_knows_what_was_done_there(till, as_reader, reader, month):
    theirs = till.subscribe(as_reader, reader, month)
    end = theirs["items"]["data"][0]["current_period_end"]
    till.stripe.account.save(theirs | {"cancel_at_period_end": True, "cancel_at": end})
    with till.later(minutes=1):
        assert "It renews on" in text_of(as_reader)
        assert "It is cancelled" in as_reader.get(URL, {"from": "portal"}).content.decode()


def test_when_stripe_fails_the_portal_says_so_and_the_page_still_shows(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    till.stripe.set_faults(api="error")
    assert as_reader.post(URL).status_code == 503
    with till.later(minutes=1):
        assert "It renews on" in as_reader.get(URL, {"from": "portal"}).content.decode()


def test_nobody_sees_the_subscription_of_another(client, db):
    make_subscription(make_user())
    client.force_login(make_user())
    assert "You have no subscription" in text_of(client)
    assert Subscription.objects.count() == 1


def test_payments_are_listed_with_their_invoices_the_reader_s_own_alone(as_reader, reader):
    make_payment(reader, amount=700, hosted_invoice_url="https://invoice.example/1", number="A-1")
    make_payment(reader, amount=900, amount_refunded=900)
    make_payment(amount=12300)
    page = as_reader.get("/account/billing/").content.decode()
    assert 'href="https://invoice.example/1"' in page
    assert "€7<" in page and "refunded" in page
    assert "€123" not in page


def test_the_page_costs_the_same_however_many_payments_there_are(as_reader, reader, count_queries):
    for _ in range(2):
        make_payment(reader)
    as_reader.get("/account/billing/")
    with count_queries() as few:
        as_reader.get("/account/billing/")
    for _ in range(2):
        make_payment(reader)
    with count_queries() as many:
        as_reader.get("/account/billing/")
    assert len(many) == len(few)
