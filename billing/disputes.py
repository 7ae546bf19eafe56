"""End what a bank decided against us: whoever took a payment back for good is not charged again.

A period that is paid since and stayed so is not taken away: then the subscription ends with it. For which payment it ends is written
on it at Stripe, so that a reader who takes the end back is let go on.
"""

import logging
from collections.abc import Sequence

from django.utils import timezone

from billing import stripe_client
from billing.mirroring import is_ending, kept_until, kind_of
from billing.models import Cancellation, Kind, Payment, Subscription
from billing.models.subscriptions import TERMINAL_STATUSES
from billing.planned import settle_plans
from billing.stripe_client import JSON, StripeCallError
from billing.takings import Taking, moment

logger = logging.getLogger(__name__)

MARK = "disputed_charge"
# Of how many charges it is remembered; Stripe keeps five hundred characters.
MOST_MARKS = 15
STEADY = (Subscription.Status.ACTIVE, Subscription.Status.TRIALING)


def end_disputed(theirs: Sequence[JSON], takings: Sequence[Taking]) -> bool:
    """End at Stripe what a lost dispute was about; True if something changed there. The caller holds the customer's lock."""
    has_acted = False
    for found in theirs:
        own = [taking for taking in takings if taking.subscription == found["id"]]
        lost = [taking for taking in own if taking.dispute == Payment.Dispute.LOST]
        if lost and found["status"] not in TERMINAL_STATUSES:
            has_acted |= _end(found, own, [str(taking.charge) for taking in sorted(lost, key=lambda taking: taking.paid_at)])
    return has_acted


def charge_it_ended_for(found: JSON) -> str:
    """Return the charge for whose dispute a subscription was ended, or is about to end; nothing for any other."""
    return _marks_of(found)[-1] if found.get("canceled_at") else ""


def note_dispute(row: Subscription, found: JSON) -> None:
    """Keep in the newsroom's list of those who left that a lost dispute ended it."""
    if charge_it_ended_for(found):
        Cancellation.objects.get_or_create(subscription=row, outcome=Cancellation.Outcome.LOST, defaults={"user": row.user})


def _marks_of(found: JSON) -> list[str]:
    """Return the charges for whose disputes a subscription was ended, the latest last; there is always one, if an empty one."""
    return str((found.get("metadata") or {}).get(MARK, "")).split(",")


def _end(found: JSON, own: Sequence[Taking], charges: Sequence[str]) -> bool:
    marks = _marks_of(found)
    news = [charge for charge in charges if charge not in marks]
    is_marked = not news
    is_paid_ahead = _is_paid_ahead(found, own)
    # It runs out already; or its reader took that back, and a renewal that isn't collected yet must not end it after all.
    if is_marked and (is_paid_ahead or not is_ending(found)):
        return False
    try:
        if not is_marked:
            settle_plans(found)
            charge = ",".join([*filter(None, marks), *news][-MOST_MARKS:])
            stripe_client.mark_disputed(found["id"], charge=charge, stops_renewal=not is_ending(found))
        if not is_paid_ahead:
            stripe_client.cancel_subscription(found["id"])
    except StripeCallError as fault:
        if not fault.is_refused:
            raise
        # What can't be ended this way must not keep the reader's mirror from following Stripe.
        logger.error("Subscription %s of a lost dispute can't be ended; somebody must end it.", found["id"])
        return False
    logger.warning("A dispute about charge %s was lost; subscription %s ends.", (news or marks)[-1], found["id"])
    return True


def _is_paid_ahead(found: JSON, own: Sequence[Taking]) -> bool:
    """Say whether the time that runs was paid by money that stayed; a contribution pays for no time."""
    is_steady = found["status"] in STEADY and kind_of(found) != Kind.CONTRIBUTION
    return is_steady and kept_until(own, moment(found["start_date"])) > timezone.now()
