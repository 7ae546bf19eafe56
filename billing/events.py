"""Act on what Stripe told us: an event only says whom to look after, never what is so."""

import logging

from billing.checkout import finish_checkout
from billing.customers import is_foreign
from billing.models import CheckoutAttempt, Customer, WebhookEvent
from billing.stripe_client import StripeCallError
from billing.synchronising import synchronise_customer

logger = logging.getLogger(__name__)

SESSION_KINDS = frozenset(
    f"checkout.session.{what}" for what in ("completed", "async_payment_succeeded", "async_payment_failed", "expired")
)
SUBSCRIPTION_KINDS = frozenset(
    f"customer.subscription.{what}"
    for what in (
        "created",
        "updated",
        "deleted",
        "paused",
        "resumed",
        "trial_will_end",
        "pending_update_applied",
        "pending_update_expired",
    )
)
INVOICE_KINDS = frozenset(
    f"invoice.{what}"
    for what in ("paid", "payment_failed", "payment_action_required", "finalization_failed", "voided", "marked_uncollectible")
)
HANDLED_KINDS = SESSION_KINDS | SUBSCRIPTION_KINDS | INVOICE_KINDS | {"customer.deleted"}


def process_kept_event(event: WebhookEvent) -> None:
    """Act on an event whose turn it is, and record how it went; doubled messages and done events change nothing."""
    if not event.claim():
        return
    try:
        is_ours = _act_on(event)
    except StripeCallError as fault:
        logger.warning("Event %s failed for the %d. time: %s", event.stripe_id, event.attempts, fault)
        event.fail(str(fault))
    except Exception as error:
        # A fault of ours: kept for the newsroom, then raised for whoever reads the logs.
        event.fail(repr(error))
        raise
    else:
        event.finish(*((WebhookEvent.Status.DONE, "") if is_ours else (WebhookEvent.Status.IGNORED, "Not of this site.")))


def _act_on(event: WebhookEvent) -> bool:
    """Synchronise whom an event concerns; False if that is nobody of ours."""
    found = event.payload["object"]
    if is_foreign(found.get("metadata")):
        return False
    if event.kind in SESSION_KINDS:
        attempt = CheckoutAttempt.objects.select_related("user").filter(stripe_session_id=event.object_id).first()
        if attempt is not None:
            finish_checkout(attempt)
            return True
    customer = _customer_of(event)
    if customer is None:
        return False
    synchronise_customer(customer)
    return True


def _customer_of(event: WebhookEvent) -> Customer | None:
    """Find whom an event concerns, by the id we gave them at Stripe; an email address proves nothing."""
    stripe_id = event.object_id if event.kind.startswith("customer.deleted") else event.payload["object"].get("customer")
    return Customer.objects.select_related("user").filter(stripe_id=stripe_id).first() if stripe_id else None
