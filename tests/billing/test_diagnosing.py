"""What the doctor says of Stripe."""

from datetime import timedelta
from unittest.mock import patch

import pytest
import stripe as sdk
from django.utils import timezone

from billing import diagnosing, stripe_client
from billing.events import HANDLED_KINDS
from billing.models import Mail, WebhookEvent

URL = "http://localhost:8000/webhooks/stripe/"


@pytest.fixture
def endpoint(stripe, settings):
    """An endpoint that is as it should be."""
    settings.SANDBOX = False
    settings.SITE_URL = "http://localhost:8000"

    def make(**changes):
        params = {"url": URL, "enabled_events": sorted(HANDLED_KINDS), "api_version": settings.STRIPE_API_VERSION} | changes
        return stripe_client.client().v1.webhook_endpoints.create(params)

    return make


@pytest.mark.usefixtures("stripe")
def test_a_key_that_may_read_all_is_in_order():
    finding = diagnosing.check_key()
    assert finding.is_ok, finding.words
    assert "test key" in finding.words


@pytest.mark.usefixtures("stripe")
def test_a_key_that_may_not_read_something_is_told_by_name():
    def refuse(self, params=None, options=None):
        raise sdk.PermissionError("The provided key does not have the required permissions.")

    with patch("stripe._dispute_service.DisputeService.list", refuse):
        finding = diagnosing.check_key()
    assert not finding.is_ok
    assert "disputes" in finding.words and "charges" not in finding.words


def test_a_stripe_that_does_not_answer_is_a_fault(stripe):
    stripe.set_faults(api="error")
    for check in (diagnosing.check_key, diagnosing.check_clock):
        assert not check().is_ok


@pytest.mark.usefixtures("stripe")
def test_a_clock_that_is_off_is_told_before_webhooks_are_refused():
    assert diagnosing.check_clock().is_ok
    with patch.object(stripe_client, "server_time", return_value=timezone.now() + timedelta(seconds=200)):
        finding = diagnosing.check_clock()
    assert not finding.is_ok
    assert "NTP" in finding.words


def test_an_endpoint_as_it_should_be_is_in_order(db, endpoint):
    endpoint()
    finding = diagnosing.check_webhook()
    assert finding.is_ok, finding.words
    assert "none came yet" in finding.words


def test_no_endpoint_is_a_fault_that_names_the_address(db, endpoint):
    endpoint(url="http://localhost:8000/another/")
    finding = diagnosing.check_webhook()
    assert not finding.is_ok
    assert URL in finding.words


def test_an_endpoint_that_leaves_an_event_out_is_a_fault(db, endpoint):
    endpoint(enabled_events=sorted(HANDLED_KINDS - {"charge.dispute.created"}))
    finding = diagnosing.check_webhook()
    assert not finding.is_ok
    assert "charge.dispute.created" in finding.words and "invoice.paid" not in finding.words


def test_an_endpoint_of_another_version_is_a_fault(db, endpoint, settings):
    endpoint()
    settings.STRIPE_API_VERSION = "2030-01-01.later"
    with patch.object(
        stripe_client, "list_webhook_endpoints", return_value=[{"url": URL, "status": "enabled", "api_version": "2020-08-27"}]
    ):
        finding = diagnosing.check_webhook()
    assert not finding.is_ok
    assert "2020-08-27" in finding.words


def test_an_endpoint_without_our_secret_is_a_fault(db, endpoint, settings):
    endpoint()
    settings.STRIPE_WEBHOOK_SECRETS = []
    assert "STRIPE_WEBHOOK_SECRET" in diagnosing.check_webhook().words


def test_prices_are_followed_to_stripe(till, as_reader, reader, month):
    assert "Not yet at Stripe" in diagnosing.check_prices().words
    till.choose(as_reader, month)
    assert "All 1 prices" in diagnosing.check_prices().words
    month.refresh_from_db()
    till.stripe.account.save(till.stripe.object(month.stripe_price_id) | {"active": False})
    assert not diagnosing.check_prices().is_ok
    till.stripe.account.store.rows("DELETE FROM objects WHERE id = ?", month.stripe_price_id)
    assert not diagnosing.check_prices().is_ok


def test_work_that_waits_shows_that_no_worker_runs(reader):
    assert diagnosing.check_work().is_ok
    ago = timezone.now() - timedelta(hours=1)
    Mail.objects.create(key="a", name="receipt", user=reader, send_at=ago)
    assert not diagnosing.check_work().is_ok
    Mail.objects.all().delete()
    event = WebhookEvent.objects.create(stripe_id="evt_1", kind="invoice.paid", payload={}, next_attempt_at=ago)
    assert not diagnosing.check_work().is_ok
    WebhookEvent.objects.filter(pk=event.pk).update(status=WebhookEvent.Status.DEAD)
    assert "given up" in diagnosing.check_work().words
