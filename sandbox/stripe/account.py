"""The account that the stand-in keeps: objects, a clock that can be moved, and events."""

from __future__ import annotations

import random
import secrets
import string
import threading
import time
from typing import Any

from sandbox.stripe import API_VERSION
from sandbox.stripe.errors import missing
from sandbox.stripe.faults import Faults
from sandbox.stripe.store import JSON, Store

ALPHABET = string.ascii_letters + string.digits
# How much later than it should an event arrives that gets mixed up by chance.
MIXED_UP_SECONDS = 5
ENDPOINT_ID = "we_sandbox000000000000000"


class Account:
    """What every handler works on."""

    def __init__(self, store: Store, *, site_url: str, base_url: str, webhook_secret: str) -> None:
        self.store = store
        self.site_url = site_url.rstrip("/")
        self.base_url = base_url.rstrip("/")
        self.request_id: str | None = None
        self.idempotency_key: str | None = None
        self.has_events = threading.Event()
        self._open_endpoint(webhook_secret)

    # The clock

    @property
    def now(self) -> int:
        """Tell the time of the sandbox."""
        return int(self.moment)

    @property
    def moment(self) -> float:
        """Tell the time of the sandbox, with fractions of a second."""
        return time.time() + int(self.store.setting("clock_offset", 0))

    def set_clock(self, moment: int) -> None:
        """Move the clock forward, never back."""
        ahead = max(moment, self.now) - int(time.time())
        self.store.set("clock_offset", ahead)

    @property
    def faults(self) -> Faults:
        """Tell which faults are on."""
        return Faults.from_json(self.store.setting("faults", {}))

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self.store.set("faults", faults.to_json())

    def happens(self, fault: str) -> bool:
        """Throw the dice for a fault that happens by chance; the same seed brings the same throws."""
        chance = self.faults.chance_of(fault)
        return chance > 0 and self._throw() < chance

    def _throw(self) -> float:
        number = int(self.store.setting("throws", 0)) + 1
        self.store.set("throws", number)
        return random.Random(f"{self.faults.seed}/{number}").random()  # noqa: S311 - a game, not a secret

    # Objects

    def new_id(self, prefix: str, length: int = 24) -> str:
        """Make an id as Stripe does."""
        return f"{prefix}_{''.join(secrets.choice(ALPHABET) for _ in range(length))}"

    def get(self, kind: str, id: str, param: str = "id") -> JSON:
        """Fetch one object; raises Stripe's `resource_missing`."""
        obj = self.store.get(id)
        if obj is None or obj["object"] != kind:
            raise missing(kind, id, param)
        return obj

    def save(self, obj: JSON, **notes: Any) -> JSON:
        """Keep an object, with private notes if given."""
        self.store.put(obj)
        if notes:
            self.store.note(obj["id"], **notes)
        return obj

    def add(self, obj: JSON, event: str | None = None, **notes: Any) -> JSON:
        """Save a new object and tell of it."""
        self.save(obj, **notes)
        if event:
            self.emit(event, obj)
        return obj

    def change(self, obj: JSON, event: str | None, **changes: Any) -> JSON:
        """Apply changes to an object, save it, and tell of what was different before."""
        previous = {name: obj.get(name) for name, value in changes.items() if obj.get(name) != value}
        if previous:
            obj.update(changes)
            self.save(obj)
            if event:
                self.emit(event, obj, previous)
        return obj

    # Events

    def emit(self, type: str, obj: JSON, previous: JSON | None = None) -> JSON:
        """Record an event with a snapshot of its object, and a delivery to every endpoint that wants it."""
        data: JSON = {"object": obj}
        if previous is not None:
            data["previous_attributes"] = previous
        endpoints = [e for e in self.store.find("webhook_endpoint") if _wants(e, type)]
        event = {
            "id": self.new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now,
            "data": data,
            "livemode": False,
            "pending_webhooks": len(endpoints),
            "request": {"id": self.request_id, "idempotency_key": self.idempotency_key},
            "type": type,
        }
        self.save(event)
        for endpoint in endpoints:
            self._queue(event, endpoint)
        self.has_events.set()
        return event

    def _queue(self, event: JSON, endpoint: JSON) -> None:
        faults = self.faults
        state = "dropped" if faults.drop_webhooks or self.happens("drop") else "pending"
        for _ in range(2 if faults.duplicate_webhooks or self.happens("duplicate") else 1):
            late = MIXED_UP_SECONDS * self._throw() if self.happens("reorder") else 0
            self.store.rows(
                "INSERT INTO deliveries (event, endpoint, url, state, not_before) VALUES (?, ?, ?, ?, ?)",
                event["id"], endpoint["id"], endpoint["url"], state, self.moment + faults.delay_seconds + late,
            )  # fmt: skip

    def _open_endpoint(self, secret: str) -> None:
        with self.store.transaction():
            endpoint = self.store.get(ENDPOINT_ID) or {
                "id": ENDPOINT_ID,
                "object": "webhook_endpoint",
                "api_version": API_VERSION,
                "application": None,
                "created": self.now,
                "description": "The site, from the start of the sandbox",
                "enabled_events": ["*"],
                "livemode": False,
                "metadata": {},
                "status": "enabled",
            }
            self.save(endpoint | {"url": f"{self.site_url}/webhooks/stripe/"}, secret=secret)


def _wants(endpoint: JSON, type: str) -> bool:
    wanted = endpoint["enabled_events"]
    return endpoint["status"] == "enabled" and ("*" in wanted or type in wanted)
