"""Keep what is sold here and at Stripe the same."""

from django.db import transaction
from django.utils.translation import gettext as _

from billing import stripe_client
from billing.models import Plan, Price, SellingRules, SubscriptionSettings
from billing.stripe_client import JSON, StripeCallError
from magazine.holding import held

INTERVALS = frozenset(Price.Interval.values)


def price_at_stripe(price: Price) -> str:
    """Return the id of a price at Stripe, pushed there with its product on first use; raises StripeCallError.

    Stripe is called under the plan's lock, since two buyers at once would make two products. Each push is a transaction of its
    own, so that what is made is known.
    """
    if price.stripe_price_id and not price.is_archived:
        return price.stripe_price_id
    metadata = {"site": SubscriptionSettings.site()}
    plan = _product_at_stripe(price.plan_id)
    with held(Plan.objects.all(), price.plan_id):
        price.refresh_from_db()
        if price.is_archived:
            stripe_client.set_price_active(str(price.stripe_price_id), is_active=True)
            price.is_archived = False
            price.save(update_fields=["is_archived"])
        if not price.stripe_price_id:
            made = stripe_client.create_price(
                product=str(plan.stripe_product_id),
                amount=price.amount,
                currency=price.currency,
                interval=price.interval,
                tax_behavior=SellingRules.load().tax_behavior,
                metadata=metadata,
            )
            price.stripe_price_id = made["id"]
            price.save(update_fields=["stripe_price_id"])
    return str(price.stripe_price_id)


def push_plan(plan: Plan) -> None:
    """Bring a plan's product and prices at Stripe to what the newsroom says; raises StripeCallError.

    Doing it twice does it once. Prices that are no longer sold are archived there; who pays one goes on paying it.
    """
    on_sale = list(plan.prices.sellable().filter(is_current=True))
    if on_sale or (plan.stripe_product_id and not plan.is_archived):
        _product_at_stripe(plan.pk)
    for price in on_sale:
        price_at_stripe(price)
    sellable = plan.prices.sellable().values("pk")
    for price in plan.prices.exclude(pk__in=sellable).exclude(stripe_price_id=None).filter(is_archived=False):
        stripe_client.set_price_active(str(price.stripe_price_id), is_active=False)
        Price.objects.filter(pk=price.pk).update(is_archived=True)


def push_plan_anew(plan: Plan) -> None:
    """Push a plan that Stripe doesn't know as a new one, for a key that is meant to be another account's; raises StripeCallError.

    Never done by itself: with a key that is wrong by mistake, the ids of what readers pay for would be lost.
    """
    if plan.stripe_product_id and not stripe_client.product_exists(plan.stripe_product_id):
        with transaction.atomic():
            if Plan.objects.filter(pk=plan.pk, stripe_product_id=plan.stripe_product_id).update(
                stripe_product_id=None, pushed_name="", is_archived=False
            ):
                plan.prices.update(stripe_price_id=None, is_archived=False)
        plan.refresh_from_db()
    push_plan(plan)


def refuse_another_account() -> None:
    """Raise StripeCallError if Stripe knows nothing that we sell.

    Then the key is another account's, or of the other mode, and whom it doesn't know is not gone.
    """
    products = list(Plan.objects.exclude(stripe_product_id=None).values_list("stripe_product_id", flat=True))
    if products and not any(stripe_client.product_exists(str(product)) for product in products):
        raise StripeCallError("The key is of an account that knows none of our plans.")


def is_at_stripe(plan: Plan) -> bool:
    """Say whether Stripe knows a plan as it is; asks the prices that are prefetched."""
    for price in plan.prices.all():
        is_sellable = plan.is_on_sale and (price.is_current or price.is_chosen)
        if is_sellable and price.is_current and (not price.stripe_price_id or price.is_archived):
            return False
        if not is_sellable and price.stripe_price_id and not price.is_archived:
            return False
    if plan.is_on_sale and plan.is_archived:
        return False
    return plan.stripe_product_id is None or plan.pushed_name in ("", plan.name)


def notes_on(plan: Plan) -> list[str]:
    """Return in words how a plan at Stripe differs from what stands here, and what to do about it."""
    notes = []
    if plan.is_archived:
        notes.append(_("Archived at Stripe, so nobody can buy it. Put it on sale and save: it is taken up there again."))
    if plan.pushed_name not in ("", plan.name):
        notes.append(
            _("Receipts and Stripe’s pages call it “%(name)s”. Save to give them the name that stands here.") % {"name": plan.pushed_name}
        )
    if notes or is_at_stripe(plan):
        return notes or [_("Stripe sells what stands here.")]
    return [_("Not all of it is at Stripe yet, or something is still sold there that isn’t here. Save, or choose “Push to Stripe”.")]


def chosen_price(least: Price, amount: int) -> Price:
    """Return the price of an amount that a reader may choose (see `Price.wanted`), made on first use."""
    return keep_chosen(wanted_price(least, amount))


def wanted_price(least: Price, amount: int) -> Price:
    """Return the price of an amount that a reader thinks of choosing; unsaved, if nobody chose it before."""
    if amount == least.amount:
        return least
    fields = {"plan": least.plan, "interval": least.interval, "currency": least.currency, "amount": amount, "is_chosen": True}
    found = Price.objects.filter(**fields).select_related("plan").first()
    return found or Price(**fields, is_current=False, trial_days=least.trial_days)


def keep_chosen(price: Price) -> Price:
    """Return a price as a row, made now if `wanted_price` only imagined it."""
    if price.pk is not None:
        return price
    fields = {name: getattr(price, name) for name in ("plan", "interval", "currency", "amount", "is_chosen")}
    return Price.objects.get_or_create(**fields, defaults={"is_current": False, "trial_days": price.trial_days})[0]


def price_for_preview(price: Price) -> JSON:
    """Return how Stripe is told of a price that is only looked at: by what it would be, if it isn't there. Raises StripeCallError."""
    if price.stripe_price_id and not price.is_archived:
        return {"price": price.stripe_price_id}
    data = {
        "product": str(_product_at_stripe(price.plan_id).stripe_product_id),
        "unit_amount": price.amount,
        "currency": price.currency.lower(),
        "recurring": {"interval": price.interval},
        "tax_behavior": SellingRules.load().tax_behavior,
    }
    return {"price_data": data}


def _product_at_stripe(plan_id: int) -> Plan:
    """Return a plan whose product is at Stripe under its present name."""
    with held(Plan.objects.all(), plan_id) as plan:
        if not plan.stripe_product_id:
            plan.stripe_product_id = stripe_client.create_product(name=plan.name, metadata={"site": SubscriptionSettings.site()})["id"]
        elif plan.pushed_name != plan.name or plan.is_archived:
            stripe_client.sell_product(plan.stripe_product_id, name=plan.name)
        else:
            return plan
        plan.pushed_name, plan.is_archived = plan.name, False
        plan.save(update_fields=["stripe_product_id", "pushed_name", "is_archived"])
    return plan


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


def replace_price(changed: Price) -> Price:
    """Sell a changed price, as yet unsaved, as a new one from now on; readers who pay the old price keep it."""
    with transaction.atomic():
        Price.objects.filter(pk=changed.pk).update(is_current=False)
        changed.pk, changed.stripe_price_id, changed.is_archived = None, None, False
        changed._state.adding = True
        changed.save()
    return changed
