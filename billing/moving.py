"""Move readers from one price to another: told by mail long enough ahead, done at a renewal, never by surprise."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from billing import stripe_client
from billing.catalogue import price_at_stripe
from billing.mails import drop_mails, queue_mail
from billing.models import Customer, Group, Kind, Membership, Price, PriceMigration, PriceMove, Subscription
from billing.stripe_client import StripeCallError
from billing.synchronising import mirror_again, mirror_locked
from magazine.addresses import whole_address
from magazine.months import MONTHS_A_YEAR, months_after

if TYPE_CHECKING:
    from accounts.models import User

logger = logging.getLogger(__name__)

# How long before the renewal the price is changed: long enough for Stripe to be down, short enough to change one's mind.
AHEAD = timedelta(days=3)
FAULTS_TO_STOP = 3
SWEEP_SIZE = 500


def readers_of(price: Price) -> QuerySet[Subscription]:
    """Return the subscriptions, of readers and of groups, that go on being paid at a price."""
    going_on = Subscription.objects.live().filter(price=price, cancel_at=None).exclude(status=Subscription.Status.INCOMPLETE)
    return going_on.filter(kind__in=(Kind.SUBSCRIPTION, Kind.GROUP))


def start_migration(migration: PriceMigration, *, by: "User") -> int:
    """Tell every reader of the old price that it changes, and when; return how many. Starting twice starts once."""
    with transaction.atomic():
        migration.full_clean()
        rows = PriceMigration.objects.filter(pk=migration.pk, started_at=None)
        if not rows.update(started_at=timezone.now(), started_by=by):
            return 0
        migration.refresh_from_db()
        return announce(migration)


def announce(migration: PriceMigration) -> int:
    """Tell those readers of the old price who weren't told yet; return how many."""
    waiting = PriceMove.objects.filter(migration=migration)
    untold = readers_of(migration.from_price).exclude(pk__in=waiting.values("subscription"))
    count = 0
    for row in untold.exclude(price_moves__state=PriceMove.State.WAITING).select_related("user", "price__plan"):
        not_before = timezone.now() + timedelta(days=migration.notice_days)
        plan_move(row, to=migration.to_price, not_before=not_before, mail="price_change", migration=migration)
        count += 1
    return count


def plan_move(row: Subscription, *, to: Price, not_before: datetime, mail: str, migration: PriceMigration | None = None) -> PriceMove:
    """Write down that a subscription moves, and tell its reader, or who looks after its group."""
    if row.price is None:
        raise ValueError("A subscription without a price of ours moves nowhere.")
    with transaction.atomic():
        move = PriceMove.objects.create(subscription=row, from_price=row.price, to_price=to, not_before=not_before, migration=migration)
        context = {
            "plan": to.plan.name,
            "old": f"{row.price.display} {row.price.get_interval_display()}",
            "new": f"{to.display} {to.get_interval_display()}",
            "moves_at": first_renewal(row, not_before).isoformat(),
            "account_url": whole_address("billing:account"),
        }
        group = Group.objects.filter(subscription=row).first()
        if group is None:
            queue_mail(mail, key=f"price-move:{move.pk}:notice", to=row.user, context=context)
        else:
            _tell_group(group, move, context | {"seats": row.quantity})
    return move


def _tell_group(group: Group, move: PriceMove, context: dict[str, Any]) -> None:
    """Tell the owner of a group and its managers, who look after its seats, what each of them will cost."""
    context |= {"group": group.name, "account_url": whole_address("billing:group", group.pk)}
    managers = group.memberships.present().filter(role=Membership.Role.MANAGER).exclude(user=group.owner_id).select_related("user")
    for user in (group.owner, *(member.user for member in managers)):
        queue_mail("group_price_change", key=f"price-move:{move.pk}:notice:{user.pk}", to=user, context=context)


def first_renewal(row: Subscription, not_before: datetime) -> datetime:
    """Return the first renewal that is not before a moment."""
    end = row.current_period_end or not_before
    step = MONTHS_A_YEAR if row.price and row.price.interval == Price.Interval.YEAR else 1
    periods = 0
    while months_after(end, periods * step) < not_before:
        periods += 1
    return months_after(end, periods * step)


def make_due_moves() -> int:
    """Make the moves of readers who renew soon; what Stripe doesn't answer is tried again. Returns how many are settled."""
    for migration in PriceMigration.objects.started().select_related("from_price__plan", "to_price__plan"):
        announce(migration)
    now = timezone.now()
    due = PriceMove.objects.due(at=now, within=now + AHEAD)
    return _make(due.order_by("subscription__current_period_end")[:SWEEP_SIZE]) + _forget_the_gone()


def make_move(move: PriceMove) -> None:
    """Put a subscription on its new price from the next invoice on, or see that it isn't needed; raises StripeCallError."""
    target = price_at_stripe(move.to_price)
    # Stripe is called under the reader's lock, so that they change nothing in between.
    with Customer.objects.held(move.subscription.user) as customer:
        _drifts, theirs = mirror_locked(customer)
        row = Subscription.objects.get(pk=move.subscription_id)
        found = next((found for found in theirs if found["id"] == row.stripe_id), None)
        if row.price_id == move.to_price_id:
            move.settle(PriceMove.State.DONE)
        elif found is None or not row.is_live or row.price_id != move.from_price_id:
            _leave(move)
        elif _is_ready(row, move):
            item = found["items"]["data"][0]["id"]
            stripe_client.change_price_unreckoned(row.stripe_id, item=item, price=target)
            move.settle(PriceMove.State.DONE)
            mirror_again(customer)


def counted(migration: PriceMigration) -> int:
    """Return how many readers a migration concerns."""
    return readers_of(migration.from_price).count()


def _is_ready(row: Subscription, move: PriceMove) -> bool:
    """Say whether the next invoice is one that the reader was told of, and nothing else about the subscription is open.

    Who has cancelled may still take it back, so that their move waits.
    """
    end = row.current_period_end
    is_next = end is not None and end >= move.not_before and end > timezone.now()
    return is_next and (row.is_settled or row.paused_until is not None) and not row.is_ending


def _leave(move: PriceMove) -> None:
    move.settle(PriceMove.State.LEFT)
    drop_mails(key_prefix=f"price-move:{move.pk}:")


def _make(moves: Iterable[PriceMove]) -> int:
    faults = count = 0
    for pk in [move.pk for move in moves]:
        move = PriceMove.objects.select_related("subscription__user", "to_price__plan").get(pk=pk)
        try:
            make_move(move)
        except StripeCallError as error:
            logger.warning("Subscription %s could not be moved to its new price: %s", move.subscription_id, error)
            faults += 1
            if faults >= FAULTS_TO_STOP:
                break
        else:
            count += not move.is_waiting
    return count


def _forget_the_gone() -> int:
    gone = PriceMove.objects.waiting().exclude(subscription__in=Subscription.objects.live())
    moves = list(gone[:SWEEP_SIZE])
    for move in moves:
        _leave(move)
    return len(moves)
