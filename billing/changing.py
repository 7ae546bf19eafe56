"""Change what a reader pays: a dearer price at once, with the difference previewed; a cheaper or shorter one when the period ends.

A trial goes on with another price that begins with one; a price that doesn't ends it, and is paid at once.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core import signing
from django.db.models import QuerySet
from django.utils import timezone

from billing import stripe_client
from billing.catalogue import keep_chosen, price_at_stripe, price_for_preview
from billing.models import Price, Subscription
from billing.models.plans import display_amount
from billing.planned import settle_plans
from billing.running import NothingRunningError, UnsettledError, held_subscription, running_subscription
from billing.stripe_client import JSON
from billing.students import sold_to

if TYPE_CHECKING:
    from accounts.models import User

SALT = "billing.changing"
# How long a previewed amount holds.
PREVIEW_SECONDS = 30 * 60


class OutdatedPreviewError(Exception):
    """What the reader agreed to is no longer what would happen."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would cost, in minor units; `at` is when it happens, None for at once. The price may be one that isn't made yet."""

    price: Price
    due: int
    credit: int
    at: datetime | None
    ends_trial: bool
    token: str

    @property
    def due_display(self) -> str:
        """Return what is charged now as readers see it."""
        return display_amount(self.due, self.price.currency)

    @property
    def credit_display(self) -> str:
        """Return what is taken off for the time that is paid already."""
        return display_amount(self.credit, self.price.currency)


def choices_for(subscription: Subscription) -> QuerySet[Price]:
    """Return the prices that a subscription could be changed to; Stripe never changes a subscription's currency."""
    if subscription.price is None:
        return Price.objects.none()
    others = sold_to(subscription.user).filter(currency=subscription.price.currency).exclude(pk=subscription.price.pk)
    return others.select_related("plan").order_by("plan__position", "plan__pk", "-interval")


def is_at_once(subscription: Subscription, price: Price) -> bool:
    """Say whether a change happens now: to a dearer or longer price, or in a trial, when nothing is paid yet."""
    held = subscription.price
    if held is None or subscription.status == Subscription.Status.TRIALING:
        return True
    if held.interval != price.interval:
        return price.interval == Price.Interval.YEAR
    return price.amount > held.amount


def ends_trial(subscription: Subscription, price: Price) -> bool:
    """Say whether a change gives the rest of a trial up: to a price that begins with none."""
    return subscription.status == Subscription.Status.TRIALING and not price.trial_days


def preview_change(user: "User", price: Price) -> Preview:
    """Say what a change would cost and when it would happen; raises NothingRunningError, UnsettledError, StripeCallError."""
    row = running_subscription(user)
    if row is None or row.price is None or price.pk == row.price_id or price.currency != row.price.currency:
        raise NothingRunningError
    if not row.is_settled:
        raise UnsettledError
    moment, due, credit = int(timezone.now().timestamp()), 0, 0
    is_now, is_last_of_trial = is_at_once(row, price), ends_trial(row, price)
    if is_now and (row.status != Subscription.Status.TRIALING or is_last_of_trial):
        item, priced = _item_of(stripe_client.get_subscription(row.stripe_id)), price_for_preview(price)
        invoice = stripe_client.preview_change(row.stripe_id, item=item, price=priced, moment=moment, ends_trial=is_last_of_trial)
        due = invoice["amount_due"]
        credit = -sum(line["amount"] for line in invoice["lines"]["data"] if line["amount"] < 0)
    return Preview(price, due, credit, None if is_now else row.current_period_end, is_last_of_trial, _token(row, price, moment))


def change_price(user: "User", price: Price, token: str) -> str:
    """Do what a reader agreed to; returns the address at which they have to pay first, or nothing.

    Doing it twice does it once. Raises OutdatedPreviewError, NothingRunningError, UnsettledError and StripeCallError.
    """
    try:
        agreed = signing.loads(token, salt=SALT, max_age=PREVIEW_SECONDS)
    except signing.BadSignature as error:
        raise OutdatedPreviewError from error
    if agreed.get("to") != _named(price):
        raise OutdatedPreviewError
    # Only now, that somebody agreed to this very price, is it made.
    price = keep_chosen(price)
    target = price_at_stripe(price)
    with held_subscription(user) as (row, found):
        if price.pk in (row.price_id, row.next_price_id):
            return ""
        if _waits_for(found, target):
            return str(found["latest_invoice"]["hosted_invoice_url"])
        if not row.is_settled:
            raise UnsettledError
        if agreed != _terms(row, price, agreed.get("moment")):
            raise OutdatedPreviewError
        return _change(row, found, price, agreed["moment"])


def keep_price(user: "User") -> None:
    """Take back a change that was to come, or one that waits for payment; raises NothingRunningError and StripeCallError."""
    with held_subscription(user) as (_row, found):
        settle_plans(found)


def address_to_pay_change(user: "User") -> str:
    """Return where a change that waits can be paid, or nothing if none waits; raises StripeCallError."""
    row = running_subscription(user)
    found = stripe_client.get_subscription(row.stripe_id) if row else None
    is_open = found and found["pending_update"] and found["latest_invoice"]["status"] == "open"
    return str(found["latest_invoice"]["hosted_invoice_url"]) if found and is_open else ""


def _change(row: Subscription, found: JSON, price: Price, moment: int) -> str:
    target, item = str(price.stripe_price_id), _item_of(found)
    if not is_at_once(row, price):
        _change_at_renewal(found, price)
        return ""
    if found["schedule"]:
        # The last one has done its work, and would bring the old price back.
        stripe_client.release_schedule(found["schedule"]["id"])
    is_last_of_trial = ends_trial(row, price)
    if row.status == Subscription.Status.TRIALING and not is_last_of_trial:
        stripe_client.change_price_unreckoned(row.stripe_id, item=item, price=target)
        return ""
    changed = stripe_client.change_price_if_paid(row.stripe_id, item=item, price=target, moment=moment, ends_trial=is_last_of_trial)
    return str(changed["latest_invoice"]["hosted_invoice_url"]) if changed["pending_update"] else ""


def _change_at_renewal(found: JSON, price: Price) -> None:
    if found["schedule"]:
        stripe_client.release_schedule(found["schedule"]["id"])
    schedule = stripe_client.create_schedule(found["id"])
    current = schedule["phases"][0]
    discounts = [{"discount": held["id"]} for held in found["discounts"]]
    items = [{"price": item["price"], "quantity": item["quantity"]} for item in current["items"]]
    period: dict[str, Any] = {"start_date": current["start_date"], "end_date": current["end_date"], "items": items, "discounts": discounts}
    following = {
        "items": [{"price": price.stripe_price_id, "quantity": 1}],
        "duration": {"interval": price.interval, "interval_count": 1},
        "proration_behavior": "none",
        "discounts": discounts,
    }
    stripe_client.set_phases(schedule["id"], [period, following])


def _waits_for(found: JSON, target: str) -> bool:
    """Say whether this very change was made already and waits for its payment."""
    update = found["pending_update"]
    return bool(update and any(item["price"]["id"] == target for item in update["subscription_items"] or []))


def _item_of(found: JSON) -> str:
    return str(found["items"]["data"][0]["id"])


def _token(row: Subscription, price: Price, moment: int) -> str:
    return signing.dumps(_terms(row, price, moment), salt=SALT)


def _terms(row: Subscription, price: Price, moment: int) -> dict[str, Any]:
    """Return what the previewed amount hangs on; whatever of it changes makes the preview worthless."""
    end = row.current_period_end
    return {
        "subscription": row.pk,
        "from": row.price_id,
        "to": _named(price),
        "ends_trial": ends_trial(row, price),
        "status": row.status,
        "period": end and int(end.timestamp()),
        "moment": moment,
    }


def _named(price: Price) -> list[Any]:
    """Return what tells a price apart before it is made, too."""
    return [price.plan_id, price.interval, price.currency, price.amount]
