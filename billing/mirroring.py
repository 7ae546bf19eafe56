"""Read what Stripe says of a subscription into our words: pure but for the price."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from billing.catalogue import price_from_stripe
from billing.customers import is_foreign
from billing.models import Customer, Price
from billing.models.checkouts import Kind
from billing.models.subscriptions import CLOCK_SKEW, GRACE, RENEWAL, Subscription
from billing.stripe_client import JSON
from billing.takings import Taking, moment, subscription_of
from magazine.months import MONTHS_A_YEAR

# What of Stripe's subscriptions is mirrored; only those of the first kind open anything by themselves.
MIRRORED_KINDS = frozenset([Kind.SUBSCRIPTION, Kind.GROUP, Kind.CONTRIBUTION])
# The ones that could still come to life without the reader paying anew; an abandoned first payment can't.
SOLD = frozenset(["trialing", "active", "past_due", "unpaid", "paused"])

# What becomes of an invoice that nobody will pay; Stripe then calls its subscription active.
NEVER_CHARGED = frozenset(["void", "uncollectible"])


def is_ours(found: JSON) -> bool:
    """Say whether a subscription is one of ours: of this site, of a kind we sell, and of a plan we know or a contribution."""
    if is_foreign(found.get("metadata")) or kind_of(found) not in MIRRORED_KINDS:
        return False
    return kind_of(found) == Kind.CONTRIBUTION or any(price_from_stripe(item["price"]) for item in _items(found))


def is_sold(found: JSON, kind: str = Kind.SUBSCRIPTION) -> bool:
    """Say whether somebody who has this subscription must not be sold another of a kind."""
    return kind_of(found) == kind and found["status"] in SOLD


def kind_of(found: JSON) -> str:
    """Return what was bought; what was made at Stripe by hand is a subscription."""
    return str((found.get("metadata") or {}).get("kind", Kind.SUBSCRIPTION))


def is_ending(found: JSON) -> bool:
    """Say whether a subscription runs out by itself."""
    return _cancel_at(found) is not None


def fields_of(found: JSON, customer: Customer, *, takings: Iterable[Taking] = (), invoices: Iterable[JSON] = ()) -> dict[str, Any]:
    """Return the fields of our mirror; `takings` and `invoices` are those of the whole customer."""
    price = next((price for item in _items(found) if (price := price_from_stripe(item["price"]))), None)
    return own_fields_of(found) | {
        "user_id": customer.user_id,
        "customer_id": customer.pk,
        "price_id": price and price.pk,
        "held_plan_id": _held_plan_id(found, price, takings),
        "next_price_id": _next_price_id(found),
        "card_expires_at": _card_expires_at(found),
        "entitled_until": entitled_until_of(found, takings=takings, invoices=invoices),
    }


def own_fields_of(found: JSON) -> dict[str, Any]:
    """Return the fields of our mirror that depend on the subscription alone."""
    return {
        "kind": kind_of(found),
        "quantity": _items(found)[0].get("quantity") or 1,
        "status": found["status"],
        "started_at": moment(found["start_date"]),
        "current_period_end": _period_end(found),
        "cancel_at": _cancel_at(found),
        "ended_at": _moment_or_none(found.get("ended_at")),
        "trial_end": _moment_or_none(found.get("trial_end")),
        "paused_until": _moment_or_none((found.get("pause_collection") or {}).get("resumes_at")),
        "change_waits_until": _moment_or_none((found.get("pending_update") or {}).get("expires_at")),
    }


def entitled_until_of(found: JSON, *, takings: Iterable[Taking], invoices: Iterable[JSON]) -> datetime:
    """Return until when a subscription opens the articles, out of all that its customer paid and owes."""
    own = [taking for taking in takings if taking.subscription == found["id"]]
    return entitled_until(found, takings=own, unpaid_since=_unpaid_since(found, invoices))


def entitled_until(found: JSON, *, takings: Sequence[Taking] = (), unpaid_since: datetime | None = None) -> datetime:
    """Return until when a subscription opens the articles, as far as it is known now; `takings` are what was paid for it.

    A renewal may be slow to reach us, so an active one stays open RENEWAL longer than it is paid. A failed payment leaves GRACE
    from the invoice that is owed: Stripe moves the period on before it is paid, so that the period's end says nothing. What was
    paid and went back (a refund in full, a dispute open or lost) opens nothing, and earns no grace. A pause opens what was paid
    before it, and nothing of its own.
    """
    never, status = moment(found["start_date"]), found["status"]
    if waits_for_first_payment(found):
        return never
    if status in (Subscription.Status.ACTIVE, Subscription.Status.TRIALING):
        since, until = _period_start(found), _period_end(found)
        kept = until if _is_paid_for(takings, since) else kept_until(takings, never)
        if _was_waived(found):
            until = since
        elif kept < until:
            until = kept
        elif not found.get("pause_collection"):
            until += RENEWAL
    elif status == Subscription.Status.PAST_DUE:
        since = max((taking.end for taking in takings if taking.end), default=never)
        kept = kept_until(takings, never)
        until = (unpaid_since or _period_start(found)) + GRACE if kept >= since else kept
    else:
        return never
    cancel_at = _cancel_at(found)
    return min(until, cancel_at + CLOCK_SKEW) if cancel_at else until


def _is_paid_for(takings: Iterable[Taking], since: datetime) -> bool:
    """Say whether nothing went back of what was paid for the time since; what was never charged counts as paid, as Stripe says it."""
    return all(taking.is_standing for taking in takings if taking.end and taking.end > since)


def kept_until(takings: Iterable[Taking], never: datetime) -> datetime:
    """Return the end of the last period whose money stayed."""
    return max((taking.end for taking in takings if taking.end and taking.is_standing), default=never)


def _held_plan_id(found: JSON, price: Price | None, takings: Iterable[Taking]) -> int | None:
    """Return the plan of the latest payment that stayed, if a later one for another plan went back."""
    # Newest first, as Stripe lists them; the sort keeps that order within a second.
    own = sorted((taking for taking in takings if taking.subscription == found["id"] and taking.start), key=_start, reverse=True)
    if not own or own[0].is_standing:
        return None
    kept = next((taking.price for taking in own if taking.is_standing and taking.price), None)
    paid = Price.objects.filter(stripe_price_id=kept).first() if kept else None
    return paid.plan_id if paid and (price is None or paid.plan_id != price.plan_id) else None


def _start(taking: Taking) -> datetime:
    return taking.start or taking.paid_at


def _moment_or_none(seconds: int | None) -> datetime | None:
    return None if seconds is None else moment(seconds)


def _items(found: JSON) -> list[JSON]:
    items: list[JSON] = found["items"]["data"]
    return items


def _period_end(found: JSON) -> datetime:
    return moment(min(item["current_period_end"] for item in _items(found)))


def _period_start(found: JSON) -> datetime:
    return moment(min(item["current_period_start"] for item in _items(found)))


def _cancel_at(found: JSON) -> datetime | None:
    if found.get("cancel_at"):
        return moment(found["cancel_at"])
    return _period_end(found) if found.get("cancel_at_period_end") else None


def _card_expires_at(found: JSON) -> datetime | None:
    """Return the first moment at which the card of a subscription is valid no more; None for what isn't a card or isn't known."""
    method = found.get("default_payment_method")
    card = method.get("card") if isinstance(method, dict) else None
    if not card:
        return None
    years, month = divmod(card["exp_month"], MONTHS_A_YEAR)
    return datetime(card["exp_year"] + years, month + 1, 1, tzinfo=UTC)


def waits_for_first_payment(found: JSON) -> bool:
    """Say whether the very first invoice isn't paid: a bank debit under way already makes Stripe call it active."""
    invoice = found.get("latest_invoice")
    return isinstance(invoice, dict) and invoice.get("billing_reason") == "subscription_create" and invoice["status"] != "paid"


def _was_waived(found: JSON) -> bool:
    """Say whether the period that runs will never be charged: its payment was paused, or given up as lost."""
    invoice = found.get("latest_invoice")
    if not isinstance(invoice, dict) or invoice.get("billing_reason") != "subscription_cycle":
        return False
    return invoice["status"] in NEVER_CHARGED


def _next_price_id(found: JSON) -> int | None:
    """Return the price that a schedule puts in the place of this one."""
    schedule = found.get("schedule")
    if not isinstance(schedule, dict) or not schedule.get("current_phase"):
        return None
    later = [phase for phase in schedule["phases"] if phase["start_date"] >= schedule["current_phase"]["end_date"]]
    known = Price.objects.filter(stripe_price_id__in=[item["price"] for phase in later[:1] for item in phase["items"]])
    return known.values_list("pk", flat=True).first()


def _unpaid_since(found: JSON, invoices: Iterable[JSON]) -> datetime | None:
    """Return when the oldest invoice that is owed was written: dunning may outlast a period, and grace must not begin anew."""
    owed = [invoice for invoice in invoices if invoice["status"] == "open" and subscription_of(invoice) == found["id"]]
    return min((moment(invoice["created"]) for invoice in owed), default=None)
