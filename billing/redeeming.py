"""Accept a gift subscription: once, by whoever has its link, after all that they hold already."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from billing.gifts import forget_recipient, tell_giver
from billing.leaving import cancel
from billing.lining_up import local_months_after
from billing.models import Customer, GiftSubscription, Grant, Membership, Subscription
from magazine.holding import held

if TYPE_CHECKING:
    from accounts.models import User


class Turn(StrEnum):
    """When the turn of a gift comes for a reader."""

    NOW = "now"
    AFTER = "after"
    # What they hold has no end that is known: the gift would lie idle, and they are asked first.
    RENEWS = "renews"
    SEATED = "seated"
    OVERDUE = "overdue"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a gift would stand among what a reader holds; `at` is when it would begin, or when their subscription renews."""

    turn: Turn
    at: datetime | None = None

    @property
    def is_free(self) -> bool:
        """Say whether the gift can be accepted as it is."""
        return self.turn in (Turn.NOW, Turn.AFTER)


class GiftRefused(Exception):  # noqa: N818 - reads as what happened
    """A gift can't be accepted by this reader now; `place` says why, None that its link gives nothing any more."""

    def __init__(self, place: Place | None = None) -> None:
        super().__init__(place.turn if place else "gone")
        self.place = place


def place_for(user: "User", *, at: datetime | None = None, despite_seat: bool = False) -> Place:
    """Return where a gift would stand among what a reader holds and what they have been given for later.

    A seat in a group ends when others decide so: a gift begins beside it only where its reader wants that.
    """
    moment = at or timezone.now()
    grants = Grant.objects.filter(user=user).exclude(ends_at__lte=moment).values_list("ends_at", flat=True)
    if None in grants:
        return Place(Turn.NEVER)
    ends = [end for end in grants if end is not None]
    for row in Subscription.objects.entitling(at=moment).filter(user=user):
        if row.is_past_due:
            return Place(Turn.OVERDUE)
        if row.cancel_at is None and row.is_live:
            return Place(Turn.RENEWS, row.current_period_end)
        ends.append(row.open_until)
    if not despite_seat and Membership.objects.in_force(at=moment).filter(user=user).exists():
        return Place(Turn.SEATED)
    return Place(Turn.AFTER, max(ends)) if ends else Place(Turn.NOW, moment)


def redeem(user: "User", gift: GiftSubscription, *, ends_renewal: bool = False, despite_seat: bool = False) -> GiftSubscription:
    """Give a reader what a gift holds, and return it; raises GiftRefused, and StripeCallError where their subscription is to end first.

    Both locks are held while Stripe is asked: a subscription must not be ended for a gift that somebody else takes meanwhile.
    """
    with Customer.objects.held(user), held(GiftSubscription.objects.all(), gift.pk) as still:
        if not still.is_redeemable():
            raise GiftRefused
        if ends_renewal and place_for(user).turn == Turn.RENEWS:
            cancel(user)
        place = place_for(user, despite_seat=despite_seat)
        if not place.is_free or place.at is None:
            raise GiftRefused(place)
        return _give(user, gift.pk, place.at)


@transaction.atomic
def _give(user: "User", pk: int, starts_at: datetime) -> GiftSubscription:
    gift = GiftSubscription.objects.select_for_update().get(pk=pk)
    if not gift.is_redeemable():
        # Its money went back in this moment.
        raise GiftRefused
    ends_at = local_months_after(starts_at, gift.months)
    gift.grant = Grant.objects.create(user=user, kind=Grant.Kind.GIFT, plan=gift.plan, starts_at=starts_at, ends_at=ends_at)
    gift.redeemed_at, gift.redeemed_by = timezone.now(), user
    gift.starts_at, gift.ends_at = starts_at, ends_at
    gift.save(update_fields=["grant", "redeemed_at", "redeemed_by", "starts_at", "ends_at"])
    forget_recipient(gift)
    tell_giver(gift)
    return gift
