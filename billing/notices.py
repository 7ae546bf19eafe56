"""Tell readers what happens to their subscription: what is so leads to a mail with a key of its own, not the event that told of it.

Whatever order events come in, and however often one is looked at again, each fact is told once.
"""

import logging
from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from billing import stripe_client
from billing.disputes import charge_it_ended_for
from billing.mails import drop_mails, queue_mail
from billing.mirroring import moment
from billing.models import Kind, Mail, Payment, Price, PriceMove, Subscription
from billing.models.plans import display_amount
from billing.stripe_client import JSON, StripeCallError
from billing.takings import subscription_of
from magazine.addresses import whole_address
from magazine.months import MONTHS_A_YEAR

logger = logging.getLogger(__name__)

# What is older was told by somebody else, or is no news: a mirror made anew must not write to everybody.
NEWS = timedelta(days=3)
TRIAL_NOTICE = timedelta(days=3)
# Stripe takes its time to close a trial.
TRIAL_CLOSES = timedelta(hours=2)
RENEWAL_NOTICE = timedelta(days=14)
CARD_NOTICE = timedelta(days=30)
TOLD_KINDS = (Kind.SUBSCRIPTION, Kind.GROUP)


def unconfirmed_among(invoices: Iterable[JSON]) -> frozenset[str]:
    """Return the ids of the unpaid renewals that the bank wants their reader to confirm; raises StripeCallError."""
    return frozenset(invoice["id"] for invoice in invoices if _has_failed(invoice) and _waits_for_reader(invoice))


def tell_of_subscription(row: Subscription, found: JSON, invoices: list[JSON], *, unconfirmed: Collection[str] = ()) -> None:
    """Queue what the present state of a subscription calls for; the caller holds the customer's lock."""
    is_told = _tell_of_dispute(row, found)
    if row.kind not in TOLD_KINDS:
        return
    for invoice in invoices:
        if _has_failed(invoice) and subscription_of(invoice) == row.stripe_id:
            _tell_of_debt(row, invoice, is_unconfirmed=invoice["id"] in unconfirmed)
    if row.is_ending and not is_told:
        _tell_of_end(row, found)
    elif not row.is_ending:
        drop_mails(key_prefix=f"cancelled:{row.stripe_id}:")
    if _has_lapsed(row, found):
        queue_mail("lapsed", key=f"lapsed:{row.stripe_id}", to=row.user, context=_context(row))
    reason = (found.get("cancellation_details") or {}).get("reason")
    if reason == "payment_failed" and row.ended_at is not None and row.ended_at > timezone.now() - NEWS:
        queue_mail("ended", key=f"ended:{row.stripe_id}", to=row.user, context=_context(row) | {"ended_at": row.ended_at.isoformat()})


def tell_of_payment(payment: Payment) -> None:
    """Queue the receipt of a payment for a subscription; gifts and contributions write their own."""
    if payment.kind not in TOLD_KINDS or payment.paid_at < timezone.now() - NEWS or not payment.is_standing:
        return
    context = _context(payment.subscription) | {
        "amount": payment.display,
        "paid_at": payment.paid_at.isoformat(),
        "invoice_url": payment.hosted_invoice_url,
    }
    queue_mail("receipt", key=f"receipt:{payment.stripe_invoice_id or payment.stripe_payment_intent_id}", to=payment.user, context=context)


def remind() -> None:
    """Queue what lies ahead: ends of trials, renewals of years, cards that expire before them."""
    now = timezone.now()
    running = Subscription.objects.filter(kind__in=TOLD_KINDS, cancel_at=None, user__is_active=True).select_related(
        "user", "price__plan", "next_price"
    )
    trials = running.filter(status=Subscription.Status.TRIALING, trial_end__gt=now, trial_end__lte=now + TRIAL_NOTICE)
    for row in trials:
        key = f"trial-ending:{row.stripe_id}:{row.trial_end:%Y-%m-%d}"
        _tell_of_charge("trial_ending", row, key=key, context={"ends_at": _iso(row.trial_end)})
    active = running.filter(status=Subscription.Status.ACTIVE, current_period_end__gt=now)
    years = active.filter(price__interval="year", current_period_end__lte=now + RENEWAL_NOTICE)
    # Who chose to go on by the month pays no other year.
    for row in years.exclude(next_price__interval="month"):
        key = f"renewal:{row.stripe_id}:{row.current_period_end:%Y-%m-%d}"
        _tell_of_charge("renewal", row, key=key, context={"renews_at": _iso(row.current_period_end)})
    for row in active.expiring_before_renewal().filter(current_period_end__lte=now + CARD_NOTICE).iterator():
        context = _context(row) | {"renews_at": _iso(row.current_period_end), "expires_at": _iso(row.card_expires_at)}
        queue_mail("card_expiring", key=f"card:{row.stripe_id}:{row.card_expires_at:%Y-%m}", to=row.user, context=context)


def _tell_of_charge(name: str, row: Subscription, *, key: str, context: dict[str, Any]) -> None:
    """Queue the announcement of a charge, with the amount that Stripe works out: discounts may end by then, and tax is added."""
    if Mail.objects.filter(key=key).exists():
        return
    try:
        context = {"amount": _due_next(row)} | context
        if name == "trial_ending":
            context |= {"has_card": stripe_client.has_payment_method(row.stripe_id)}
    except StripeCallError as fault:
        # There are days left: the next look tries again.
        logger.warning("What subscription %s will cost is not known: %s", row.pk, fault)
        return
    queue_mail(name, key=key, to=row.user, context=_context(row) | context)


def _tell_of_end(row: Subscription, found: JSON) -> None:
    """Confirm that a subscription ends, once for each time that its reader decides so."""
    decided = moment(found["canceled_at"]) if found.get("canceled_at") else timezone.now()
    if decided > timezone.now() - NEWS:
        key = f"cancelled:{row.stripe_id}:{_iso(row.cancel_at)[:10]}:{found.get('canceled_at') or ''}"
        queue_mail("cancelled", key=key, to=row.user, context=_context(row) | {"ends_at": _iso(row.cancel_at)})


def _has_lapsed(row: Subscription, found: JSON) -> bool:
    """Say whether a trial has just ended because no card was left for it."""
    if row.status != Subscription.Status.CANCELED or row.trial_end is None or row.ended_at is None or row.cancel_at:
        return False
    is_decided = bool((found.get("cancellation_details") or {}).get("reason"))
    return not is_decided and row.trial_end <= row.ended_at < row.trial_end + TRIAL_CLOSES and row.ended_at > timezone.now() - NEWS


def _tell_of_dispute(row: Subscription, found: JSON) -> bool:
    """Say once that a lost dispute ends a subscription of any kind; True if that, and no later wish, is why it ends."""
    charge = charge_it_ended_for(found)
    if not charge:
        return False
    prefix, decided = f"disputed:{charge}:", found["canceled_at"]
    told = Mail.objects.filter(key__startswith=prefix).first()
    if told is None and moment(decided) > timezone.now() - NEWS:
        is_contribution, ends_at = row.kind == Kind.CONTRIBUTION, _iso(row.cancel_at) if row.is_ending else ""
        url = whole_address("billing:support" if is_contribution else "billing:plans")
        context = _context(row) | {"is_contribution": is_contribution, "ends_at": ends_at, "again_url": url}
        queue_mail("disputed", key=f"{prefix}{decided}", to=row.user, context=context)
    return told is None or told.key == f"{prefix}{decided}"


def _tell_of_debt(row: Subscription, invoice: JSON, *, is_unconfirmed: bool) -> None:
    context = _context(row) | {
        "amount": display_amount(invoice["amount_remaining"], invoice["currency"].upper()),
        "pay_url": invoice.get("hosted_invoice_url") or whole_address("billing:account"),
        "until": row.entitled_until.isoformat() if row.entitled_until > timezone.now() else "",
        "next_attempt": _iso(moment(invoice["next_payment_attempt"])) if invoice.get("next_payment_attempt") else "",
    }
    if is_unconfirmed:
        queue_mail("action_required", key=f"action:{invoice['id']}", to=row.user, context=context)
    elif not (row.change_waits_until and invoice["billing_reason"] == "subscription_update"):
        # A dearer price that the bank declined was said so at once, and takes nothing from what the reader holds.
        queue_mail("payment_failed", key=f"payment-failed:{invoice['id']}:{invoice['attempt_count']}", to=row.user, context=context)


def _has_failed(invoice: JSON) -> bool:
    """Say whether an attempt to collect a renewal failed; the first payment is made before the reader's own eyes."""
    return invoice["status"] == "open" and bool(invoice["attempt_count"]) and invoice["billing_reason"] != "subscription_create"


def _waits_for_reader(invoice: JSON) -> bool:
    payments = (invoice.get("payments") or {}).get("data", [])
    intents = [payment["payment"].get("payment_intent") for payment in payments if payment["status"] == "open"]
    found = [intent if isinstance(intent, dict) else stripe_client.get_payment_intent(intent) for intent in intents if intent]
    return any(intent["status"] == "requires_action" for intent in found)


def _context(row: Subscription | None) -> dict[str, Any]:
    price = row.price if row else None
    return {
        "plan": price.plan.name if price else "",
        "amount": _due(row) if row else "",
        "account_url": whole_address("billing:account"),
        "plans_url": whole_address("billing:plans"),
    }


def _due(row: Subscription) -> str:
    """Return what a period costs as the ledger has it: after discounts, before tax."""
    term = row.terms.filter(ends_at=None).first()
    if term is None or row.price is None:
        return ""
    periods = 1 if row.price.interval == Price.Interval.YEAR else MONTHS_A_YEAR
    return display_amount(round(term.annual_amount / periods), term.currency)


def _due_next(row: Subscription) -> str:
    """Return what the renewal costs: another price, if one was announced, else what Stripe would charge. Raises StripeCallError."""
    moves = PriceMove.objects.waiting().filter(subscription=row, not_before__lte=row.current_period_end)
    move = moves.select_related("to_price").first()
    if move is not None:
        return display_amount(move.to_price.amount * row.quantity, move.to_price.currency)
    invoice = stripe_client.preview_renewal(row.stripe_id)
    return display_amount(invoice["amount_due"], invoice["currency"].upper())


def _iso(at: Any) -> str:
    return at.isoformat() if at else ""
