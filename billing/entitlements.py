"""What a reader holds at this moment: the one door between paying and reading."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.db.models import BooleanField, CharField, Count, ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone

from billing.models import CheckoutAttempt, Customer, Grant, Kind, Membership, Price, Subscription, SubscriptionSettings

if TYPE_CHECKING:
    from accounts.models import User

PRICE_CACHE_KEY = "billing:prices-on-sale"
PRICE_CACHE_SECONDS = 300
MEMO = "_entitlement"


class Source(StrEnum):
    """Why a reader holds what they hold."""

    NOTHING = "nothing"
    SUBSCRIPTION = "subscription"
    GRANT = "grant"
    SEAT = "seat"


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What a reader holds: why, until when, and whether a payment is overdue.

    `opens_everything` means all but what is reserved for other plans than `plan_ids`; `is_of_every_plan` that, too.
    """

    opens_everything: bool = False
    source: Source = Source.NOTHING
    until: datetime | None = None
    is_past_due: bool = False
    plan_ids: frozenset[int] = frozenset()
    is_of_every_plan: bool = False

    def opens(self, reserved_for: Collection[int]) -> bool:
        """Say whether it opens what is reserved for some plans, or for none in particular."""
        is_of_one = self.is_of_every_plan or not reserved_for or not self.plan_ids.isdisjoint(reserved_for)
        return self.opens_everything and is_of_one


NOTHING = Entitlement()


class HoldingState(StrEnum):
    """What the account page says of a reader's subscription."""

    NONE = "none"
    GRANTED = "granted"
    SEATED = "seated"
    RENEWING = "renewing"
    ENDING = "ending"
    PAUSED = "paused"
    PAST_DUE = "past due"
    PROCESSING = "processing"
    STOPPED = "stopped"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Holding:
    """What a reader has bought or been given, as they are told of it.

    `at` is when the next payment falls due, or when access ends or ended; with PAST_DUE, until when it stays open unpaid. `held_plan`
    is what is open instead of `plan`, where the payment for a change went back.
    """

    state: HoldingState = HoldingState.NONE
    plan: str = ""
    price: Price | None = None
    held_plan: str = ""
    at: datetime | None = None
    is_trial: bool = False
    is_gift: bool = False
    next_gift: Grant | None = None
    has_portal: bool = False


def entitlement_of(user: "User | None", *, at: datetime | None = None) -> Entitlement:
    """Return what a person holds at a moment (now, unless told); nobody holds nothing."""
    if user is None or not user.is_active:
        return NOTHING
    moment = at or timezone.now()
    rows = _held_by(user, moment)
    if not rows:
        return NOTHING
    # What is paid for is told before what was given, and what lasts longest first; None lasts for ever.
    rank = [(source == Source.SUBSCRIPTION, until is None, until or moment) for source, until, _status, _plan in rows]
    source, until, status, _plan = rows[rank.index(max(rank))]
    return Entitlement(
        opens_everything=True,
        source=Source(source),
        until=until,
        is_past_due=status == Subscription.Status.PAST_DUE,
        plan_ids=frozenset(plan for _source, _until, _status, plan in rows if plan is not None),
        is_of_every_plan=any(source == Source.GRANT and plan is None for source, _until, _status, plan in rows),
    )


def entitlement_in(request: HttpRequest, user: "User | None") -> Entitlement:
    """Return what the reader of a request holds, looked up once: the article wants to know, and then the masthead."""
    known = vars(request)
    if MEMO not in known:
        known[MEMO] = entitlement_of(user)
    found: Entitlement = known[MEMO]
    return found


def _held_by(user: "User", moment: datetime) -> list[tuple[str, datetime | None, str, int | None]]:
    """Return all that opens something to a person, in one query: why, until when, the subscription's state, and the plan's id."""
    subscribed = Subscription.objects.entitling(at=moment).filter(user=user).order_by()
    granted = Grant.objects.in_force(at=moment).filter(user=user).order_by()
    # That a payment is overdue is the owner's business, and not told to who only sits there.
    seated = Membership.objects.in_force(at=moment).filter(user=user).order_by()
    through = "group__subscription__"
    return list(
        subscribed.values_list(Value(Source.SUBSCRIPTION, CharField()), "entitled_until", "status", _plan_of("")).union(
            granted.values_list(Value(Source.GRANT, CharField()), "ends_at", Value("", CharField()), "plan_id"),
            seated.values_list(Value(Source.SEAT, CharField()), f"{through}entitled_until", Value("", CharField()), _plan_of(through)),
            all=True,
        )
    )


def _plan_of(path: str) -> Coalesce:
    """Return the plan that the subscription at a path opens; the like of `SubscriptionQuerySet.of_plans`."""
    return Coalesce(f"{path}held_plan_id", f"{path}price__plan_id")


def holding_of(user: "User") -> Holding:
    """Return what the account page says of a reader's subscription: the best they hold, else the last they held, and a gift to come."""
    moment = timezone.now()
    gifts = Grant.objects.filter(user=user, kind=Grant.Kind.GIFT, starts_at__gt=moment).order_by("starts_at")
    return replace(_best_holding(user, moment), next_gift=gifts.first())


def _best_holding(user: "User", moment: datetime) -> Holding:
    has_portal = Customer.objects.at_stripe().filter(user=user).exists()
    rows = (
        Subscription.objects.personal()
        .filter(user=user)
        .select_related("price__plan", "held_plan")
        .order_by("-entitled_until", "-started_at")
    )
    subscriptions = sorted(rows, key=lambda row: (row.is_entitling(at=moment), row.is_live), reverse=True)
    best = subscriptions[0] if subscriptions else None
    if best is None or not best.is_entitling(at=moment):
        grant = Grant.objects.in_force(at=moment).filter(user=user).order_by(F("ends_at").desc(nulls_first=True)).first()
        if grant is not None:
            is_gift = grant.kind == Grant.Kind.GIFT
            return Holding(HoldingState.GRANTED, plan=grant.get_kind_display(), at=grant.ends_at, is_gift=is_gift, has_portal=has_portal)
        seat = _best_seat(user, moment)
        if seat is not None:
            return Holding(HoldingState.SEATED, plan=seat.group.name, has_portal=has_portal)
    return Holding(has_portal=has_portal) if best is None else _holding_from(best, moment, has_portal=has_portal)


def _best_seat(user: "User", moment: datetime) -> Membership | None:
    seats = Membership.objects.in_force(at=moment).filter(user=user).select_related("group__subscription")
    return seats.order_by("-group__subscription__entitled_until").first()


def _holding_from(row: Subscription, moment: datetime, *, has_portal: bool) -> Holding:
    at = row.current_period_end
    if not row.is_live or (row.cancel_at is not None and row.cancel_at <= moment):
        state, at = HoldingState.ENDED, row.ended_at or row.cancel_at
    elif row.paused_until and not row.is_entitling(at=moment):
        state, at = HoldingState.PAUSED, row.paused_until
    elif not row.is_entitling(at=moment):
        is_waiting = row.status in (Subscription.Status.ACTIVE, Subscription.Status.INCOMPLETE)
        state, at = (HoldingState.PROCESSING if is_waiting else HoldingState.STOPPED), None
    elif row.is_past_due:
        state, at = HoldingState.PAST_DUE, row.entitled_until
    elif row.cancel_at is not None:
        state, at = HoldingState.ENDING, row.cancel_at
    else:
        state = HoldingState.RENEWING
    is_trial = row.status == Subscription.Status.TRIALING
    return Holding(
        state,
        plan=row.price.plan.name if row.price else "",
        price=row.price,
        held_plan=row.held_plan.name if row.held_plan and row.is_entitling(at=moment) else "",
        at=at,
        is_trial=is_trial,
        has_portal=has_portal,
    )


def entitled_user_ids(*, at: datetime | None = None, plan_ids: Collection[int] = ()) -> "QuerySet[Subscription, int]":
    """Return the ids of all people whose entitlement opens what is reserved for some plans, as a queryset for `__in`."""
    moment = at or timezone.now()
    subscribed = Subscription.objects.entitling(at=moment).filter(user__is_active=True).order_by()
    granted = Grant.objects.in_force(at=moment).filter(user__is_active=True).order_by()
    seated = Membership.objects.in_force(at=moment).filter(user__is_active=True).order_by()
    if plan_ids:
        subscribed = subscribed.of_plans(plan_ids)
        granted = granted.filter(Q(plan=None) | Q(plan__in=plan_ids))
        seated = seated.filter(group__subscription__in=Subscription.objects.of_plans(plan_ids))
    return subscribed.values_list("user_id", flat=True).union(
        granted.values_list("user_id", flat=True), seated.values_list("user_id", flat=True)
    )


def lowest_price(plan_ids: Collection[int] = ()) -> Price | None:
    """Return the price that a paywall names, of some plans if it is told which; None when nothing of it is on sale.

    It is in the magazine's own currency, of the recommended plan, and by the month, as far as there is such a one; then the lowest.
    """
    return next((price for price in _prices_on_sale() if not plan_ids or price.plan_id in plan_ids), None)


def plans_on_sale(plan_ids: Collection[int]) -> list[str]:
    """Return the names of those of some plans that can be bought, the cheapest first."""
    return list(dict.fromkeys(price.plan.name for price in _prices_on_sale() if price.plan_id in plan_ids))


def _prices_on_sale() -> list[Price]:
    """Return the prices on sale, the one that a paywall names first."""
    found: list[Price] | None = cache.get(PRICE_CACHE_KEY)
    if found is None:
        is_foreign = ExpressionWrapper(~Q(currency=SubscriptionSettings.load().currency), output_field=BooleanField())
        on_sale = Price.objects.on_sale().select_related("plan")
        # Months sort before years.
        found = list(on_sale.order_by(is_foreign.asc(), "-plan__is_recommended", "interval", "amount"))
        cache.set(PRICE_CACHE_KEY, found, PRICE_CACHE_SECONDS)
    return found


def subscriptions_by_origin() -> dict[str, int]:
    """Return how many purchases came through, by what the reader was told to subscribe by; for the newsroom only."""
    bought = CheckoutAttempt.objects.filter(status=CheckoutAttempt.Status.COMPLETE, kind=Kind.SUBSCRIPTION).exclude(came_from="")
    return dict(bought.order_by().values_list("came_from").annotate(purchases=Count("pk")))
