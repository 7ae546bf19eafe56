"""Sell a subscription through Stripe Checkout: once, at our price, to whom it is for."""

from typing import TYPE_CHECKING, Any

from billing import stripe_client
from billing.catalogue import price_at_stripe
from billing.customers import customer_at_stripe, is_foreign
from billing.mirroring import is_sold, kind_of
from billing.models import CheckoutAttempt, Customer, Price, Subscription
from billing.models.checkouts import Kind
from billing.options import checkout_options
from billing.purchases import NEVER_SUBSCRIBED, settle_purchase
from billing.sessions import PAID, open_session, return_address, session_of
from billing.stripe_client import JSON
from billing.synchronising import mirror_locked

if TYPE_CHECKING:
    from accounts.models import User


class AlreadySubscribedError(Exception):
    """The reader has a subscription; another would charge them twice."""


def start_checkout(user: "User", price: Price, *, next_path: str = "", came_from: str = "") -> str:
    """Return the address at which a reader pays a price; raises AlreadySubscribedError and StripeCallError.

    Whatever can't be made sure of ends in a fault: rather sell nothing than sell twice.
    """
    customer_at_stripe(user)
    price_at_stripe(price)
    # Stripe is called under the reader's lock: two tabs would else both find nothing there and both buy.
    with Customer.objects.held(user) as customer:
        url = _address_to_pay_at(customer, price, next_path=next_path, came_from=came_from)
    if url is None:
        raise AlreadySubscribedError
    return url


def finish_checkout(attempt: CheckoutAttempt) -> None:
    """Bring an attempt, and what the reader holds, to what Stripe says became of it; raises StripeCallError.

    The return page, the webhook and the reconciler all come here, in any order and as often as they like.
    """
    # Under the lock, for the reason given in `synchronise_customer`.
    with Customer.objects.held(attempt.user) as customer:
        attempt.refresh_from_db()
        session = session_of(attempt)
        if session["status"] == "open":
            return
        _drifts, theirs = mirror_locked(customer)
        if attempt.kind == Kind.SUBSCRIPTION:
            _settle(attempt, session, theirs)
        else:
            settle_purchase(attempt, session)


def _address_to_pay_at(customer: Customer, price: Price, *, next_path: str, came_from: str) -> str | None:
    """Return where to pay, or None if there is nothing left to sell; the caller holds the lock."""
    attempt = CheckoutAttempt.objects.open().filter(user=customer.user, kind=Kind.SUBSCRIPTION).first()
    # The session before the subscriptions: paid in between, it shows at least there.
    session = session_of(attempt) if attempt else None
    _drifts, theirs = mirror_locked(customer)
    if attempt and session:
        _settle(attempt, session, theirs)
    if any(is_sold(found) for found in theirs):
        _keep_one_session(customer, None)
        return None
    if attempt and session and session["status"] == "complete" and attempt.is_open:
        # Paid, but the money is still on its way.
        return return_address(attempt)
    options = checkout_options(price, may_try=_may_try(customer, theirs))
    kept = _keep_one_session(customer, _mark(price, options)) or _new_session(customer, price, options)
    _keep_one_attempt(customer, price, kept, next_path=next_path, came_from=came_from)
    return str(kept["url"])


def _settle(attempt: CheckoutAttempt, session: JSON, theirs: list[JSON]) -> None:
    """Close an attempt about which nothing more will happen."""
    if session["status"] == "expired":
        attempt.close(CheckoutAttempt.Status.EXPIRED)
    elif session["status"] == "complete":
        if session["payment_status"] in PAID:
            attempt.close(CheckoutAttempt.Status.COMPLETE)
        elif any(found["id"] == session["subscription"] and found["status"] in NEVER_SUBSCRIBED for found in theirs):
            attempt.close(CheckoutAttempt.Status.EXPIRED)


def _may_try(customer: Customer, theirs: list[JSON]) -> bool:
    """Say whether a reader may have a trial: once in their life, and never after a subscription of any kind of their own."""
    held = Subscription.objects.personal().filter(user=customer.user).exclude(status=Subscription.Status.INCOMPLETE_EXPIRED)
    return not held.exists() and not any(
        kind_of(found) == Kind.SUBSCRIPTION and found["status"] not in NEVER_SUBSCRIBED for found in theirs
    )


def _mark(price: Price, options: JSON) -> dict[str, str]:
    """Return what tells a session apart: what it sells, and after how many free days."""
    days = options.get("subscription_data", {}).get("trial_period_days", 0)
    return {"price": str(price.stripe_price_id), "trial": str(days)}


def _keep_one_session(customer: Customer, mark: dict[str, str] | None) -> JSON | None:
    """Return the session that has a mark, in which the reader can pay already, and close every other at Stripe.

    Stripe is asked, not our attempts: an answer that got lost may have left a session that we know nothing of.
    """
    kept = None
    for session in stripe_client.list_open_sessions(str(customer.stripe_id)):
        metadata = session["metadata"] or {}
        if is_foreign(metadata) or metadata.get("kind") != Kind.SUBSCRIPTION:
            continue
        if kept is None and mark is not None and mark.items() <= metadata.items():
            kept = session
        else:
            stripe_client.expire_session(session["id"])
    return kept


def _keep_one_attempt(customer: Customer, price: Price, session: JSON, *, next_path: str, came_from: str) -> None:
    for other in CheckoutAttempt.objects.open().filter(user=customer.user, kind=Kind.SUBSCRIPTION).exclude(stripe_session_id=session["id"]):
        other.close(CheckoutAttempt.Status.EXPIRED)
    CheckoutAttempt.objects.update_or_create(
        stripe_session_id=session["id"],
        defaults={
            "user": customer.user,
            "price": price,
            "reference": session["client_reference_id"],
            "next_path": next_path,
            "came_from": came_from,
        },
    )


def _new_session(customer: Customer, price: Price, options: JSON) -> JSON:
    params: dict[str, Any] = {"mode": "subscription", "line_items": [{"price": price.stripe_price_id, "quantity": 1}], **options}
    cancel_path = price.plan.get_absolute_url()
    return open_session(customer, kind=Kind.SUBSCRIPTION, cancel_path=cancel_path, metadata=_mark(price, options), params=params)
