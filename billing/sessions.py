"""Checkout sessions: how one is opened, found again, and told apart from those of others."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from billing import stripe_client
from billing.customers import metadata_of
from billing.languages import stripe_locale
from billing.models import CheckoutAttempt, Customer
from billing.models.checkouts import new_reference
from billing.stripe_client import JSON, StripeCallError
from magazine.addresses import whole_address

PAID = frozenset(["paid", "no_payment_required"])


def open_session(customer: Customer, *, kind: str, cancel_path: str, metadata: dict[str, str], params: dict[str, Any]) -> JSON:
    """Open a Checkout session for a customer; raises StripeCallError.

    `metadata` adds to what marks the session as this reader's and of this kind; what the session makes carries that mark too.
    """
    reference = new_reference()
    back = f"{whole_address('billing:checkout_return')}?{urlencode({'reference': reference})}"
    marked = {**metadata_of(customer.user), "kind": kind}
    made = "payment_intent_data" if params["mode"] == "payment" else "subscription_data"
    return stripe_client.create_session(
        {
            "customer": customer.stripe_id,
            "client_reference_id": reference,
            # The braces are Stripe's, which puts the session's id there, and must not be encoded.
            "success_url": f"{back}&session_id={{CHECKOUT_SESSION_ID}}",
            "cancel_url": f"{settings.SITE_URL}{cancel_path}",
            "locale": stripe_locale(),
            **params,
            "metadata": {**marked, **metadata},
            made: {**params.get(made, {}), "metadata": {**marked, **params.get(made, {}).get("metadata", {})}},
        }
    )


def session_of(attempt: CheckoutAttempt) -> JSON:
    """Return the session of an attempt, an expired one if Stripe knows it no more; raises StripeCallError."""
    try:
        return stripe_client.get_session(attempt.stripe_session_id)
    except StripeCallError as fault:
        if fault.is_missing:
            return {"status": "expired"}
        raise


def return_address(attempt: CheckoutAttempt) -> str:
    """Return the path at which the reader of an attempt learns how it went."""
    query = {"reference": attempt.reference, "session_id": attempt.stripe_session_id}
    return f"{reverse('billing:checkout_return')}?{urlencode(query)}"
