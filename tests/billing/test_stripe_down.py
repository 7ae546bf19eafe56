"""An hour without Stripe, a clock that is wrong, things that went away there: reading goes on, and nothing is lost or told."""

import json
import logging
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from billing import stripe_client
from billing.entitlements import entitlement_of
from billing.models import CheckoutAttempt, Subscription, WebhookEvent
from billing.reconciling import reconcile_recent
from billing.synchronising import synchronise_customer
from billing.tasks import process_waiting_events
from sandbox.application import Application
from tests.accounts.conftest import CONFIRM, LOGIN, code_in, filled_in
from tests.factories import make_article, make_user

CARD = "4242424242424242"


@pytest.fixture
def asked(monkeypatch):
    """What anybody asks of Stripe."""
    paths = []
    respond = Application.respond
    monkeypatch.setattr(Application, "respond", lambda self, request: paths.append(request.path) or respond(self, request))
    return paths


# Stripe is down --------------------------------------------------------------------------------------------------


def test_reading_signing_in_and_the_account_ask_nothing_of_stripe(till, client, reader, month, asked):
    article = make_article(access="premium", body="".join(f"<p>Paid words {n}.</p>" for n in range(30)))
    client.force_login(reader)
    till.subscribe(client, reader, month)
    asked.clear()
    till.stripe.set_faults(api="error")
    assert "Paid words 29." in client.get(article.get_absolute_url()).content.decode()
    for url in ("/", "/subscribe/", "/account/", "/account/billing/", "/search/?q=words"):
        assert client.get(url).status_code == 200, url
    stranger = Client()
    stranger.post(LOGIN, filled_in(reader.email))
    assert stranger.post(CONFIRM, {"code": code_in(mail.outbox[-1])}).status_code == 302
    assert "Paid words 29." in stranger.get(article.get_absolute_url()).content.decode()
    assert asked == []


def test_what_happens_in_an_hour_without_stripe_is_made_good_afterwards(till, client, month, django_capture_on_commit_callbacks):
    buyer, other = make_user(), make_user()
    client.force_login(buyer)
    attempt = till.pay(client, buyer, month)
    events = till.stripe.events()
    till.stripe.set_faults(api="error")
    # The way back waits, the webhooks are taken and wait, a new buyer is told so kindly, and the hourly look finds nobody home.
    assert "being processed" in till.come_back(client, attempt).content.decode()
    assert {till.deliver(event).status_code for event in events} == {200}
    assert WebhookEvent.objects.filter(status="waiting").exists()
    second = Client()
    second.force_login(other)
    page = till.choose(second, month)
    assert page.status_code == 503 and page.headers["Retry-After"] and "charged" in page.content.decode()
    assert CheckoutAttempt.objects.filter(user=other).count() == 0
    assert reconcile_recent().was_stopped or reconcile_recent().faults
    assert not entitlement_of(buyer).opens_everything
    till.stripe.set_faults()
    with time_machine.travel(timezone.now() + timedelta(hours=1)), django_capture_on_commit_callbacks(execute=True):
        process_waiting_events()
    assert entitlement_of(buyer).opens_everything
    assert not WebhookEvent.objects.filter(status__in=["waiting", "dead"]).exists()
    assert till.choose(second, month).status_code == 303
    assert len(till.stripe.objects("checkout.session", customer=other.customer.stripe_id)) == 1


def test_a_subscriber_reads_on_through_an_outage_over_their_renewal(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    end = Subscription.objects.get().current_period_end
    till.stripe.set_faults(api="error")
    for hours in (1, 12, 23):
        with time_machine.travel(end + timedelta(hours=hours)):
            assert entitlement_of(reader).opens_everything


# Things that went away at Stripe ---------------------------------------------------------------------------------


def test_a_price_archived_at_stripe_goes_off_sale_and_breaks_no_page(till, as_reader, reader, month):
    till.choose(as_reader, month)
    month.refresh_from_db()
    for session in till.stripe.objects("checkout.session"):
        till.stripe.account.save(session | {"status": "expired", "url": None})
    price = till.stripe.object(month.stripe_price_id)
    till.stripe.account.change(price, "price.updated", active=False)
    assert till.choose(as_reader, month).status_code == 503, "before we heard of it"
    till.deliver(till.stripe.events("price.updated")[-1])
    month.refresh_from_db()
    assert not month.is_current
    assert till.choose(as_reader, month).status_code == 404
    assert as_reader.get("/subscribe/").status_code == 200
    # Put back there, it waits for an editor here.
    till.stripe.account.change(till.stripe.object(month.stripe_price_id), "price.updated", active=True)
    till.deliver(till.stripe.events("price.updated")[-1])
    month.refresh_from_db()
    assert not month.is_current


def test_readers_of_an_archived_price_keep_it(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    month.refresh_from_db()
    till.stripe.account.change(till.stripe.object(month.stripe_price_id), "price.updated", active=False)
    till.deliver(till.stripe.events("price.updated")[-1])
    synchronise_customer(reader.customer)
    assert Subscription.objects.get().price == month and entitlement_of(reader).opens_everything


def test_a_price_of_somebody_else_is_ignored(till, month):
    event = {"id": "evt_p", "object": "event", "type": "price.updated", "livemode": False, "created": 1}
    till.deliver(event | {"data": {"object": {"id": "price_other", "object": "price"}}})
    assert WebhookEvent.objects.get().status == "ignored"


def test_a_customer_deleted_at_stripe_is_no_fault_on_any_page(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    stripe_client.client().v1.customers.delete(reader.customer.stripe_id)
    for event in till.stripe.events("customer.deleted"):
        assert till.deliver(event).status_code == 200
    assert Subscription.objects.get().status == "canceled" and not entitlement_of(reader).opens_everything
    assert as_reader.get("/account/billing/").status_code == 200
    assert as_reader.post("/account/billing/").status_code in (303, 302, 503)
    assert till.choose(as_reader, month).status_code == 303


def test_a_new_address_at_stripe_is_never_the_login(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    theirs = till.stripe.object(reader.customer.stripe_id)
    till.stripe.account.change(theirs, "customer.updated", email="thief@example.com", name="Thief")
    till.deliver(till.stripe.events("customer.updated")[-1])
    assert WebhookEvent.objects.get().status == "done"
    reader.refresh_from_db()
    assert (reader.email, reader.name) == ("reader@example.com", "Rhea Reader")


# Clocks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [-10, 10])
def test_with_a_clock_ten_minutes_wrong_nobody_loses_access(till, as_reader, reader, month, minutes):
    """Stripe's webhooks are refused then; the way back, the hourly look and the leeway at the end make up for it."""
    wrong = timedelta(minutes=minutes)
    with time_machine.travel(timezone.now() + wrong):
        till.stripe.account.store.set("clock_offset", -minutes * 60)
        till.come_back(as_reader, till.pay(as_reader, reader, month))
        assert entitlement_of(reader).opens_everything
        row = Subscription.objects.get()
        true_end = row.current_period_end
        theirs = till.subscription_of(reader)
        cancelled = {"cancel_at_period_end": True, "cancel_at": int(true_end.timestamp())}
    for change in ({}, cancelled):
        till.stripe.account.save(theirs | change)
        synchronise_customer(reader.customer)
        # A second before the end by Stripe's clock, our own says this.
        assert entitlement_of(reader, at=true_end - timedelta(seconds=1) + wrong).opens_everything


# What is never told ----------------------------------------------------------------------------------------------


def test_no_secret_no_address_and_no_card_gets_into_a_log(till, as_reader, reader, month, caplog, settings):
    caplog.set_level(logging.DEBUG)
    theirs = till.subscribe(as_reader, reader, month)
    till.stripe.account.save(theirs | {"id": "sub_second", "created": theirs["created"] + 1})
    synchronise_customer(reader.customer)
    till.stripe.dispute(till.stripe.objects("charge")[0]["id"])
    for event in till.stripe.events():
        till.deliver(event)
    till.post(json.dumps({"number": CARD}).encode(), "t=1,v1=forged")
    synchronise_customer(reader.customer)
    till.stripe.set_faults(api="error")
    till.choose(as_reader, month)
    reconcile_recent()
    told = caplog.text
    assert "cancelled" in told and "failed" in told
    secrets = [settings.STRIPE_SECRET_KEY, *settings.STRIPE_WEBHOOK_SECRETS, settings.SECRET_KEY]
    for secret in (*secrets, reader.email, reader.name, CARD, "4242", "client_secret"):
        assert secret not in told, secret
