"""Let time pass: do everything that falls due, in its order, each at its own moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from sandbox.stripe.account import Account
from sandbox.stripe.dates import add_interval
from sandbox.stripe.errors import invalid
from sandbox.stripe.invoicing import intent_of
from sandbox.stripe.pending import expire_held
from sandbox.stripe.previewing import upcoming_invoice
from sandbox.stripe.scheduling import next_phase
from sandbox.stripe.sessions import expire_session
from sandbox.stripe.settling import settle
from sandbox.stripe.store import JSON
from sandbox.stripe.subscribing import (
    INCOMPLETE_SECONDS,
    LIVE,
    end_subscription,
    expire_incomplete,
    period_end,
    renew,
    retry_payment,
)

Due = tuple[int, Callable[[], object]]
MAX_STEPS = 20_000
UPCOMING_SECONDS = 7 * 86400
TRIAL_WARNING_SECONDS = 3 * 86400


def advance_to(account: Account, moment: int) -> None:
    """Move the clock forward and let happen what falls due on the way."""
    with account.store.transaction():
        for _ in range(MAX_STEPS):
            due = min(_everything(account), key=lambda d: d[0], default=None)
            if due is None or due[0] > moment:
                account.set_clock(moment)
                return
            account.set_clock(due[0])
            due[1]()
    raise invalid("Too much falls due at once; advance in smaller steps.")


def advance(account: Account, *, days: int = 0, months: int = 0, years: int = 0) -> None:
    """Move the clock forward by calendar steps."""
    moment = add_interval(account.now, "year", years)
    moment = add_interval(moment, "month", months)
    advance_to(account, add_interval(moment, "day", days))


def next_renewal(account: Account) -> int | None:
    """Find when the next period of any subscription ends."""
    rows = account.store.find("subscription")
    return min((period_end(s) for s in rows if s["status"] in LIVE and s["status"] != "paused"), default=None)


def _everything(account: Account) -> Iterator[Due]:
    for subscription in account.store.find("subscription"):
        yield from _of_subscription(account, subscription)
    for session in account.store.find("checkout.session", status="open"):
        yield session["expires_at"], partial(expire_session, account, session)
    for invoice in account.store.find("invoice", status="open"):
        if invoice["next_payment_attempt"]:
            yield invoice["next_payment_attempt"], partial(retry_payment, account, invoice)
    for intent in account.store.find("payment_intent", status="processing"):
        settles_at = account.store.notes(intent["id"]).get("settles_at")
        if settles_at:
            yield settles_at, partial(settle, account, intent, paid=True)


def _of_subscription(account: Account, subscription: JSON) -> Iterator[Due]:
    status = subscription["status"]
    if status == "incomplete" and not _is_processing(account, subscription):
        yield subscription["created"] + INCOMPLETE_SECONDS, lambda: expire_incomplete(account, subscription)
    if status not in LIVE or status == "paused":
        return
    end = period_end(subscription)
    # Of what falls due at one moment the first goes first: a phase has its prices before they are billed.
    if schedule := account.store.get(subscription["schedule"] or ""):
        yield schedule["current_phase"]["end_date"], lambda: next_phase(account, schedule)
    if update := subscription["pending_update"]:
        yield update["expires_at"], lambda: expire_held(account, subscription)
    yield end, lambda: renew(account, subscription)
    if subscription["cancel_at"] and not subscription["cancel_at_period_end"]:
        yield subscription["cancel_at"], lambda: end_subscription(account, subscription, reason=None)
    paused = subscription["pause_collection"]
    if paused and paused["resumes_at"]:
        yield paused["resumes_at"], lambda: _unpause(account, subscription)
    yield from _warnings(account, subscription, end)


def _warnings(account: Account, subscription: JSON, end: int) -> Iterator[Due]:
    """Tell ahead of a renewal or a trial's end, once for each period."""
    told = account.store.notes(subscription["id"]).get("told_of")
    if told == end or subscription["cancel_at_period_end"]:
        return
    if subscription["status"] == "trialing":
        yield end - TRIAL_WARNING_SECONDS, lambda: _tell(account, subscription, "customer.subscription.trial_will_end", end)
    elif subscription["status"] == "active" and end - subscription["items"]["data"][0]["current_period_start"] > UPCOMING_SECONDS:
        yield end - UPCOMING_SECONDS, lambda: _tell(account, subscription, "invoice.upcoming", end)


def _tell(account: Account, subscription: JSON, event: str, end: int) -> None:
    account.store.note(subscription["id"], told_of=end)
    account.emit(event, upcoming_invoice(account, subscription) if event == "invoice.upcoming" else subscription)


def _unpause(account: Account, subscription: JSON) -> None:
    account.change(subscription, "customer.subscription.updated", pause_collection=None)


def _is_processing(account: Account, subscription: JSON) -> bool:
    invoice = account.store.get(subscription["latest_invoice"] or "")
    intent = intent_of(account, invoice) if invoice else None
    return bool(intent and intent["status"] == "processing")
