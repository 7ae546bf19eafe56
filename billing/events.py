"""Act on what Stripe told us: an event only says whom to look after, never what is so."""

import logging

from billing import stripe_client
from billing.catalogue import synchronise_price
from billing.checkout import finish_checkout
from billing.customers import is_foreign
from billing.models import CheckoutAttempt, Customer, Payment, WebhookEvent
from billing.stripe_client import StripeCallError
from billing.synchronising import synchronise_customer

logger = logging.getLogger(__name__)

SESSION_KINDS = frozenset(
    f"checkout.session.{what}" for what in ("completed", "async_payment_succeeded", "async_payment_failed", "expired")
)
PRICE_KINDS = frozenset(["price.updated", "price.deleted"])
# Whom an event is about is looked after; what happened to them is for Stripe to say when asked.
PERSONAL_KINDS = frozenset(
    f"{subject}.{what}"
    for subject, whats in {
        "customer": ("updated", "deleted"),
        "customer.subscription": (
            *("created", "updated", "deleted", "paused", "resumed", "trial_will_end"),
            *("pending_update_applied", "pending_update_expired"),
        ),
        "invoice": (
            *("paid", "payment_failed", "payment_action_required", "upcoming"),
            *("finalization_failed", "voided", "marked_uncollectible"),
        ),
        "charge": ("refunded", "refund.updated"),
        "refund": ("created", "updated", "failed"),
        "charge.dispute": ("created", "updated", "closed", "funds_withdrawn", "funds_reinstated"),
        "payment_method": ("attached", "updated", "automatically_updated", "detached"),
    }.items()
    for what in whats
)
HANDLED_KINDS = SESSION_KINDS | PERSONAL_KINDS | PRICE_KINDS


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
    """Synchronise whom or what an event concerns; False if that is nothing of ours."""
    if is_foreign(event.payload["object"].get("metadata")):
        return False
    if event.kind in PRICE_KINDS:
        return synchronise_price(event.object_id)
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
    found = event.payload["object"]
    stripe_id = found.get("customer")
    if event.kind in ("customer.updated", "customer.deleted"):
        stripe_id = event.object_id
    elif not stripe_id and found.get("charge"):
        # A refund or a dispute names the charge alone, which we may not know yet.
        known = Payment.objects.filter(stripe_charge_id=found["charge"]).values_list("customer__stripe_id", flat=True).first()
        stripe_id = known or stripe_client.get_charge(found["charge"])["customer"]
    return Customer.objects.select_related("user").filter(stripe_id=stripe_id).first() if stripe_id else None
