"""Webhooks: signed, retried, resent, and broken on purpose."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import stripe

from sandbox.stripe import webhooks
from sandbox.testing import WEBHOOK_SECRET, Sandbox, running_sandbox


class Site:
    """A site that takes webhooks, and refuses as many as it is told to."""

    def __init__(self) -> None:
        self.received: list[tuple[str, str, bytes]] = []
        self.refusals = 0
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                site.received.append((self.path, self.headers["Stripe-Signature"], body))
                site.refusals -= 1
                self.send_response(500 if site.refusals >= 0 else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def types(self) -> list[str]:
        return [stripe.Webhook.construct_event(b, s, WEBHOOK_SECRET).type for _, s, b in self.received]


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    threading.Thread(target=site.server.serve_forever, args=(0.02,), daemon=True).start()
    yield site
    site.server.shutdown()
    site.server.server_close()


@pytest.fixture
def sandbox(tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setattr(webhooks, "BACKOFF_SECONDS", (0.01, 0.01))
    monkeypatch.setattr(webhooks, "POLL_SECONDS", 0.02)
    with running_sandbox(tmp_path, site_url=site.url, delivers=True) as running:
        yield running


def test_an_event_arrives_signed_so_that_the_sdk_believes_it(client: Any, sandbox: Sandbox, site: Site):
    product = client.products.create({"name": "Reader"})
    sandbox.wait_for_webhooks()

    [(path, signature, body)] = site.received
    event = stripe.Webhook.construct_event(body, signature, WEBHOOK_SECRET)
    assert (path, event.type, event.data.object.id) == ("/webhooks/stripe/", "product.created", product.id)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body.replace(b"Reader", b"Raeder"), signature, WEBHOOK_SECRET)


def test_what_the_site_refuses_comes_again(client: Any, sandbox: Sandbox, site: Site):
    site.refusals = 2
    client.products.create({"name": "Reader"})
    sandbox.wait_for_webhooks()

    assert site.types() == ["product.created"] * 3
    assert sandbox.events()[0]["pending_webhooks"] == 0


def test_what_is_never_taken_is_listed_as_failed_and_can_be_sent_again(client: Any, sandbox: Sandbox, site: Site):
    site.refusals = 3
    client.products.create({"name": "Reader"})
    sandbox.wait_for_webhooks()
    [missed] = client.events.list({"delivery_success": False}).data

    sandbox.resend(missed.id)
    sandbox.wait_for_webhooks()

    assert len(site.received) == 4
    assert client.events.list({"delivery_success": False}).data == []


def test_dropped_events_never_arrive_but_are_listed(client: Any, sandbox: Sandbox, site: Site):
    sandbox.set_faults(drop_webhooks=True)
    client.products.create({"name": "Reader"})
    sandbox.wait_for_webhooks()

    assert site.received == []
    assert [e.type for e in client.events.list({"delivery_success": False}).data] == ["product.created"]


def test_duplicated_events_arrive_twice(client: Any, sandbox: Sandbox, site: Site):
    sandbox.set_faults(duplicate_webhooks=True)
    client.products.create({"name": "Reader"})
    sandbox.wait_for_webhooks()

    first, second = (json.loads(body) for _, _, body in site.received)
    assert first["id"] == second["id"]


def test_reordered_events_arrive_newest_first(client: Any, sandbox: Sandbox, site: Site):
    sandbox.set_faults(reorder_webhooks=True)
    product = client.products.create({"name": "Reader"})
    client.products.update(product.id, {"name": "Rereader"})
    sandbox.wait_for_webhooks()

    assert site.types() == ["product.updated", "product.created"]


def test_delayed_events_wait(client: Any, sandbox: Sandbox, site: Site):
    sandbox.set_faults(delay_seconds=0.4)
    client.products.create({"name": "Reader"})

    with pytest.raises(TimeoutError):
        sandbox.wait_for_webhooks(0.2)
    assert site.received == []
    sandbox.wait_for_webhooks()
    assert len(site.received) == 1


def test_an_endpoint_elsewhere_is_refused(client: Any):
    for url in ("https://example.com/hook", "http://127.0.0.1@example.com/", "http://10.0.0.1/", "ftp://localhost/"):
        with pytest.raises(stripe.InvalidRequestError, match="this machine only"):
            client.webhook_endpoints.create({"url": url, "enabled_events": ["*"]})


def test_the_site_is_an_endpoint_from_the_start(client: Any, site: Site):
    [endpoint] = client.webhook_endpoints.list().data

    assert (endpoint.url, endpoint.api_version) == (f"{site.url}/webhooks/stripe/", stripe.api_version)


def test_an_event_that_is_rolled_back_is_never_sent(client: Any, sandbox: Sandbox, site: Site):
    with pytest.raises(stripe.InvalidRequestError):
        client.products.create({"name": "Reader", "colour": "red"})
    client.products.create({"name": "Reader"})
    sandbox.wait_for_webhooks()

    assert len(site.received) == 1
