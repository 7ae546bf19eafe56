"""A year in the life: at every month's end the mirror equals Stripe, and access equals what is owed.

`make bench` lives through it with five hundred readers, by `YEAR_MAGAZINES` (each with dice of its own) and `YEAR_READERS`.
"""

import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from billing.entitlements import entitlement_of
from billing.models import Payment, Plan, Price, Subscription
from billing.reconciling import reconcile_all
from sandbox.stripe.account import ALPHABET
from sandbox.testing import Sandbox, running_sandbox
from tests.billing.oracle import is_owed, story_of
from tests.billing.year import CHAOS, Year, in_process
from tests.factories import make_price

MAGAZINES = int(os.environ.get("YEAR_MAGAZINES", "1"))
READERS = int(os.environ.get("YEAR_READERS", "4"))
MONTHS = 13
pytestmark = pytest.mark.slow


@pytest.fixture
def sandbox(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path, webhook_secret=settings.STRIPE_WEBHOOK_SECRETS[0]) as running:
        client = in_process(running)
        monkeypatch.setattr("billing.stripe_client.calling._client", lambda *settings: client)
        yield running


@pytest.fixture(params=range(1, MAGAZINES + 1))
def year(
    request: pytest.FixtureRequest, db: None, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> Year:
    # What a network may do in an hour is tested elsewhere; here five hundred share one.
    monkeypatch.setattr("billing.limits.A_NETWORK_AN_HOUR", 10**6)
    plan = Plan.objects.create(name="Reader", slug="reader")
    prices = {"month": make_price(plan=plan, amount=700), "year": make_price(plan=plan, amount=7000, interval=Price.Interval.YEAR)}
    readers = [User.objects.create_user(f"reader{number}@example.com") for number in range(READERS)]
    letters = random.Random(request.param)
    # Ids decide in which order customers are looked after, and so who meets which fault.
    monkeypatch.setattr(sandbox.account, "new_id", lambda prefix, length=24: f"{prefix}_{''.join(letters.choices(ALPHABET, k=length))}")
    sandbox.set_faults(**CHAOS, seed=request.param)
    return Year(sandbox, prices, readers, django_capture_on_commit_callbacks, random.Random(request.param))


def test_every_month_ends_with_the_mirror_and_access_as_they_should_be(year: Year):
    for _month in year.run(MONTHS):
        readers = User.objects.filter(customer__stripe_id__isnull=False).select_related("customer")
        for reader in readers:
            customer = reader.customer.stripe_id
            theirs = year.stripe.objects("subscription", customer=customer)
            assert mirrored(reader) == {found["id"]: as_mirrored(found) for found in theirs}
            assert entitlement_of(reader).opens_everything == is_owed(year.stripe, customer), story_of(year.stripe, customer)
        assert money_at_hand() == money_at(year.stripe)
        assert reconcile_all(is_dry_run=True).drifts == []

    print(f"\n{READERS} readers, {MONTHS} months: " + ", ".join(f"{count} × {what}" for what, count in sorted(year.done.items())))
    assert {"cancel", "resume", "refund", "dispute", "upgrade", "checkout: paid", "worker died", "site was down"} <= set(year.done)
    assert {row["state"] for row in year.stripe.account.store.rows("SELECT DISTINCT state FROM deliveries")} >= {"delivered", "dropped"}


def mirrored(reader: User) -> dict[str, tuple[Any, ...]]:
    rows = Subscription.objects.filter(user=reader).select_related("price")
    return {
        row.stripe_id: (row.status, row.price.stripe_price_id if row.price else None, row.current_period_end, row.cancel_at, row.ended_at)
        for row in rows
    }


def as_mirrored(found: dict[str, Any]) -> tuple[Any, ...]:
    [item] = found["items"]["data"]
    moments = (item["current_period_end"], found["cancel_at"], found["ended_at"])
    return (found["status"], item["price"]["id"], *(m and datetime.fromtimestamp(m, UTC) for m in moments))


def money_at_hand() -> dict[str, tuple[int, int]]:
    rows = Payment.objects.exclude(stripe_charge_id=None)
    return {str(row.stripe_charge_id): (row.amount, row.amount_refunded) for row in rows}


def money_at(sandbox: Sandbox) -> dict[str, tuple[int, int]]:
    charges = sandbox.objects("charge", status="succeeded")
    return {charge["id"]: (charge["amount"], charge["amount_refunded"]) for charge in charges}
