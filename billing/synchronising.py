"""Make our mirror of a reader's subscriptions what Stripe says it is: in any order, any number of times."""

import logging
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from billing import stripe_client
from billing.mirroring import fields_of, is_ours, is_sold
from billing.models import Customer, Subscription
from billing.stripe_client import JSON, StripeCallError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Drift:
    """One field in which our mirror was not what Stripe says."""

    subscription: str
    field: str
    ours: object
    theirs: object


def synchronise_customer(customer: Customer, *, is_dry_run: bool = False) -> list[Drift]:
    """Bring a customer's subscriptions up to date and return what wasn't; raises StripeCallError.

    Stripe is asked under the lock: asked before it, an older answer could be written over a newer one.
    """
    with transaction.atomic():
        drifts, _theirs = mirror_locked(Customer.objects.locked(customer.user))
        if is_dry_run:
            transaction.set_rollback(True)
    return drifts


def mirror_locked(customer: Customer) -> tuple[list[Drift], list[JSON]]:
    """Do the work of `synchronise_customer` for a customer whose lock the caller holds; also return what Stripe has."""
    listed = _listed(customer)
    theirs = [found for found in listed if is_ours(found)]
    drifts: list[Drift] = []
    for row in customer.subscriptions.live().exclude(stripe_id__in=[found["id"] for found in listed]):
        try:
            theirs.append(stripe_client.get_subscription(row.stripe_id))
        except StripeCallError as fault:
            if not fault.is_missing:
                raise
            drifts += _end(row)
    for found in theirs:
        drifts += _mirror(customer, found)
    _warn_of_doubles(customer, theirs)
    customer.synchronised_at = timezone.now()
    customer.save(update_fields=["synchronised_at"])
    return drifts, theirs


def _listed(customer: Customer) -> list[JSON]:
    if not customer.stripe_id:
        return []
    try:
        return stripe_client.list_subscriptions(customer.stripe_id)
    except StripeCallError as fault:
        if fault.is_missing:
            # Deleted at Stripe, and all they had with them.
            return []
        raise


def _mirror(customer: Customer, found: JSON) -> list[Drift]:
    fields = fields_of(found, customer)
    row = Subscription.objects.filter(stripe_id=found["id"]).first()
    if row is None:
        Subscription.objects.create(stripe_id=found["id"], synchronised_at=timezone.now(), **fields)
        return [Drift(found["id"], "status", None, fields["status"])]
    return _change(row, fields)


def _end(row: Subscription) -> list[Drift]:
    """End a subscription that Stripe knows no more."""
    moment = timezone.now()
    return _change(row, {"status": Subscription.Status.CANCELED, "ended_at": moment, "entitled_until": min(moment, row.entitled_until)})


def _change(row: Subscription, fields: dict[str, Any]) -> list[Drift]:
    drifts = [Drift(row.stripe_id, name, getattr(row, name), value) for name, value in fields.items() if getattr(row, name) != value]
    for name, value in fields.items():
        setattr(row, name, value)
    row.synchronised_at = timezone.now()
    row.save(update_fields=[*fields, "synchronised_at"])
    return drifts


def _warn_of_doubles(customer: Customer, theirs: list[JSON]) -> None:
    sold = [found["id"] for found in theirs if is_sold(found)]
    if len(sold) > 1:
        names = ", ".join(sold)
        logger.error("Customer %s has %d subscriptions: %s. Cancel and refund the newer.", customer.stripe_id, len(sold), names)
