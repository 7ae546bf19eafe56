"""What a reader holds at this moment: the one door between paying and reading."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.utils import timezone

from billing.models import Grant, Subscription

if TYPE_CHECKING:
    from accounts.models import User


class Source(StrEnum):
    """Why a reader holds what they hold."""

    NOTHING = "nothing"
    SUBSCRIPTION = "subscription"
    GRANT = "grant"


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What a reader holds: whether everything is open to them, why, until when, and whether a payment is overdue."""

    opens_everything: bool = False
    source: Source = Source.NOTHING
    until: datetime | None = None
    is_past_due: bool = False


NOTHING = Entitlement()


def entitlement_of(user: "User | None", *, at: datetime | None = None) -> Entitlement:
    """Return what a person holds at a moment (now, unless told); nobody holds nothing."""
    if user is None or not user.is_active:
        return NOTHING
    moment = at or timezone.now()
    subscription = Subscription.objects.entitling(at=moment).filter(user=user).order_by("-entitled_until").first()
    if subscription is not None:
        return Entitlement(True, Source.SUBSCRIPTION, subscription.entitled_until, subscription.is_past_due)
    grant = Grant.objects.in_force(at=moment).filter(user=user).order_by("-ends_at").first()
    if grant is not None:
        return Entitlement(True, Source.GRANT, grant.ends_at)
    return NOTHING


def entitled_user_ids(*, at: datetime | None = None) -> "QuerySet[Subscription, int]":
    """Return the ids of all people to whom everything is open, as a queryset for `__in`."""
    moment = at or timezone.now()
    subscribed = Subscription.objects.entitling(at=moment).values_list("user_id", flat=True)
    granted = Grant.objects.in_force(at=moment).values_list("user_id", flat=True)
    return subscribed.union(granted)
