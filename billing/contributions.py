"""Contributions: given once or every month, thanked for, counted, and stopped; they open nothing."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from billing import stripe_client
from billing.customers import is_foreign
from billing.mails import queue_mail
from billing.models import CheckoutAttempt, Contribution, ContributionSettings, Customer, DoubleSubscription, Kind, Payment, Subscription
from billing.purchases import AlreadyBoughtError, start_purchase
from billing.stripe_client import JSON
from billing.synchronising import mirror_again, mirror_locked
from magazine.addresses import whole_address
from magazine.models import Identity
from magazine.public_pages import forget_public_pages_on_commit

if TYPE_CHECKING:
    from accounts.models import User

logger = logging.getLogger(__name__)

# Whoever gave within a year counts as one who supports the magazine.
COUNTED_DAYS = 365
DRAFT_DAYS = 30
TOTALS_SECONDS = 300


# Given -----------------------------------------------------------------------------------------------------------


def start_contribution(user: "User", *, cancel_path: str, **fields: Any) -> str:
    """Return the address at which a contribution is paid; the same once more is the same purchase.

    Raises StripeCallError, and AlreadyBoughtError to whoever gives every month already.
    """
    if fields["interval"] == Contribution.Interval.MONTH and running_monthly(user):
        raise AlreadyBoughtError
    wish = _draft(user, language=get_language() or "", **fields)
    name = _("Contribution to %(name)s") % {"name": Identity.load().name}
    data: dict[str, Any] = {"currency": wish.currency.lower(), "unit_amount": wish.amount, "product_data": {"name": name}}
    params: dict[str, Any] = {"mode": "payment", "submit_type": "donate", "line_items": [{"quantity": 1, "price_data": data}]}
    if wish.is_monthly:
        params = {"mode": "subscription", "line_items": [{"quantity": 1, "price_data": data | {"recurring": {"interval": "month"}}}]}
    may_sell = partial(_is_only_monthly, wish) if wish.is_monthly else None
    return start_purchase(user, kind=Kind.CONTRIBUTION, subject_id=wish.pk, params=params, cancel_path=cancel_path, may_sell=may_sell)


def _draft(user: "User", **fields: Any) -> Contribution:
    """Return the row of a contribution to be paid, the one begun before if it says the same."""
    with Customer.objects.held(user):
        begun = Contribution.objects.filter(user=user, paid_at=None, **fields).first()
        return begun or Contribution.objects.create(user=user, **fields)


def _is_only_monthly(wish: Contribution, customer: Customer) -> bool:
    """Say whether a reader may begin to give every month, and close every other session in which they could; the caller holds the lock.

    Stripe is asked, as for subscriptions: the sessions before the subscriptions, since what is paid in between shows at least there.
    """
    own = CheckoutAttempt.objects.open().filter(user=customer.user, kind=Kind.CONTRIBUTION)
    kept = set(own.filter(subject_id=wish.pk).values_list("stripe_session_id", flat=True))
    for session in stripe_client.list_open_sessions(str(customer.stripe_id)):
        metadata = session["metadata"] or {}
        is_other = metadata.get("kind") == Kind.CONTRIBUTION and session["mode"] == "subscription" and session["id"] not in kept
        if is_other and not is_foreign(metadata):
            stripe_client.expire_session(session["id"])
            for attempt in own.filter(stripe_session_id=session["id"]):
                attempt.close(CheckoutAttempt.Status.EXPIRED)
    mirror_locked(customer)
    return running_monthly(customer.user) is None


def running_monthly(user: "User") -> Subscription | None:
    """Return what a reader gives every month, if they do."""
    rows = Subscription.objects.live().filter(user=user, kind=Kind.CONTRIBUTION).exclude(status=Subscription.Status.INCOMPLETE)
    return rows.order_by("-started_at").first()


def fulfil(attempt: CheckoutAttempt, session: JSON) -> None:
    """Note a contribution that was paid, and thank for it; see `billing.kinds.Purchase`."""
    wish = Contribution.objects.select_for_update().filter(pk=attempt.subject_id or 0, user=attempt.user_id).first()
    if wish is None or wish.is_paid:
        return
    if (session["amount_subtotal"], session["currency"].upper()) != (wish.amount, wish.currency):
        logger.error("Session %s paid another amount than contribution %s names.", session["id"], wish.pk)
        return
    wish.paid_at = timezone.now()
    wish.stripe_payment_intent_id = session["payment_intent"]
    wish.stripe_subscription_id = session["subscription"]
    is_double = DoubleSubscription.objects.settled().filter(stripe_id=wish.stripe_subscription_id or "").exists()
    # Of two that a race began, nobody is thanked for the one that went back.
    wish.withdrawn_at = wish.paid_at if is_double else None
    wish.save()
    if is_double:
        return
    context = {
        "amount": wish.display,
        "is_monthly": wish.is_monthly,
        "thanks": ContributionSettings.load().thanks,
        "account_url": whole_address("billing:contributions"),
    }
    queue_mail("contribution", key=f"contribution:{wish.pk}", to=attempt.user, context=context, language=wish.language)
    if wish.stripe_payment_intent_id:
        for payment in Payment.objects.filter(kind=Kind.CONTRIBUTION, stripe_payment_intent_id=wish.stripe_payment_intent_id):
            follow_money(payment)
    forget_totals()


def follow_money(payment: Payment) -> None:
    """Take a single contribution back whose money went back; see `billing.kinds.Purchase`."""
    if payment.stripe_payment_intent_id is None:
        return
    gone = None if payment.is_standing else timezone.now()
    of_payment = Contribution.objects.paid().filter(stripe_payment_intent_id=payment.stripe_payment_intent_id)
    if of_payment.filter(withdrawn_at__isnull=gone is not None).update(withdrawn_at=gone):
        forget_totals()


def stop(contribution: Contribution) -> None:
    """Let a monthly contribution end at once, so that nothing more is taken; raises StripeCallError."""
    # Stripe is asked under the lock, for the reason given in `synchronise_customer`.
    with Customer.objects.held(contribution.user) as customer:
        mirror_locked(customer)
        row = Subscription.objects.live().filter(stripe_id=contribution.stripe_subscription_id, kind=Kind.CONTRIBUTION).first()
        if row is None:
            return
        stripe_client.cancel_subscription(row.stripe_id)
        mirror_again(customer)


# Told ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Totals:
    """How many people support the magazine, and what they gave this month in its currency."""

    people: int
    this_month: int


def totals(*, at: datetime | None = None) -> Totals:
    """Return what the support page says of all contributions: money that went back doesn't count."""
    moment = at or timezone.now()
    key = _totals_key()
    found: Totals | None = cache.get(key) if at is None else None
    if found is None:
        given = Payment.objects.standing().filter(kind=Kind.CONTRIBUTION)
        people = given.filter(paid_at__gt=moment - timedelta(days=COUNTED_DAYS)).order_by().values("user").distinct().count()
        month = timezone.localtime(moment).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        of_month = given.filter(paid_at__gte=month, currency=ContributionSettings.load().currency)
        found = Totals(people, of_month.aggregate(sum=Sum(F("amount") - F("amount_refunded")))["sum"] or 0)
        if at is None:
            cache.set(key, found, TOTALS_SECONDS)
    return found


def forget_totals() -> None:
    """Have the support page count anew once what happened is kept."""
    forget_public_pages_on_commit()
    transaction.on_commit(lambda: cache.delete(_totals_key()))


def _totals_key() -> str:
    return "billing:contribution-totals"


def clear_old(*, at: datetime | None = None) -> None:
    """Delete contributions that were begun and never paid."""
    still_open = CheckoutAttempt.objects.open().filter(kind=Kind.CONTRIBUTION).values("subject_id")
    begun = Contribution.objects.filter(paid_at=None, created_at__lt=(at or timezone.now()) - timedelta(days=DRAFT_DAYS))
    begun.exclude(pk__in=still_open).delete()
