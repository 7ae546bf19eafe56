"""How Stripe is called: one client, one kind of fault, plain data."""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

import stripe
from django.conf import settings

JSON = dict[str, Any]
P = ParamSpec("P")
R = TypeVar("R")

TIMEOUT_SECONDS = (3.05, 8)
RETRIES = 2
PAGE_SIZE = 100
PAYMENT_REQUIRED = 402


class StripeCallError(Exception):
    """Stripe did not do what we asked.

    `is_missing` says that what we named isn't there, `is_declined` that the bank said no, `is_refused` that asking again won't help.
    """

    def __init__(self, message: str, *, is_missing: bool = False, is_declined: bool = False, is_refused: bool = False) -> None:
        super().__init__(message)
        self.is_refused = is_refused
        self.is_missing = is_missing
        self.is_declined = is_declined


def client() -> stripe.StripeClient:
    """Return the client of the settings' account."""
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, settings.STRIPE_API_VERSION)


@cache
def _client(key: str, base: str, version: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": base},
        stripe_version=version,
        max_network_retries=RETRIES,
        http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
    )


def is_live() -> bool:
    """Say whether our key moves real money."""
    return settings.STRIPE_SECRET_KEY.startswith(("sk_live", "rk_live"))


def one_fault(call: Callable[P, R]) -> Callable[P, R]:
    """Raise `StripeCallError` for whatever the SDK raises; its message names no body, so that no personal data gets into a log."""

    @wraps(call)
    def translated(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return call(*args, **kwargs)
        except stripe.StripeError as error:
            what = error.user_message if isinstance(error, stripe.CardError) else (error.code or str(error.http_status or "no answer"))
            reason = f"{type(error).__name__} ({what}), request {error.request_id}"
            is_declined = error.http_status == PAYMENT_REQUIRED
            is_refused = isinstance(error, stripe.InvalidRequestError)
            raise StripeCallError(
                reason, is_missing=error.code == "resource_missing", is_declined=is_declined, is_refused=is_refused
            ) from error

    return translated


def is_there(retrieve: Callable[[str], Any], object_id: str) -> bool:
    """Say whether an object can be fetched and isn't deleted."""
    try:
        return not plain(retrieve(object_id)).get("deleted", False)
    except stripe.InvalidRequestError as error:
        if error.code == "resource_missing":
            return False
        raise


def plain(found: stripe.StripeObject) -> JSON:
    """Turn an object of the SDK's into plain data."""
    return found.to_dict(for_json=True)
