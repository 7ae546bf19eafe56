"""Sell what is no subscription of the reader's own: a gift, a contribution, a group's seats."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db import transaction

from billing import stripe_client
from billing.customers import customer_at_stripe
from billing.kinds import purchases
from billing.models import CheckoutAttempt, Customer
from billing.sessions import PAID, open_session, return_address, session_of
from billing.stripe_client import JSON

if TYPE_CHECKING:
    from accounts.models import User

# What is left of a payment that failed after Checkout was over, such as a bank debit that bounced.
NEVER_PAID = frozenset(["canceled", "requires_payment_method"])
NEVER_SUBSCRIBED = frozenset(["canceled", "incomplete_expired"])


class AlreadyBoughtError(Exception):
    """The reader has what only one of may run; another would charge them twice."""


def start_purchase(
    user: "User",
    *,
    kind: str,
    subject_id: int,
    params: dict[str, Any],
    cancel_path: str,
    next_path: str = "",
    may_sell: Callable[[Customer], bool] | None = None,
) -> str:
    """Return the address at which a reader pays for a row of a kind; raises StripeCallError and AlreadyBoughtError.

    The row is sold once: while it can be paid in one session, nobody opens another. `may_sell` is asked under the lock.
    """
    customer_at_stripe(user)
    # Stripe is called under the reader's lock: two tabs would else open two sessions for one row.
    with Customer.objects.held(user) as customer:
        if may_sell is None or may_sell(customer):
            return _address_to_pay_at(customer, kind, subject_id, cancel_path=cancel_path, next_path=next_path, params=params)
    # Outside, so that what was found out about the reader is kept.
    raise AlreadyBoughtError


def _address_to_pay_at(customer: Customer, kind: str, subject_id: int, *, cancel_path: str, next_path: str, params: dict[str, Any]) -> str:
    for attempt in CheckoutAttempt.objects.filter(user=customer.user, kind=kind, subject_id=subject_id).exclude(status="expired"):
        session = session_of(attempt)
        settle_purchase(attempt, session)
        if session["status"] == "open":
            return str(session["url"])
        if session["status"] == "complete" and attempt.status != CheckoutAttempt.Status.EXPIRED:
            return return_address(attempt)
    session = open_session(customer, kind=kind, cancel_path=cancel_path, metadata={"subject": str(subject_id)}, params=params)
    CheckoutAttempt.objects.create(
        user=customer.user,
        kind=kind,
        subject_id=subject_id,
        reference=session["client_reference_id"],
        stripe_session_id=session["id"],
        next_path=next_path,
    )
    return str(session["url"])


def settle_purchase(attempt: CheckoutAttempt, session: JSON) -> None:
    """Give what was paid for, or close an attempt about which nothing more will happen; the caller holds the lock."""
    purchase = purchases[attempt.kind]
    if session["status"] == "complete" and session["payment_status"] in PAID:
        if purchase.prepare is not None:
            purchase.prepare(attempt, session)
        with transaction.atomic():
            purchase.fulfil(attempt, session)
            attempt.close(CheckoutAttempt.Status.COMPLETE)
    elif session["status"] == "expired" or (session["status"] == "complete" and _has_failed(session)):
        attempt.close(CheckoutAttempt.Status.EXPIRED)
        if purchase.abandon is not None:
            purchase.abandon(attempt)


def _has_failed(session: JSON) -> bool:
    if intent := session.get("payment_intent"):
        return stripe_client.get_payment_intent(intent)["status"] in NEVER_PAID
    if subscription := session.get("subscription"):
        return stripe_client.get_subscription(subscription)["status"] in NEVER_SUBSCRIBED
    return False
