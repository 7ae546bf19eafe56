"""A Stripe of our own, prices to sell, and a till to buy at."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from billing.models import CheckoutAttempt, Plan, Price
from billing.stripe_client import calling
from sandbox.testing import Sandbox, running_sandbox
from tests.factories import make_price, make_user
from tests.sandbox.checking import wire_checked


class Till:
    """What a reader's browser, Stripe and time do to a purchase."""

    def __init__(self, stripe: Sandbox, capture: Callable[..., AbstractContextManager[Any]]) -> None:
        self.stripe = stripe
        self._capture = capture

    def choose(self, client: Client, price: Price, /, **fields: str) -> Any:
        """Press the button beside a price."""
        data = {"interval": price.interval, "currency": price.currency, **fields}
        return client.post(reverse("billing:checkout", args=[price.plan.slug]), data)

    def session_of(self, user: User) -> str:
        return CheckoutAttempt.objects.filter(user=user).latest("created_at").stripe_session_id

    def pay(self, client: Client, user: User, price: Price, outcome: str = "paid", **how: Any) -> CheckoutAttempt:
        """Choose a price and press a button at Stripe; nobody comes back and no webhook is delivered."""
        self.choose(client, price)
        attempt = CheckoutAttempt.objects.open().get(user=user)
        self.stripe.complete_checkout(attempt.stripe_session_id, outcome, **how)
        return attempt

    def come_back(self, client: Client, attempt: CheckoutAttempt, **query: str) -> Any:
        named = {"reference": attempt.reference, "session_id": attempt.stripe_session_id, **query}
        return client.get(reverse("billing:checkout_return"), named)

    def subscribe(self, client: Client, user: User, price: Price, **how: Any) -> dict[str, Any]:
        """Buy and come back; returns the subscription at Stripe."""
        self.come_back(client, self.pay(client, user, price, **how))
        return self.subscription_of(user)

    def subscription_of(self, user: User) -> dict[str, Any]:
        return self.stripe.objects("subscription", customer=user.customer.stripe_id)[0]

    def deliver(self, event: dict[str, Any], **headers: str) -> Any:
        """Post an event as Stripe does, and let the worker act on it."""
        body, signature = self.stripe.signed(event)
        return self.post(body.encode(), headers.get("signature", signature))

    def post(self, body: bytes, signature: str | None) -> Any:
        headers = {} if signature is None else {"Stripe-Signature": signature}
        with self._capture(execute=True):
            return Client().post("/webhooks/stripe/", body, content_type="application/json", headers=headers)

    @contextmanager
    def later(self, **delta: float) -> Iterator[None]:
        """Let time pass, here and at Stripe."""
        moment = timezone.now() + timedelta(**delta)
        self.stripe.advance_to(int(moment.timestamp()))
        with time_machine.travel(moment):
            self.stripe.account.store.set("clock_offset", int(moment.timestamp()) - int(time.time()))
            yield


@pytest.fixture
def wire_problems() -> Iterator[list[str]]:
    """Collect what is wrong with anything that crosses the wire; fails the test at its end."""
    with wire_checked() as checked:
        yield checked.problems
    assert checked.problems == []


@pytest.fixture
def _asked_outside_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where Stripe is asked inside a transaction, which on SQLite keeps everybody from writing until it answers."""
    client = calling._client

    def client_unless_in_a_transaction(*settings: str) -> Any:
        # Those of the tests themselves don't count.
        if connection.vendor == "sqlite" and not all(block._from_testcase for block in connection.atomic_blocks):
            pytest.fail("Stripe was asked inside a transaction.")
        return client(*settings)

    monkeypatch.setattr(calling, "_client", client_unless_in_a_transaction)


@pytest.fixture
def stripe(tmp_path: Path, settings: Any, wire_problems: list[str], _asked_outside_transactions: None) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path, webhook_secret=settings.STRIPE_WEBHOOK_SECRETS[0]) as sandbox:
        settings.STRIPE_API_BASE = sandbox.url
        yield sandbox


@pytest.fixture
def till(db: None, stripe: Sandbox, django_capture_on_commit_callbacks: Any) -> Till:
    return Till(stripe, django_capture_on_commit_callbacks)


@pytest.fixture
def plan(db: None) -> Plan:
    return Plan.objects.create(name="Reader", slug="reader", description="Every article and the archive.")


@pytest.fixture
def month(plan: Plan) -> Price:
    return make_price(plan=plan, amount=700)


@pytest.fixture
def year(plan: Plan) -> Price:
    return make_price(plan=plan, amount=7000, interval=Price.Interval.YEAR)


@pytest.fixture
def friend(db):
    return make_user("elsewhere@example.com", name="Fay")


@pytest.fixture
def as_friend(friend):
    client = Client()
    client.force_login(friend)
    return client
