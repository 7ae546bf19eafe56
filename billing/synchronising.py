"""Make our mirror of a reader's subscriptions and payments what Stripe says it is: in any order, any number of times.

A synchronisation costs three calls (subscriptions, invoices, charges), one more for every hundred of each, and one for every
charge that was ever disputed and every invoice whose collection failed.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from billing import stripe_client
from billing.accounting import end_term, record_term
from billing.catalogue import refuse_another_account
from billing.disputes import end_disputed, note_dispute
from billing.doubles import cancel_doubles, note_doubles
from billing.kinds import purchases
from billing.lining_up import line_up_gifts
from billing.mirroring import fields_of, is_ours
from billing.models import Customer, Payment, Subscription
from billing.notices import tell_of_payment, tell_of_subscription, unconfirmed_among
from billing.stripe_client import JSON, StripeCallError
from billing.takings import Taking, takings_from

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Drift:
    """One field in which our mirror was not what Stripe says."""

    stripe_id: str
    field: str
    ours: object
    theirs: object

    def as_json(self) -> dict[str, str]:
        """Return it as reports keep it: Stripe's ids, no one's name."""
        return {"id": self.stripe_id, "field": self.field, "ours": str(self.ours), "theirs": str(self.theirs)}


@dataclass(frozen=True, slots=True)
class Account:
    """All that Stripe has of one customer at one moment."""

    subscriptions: list[JSON]
    invoices: list[JSON]
    takings: list[Taking]
    gone: list[Subscription]
    # The invoices that the bank wants the reader to confirm.
    unconfirmed: frozenset[str]


def synchronise_customer(customer: Customer, *, is_dry_run: bool = False) -> list[Drift]:
    """Bring a customer's subscriptions and payments up to date and return what wasn't; raises StripeCallError.

    Stripe is asked under the lock: asked before it, an older answer could be written over a newer one.
    """
    with Customer.objects.held(customer.user) as locked:
        drifts, _theirs = mirror_locked(locked, is_dry_run=is_dry_run)
    return drifts


def mirror_locked(customer: Customer, *, is_dry_run: bool = False) -> tuple[list[Drift], list[JSON]]:
    """Do the work of `synchronise_customer` for a customer whose lock the caller holds; also return what Stripe has."""
    account = _fetch(customer)
    if not is_dry_run and _put_right(account):
        account = _fetch(customer)
    with transaction.atomic():
        drifts = _write_down(customer, account)
        if is_dry_run:
            transaction.set_rollback(True)
    return drifts, account.subscriptions


def mirror_again(customer: Customer) -> None:
    """Mirror what was just done at Stripe; the caller holds the customer's lock."""
    try:
        mirror_locked(customer)
    except StripeCallError as fault:
        # What was asked for is done and must not be undone here; the webhook brings the rest.
        logger.warning("Customer %s could not be mirrored after a change: %s", customer.pk, fault)


def _put_right(account: Account) -> bool:
    """Undo at Stripe what should not be there; True if something changed."""
    has_acted = cancel_doubles(account.subscriptions, account.takings, account.invoices)
    return end_disputed(account.subscriptions, account.takings) or has_acted


def _fetch(customer: Customer) -> Account:
    """Ask Stripe for all that a customer has there; one that was deleted has nothing."""
    listed = _listed(stripe_client.list_subscriptions, customer)
    theirs = [found for found in listed if is_ours(found)]
    gone = []
    for row in customer.subscriptions.live().exclude(stripe_id__in=[found["id"] for found in listed]):
        try:
            theirs.append(stripe_client.get_subscription(row.stripe_id))
        except StripeCallError as fault:
            if not fault.is_missing:
                raise
            gone.append(row)
    if gone:
        refuse_another_account()
    invoices, charges = _listed(stripe_client.list_invoices, customer), _listed(stripe_client.list_charges, customer)
    disputes = {charge["id"]: stripe_client.list_disputes(charge["id"]) for charge in charges if charge["disputed"]}
    ours = frozenset(found["id"] for found in theirs)
    return Account(theirs, invoices, takings_from(invoices, charges, disputes, ours=ours), gone, unconfirmed_among(invoices))


def _write_down(customer: Customer, account: Account) -> list[Drift]:
    drifts = [drift for row in account.gone for drift in _end(row)]
    for found in account.subscriptions:
        drifts += _mirror(customer, found, account)
    drifts += _mirror_payments(customer, account.takings)
    note_doubles(customer, account.subscriptions)
    line_up_gifts(customer.user)
    customer.synchronised_at = timezone.now()
    customer.save(update_fields=["synchronised_at"])
    return drifts


def _listed(call: Any, customer: Customer) -> list[JSON]:
    if not customer.stripe_id:
        return []
    try:
        found: list[JSON] = call(customer.stripe_id)
    except StripeCallError as fault:
        if fault.is_missing:
            # Deleted at Stripe, and all they had with them.
            return []
        raise
    return found


def _mirror(customer: Customer, found: JSON, account: Account) -> list[Drift]:
    fields = fields_of(found, customer, takings=account.takings, invoices=account.invoices)
    row = Subscription.objects.filter(stripe_id=found["id"]).first()
    if row is None:
        row = Subscription.objects.create(stripe_id=found["id"], synchronised_at=timezone.now(), **fields)
        drifts = [Drift(found["id"], "status", None, fields["status"])]
    else:
        drifts = _change(row, row.stripe_id, fields)
    record_term(row, found)
    note_dispute(row, found)
    tell_of_subscription(row, found, account.invoices, unconfirmed=account.unconfirmed)
    purchase = purchases.get(row.kind)
    if purchase is not None and purchase.follow_subscription is not None:
        purchase.follow_subscription(row)
    return drifts


def _mirror_payments(customer: Customer, takings: Iterable[Taking]) -> list[Drift]:
    """Mirror what was paid, and let each kind do what follows from the state of the money; what was free has no row."""
    takings = [taking for taking in takings if taking.amount]
    known, subscriptions = _payments_of(takings), {row.stripe_id: row for row in customer.subscriptions.all()}
    drifts: list[Drift] = []
    for taking in takings:
        subscription = subscriptions.get(taking.subscription or "")
        owner = {"user_id": customer.user_id, "customer_id": customer.pk, "subscription_id": subscription and subscription.pk}
        row = known.get(taking.invoice or "") or known.get(taking.intent or "")
        drifts += _mirror_payment(row, str(taking.invoice or taking.intent), taking.fields() | owner)
    Payment.objects.filter(pk__in={row.pk for row in known.values()}).update(synchronised_at=timezone.now())
    return drifts


def _payments_of(takings: Iterable[Taking]) -> dict[str, Payment]:
    """Return the rows there are already, by the ids of their invoice and of their payment."""
    names = [name for taking in takings for name in (taking.invoice, taking.intent) if name]
    rows = Payment.objects.filter(Q(stripe_invoice_id__in=names) | Q(stripe_payment_intent_id__in=names))
    rows = rows.select_related("user", "subscription__price__plan")
    return {name: row for row in rows for name in (row.stripe_invoice_id, row.stripe_payment_intent_id) if name}


def _mirror_payment(row: Payment | None, name: str, fields: dict[str, Any]) -> list[Drift]:
    if row is None:
        row, drifts = Payment.objects.create(synchronised_at=timezone.now(), **fields), [Drift(name, "amount", None, fields["amount"])]
    elif drifts := list(_differences(row, name, fields)):
        _write(row, fields)
    tell_of_payment(row)
    purchase = purchases.get(row.kind)
    if purchase is not None and purchase.follow_money is not None:
        purchase.follow_money(row)
    return drifts


def _end(row: Subscription) -> list[Drift]:
    """End a subscription that Stripe knows no more."""
    moment = timezone.now()
    fields = {"status": Subscription.Status.CANCELED, "ended_at": moment, "entitled_until": min(moment, row.entitled_until)}
    end_term(row, moment)
    return _change(row, row.stripe_id, fields)


def _change(row: Subscription, name: str, fields: dict[str, Any]) -> list[Drift]:
    drifts = list(_differences(row, name, fields))
    _write(row, fields)
    return drifts


def _write(row: Subscription | Payment, fields: dict[str, Any]) -> None:
    for field, value in fields.items():
        setattr(row, field, value)
    row.synchronised_at = timezone.now()
    row.save(update_fields=[*fields, "synchronised_at"])


def _differences(row: Subscription | Payment, name: str, fields: dict[str, Any]) -> Iterable[Drift]:
    return (Drift(name, field, getattr(row, field), value) for field, value in fields.items() if getattr(row, field) != value)
