"""A reader's running subscription: found, held, changed at Stripe, and mirrored again."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from billing.models import Customer, Subscription
from billing.stripe_client import JSON
from billing.synchronising import mirror_again, mirror_locked

if TYPE_CHECKING:
    from accounts.models import User

logger = logging.getLogger(__name__)


class NothingRunningError(Exception):
    """The reader has no subscription of their own that runs."""


class UnsettledError(Exception):
    """The subscription runs, but something else about it is open: an end, a pause, a change or a payment."""


def running_subscription(user: "User") -> Subscription | None:
    """Return the subscription that a reader may change: of several the one that stays open longest."""
    rows = Subscription.objects.personal().live().exclude(status=Subscription.Status.INCOMPLETE).filter(user=user)
    return rows.select_related("user", "price__plan", "next_price__plan").order_by("-entitled_until", "-started_at").first()


@contextmanager
def held_subscription(user: "User") -> Iterator[tuple[Subscription, JSON]]:
    """Hold a reader's lock around a change: yields the row, mirrored afresh, and what Stripe has; mirrors again after it.

    Raises NothingRunningError and StripeCallError. Stripe is called under the lock, as everywhere: two tabs would else both find
    the subscription unchanged and both change it.
    """
    with Customer.objects.held(user) as customer:
        _drifts, theirs = mirror_locked(customer)
        row = running_subscription(user)
        found = next((found for found in theirs if row and found["id"] == row.stripe_id), None)
        if row is None or found is None:
            raise NothingRunningError
        yield row, found
        mirror_again(customer)
