"""Keep what is sold here and at Stripe the same."""

from django.db import transaction

from billing import stripe_client
from billing.models import Plan, Price, SubscriptionSettings
from billing.stripe_client import JSON, StripeCallError

INTERVALS = frozenset(Price.Interval.values)


def price_at_stripe(price: Price) -> str:
    """Return the id of a price at Stripe, pushed there with its product on first use; raises StripeCallError.

    Stripe is called under the plan's lock, since two buyers at once would make two products. Each push is a transaction of its
    own, so that what is made is known.
    """
    if price.stripe_price_id:
        return price.stripe_price_id
    metadata = {"site": SubscriptionSettings.site()}
    with transaction.atomic():
        plan = Plan.objects.select_for_update().get(pk=price.plan_id)
        if not plan.stripe_product_id:
            plan.stripe_product_id = stripe_client.create_product(name=plan.name, metadata=metadata)["id"]
            plan.save(update_fields=["stripe_product_id"])
    with transaction.atomic():
        Plan.objects.select_for_update().get(pk=price.plan_id)
        price.refresh_from_db()
        if not price.stripe_price_id:
            made = stripe_client.create_price(
                product=plan.stripe_product_id,
                amount=price.amount,
                currency=price.currency,
                interval=price.interval,
                metadata=metadata,
            )
            price.stripe_price_id = made["id"]
            price.save(update_fields=["stripe_price_id"])
    return str(price.stripe_price_id)


def price_from_stripe(found: JSON) -> Price | None:
    """Return our price for one of Stripe's; None if it belongs to none of our plans.

    A price that was made at Stripe for a plan of ours is kept as one that isn't on sale.
    """
    price = Price.objects.filter(stripe_price_id=found["id"]).first()
    if price is not None:
        return price
    plan = Plan.objects.filter(stripe_product_id=found["product"]).first()
    recurring = found.get("recurring") or {}
    if plan is None or recurring.get("interval") not in INTERVALS or recurring.get("interval_count") != 1 or not found.get("unit_amount"):
        return None
    price, _created = Price.objects.get_or_create(
        stripe_price_id=found["id"],
        defaults={
            "plan": plan,
            "interval": recurring["interval"],
            "currency": found["currency"].upper(),
            "amount": found["unit_amount"],
            "is_current": False,
        },
    )
    return price


def synchronise_price(stripe_id: str) -> bool:
    """Take a price off sale that Stripe sells no more; False if it is none of ours. Raises StripeCallError.

    One that is put back on sale at Stripe waits for an editor here.
    """
    price = Price.objects.filter(stripe_price_id=stripe_id).first()
    if price is None:
        return False
    try:
        is_sold = stripe_client.get_price(stripe_id)["active"]
    except StripeCallError as fault:
        if not fault.is_missing:
            raise
        is_sold = False
    if price.is_current and not is_sold:
        price.is_current = False
        price.save(update_fields=["is_current"])
    return True


def replace_price(changed: Price) -> Price:
    """Sell a changed price, as yet unsaved, as a new one from now on; readers who pay the old price keep it."""
    with transaction.atomic():
        Price.objects.filter(pk=changed.pk).update(is_current=False)
        return Price.objects.create(plan=changed.plan, interval=changed.interval, currency=changed.currency, amount=changed.amount)
