"""Keep what Stripe sends, once, and nudge the worker."""

import logging

from django.db import transaction

from billing import stripe_client
from billing.events import HANDLED_KINDS
from billing.models import WebhookEvent
from billing.stripe_client import JSON

logger = logging.getLogger(__name__)

# What tells whom an event concerns.
KEPT_FIELDS = ("id", "object", "customer", "subscription", "charge", "client_reference_id", "metadata")


class WrongModeError(Exception):
    """A live event on a test site, or the other way round."""


def receive_event(body: bytes, signature: str) -> WebhookEvent | None:
    """Keep an event and nudge the worker; None if we have it already. Raises ForgedEventError and WrongModeError, keeping nothing."""
    event = stripe_client.read_event(body, signature)
    if bool(event.get("livemode")) != stripe_client.is_live():
        logger.warning("Refused event %s: its livemode is not that of our key.", event.get("id"))
        raise WrongModeError
    return keep_event(event)


def keep_event(event: JSON) -> WebhookEvent | None:
    """Keep an event that came from Stripe, by a webhook or by our asking; None if we have it already."""
    from billing.tasks import process_event

    with transaction.atomic():
        row, is_new = WebhookEvent.objects.get_or_create(stripe_id=event["id"], defaults=_fields_of(event))
        if is_new and row.status == WebhookEvent.Status.WAITING:
            # Robust, since a broker that is down must not make Stripe send again what we have: the sweep finds it.
            transaction.on_commit(lambda: process_event.delay(row.pk), robust=True)
    return row if is_new else None


def _fields_of(event: JSON) -> dict[str, object]:
    data = event.get("data") or {}
    found = data.get("object") or {}
    if "customer" in found and not found["customer"]:
        # A card that was taken off says whose it was only there.
        found = found | {"customer": (data.get("previous_attributes") or {}).get("customer")}
    is_handled = event["type"] in HANDLED_KINDS
    if not is_handled:
        logger.info("Event %s of type %s needs nothing done.", event["id"], event["type"])
    return {
        "kind": event["type"],
        "object_id": found.get("id") or "",
        "payload": {
            "created": event.get("created"),
            "api_version": event.get("api_version"),
            "object": {name: found[name] for name in KEPT_FIELDS if found.get(name)},
        },
        "status": WebhookEvent.Status.WAITING if is_handled else WebhookEvent.Status.IGNORED,
    }
