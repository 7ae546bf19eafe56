"""What becomes of a payment, by what was bought: each kind registers its own part in `BillingConfig.ready`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from billing.models import CheckoutAttempt, Payment, Subscription
from billing.stripe_client import JSON


@dataclass(frozen=True, slots=True)
class Purchase:
    """What a kind of purchase does once its Checkout is over.

    `fulfil` is called under the buyer's lock with the session, as often as anybody asks, after it was paid; `prepare` before it, to do
    what has to be done at Stripe for it, which the others must not ask; `abandon` with the attempt alone, once it can be paid no more.
    `follow_money` is called with each payment of the kind, whenever the buyer is synchronised: where the money no longer stands
    (`is_standing`: refunded in full, disputed) it takes back what was given, and gives it again where it does. `follow_subscription` is
    called with each subscription of the kind in the same way, once it is mirrored. All are idempotent. `thanks` is the template of the
    way back, and `describe` returns what else it shows.
    """

    fulfil: Callable[[CheckoutAttempt, JSON], None]
    thanks: str
    prepare: Callable[[CheckoutAttempt, JSON], None] | None = None
    abandon: Callable[[CheckoutAttempt], None] | None = None
    follow_money: Callable[[Payment], None] | None = None
    follow_subscription: Callable[[Subscription], None] | None = None
    describe: Callable[[HttpRequest, CheckoutAttempt], dict[str, Any]] | None = None


purchases: dict[str, Purchase] = {}


def register_purchase(kind: str, purchase: Purchase) -> None:
    """Say what a kind does; registering a kind again replaces it."""
    purchases[kind] = purchase
