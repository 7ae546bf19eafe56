"""Run a sandbox inside a test and act as the customer, the bank and the clock."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.application import Setup
from sandbox.server import Running, refuse_danger
from sandbox.stripe import refunding, sessions, settling, timeline
from sandbox.stripe.account import Account
from sandbox.stripe.errors import ApiError
from sandbox.stripe.faults import Faults
from sandbox.stripe.payment_methods import SUCCEEDS, attach, make_default, new_method
from sandbox.stripe.store import JSON
from sandbox.stripe.webhooks import deliver, due_deliveries, resend, sign

API_KEY = "sk_test_local_sandbox"
WEBHOOK_SECRET = "whsec_sandbox"  # noqa: S105 - guards nothing but this stand-in


class Sandbox:
    """A running sandbox; `url` is what `STRIPE_API_BASE` points at."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self.url = running.base_url
        self.application = running.application
        self.account: Account = running.application.account

    def object(self, id: str) -> JSON:
        """Read any object as it stands now."""
        found = self.account.store.get(id)
        if found is None:
            raise KeyError(id)
        return found

    def objects(self, kind: str, **equal: Any) -> list[JSON]:
        """List objects of a kind, newest first."""
        return self.account.store.find(kind, **equal)

    def complete_checkout(self, session_id: str, outcome: str = "paid", *, email: str | None = None, renewals: str = SUCCEEDS) -> JSON:
        """Press a button on the Checkout page; returns the session."""
        with self.account.store.transaction():
            session = self.account.get("checkout.session", session_id)
            return sessions.submit(self.account, session, outcome, email=email, renewals=renewals)

    def use_card(self, customer_id: str, behaviour: str) -> JSON:
        """Give a customer a card that from now on succeeds, declines or requires_action."""
        with self.account.store.transaction():
            method = attach(self.account, new_method(self.account, behaviour), customer_id)
            make_default(self.account, customer_id, method)
            return method

    def expire_card(self, customer_id: str, *, year: int, month: int) -> JSON:
        """Let a customer's card be good until the end of a month."""
        with self.account.store.transaction():
            chosen = self.account.get("customer", customer_id)["invoice_settings"]["default_payment_method"]
            method = self.account.get("payment_method", chosen)
            card = method["card"] | {"exp_year": year, "exp_month": month}
            return self.account.change(method, "payment_method.automatically_updated", card=card)

    def settle(self, payment_intent_id: str, *, paid: bool = True) -> JSON:
        """Let a delayed or unconfirmed payment arrive, or fail."""
        with self.account.store.transaction():
            return settling.settle(self.account, self.account.get("payment_intent", payment_intent_id), paid=paid)

    def refund(self, charge_id: str, amount: int | None = None) -> JSON:
        """Refund a charge, whole or in part."""
        with self.account.store.transaction():
            return refunding.refund(self.account, self.account.get("charge", charge_id), amount=amount)

    def fail_refund(self, refund_id: str) -> JSON:
        """Let a refund fail at the bank."""
        with self.account.store.transaction():
            return refunding.fail_refund(self.account, self.account.get("refund", refund_id))

    def dispute(self, charge_id: str) -> JSON:
        """Let the customer dispute a charge."""
        with self.account.store.transaction():
            return refunding.open_dispute(self.account, self.account.get("charge", charge_id))

    def close_dispute(self, dispute_id: str, *, won: bool) -> JSON:
        """Decide a dispute."""
        with self.account.store.transaction():
            return refunding.close_dispute(self.account, self.account.get("dispute", dispute_id), won=won)

    def advance(self, *, days: int = 0, months: int = 0, years: int = 0) -> int:
        """Move the clock forward; returns the time it shows."""
        timeline.advance(self.account, days=days, months=months, years=years)
        return self.account.now

    def advance_to(self, moment: int) -> int:
        """Move the clock to a moment; returns the time it shows."""
        timeline.advance_to(self.account, moment)
        return self.account.now

    def set_faults(self, **faults: Any) -> None:
        """Switch faults on; those not named are off."""
        self.account.faults = Faults(**faults)

    def events(self, *types: str) -> list[JSON]:
        """List events, oldest first, of the given types."""
        rows = reversed(self.account.store.find("event"))
        return [event for event in rows if not types or event["type"] in types]

    def signed(self, event: JSON) -> tuple[str, str]:
        """Write an event as it is delivered: the body and its `Stripe-Signature`."""
        payload = json.dumps(event)
        return payload, sign(payload, self._running.application.setup.webhook_secret)

    def resend(self, event_id: str) -> None:
        """Deliver an event again."""
        with self.account.store.transaction():
            resend(self.account, event_id)

    def deliver(self, post: Callable[[bytes, str], int]) -> int:
        """Hand over what is due, as the faults have it; `post` takes a body and its signature and returns the status."""

        def hand_over(url: str, payload: str, secret: str) -> tuple[bool, str]:
            status = post(payload.encode(), sign(payload, secret))
            return 200 <= status < 300, str(status)

        rows = due_deliveries(self.account)
        for row in rows:
            deliver(self.account, row, hand_over)
        return len(rows)

    def wait_for_webhooks(self, timeout: float = 10) -> None:
        """Wait until nothing is left to deliver; raises TimeoutError."""
        deadline = time.monotonic() + timeout
        while self.account.store.rows("SELECT 1 FROM deliveries WHERE state = 'pending' LIMIT 1"):
            if time.monotonic() > deadline:
                raise TimeoutError("Webhooks are still waiting to be delivered.")
            time.sleep(0.02)


@contextmanager
def running_sandbox(
    state: Path,
    *,
    site_url: str = "http://localhost:9",
    webhook_secret: str = WEBHOOK_SECRET,
    mailbox: Path | None = None,
    delivers: bool = False,
) -> Iterator[Sandbox]:
    """Run a sandbox on a free port until the block ends.

    Webhooks stay in the queue unless `delivers`; read them with `events` and `signed`.
    """
    refuse_danger(site_url=site_url, secret_key=API_KEY)
    setup = Setup(
        site_url=site_url,
        base_url="",
        state=state,
        webhook_secret=webhook_secret,
        mailbox=mailbox or state / "mailbox",
    )
    running = Running(setup)
    running.start(delivers=delivers)
    try:
        yield Sandbox(running)
    finally:
        running.close()


__all__ = ["API_KEY", "WEBHOOK_SECRET", "ApiError", "Sandbox", "running_sandbox"]
