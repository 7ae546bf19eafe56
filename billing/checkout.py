"""Sell a subscription through Stripe Checkout: once, at our price, to whom it is for."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from billing import stripe_client
from billing.catalogue import price_at_stripe
from billing.customers import customer_at_stripe, is_foreign, metadata_of
from billing.mirroring import KIND, is_sold
from billing.models import CheckoutAttempt, Customer, Price
from billing.models.checkouts import new_reference
from billing.stripe_client import JSON, StripeCallError
from billing.synchronising import mirror_locked

if TYPE_CHECKING:
    from accounts.models import User

PAID = frozenset(["paid", "no_payment_required"])
# What is left of a subscription whose delayed first payment failed.
NEVER_PAID = frozenset(["canceled", "incomplete_expired"])


class AlreadySubscribedError(Exception):
    """The reader has a subscription; another would charge them twice."""


def start_checkout(user: "User", price: Price, *, next_path: str = "") -> str:
    """Return the address at which a reader pays a price; raises AlreadySubscribedError and StripeCallError.

    Whatever can't be made sure of ends in a fault: rather sell nothing than sell twice.
    """
    customer_at_stripe(user)
    price_at_stripe(price)
    # Stripe is called under the reader's lock: two tabs would else both find nothing there and both buy.
    with transaction.atomic():
        url = _address_to_pay_at(Customer.objects.locked(user), price, next_path=next_path)
    if url is None:
        raise AlreadySubscribedError
    return url


def finish_checkout(attempt: CheckoutAttempt) -> None:
    """Bring an attempt, and what the reader holds, to what Stripe says became of it; raises StripeCallError.

    The return page, the webhook and the reconciler all come here, in any order and as often as they like.
    """
    # Under the lock, for the reason given in `synchronise_customer`.
    with transaction.atomic():
        customer = Customer.objects.locked(attempt.user)
        attempt.refresh_from_db()
        session = _session_of(attempt)
        if session["status"] != "open":
            _drifts, theirs = mirror_locked(customer)
            _settle(attempt, session, theirs)


def return_address(attempt: CheckoutAttempt) -> str:
    """Return the path at which the reader of an attempt learns how it went."""
    query = {"reference": attempt.reference, "session_id": attempt.stripe_session_id}
    return f"{reverse('billing:checkout_return')}?{urlencode(query)}"


def _address_to_pay_at(customer: Customer, price: Price, *, next_path: str) -> str | None:
    """Return where to pay, or None if there is nothing left to sell; the caller holds the lock."""
    attempt = CheckoutAttempt.objects.open().filter(user=customer.user).first()
    # The session before the subscriptions: paid in between, it shows at least there.
    session = _session_of(attempt) if attempt else None
    _drifts, theirs = mirror_locked(customer)
    if attempt and session:
        _settle(attempt, session, theirs)
    if any(is_sold(found) for found in theirs):
        _keep_one_session(customer, None)
        return None
    if attempt and session and session["status"] == "complete" and attempt.is_open:
        # Paid, but the money is still on its way.
        return return_address(attempt)
    kept = _keep_one_session(customer, price) or _new_session(customer, price)
    _keep_one_attempt(customer, price, kept, next_path=next_path)
    return str(kept["url"])


def _session_of(attempt: CheckoutAttempt) -> JSON:
    try:
        return stripe_client.get_session(attempt.stripe_session_id)
    except StripeCallError as fault:
        if fault.is_missing:
            return {"status": "expired"}
        raise


def _settle(attempt: CheckoutAttempt, session: JSON, theirs: list[JSON]) -> None:
    """Close an attempt about which nothing more will happen."""
    if session["status"] == "expired":
        attempt.close(CheckoutAttempt.Status.EXPIRED)
    elif session["status"] == "complete":
        if session["payment_status"] in PAID:
            attempt.close(CheckoutAttempt.Status.COMPLETE)
        elif any(found["id"] == session["subscription"] and found["status"] in NEVER_PAID for found in theirs):
            attempt.close(CheckoutAttempt.Status.EXPIRED)


def _keep_one_session(customer: Customer, price: Price | None) -> JSON | None:
    """Return the session in which the reader can pay a price already, and close every other at Stripe.

    Stripe is asked, not our attempts: an answer that got lost may have left a session that we know nothing of.
    """
    kept = None
    for session in stripe_client.list_open_sessions(str(customer.stripe_id)):
        metadata = session["metadata"] or {}
        if is_foreign(metadata) or metadata.get("kind") != KIND:
            continue
        if kept is None and price is not None and metadata.get("price") == str(price.stripe_price_id):
            kept = session
        else:
            stripe_client.expire_session(session["id"])
    return kept


def _keep_one_attempt(customer: Customer, price: Price, session: JSON, *, next_path: str) -> None:
    for other in CheckoutAttempt.objects.open().filter(user=customer.user).exclude(stripe_session_id=session["id"]):
        other.close(CheckoutAttempt.Status.EXPIRED)
    CheckoutAttempt.objects.update_or_create(
        stripe_session_id=session["id"],
        defaults={"user": customer.user, "price": price, "reference": session["client_reference_id"], "next_path": next_path},
    )


def _new_session(customer: Customer, price: Price) -> JSON:
    reference = new_reference()
    back = f"{settings.SITE_URL}{reverse('billing:checkout_return')}?{urlencode({'reference': reference})}"
    metadata = {**metadata_of(customer.user), "kind": KIND}
    params: dict[str, Any] = {
        "mode": "subscription",
        "customer": customer.stripe_id,
        "client_reference_id": reference,
        "line_items": [{"price": price.stripe_price_id, "quantity": 1}],
        "metadata": {**metadata, "price": str(price.stripe_price_id)},
        "subscription_data": {"metadata": metadata},
        # The braces are Stripe's, which puts the session's id there, and must not be encoded.
        "success_url": f"{back}&session_id={{CHECKOUT_SESSION_ID}}",
        "cancel_url": f"{settings.SITE_URL}{price.plan.get_absolute_url()}",
    }
    return stripe_client.create_session(params)
