"""A running sandbox, with everything that crosses the wire checked."""

from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import stripe

from sandbox.testing import API_KEY, Sandbox, running_sandbox
from tests.sandbox.checking import wire_checked
from tests.sandbox.wire import object_problems


@pytest.fixture(autouse=True)
def wire_problems() -> Iterator[list[str]]:
    """Collect what is wrong with any request that is obeyed and any object sent; fails the test at its end."""
    with wire_checked() as checked:
        yield checked.problems
    assert checked.problems == []


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path) as running:
        yield running
        for event in running.events():
            assert object_problems(event) == []
            assert object_problems(event["data"]["object"]) == [], event["type"]


@pytest.fixture
def client(sandbox: Sandbox) -> Any:
    """Stripe's own SDK, pointed at the sandbox."""
    return stripe.StripeClient(API_KEY, base_addresses={"api": sandbox.url}, max_network_retries=0).v1


@pytest.fixture
def monthly(client: Any) -> Any:
    """A price of five euros a month."""
    product = client.products.create({"name": "Reader"})
    price = {"product": product.id, "currency": "eur", "unit_amount": 500, "recurring": {"interval": "month"}}
    return client.prices.create(price)


@pytest.fixture
def yearly(client: Any, monthly: Any) -> Any:
    price = {"product": monthly.product, "currency": "eur", "unit_amount": 5000, "recurring": {"interval": "year"}}
    return client.prices.create(price)


@pytest.fixture
def buy(client: Any, sandbox: Sandbox, monthly: Any) -> Any:
    """Buy the monthly price; returns the subscription."""

    def buy(outcome: str = "paid", *, renewals: str = "succeeds", **more: Any) -> Any:
        session = open_session(client, monthly.id, **more)
        sandbox.complete_checkout(session.id, outcome, email="reader@example.com", renewals=renewals)
        session = client.checkout.sessions.retrieve(session.id, {"expand": ["subscription.latest_invoice"]})
        return session.subscription

    return buy


@pytest.fixture
def press(sandbox: Sandbox) -> Any:
    """Open one of the pages, or press a button there; returns what the page then says."""

    def press(path: str, form: dict[str, str] | None = None) -> str:
        body = None if form is None else urlencode(form).encode()
        connection = HTTPConnection(urlsplit(sandbox.url).netloc, timeout=5)
        connection.request("GET" if body is None else "POST", path, body)
        return connection.getresponse().read().decode()

    return press


def open_session(client: Any, price: str, **more: Any) -> Any:
    return client.checkout.sessions.create(
        {
            "mode": "subscription",
            "line_items": [{"price": price, "quantity": 1}],
            "success_url": "http://localhost:9/back?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://localhost:9/subscribe/",
            **more,
        }
    )
