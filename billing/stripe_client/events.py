"""Events, verified."""

import json
import time

import stripe
from django.conf import settings

from billing.stripe_client.calling import JSON

# How old a signed event may be, and how far our clock may be behind Stripe's.
TOLERANCE_SECONDS = 300


class ForgedEventError(Exception):
    """A body that Stripe didn't sign, or not now."""


def read_event(body: bytes, header: str) -> JSON:
    """Return the event of a request, verified byte for byte with every secret we have; raises ForgedEventError."""
    if not any(_is_signed(body, header, secret) for secret in settings.STRIPE_WEBHOOK_SECRETS):
        raise ForgedEventError("The signature is missing, wrong or not of this time.")
    try:
        event = json.loads(body)
    except ValueError as error:
        raise ForgedEventError("This is no JSON.") from error
    if not isinstance(event, dict) or event.get("object") != "event":
        raise ForgedEventError("This is no event.")
    return event


def _is_signed(body: bytes, header: str, secret: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(body, header, secret, TOLERANCE_SECONDS)
        moment = int(next(part for part in header.split(",") if part.startswith("t="))[2:])
    except (stripe.SignatureVerificationError, UnicodeDecodeError, TypeError):
        # TypeError: a signature that isn't ASCII can't be compared.
        return False
    # The SDK accepts any time to come.
    return moment <= time.time() + TOLERANCE_SECONDS
