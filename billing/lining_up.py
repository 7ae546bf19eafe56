"""Keep gift subscriptions behind all that their reader holds: each begins when that ends, whatever becomes of it by then.

Where a gift stands is worked out of the present rows alone, so that it comes to the same whatever order things happened in.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Min, Q
from django.utils import timezone

from billing.models import Customer, GiftSubscription, Grant, Payment, Subscription
from magazine.months import months_after

if TYPE_CHECKING:
    from accounts.models import User


def line_up_gifts(user: "User", *, at: datetime | None = None) -> None:
    """Let each gift that somebody accepted begin when what they hold beside it ends; the caller holds their lock.

    One that runs goes on running, unless what it stood behind is there again: then it waits on with what is left of it.
    """
    moment = at or timezone.now()
    lasting = GiftSubscription.objects.filter(redeemed_by=user, grant__ends_at__gt=moment).select_related("grant").order_by("pk")
    gifts = [(gift, gift.grant) for gift in lasting.select_for_update(of=("self",)) if gift.grant is not None]
    if not gifts:
        return
    subscriptions = list(Subscription.objects.entitling(at=moment).filter(user=user))
    held = Grant.objects.filter(user=user).exclude(ends_at__lte=moment).exclude(pk__in=[grant.pk for _gift, grant in gifts])
    ends = [*held.values_list("ends_at", flat=True), *(row.open_until for row in subscriptions)]
    if None in ends:
        # Behind what has no end there is no place: an editor who gives that knows of the gift.
        return
    free_at, is_taken = max([moment, *(end for end in ends if end)]), False
    for gift, grant in sorted(gifts, key=lambda pair: pair[1].starts_at):
        since = grant.starts_at if grant.starts_at > moment else _interrupted_at(grant, moment, subscriptions, is_taken=is_taken)
        if since is None:
            free_at, is_taken = max(free_at, grant.ends_at or free_at), True
        else:
            free_at = _move(gift, grant, free_at, since)


def line_up_everybody(*, at: datetime | None = None) -> None:
    """Look after all gifts that wait, or run beside a subscription: what a lost nudge left, and what only time brought about."""
    moment = at or timezone.now()
    subscribers = Subscription.objects.entitling(at=moment).values("user")
    lasting = GiftSubscription.objects.filter(grant__ends_at__gt=moment, redeemed_by__isnull=False)
    concerned = lasting.filter(Q(grant__starts_at__gt=moment) | Q(redeemed_by__in=subscribers)).values("redeemed_by")
    # The keys first: on SQLite an open cursor would keep the transactions from committing in time.
    for customer in list(Customer.objects.filter(user__in=concerned).select_related("user")):
        line_up_for(customer, at=at)


def line_up_for(customer: Customer, *, at: datetime | None = None) -> None:
    """Look after the gifts of one reader."""
    with Customer.objects.held(customer.user) as held, transaction.atomic():
        line_up_gifts(held.user, at=at)


def local_months_after(moment: datetime, months: int) -> datetime:
    """Return the same day and hour some months later by the site's clock, whatever summer time does in between."""
    naive = timezone.localtime(moment).replace(tzinfo=None)
    return timezone.make_aware(months_after(naive, months)).astimezone(moment.tzinfo)


def _interrupted_at(grant: Grant, moment: datetime, subscriptions: list[Subscription], *, is_taken: bool) -> datetime | None:
    """Return since when a gift that runs needn't: beside another that was put back, or a subscription older than it that is paid again.

    Paid again, because the renewal was told late, a dispute was won, a debt paid or a pause over. Who subscribes while a gift runs
    has chosen to hold both.
    """
    if is_taken:
        return moment
    older = [row for row in subscriptions if row.started_at <= grant.starts_at and row.open_until > moment]
    paid = Payment.objects.standing().filter(subscription__in=older, period_end__gt=grant.starts_at) if older else Payment.objects.none()
    since: datetime | None = paid.aggregate(since=Min("period_start"))["since"]
    return None if since is None else min(max(since, grant.starts_at), moment)


def _move(gift: GiftSubscription, grant: Grant, starts_at: datetime, since: datetime) -> datetime:
    """Let a gift begin at a moment with what was left of it at another; return when it ends."""
    is_whole = since == grant.starts_at and grant.ends_at == local_months_after(since, gift.months)
    left = (grant.ends_at or since) - since
    ends_at = local_months_after(starts_at, gift.months) if is_whole else starts_at + left
    was = {"starts_at": grant.starts_at, "ends_at": grant.ends_at}
    becomes = {"starts_at": starts_at, "ends_at": ends_at}
    # Conditional: who withdraws a gift holds its giver's lock, not its reader's.
    if was != becomes and Grant.objects.filter(pk=grant.pk, **was).update(**becomes):
        GiftSubscription.objects.filter(pk=gift.pk).update(**becomes)
    return ends_at
