"""The seats of a group: bought, added, given up, and given to people in the order in which they came.

Where seats become fewer than members, whoever came last waits: nobody is deleted, and they sit again once there is room.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from billing import stripe_client
from billing.catalogue import price_at_stripe
from billing.customers import customer_at_stripe
from billing.mails import queue_mail
from billing.models import CheckoutAttempt, Customer, Group, Kind, Membership, Price, SeatOrder, Subscription
from billing.purchases import settle_purchase, start_purchase
from billing.sessions import return_address, session_of
from billing.stripe_client import JSON, StripeCallError
from billing.synchronising import mirror_locked, synchronise_customer

if TYPE_CHECKING:
    from accounts.models import User

# Stripe wants the end of a trial at least two days off.
SHORTEST_TRIAL = timedelta(hours=49)


class GroupRefused(Exception):  # noqa: N818 - reads as what happened
    """Something can't be done in a group now; the message says why, to who wanted it."""


@dataclass(frozen=True, slots=True)
class SeatPreview:
    """What more seats cost at once; `at` is the second from which that is reckoned, `before` how many there were then."""

    seats: int
    before: int
    at: int
    amount: int = 0
    currency: str = ""


# Buying ----------------------------------------------------------------------------------------------------------


def order_seats(user: "User", price: Price, *, seats: int, name: str, group: Group | None = None) -> str:
    """Return where somebody pays for seats, of a new group or of one that goes on with them; raises StripeCallError, GroupRefused.

    One order is open at a time: another choice closes the session of the first, so that nobody pays both.
    """
    if group is not None:
        _refuse_more_than_is_paid(group, price, seats)
    customer_at_stripe(user)
    price_at_stripe(price)
    rows = SeatOrder.objects.filter(status=SeatOrder.Status.OPEN, group=group)
    order = None
    for earlier in rows.select_related("buyer") if group else rows.filter(buyer=user).select_related("buyer"):
        if (earlier.buyer_id, earlier.price_id, earlier.seats, earlier.name) == (user.pk, price.pk, seats, name):
            order = earlier
        elif underway := drop_order(earlier):
            if earlier.buyer_id != user.pk:
                raise GroupRefused(_("Somebody else is paying for this group at the moment. Look again in some minutes."))
            return return_address(underway)
    order = order or _new_order(buyer=user, price=price, seats=seats, name=name, group=group)
    cancel_path = reverse("billing:group", args=[group.pk]) if group else reverse("billing:group_offer")
    return start_purchase(user, kind=Kind.GROUP, subject_id=order.pk, params=_params(order), cancel_path=cancel_path)


def drop_order(order: SeatOrder) -> CheckoutAttempt | None:
    """Close an order with its session; returns the attempt if it is paid, or about to be. Raises StripeCallError."""
    # Stripe is called under the buyer's lock, for the reason given in `start_purchase`.
    with Customer.objects.held(order.buyer):
        for attempt in CheckoutAttempt.objects.open().filter(kind=Kind.GROUP, subject_id=order.pk).select_related("user"):
            session = session_of(attempt)
            if session["status"] == "open":
                session = stripe_client.expire_session(attempt.stripe_session_id)
            settle_purchase(attempt, session)
            if attempt.status != CheckoutAttempt.Status.EXPIRED:
                return attempt
        SeatOrder.objects.filter(pk=order.pk, status=SeatOrder.Status.OPEN).update(status=SeatOrder.Status.DROPPED)
    return None


def prepare(attempt: CheckoutAttempt, session: JSON) -> None:
    """Stop what paid a group before, which goes on with what was bought; raises StripeCallError.

    If it can't be stopped, nothing is taken over, and whoever looks next tries again.
    """
    order = SeatOrder.objects.select_related("buyer__customer", "group__subscription").get(pk=_order_id(attempt))
    if order.status == SeatOrder.Status.PAID:
        return
    if not Subscription.objects.filter(stripe_id=session["subscription"]).exists():
        mirror_locked(order.buyer.customer)
    before = order.group.subscription if order.group else None
    if before is not None and before.stripe_id != session["subscription"] and before.is_live:
        _stop(before)


def fulfil(attempt: CheckoutAttempt, session: JSON) -> None:
    """Make the group that was paid for, or let one go on with what was paid; the caller holds the buyer's lock."""
    order = SeatOrder.objects.select_for_update(of=("self",)).select_related("buyer").get(pk=_order_id(attempt))
    if order.status == SeatOrder.Status.PAID:
        return
    subscription = Subscription.objects.get(stripe_id=session["subscription"])
    if order.group_id is None:
        group = Group.objects.create(name=order.name, owner=order.buyer, subscription=subscription)
        Membership.objects.create(group=group, user=order.buyer)
    else:
        group = Group.objects.locked(order.group_id)
        group.subscription, group.owner, group.heir, group.kept_seats, group.kept_until = subscription, order.buyer, None, 0, None
        group.save(update_fields=["subscription", "owner", "heir", "kept_seats", "kept_until"])
    order.group, order.status = group, SeatOrder.Status.PAID
    order.save(update_fields=["group", "status"])
    allot_seats(group)


def abandon(attempt: CheckoutAttempt) -> None:
    """Close the order of an attempt that can be paid no more."""
    SeatOrder.objects.filter(pk=_order_id(attempt), status=SeatOrder.Status.OPEN).update(status=SeatOrder.Status.DROPPED)


def _order_id(attempt: CheckoutAttempt) -> int:
    if attempt.subject_id is None:
        raise ValueError("A checkout of seats always has an order.")
    return attempt.subject_id


def _new_order(**fields: Any) -> SeatOrder:
    try:
        with transaction.atomic():
            return SeatOrder.objects.create(**fields)
    except IntegrityError as error:
        # Two tabs at once.
        raise GroupRefused(_("You are paying for this in another window. Go on there, or try again in a minute.")) from error


def _params(order: SeatOrder) -> dict[str, Any]:
    data: dict[str, Any] = {"metadata": {"subject": str(order.pk)}}
    if order.group is not None and (paid_until := _paid_until(order.group)):
        data["trial_end"] = int(max(paid_until, timezone.now() + SHORTEST_TRIAL).timestamp())
    lines = [{"price": order.price.stripe_price_id, "quantity": order.seats}]
    return {"mode": "subscription", "line_items": lines, "subscription_data": data}


def _refuse_more_than_is_paid(group: Group, price: Price, seats: int) -> None:
    """Refuse what nobody would pay for: until the first payment of a new owner, a group has what the one before paid."""
    held = group.subscription.price if group.subscription else None
    if _paid_until(group) is None:
        return
    if seats > group.seats() or (held is not None and held.plan_id != price.plan_id):
        raise GroupRefused(
            _("Take the group over with the plan and the seats that are paid. You can change them from your first payment on.")
        )


def _paid_until(group: Group) -> datetime | None:
    """Return until when a group's seats are paid by whoever pays now: nobody pays the same time twice."""
    row = group.subscription
    if row is None or not row.is_in_force() or row.is_past_due:
        return None
    return row.current_period_end


def _stop(before: Subscription) -> None:
    try:
        if before.is_in_force() and not before.is_past_due:
            stripe_client.stop_renewal(before.stripe_id)
        else:
            stripe_client.cancel_subscription(before.stripe_id)
    except StripeCallError as fault:
        if not fault.is_missing:
            raise


# More and fewer --------------------------------------------------------------------------------------------------


def preview_more(group: Group, seats: int) -> SeatPreview:
    """Return what more seats cost until the end of the period; raises StripeCallError, GroupRefused."""
    row = _extendable(group)
    if group.seats_ending():
        raise GroupRefused(_("Your seats are about to become fewer. Keep them all first, then add more."))
    if seats <= row.quantity:
        raise GroupRefused(_("These are no more seats than you have."))
    at = int(timezone.now().timestamp())
    invoice = stripe_client.preview_quantity(row.stripe_id, _item_of(row), seats, at=at)
    return SeatPreview(seats, row.quantity, at, max(0, invoice["amount_due"]), invoice["currency"].upper())


def add_seats(group: Group, preview: SeatPreview) -> str | None:
    """Add seats at once, for the price that was previewed; returns where to pay if the payment waits for the owner.

    Stripe adds them once they are paid, not before. Raises StripeCallError, GroupRefused.
    """
    row = _extendable(group)
    if row.quantity != preview.before:
        raise GroupRefused(_("The seats have changed in the meantime. Please look at the price once more."))
    changed = stripe_client.change_quantity(row.stripe_id, _item_of(row), preview.seats, paid_from=preview.at)
    synchronise_customer(row.customer)
    row.refresh_from_db()
    invoice = changed.get("latest_invoice") or {}
    return None if row.quantity >= preview.seats else str(invoice.get("hosted_invoice_url") or reverse("billing:account"))


def give_up_seats(group: Group, seats: int, *, is_at_once: bool) -> None:
    """Pay fewer seats from the next period on; unless at once, all stay to the end of what is paid. Nothing is refunded.

    Raises StripeCallError, GroupRefused.
    """
    row = _changeable(group)
    if seats >= group.seats():
        raise GroupRefused(_("These are no fewer seats than you have."))
    # Kept before Stripe is called: whoever's answer gets lost must not lose what they paid for.
    with transaction.atomic():
        locked = Group.objects.locked(group.pk)
        locked.kept_seats, locked.kept_until = (0, None) if is_at_once else (locked.seats(), row.current_period_end)
        locked.save(update_fields=["kept_seats", "kept_until"])
    _set_quantity(row, seats)


def keep_seats(group: Group) -> None:
    """Take back that seats become fewer at the end of the period: until then they are paid. Raises StripeCallError, GroupRefused."""
    row = _changeable(group)
    if group.seats_ending() is None:
        raise GroupRefused(_("Your seats stay as they are."))
    _set_quantity(row, group.seats())


def follow_subscription(row: Subscription) -> None:
    """Seat a group anew once its subscription was synchronised: seats may have changed anywhere."""
    with transaction.atomic():
        pk = Group.objects.filter(subscription=row).values_list("pk", flat=True).first()
        if pk is not None:
            allot_seats(Group.objects.locked(pk))


def allot_seats(group: Group) -> None:
    """Give the seats to who came first, and tell the owner if somebody lost theirs; the caller holds the group's lock."""
    present = group.memberships.present().by_age()
    seated = list(present.values_list("pk", flat=True)[: group.seats()])
    lost = group.memberships.filter(has_seat=True).exclude(pk__in=seated).update(has_seat=False)
    group.memberships.filter(has_seat=False, pk__in=seated).update(has_seat=True)
    if lost:
        group.notices += 1
        group.save(update_fields=["notices"])
        context = {"group": group.name, "pk": group.pk, "lost": lost, "seats": group.seats(), "members": present.count()}
        queue_mail("group_shrunk", key=f"group-shrunk:{group.pk}:{group.notices}", to=group.owner, context=context)


def _set_quantity(row: Subscription, seats: int) -> None:
    if row.quantity != seats:
        stripe_client.change_quantity(row.stripe_id, _item_of(row), seats)
    synchronise_customer(row.customer)


def _changeable(group: Group) -> Subscription:
    row = group.subscription
    if row is None or not row.is_in_force():
        raise GroupRefused(_("The subscription of this group doesn’t run. Start it again first."))
    if row.is_past_due:
        raise GroupRefused(_("A payment is overdue. Once it is made, you can change the seats."))
    return row


def _extendable(group: Group) -> Subscription:
    row = _changeable(group)
    if row.status == Subscription.Status.TRIALING:
        # Refused on purpose, though it may last a year: to Stripe a new owner's paid-up time is a trial, in which seats added cost nothing.
        # To end it for them would charge all the other seats twice, and an invoice of our own beside the subscription would be out of step
        # with every refund, dispute and preview. Whoever needs seats sooner adds them before the handover, or buys a second group.
        words = _("You can add seats from your first payment on, which is due on %(date)s.")
        raise GroupRefused(words % {"date": date_format(timezone.localtime(row.trial_end), "DATE_FORMAT")})
    return row


def _item_of(row: Subscription) -> str:
    return str(stripe_client.get_subscription(row.stripe_id)["items"]["data"][0]["id"])
