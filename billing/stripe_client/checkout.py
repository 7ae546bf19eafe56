"""Checkout sessions, and the payments made in them."""

from typing import Any

from billing.stripe_client.calling import JSON, PAGE_SIZE, client, one_fault, plain


@one_fault
def create_session(params: Any) -> JSON:
    """Open a Checkout session."""
    return plain(client().v1.checkout.sessions.create(params))


@one_fault
def get_session(session_id: str) -> JSON:
    """Return a Checkout session."""
    return plain(client().v1.checkout.sessions.retrieve(session_id))


@one_fault
def list_open_sessions(customer_id: str) -> list[JSON]:
    """Return the Checkout sessions that a customer could pay now."""
    params: Any = {"customer": customer_id, "status": "open", "limit": PAGE_SIZE}
    return [plain(found) for found in client().v1.checkout.sessions.list(params).auto_paging_iter()]


@one_fault
def expire_session(session_id: str) -> JSON:
    """Close a Checkout session, so that nobody can pay it any more."""
    return plain(client().v1.checkout.sessions.expire(session_id))


@one_fault
def get_payment_intent(intent_id: str) -> JSON:
    """Return a payment."""
    return plain(client().v1.payment_intents.retrieve(intent_id))
