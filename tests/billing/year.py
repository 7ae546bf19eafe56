"""A year in the life of a magazine: readers who pay, fail, cancel and quarrel, over a network that loses and doubles.

Everything runs in this process on one clock, and the same seed brings the same year.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import stripe
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing import reconciling, stripe_client, tasks
from billing.events import HANDLED_KINDS
from billing.models import CheckoutAttempt, Price
from billing.stripe_client import JSON, StripeCallError
from sandbox.application import Application
from sandbox.stripe import changing, refunding
from sandbox.stripe.errors import ApiError
from sandbox.stripe.params import Params
from sandbox.stripe.payment_methods import ASKS, DECLINES, SUCCEEDS
from sandbox.stripe.scheduling import release_if_scheduled
from sandbox.stripe.subscribing import end_subscription
from sandbox.testing import API_KEY, Sandbox
from sandbox.web import Request

START = datetime(2027, 1, 1, tzinfo=UTC)
# Both are rarer than in production, so that what got lost has to wait.
STEP = timedelta(days=1)
NIGHTS_BETWEEN_RECONCILIATIONS = 7
# Of a hundred: what the network does to webhooks, and Stripe to requests.
CHAOS = {"drop_percent": 8, "duplicate_percent": 10, "reorder_percent": 25, "error_percent": 2, "error_after_percent": 2}
SITE_IS_DOWN, WORKER_DIES = 0.04, 0.03
CARDS = ((SUCCEEDS, 70), (DECLINES, 18), (ASKS, 12))
BUYING = (("paid", 70), ("delayed", 12), ("declined", 8), ("abandoned", 10))
# How often a subscriber does each thing, a day.
HABITS = {"cancel": 0.012, "resume": 0.08, "upgrade": 0.008, "downgrade": 0.008, "refund": 0.006, "refund_half": 0.006,
          "dispute": 0.006, "settle_dispute": 0.07, "end_now": 0.002, "pay_what_is_owed": 0.12, "settle_payment": 0.2}  # fmt: skip
BUYS_A_DAY = 0.06


class InProcess(stripe.HTTPClient):
    """Ask the stand-in without a socket."""

    name = "in-process"

    def __init__(self, application: Application) -> None:
        super().__init__()
        self._respond = application.respond

    def request(self, method: str, url: str, headers: Any, post_data: Any = None) -> Any:
        parts, body = urlsplit(url), post_data or b""
        response = self._respond(
            Request(
                method.upper(),
                parts.path,
                parts.query,
                {name.lower(): value for name, value in headers.items()} | {"host": "localhost"},
                body.encode() if isinstance(body, str) else body,
            )
        )
        return response.body, int(response.status), response.headers

    def close(self) -> None:
        pass


@dataclass
class Year:
    """The magazine, its readers, and the dice."""

    stripe: Sandbox
    prices: dict[str, Price]
    readers: list[User]
    capture: Callable[..., Any]
    dice: random.Random
    done: Counter[str] = field(default_factory=Counter)

    def run(self, months: int) -> Iterator[int]:
        """Live through months; yields each at its end, when the dust has settled."""
        with time_machine.travel(START, tick=False) as self.clock, self._flaky_worker():
            self._set_clock(START)
            endpoint = self.stripe.objects("webhook_endpoint")[0]
            self.stripe.account.save(endpoint | {"enabled_events": sorted(HANDLED_KINDS)})
            for month in range(months):
                end = START.replace(year=START.year + (month + 1) // 12, month=(month + 1) % 12 + 1)
                while self.now < end:
                    self._live_until(min(self.now + STEP, end))
                self._settle()
                yield month

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    def _set_clock(self, moment: datetime) -> None:
        self.stripe.advance_to(int(moment.timestamp()))
        self.clock.move_to(moment)
        self.stripe.account.store.set("clock_offset", 0)

    def _live_until(self, moment: datetime) -> None:
        self._set_clock(moment)
        for reader in self.readers:
            self._act(reader)
        self._deliver()
        tasks.process_waiting_events()
        reconciling.reconcile_recent()
        if moment.toordinal() % NIGHTS_BETWEEN_RECONCILIATIONS == 0:
            reconciling.reconcile_all()

    def _settle(self) -> None:
        """Let a night pass in which nothing fails: what was lost by day is found."""
        faults = self.stripe.account.faults
        self.stripe.set_faults()
        self.is_calm = True
        tasks.process_waiting_events()
        report = reconciling.reconcile_all()
        assert not report.faults, report.faults
        self.is_calm = False
        self.stripe.account.faults = faults

    # The network

    def _deliver(self) -> None:
        while self.stripe.deliver(self._post):
            pass

    def _post(self, body: bytes, signature: str) -> int:
        if self.dice.random() < SITE_IS_DOWN:
            self.done["site was down"] += 1
            return 503
        self.done[f"told: {json.loads(body)['type'].split('.')[0]}"] += 1
        with self.capture(execute=True):
            return (
                Client()
                .post("/webhooks/stripe/", body, content_type="application/json", headers={"Stripe-Signature": signature})
                .status_code
            )

    is_calm = False

    @contextmanager
    def _flaky_worker(self) -> Iterator[None]:
        """Let calls to Stripe break off: before they are sent, or after they had their effect."""
        list_subscriptions = stripe_client.list_subscriptions

        def flaky(customer_id: str) -> list[JSON]:
            if not self.is_calm and self.dice.random() < WORKER_DIES:
                self.done["worker died"] += 1
                raise StripeCallError("The worker died.")
            return list_subscriptions(customer_id)

        stripe_client.list_subscriptions = flaky
        try:
            yield
        finally:
            stripe_client.list_subscriptions = list_subscriptions

    # The readers

    def _act(self, reader: User) -> None:
        theirs = self._subscriptions(reader)
        live = [found for found in theirs if found["status"] in {"active", "trialing", "past_due"}]
        if not live:
            if self.dice.random() < BUYS_A_DAY * 4:
                self._buy(reader)
            if theirs:
                self._settle_money(reader, theirs[0])
            return
        for habit, chance in HABITS.items():
            if self.dice.random() < chance:
                with self.stripe.account.store.transaction():
                    self._do(habit, self.stripe.object(live[0]["id"]))

    def _subscriptions(self, reader: User) -> list[JSON]:
        customer = getattr(reader, "customer", None)
        return self.stripe.objects("subscription", customer=customer.stripe_id) if customer else []

    def _buy(self, reader: User) -> None:
        client = Client()
        client.force_login(reader)
        price = self.dice.choice(list(self.prices.values()))
        fields = {"interval": price.interval, "currency": price.currency}
        client.post(reverse("billing:checkout", args=[price.plan.slug]), fields)
        reader.refresh_from_db()
        attempt = CheckoutAttempt.objects.open().filter(user=reader).first()
        outcome = self._choose(BUYING)
        self.done[f"checkout: {outcome}"] += 1
        if attempt is None or outcome == "abandoned" or self.stripe.object(attempt.stripe_session_id)["status"] != "open":
            return
        self.stripe.complete_checkout(attempt.stripe_session_id, outcome, renewals=self._choose(CARDS))
        if self.dice.random() < 0.6:
            named = {"reference": attempt.reference, "session_id": attempt.stripe_session_id}
            with self.capture(execute=True):
                client.get(reverse("billing:checkout_return"), named)

    def _settle_money(self, reader: User, subscription: JSON) -> None:
        """Decide what is open after the subscription is over."""
        for habit in ("settle_payment", "settle_dispute", "refund"):
            if self.dice.random() < HABITS[habit]:
                with self.stripe.account.store.transaction():
                    self._do(habit, subscription)

    def _do(self, habit: str, subscription: JSON) -> None:
        """Do at Stripe what the portal, the newsroom or the bank would do; what can't be done now is left."""
        try:
            if getattr(self, f"_{habit}")(subscription) is not False:
                self.done[habit] += 1
        except (ApiError, stripe.StripeError):
            self.done[f"{habit}: refused"] += 1

    def _cancel(self, subscription: JSON) -> bool | None:
        if subscription["cancel_at_period_end"]:
            return False
        release_if_scheduled(self.stripe.account, subscription)
        changing.set_cancel_at_period_end(self.stripe.account, subscription, True)
        return None

    def _resume(self, subscription: JSON) -> bool | None:
        if not subscription["cancel_at_period_end"]:
            return False
        changing.set_cancel_at_period_end(self.stripe.account, subscription, False)
        return None

    def _upgrade(self, subscription: JSON) -> bool | None:
        [item] = subscription["items"]["data"]
        if subscription["status"] != "active" or subscription["schedule"] or item["price"]["id"] == self.prices["year"].stripe_price_id:
            return False
        wanted = Params({"id": item["id"], "price": self.prices["year"].stripe_price_id})
        behavior = self.dice.choice(["pending_if_incomplete", "allow_incomplete"])
        changing.change_items(self.stripe.account, subscription, [wanted], "always_invoice", behavior=behavior)
        return None

    def _downgrade(self, subscription: JSON) -> bool | None:
        [item] = subscription["items"]["data"]
        wanted = self.prices["month"].stripe_price_id
        if subscription["schedule"] or subscription["cancel_at_period_end"] or item["price"]["id"] == wanted:
            return False
        schedules = self._client().subscription_schedules
        schedule = schedules.create({"from_subscription": subscription["id"]})
        [now] = schedule.phases
        current = {"start_date": now.start_date, "end_date": now.end_date, "items": [{"price": item["price"]["id"]}]}
        schedules.update(schedule.id, {"phases": [current, {"items": [{"price": wanted}]}]})
        return None

    def _refund(self, subscription: JSON, part: float = 1) -> bool | None:
        charge = self._charge(subscription)
        if charge is None or charge["refunded"]:
            return False
        left = charge["amount"] - charge["amount_refunded"]
        refunding.refund(self.stripe.account, charge, amount=max(1, int(left * part)))
        return None

    def _refund_half(self, subscription: JSON) -> bool | None:
        return self._refund(subscription, 0.5)

    def _dispute(self, subscription: JSON) -> bool | None:
        charge = self._charge(subscription)
        if charge is None or charge["refunded"]:
            return False
        refunding.open_dispute(self.stripe.account, charge)
        return None

    def _settle_dispute(self, subscription: JSON) -> bool | None:
        charge = self._charge(subscription)
        disputes = self.stripe.objects("dispute", charge=charge["id"], status="needs_response") if charge else []
        if not disputes:
            return False
        refunding.close_dispute(self.stripe.account, disputes[0], won=self.dice.random() < 0.5)
        return None

    def _end_now(self, subscription: JSON) -> None:
        end_subscription(self.stripe.account, subscription)

    def _pay_what_is_owed(self, subscription: JSON) -> bool | None:
        if subscription["status"] != "past_due":
            return False
        self.stripe.use_card(subscription["customer"], SUCCEEDS)
        self._client().invoices.pay(subscription["latest_invoice"])
        return None

    def _settle_payment(self, subscription: JSON) -> bool | None:
        waiting = [
            intent
            for status in ("processing", "requires_action")
            for intent in self.stripe.objects("payment_intent", customer=subscription["customer"], status=status)
        ]
        if not waiting:
            return False
        self.stripe.settle(waiting[0]["id"], paid=self.dice.random() < 0.6)
        return None

    def _charge(self, subscription: JSON) -> JSON | None:
        found = self.stripe.objects("charge", customer=subscription["customer"], status="succeeded")
        return found[0] if found else None

    def _client(self) -> Any:
        return in_process(self.stripe).v1

    def _choose(self, options: tuple[tuple[str, int], ...]) -> str:
        return self.dice.choices([name for name, _ in options], [weight for _, weight in options])[0]


def in_process(sandbox: Sandbox) -> stripe.StripeClient:
    """Make a client that asks the stand-in without a socket, and never twice."""
    client = InProcess(sandbox.application)
    return stripe.StripeClient(API_KEY, base_addresses={"api": "http://localhost"}, max_network_retries=0, http_client=client)
