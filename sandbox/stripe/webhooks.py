"""Deliver events to the site: signed, retried, and only on this machine."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from sqlite3 import ProgrammingError, Row
from urllib.parse import urlsplit

from sandbox.loopback import is_loopback_url
from sandbox.stripe.account import Account
from sandbox.stripe.store import JSON

logger = logging.getLogger(__name__)

# Takes an address, a payload and the endpoint's secret; says whether it was taken, and the answer in words.
Post = Callable[[str, str, str], tuple[bool, str]]
TIMEOUT_SECONDS = 20
# Three days in all, as Stripe does; by the clock of the sandbox, so that moving it brings the next try.
BACKOFF_SECONDS = (1, 3, 10, 30, 120, 600, 3600, 5 * 3600, 10 * 3600, 12 * 3600, 20 * 3600, 24 * 3600)
POLL_SECONDS = 1.0
# How long deliveries gather before they go out in the wrong order.
REORDER_SECONDS = 0.5
CATCH_UP_SECONDS = 30.0


def sign(payload: str, secret: str, moment: int | None = None) -> str:
    """Make the `Stripe-Signature` header for a payload."""
    moment = int(time.time()) if moment is None else moment
    digest = hmac.new(secret.encode(), f"{moment}.{payload}".encode(), hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def undelivered_events(account: Account) -> set[str]:
    """Name the events that some endpoint has not taken."""
    untaken = "SELECT event FROM deliveries GROUP BY event, endpoint HAVING SUM(state = 'delivered') = 0"
    return {row["event"] for row in account.store.rows(untaken)}


def resend(account: Account, event_id: str) -> int:
    """Queue an event again for the endpoints of today; returns how many."""
    event = account.get("event", event_id)
    endpoints = account.store.find("webhook_endpoint", status="enabled")
    for endpoint in endpoints:
        account.store.rows(
            "INSERT INTO deliveries (event, endpoint, url, state, not_before) VALUES (?, ?, ?, 'pending', 0)",
            event["id"], endpoint["id"], endpoint["url"],
        )  # fmt: skip
    account.has_events.set()
    return len(endpoints)


class Deliverer(threading.Thread):
    """Send what is queued, oldest first, until stopped; and let real time have its effect."""

    def __init__(self, account: Account, catch_up: Callable[[], None]) -> None:
        super().__init__(name="sandbox-webhooks", daemon=True)
        self._account = account
        self._catch_up = catch_up
        self._stopping = threading.Event()
        self._caught_up = 0.0

    def stop(self) -> None:
        """Finish the delivery under way and end."""
        self._stopping.set()
        self._account.has_events.set()
        self.join(TIMEOUT_SECONDS + 5)

    def run(self) -> None:
        """Deliver until stopped."""
        while not self._stopping.is_set():
            self._account.has_events.wait(POLL_SECONDS)
            self._account.has_events.clear()
            try:
                self._round()
            except ProgrammingError:
                if not self._stopping.is_set():
                    raise

    def _round(self) -> None:
        if time.monotonic() - self._caught_up > CATCH_UP_SECONDS:
            self._caught_up = time.monotonic()
            self._catch_up()
        is_reordered = self._account.faults.reorder_webhooks
        if is_reordered and due_deliveries(self._account):
            self._stopping.wait(REORDER_SECONDS)
        for row in due_deliveries(self._account):
            if self._stopping.is_set():
                return
            deliver(self._account, row, post)


def due_deliveries(account: Account) -> list[Row]:
    """List what is to be sent now, in the order in which it is sent."""
    order = "id DESC" if account.faults.reorder_webhooks else "not_before, id"
    due = f"SELECT * FROM deliveries WHERE state = 'pending' AND not_before <= ? ORDER BY {order}"  # noqa: S608 - one of two
    return account.store.rows(due, account.moment)


def deliver(account: Account, row: Row, post: Post) -> None:
    """Send one event and note how it went; what isn't taken is tried again."""
    store = account.store
    event = store.get(row["event"])
    secret = store.notes(row["endpoint"]).get("secret")
    if event is None or secret is None:
        store.rows("UPDATE deliveries SET state = 'failed', answer = 'endpoint is gone' WHERE id = ?", row["id"])
        return
    taken, answer = post(row["url"], json.dumps(event), secret)
    attempts = row["attempts"] + 1
    left = BACKOFF_SECONDS[attempts - 1 : attempts]
    state = "delivered" if taken else "pending" if left else "failed"
    with store.transaction():
        store.rows(
            "UPDATE deliveries SET state = ?, attempts = ?, answer = ?, not_before = ? WHERE id = ?",
            state, attempts, answer, account.moment + (left[0] if left else 0), row["id"],
        )  # fmt: skip
        if taken and (event := store.get(row["event"])):
            account.save(event | {"pending_webhooks": max(0, event["pending_webhooks"] - 1)})


def post(url: str, payload: str, secret: str) -> tuple[bool, str]:
    """Post one event; returns whether it was taken, and the answer in words."""
    if not is_loopback_url(url):
        return False, "refused: not an address of this machine"
    parts = urlsplit(url)
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = connect(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": sign(payload, secret),
        "User-Agent": "Stripe/1.0 (sandbox)",
    }
    try:
        connection.request("POST", parts.path or "/", payload.encode(), headers)
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        logger.info("no answer from %s: %s", url, error)
        return False, type(error).__name__
    finally:
        connection.close()
    return 200 <= status < 300, str(status)


def deliveries_of(account: Account, event: JSON) -> list[Row]:
    """List the deliveries of an event."""
    return account.store.rows("SELECT * FROM deliveries WHERE event = ? ORDER BY id", event["id"])
