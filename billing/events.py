"""Act on what Stripe told us: an event only says whom to look after, never what is so."""

import logging

from billing import stripe_client
from billing.checkout import finish_checkout
from billing.customers import is_foreign
from billing.models import CheckoutAttempt, Customer, Payment, WebhookEvent
from billing.stocktaking import Synchronise, report_drifts, synchronise_coupon, synchronise_offer, synchronise_price, synchronise_product
from billing.stripe_client import StripeCallError
from billing.synchronising import synchronise_customer

logger = logging.getLogger(__name__)

SESSION_KINDS = frozenset(
    f"checkout.session.{what}" for what in ("completed", "async_payment_succeeded", "async_payment_failed", "expired")
)
# What is sold, and what looks after it.
SALE_KINDS: dict[str, Synchronise] = {
    f"{subject}.{what}": synchronise
    for subject, synchronise in {
        "product": synchronise_product,
        "price": synchronise_price,
        "coupon": synchronise_coupon,
        "promotion_code": synchronise_offer,
    }.items()
    for what in (("updated",) if subject == "promotion_code" else ("updated", "deleted"))
}
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
HANDLED_KINDS = SESSION_KINDS | PERSONAL_KINDS | SALE_KINDS.keys()


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
    if event.kind in SALE_KINDS:
        return _look_after_sale(event)
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


def _look_after_sale(event: WebhookEvent) -> bool:
    drifts = SALE_KINDS[event.kind](event.object_id)
    report_drifts(drifts or [])
    return drifts is not None


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
