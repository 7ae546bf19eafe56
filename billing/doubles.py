"""Undo the second subscription of one reader, which only a race can make: the newer is cancelled and its money given back.

So it is with a second monthly contribution; either may run beside the other.

That a subscription is a double is written on it at Stripe before anything is done, where only we can write. Whatever breaks off
half-way is taken up by the next synchronisation, and a payment that arrives after the end, such as a bank debit, goes back as well.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.utils import timezone

from billing import stripe_client
from billing.mirroring import entitled_until_of, is_ending, is_sold
from billing.models import Customer, DoubleSubscription, Kind
from billing.stripe_client import JSON, StripeCallError
from billing.takings import Taking, moment

logger = logging.getLogger(__name__)

# A race shows within minutes, or days if Stripe's messages were lost; whatever is older was perhaps made by hand.
RACE_DAYS = 3
MARK = "double_of"
# Of each of these a reader has one that runs; of groups somebody may own several.
ALONE = (Kind.SUBSCRIPTION, Kind.CONTRIBUTION)


def cancel_doubles(theirs: Sequence[JSON], takings: Sequence[Taking], invoices: Sequence[JSON]) -> bool:
    """Cancel and refund at Stripe what a race made; True if something changed there. The caller holds the customer's lock.

    The older subscription stays, as long as it is the one that opens the articles; what runs out by itself is no double.
    """
    has_acted = False
    for kind in ALONE:
        kept = _kept(_running(theirs, kind), takings, invoices)
        for found in _running(theirs, kind):
            if kept is not None and _is_made_by_a_race(found, kept):
                _cancel(found, kept)
                has_acted = True
    for found in theirs:
        if _is_undone(found):
            has_acted |= _give_back(found, takings)
    return has_acted


def note_doubles(customer: Customer, theirs: Sequence[JSON]) -> None:
    """Keep what the newsroom has to know of: doubles that were undone, and those that a person must look at."""
    noted = {found["id"]: (str(found["metadata"][MARK]), DoubleSubscription.State.SETTLED) for found in theirs if _is_undone(found)}
    for kind in ALONE:
        running = _running(theirs, kind)
        noted |= {found["id"]: (running[0]["id"], DoubleSubscription.State.OPEN) for found in running[1:]}
    for stripe_id, (kept, state) in noted.items():
        defaults = {"user": customer.user, "customer": customer, "other_stripe_id": kept, "state": state}
        _row, is_new = DoubleSubscription.objects.update_or_create(stripe_id=stripe_id, defaults=defaults)
        if is_new and state == DoubleSubscription.State.OPEN:
            logger.error("Customer %s has %s beside %s; somebody must end one.", customer.stripe_id, stripe_id, kept)
    open_rows = DoubleSubscription.objects.filter(customer=customer, state=DoubleSubscription.State.OPEN)
    open_rows.exclude(stripe_id__in=noted).update(state=DoubleSubscription.State.OVER)


def _running(theirs: Iterable[JSON], kind: str) -> list[JSON]:
    """Return the subscriptions of a kind that would be charged side by side, the oldest first."""
    running = [found for found in theirs if is_sold(found, kind) and not is_ending(found)]
    return sorted(running, key=lambda found: (found["created"], found["id"]))


def _kept(running: Sequence[JSON], takings: Sequence[Taking], invoices: Sequence[JSON]) -> JSON | None:
    """Return the oldest that is paid, and so would open the articles; None leaves the choice to a person."""
    now = timezone.now()
    return next((found for found in running if entitled_until_of(found, takings=takings, invoices=invoices) > now), None)


def _cancel(found: JSON, kept: JSON) -> None:
    stripe_client.mark_double(found["id"], of=kept["id"])
    stripe_client.cancel_subscription(found["id"])
    logger.error("Customer %s bought %s beside %s; the newer is cancelled.", found["customer"], found["id"], kept["id"])
    found["metadata"] = {**(found.get("metadata") or {}), MARK: kept["id"]}
    found["status"] = "canceled"


def _is_made_by_a_race(found: JSON, kept: JSON) -> bool:
    is_newer = (found["created"], found["id"]) > (kept["created"], kept["id"])
    return is_newer and timezone.now() - moment(found["created"]) < timedelta(days=RACE_DAYS)


def _is_undone(found: JSON) -> bool:
    return found["status"] == "canceled" and bool((found.get("metadata") or {}).get(MARK))


def _give_back(found: JSON, takings: Iterable[Taking]) -> bool:
    """Refund all that a double took and that is ours; what a bank took back is with the bank."""
    owed = [taking for taking in takings if taking.subscription == found["id"] and taking.charge and taking.left and taking.is_standing]
    refunded = [_refund(taking) for taking in owed]
    return any(refunded)


def _refund(taking: Taking) -> bool:
    try:
        stripe_client.create_refund(
            charge=str(taking.charge), amount=None, reason="duplicate", metadata={"by": "the site"}, key=f"double-{taking.charge}"
        )
    except StripeCallError as fault:
        if not fault.is_refused:
            raise
        # What can't be given back this way must not keep the reader's mirror from following Stripe.
        logger.error("Charge %s of a double subscription can't be refunded; somebody must give it back.", taking.charge)
        return False
    return True
