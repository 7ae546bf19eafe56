"""Faults by chance, retries over days, and keys that make a request safe to repeat."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import stripe
import time_machine

from sandbox.testing import API_KEY, Sandbox, running_sandbox

NOON = datetime(2027, 1, 4, 12, tzinfo=UTC)


def names_sent(folder: Path, seed: int) -> list[str]:
    """Make products while webhooks get lost, come twice and come late; returns those that arrive, as they do."""
    arrived: list[str] = []
    with time_machine.travel(NOON, tick=False), running_sandbox(folder) as sandbox:
        client = stripe.StripeClient(API_KEY, base_addresses={"api": sandbox.url}).v1
        sandbox.set_faults(drop_percent=30, duplicate_percent=30, reorder_percent=50, seed=seed)
        for number in range(12):
            client.products.create({"name": str(number)})
        sandbox.advance(days=1)

        def take(body: bytes, signature: str) -> int:
            arrived.append(json.loads(body)["data"]["object"]["name"])
            return 200

        sandbox.deliver(take)
    return arrived


def test_chance_loses_doubles_and_mixes_up_and_a_seed_repeats_it(tmp_path: Path):
    first = names_sent(tmp_path / "a", 1)

    assert len(set(first)) < 12
    assert len(first) > len(set(first))
    assert first != sorted(first, key=int)
    assert names_sent(tmp_path / "b", 1) == first
    assert names_sent(tmp_path / "c", 2) != first


def test_requests_fail_by_chance_and_are_made_good(sandbox: Sandbox):
    client = stripe.StripeClient(API_KEY, base_addresses={"api": sandbox.url}, max_network_retries=0).v1
    sandbox.set_faults(error_percent=40, error_after_percent=40, seed=3)
    failed = 0

    for number in range(12):
        for _ in range(50):
            try:
                client.products.create({"name": str(number)}, {"idempotency_key": f"product-{number}"})
                break
            except stripe.APIError:
                failed += 1

    assert failed > 5
    assert sorted(int(p["name"]) for p in sandbox.objects("product")) == list(range(12))


def test_a_timeout_answers_late_and_has_its_effect(sandbox: Sandbox):
    sandbox.set_faults(api="timeout", api_count=1, timeout_seconds=0.5)
    impatient = stripe.RequestsClient(timeout=0.1)
    client = stripe.StripeClient(API_KEY, base_addresses={"api": sandbox.url}, max_network_retries=0, http_client=impatient).v1

    with pytest.raises(stripe.APIConnectionError):
        client.products.create({"name": "Reader"}, {"idempotency_key": "once"})
    client.products.create({"name": "Reader"}, {"idempotency_key": "once"})

    assert len(sandbox.objects("product")) == 1


def test_a_site_that_is_down_is_tried_for_three_days_and_no_longer(client: Any, sandbox: Sandbox):
    client.products.create({"name": "Reader"})
    tries = [sandbox.deliver(lambda body, signature: 500)]

    for _ in range(100):
        sandbox.advance_to(sandbox.account.now + 3600)
        tries.append(sandbox.deliver(lambda body, signature: 500))

    last = max(hour for hour, sent in enumerate(tries) if sent)
    # Hour by hour, each try comes up to an hour late.
    assert 70 <= last <= 82
    assert sum(tries) > 6
    assert len(client.events.list({"delivery_success": False}).data) == 1


def test_a_site_that_comes_back_gets_what_it_missed(client: Any, sandbox: Sandbox):
    client.products.create({"name": "Reader"})
    sandbox.deliver(lambda body, signature: 503)

    sandbox.advance(days=1)
    sandbox.deliver(lambda body, signature: 200)

    assert client.events.list({"delivery_success": False}).data == []


def test_one_key_at_the_same_time_has_one_effect(client: Any, sandbox: Sandbox):
    def make(_: int) -> str:
        return client.products.create({"name": "Reader"}, {"idempotency_key": "together"}).id

    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(make, range(8)))

    assert len(ids) == len(sandbox.objects("product")) == 1


def test_a_refusal_is_repeated_with_its_key(client: Any, sandbox: Sandbox, monthly: Any):
    customer = client.customers.create({"payment_method": "pm_card_chargeCustomerFail"})
    [method] = client.customers.payment_methods.list(customer.id).data
    wanted = {"customer": customer.id, "items": [{"price": monthly.id}], "default_payment_method": method.id}
    subscription = client.subscriptions.create(wanted)

    for _ in range(2):
        with pytest.raises(stripe.CardError):
            client.invoices.pay(subscription.latest_invoice, {}, {"idempotency_key": "pay"})

    assert sandbox.object(subscription.latest_invoice)["attempt_count"] == 2


def test_a_key_is_forgotten_after_a_day(client: Any, sandbox: Sandbox):
    client.products.create({"name": "Reader"}, {"idempotency_key": "k"})
    sandbox.advance(days=2)

    client.products.create({"name": "Another"}, {"idempotency_key": "k"})

    assert len(sandbox.objects("product")) == 2
