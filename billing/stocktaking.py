"""Keep what we sell from breaking on what was changed at Stripe by hand, and let the newsroom see it.

A product or price that Stripe sells no more goes off sale here; what is put back there waits for an editor. The comparison looks for
what differs and then does what the events do.
"""

from collections.abc import Callable, Iterator
from typing import Protocol

from django.utils import timezone

from billing import stripe_client
from billing.catalogue import refuse_another_account
from billing.models import Plan, Price, Reconciliation, SellingRules
from billing.stripe_client import JSON, StripeCallError
from billing.synchronising import Drift
from magazine.holding import held

# As much of a name at Stripe as we keep; it may be longer there.
NAME_LENGTH = 80


class Synchronise(Protocol):
    """What brings an object up to date."""

    def __call__(self, stripe_id: str, /, *, is_dry_run: bool = False) -> list[Drift] | None:
        """Return how we differed, None if it is nothing of ours; a dry run changes nothing. Raises StripeCallError."""


def synchronise_product(stripe_id: str, /, *, is_dry_run: bool = False) -> list[Drift] | None:
    """Take a plan off sale whose product Stripe sells no more, and note the name that Stripe's pages show."""
    known = Plan.objects.filter(stripe_product_id=stripe_id).first()
    if known is None:
        return None
    # Fetched under the lock, as everywhere: our own push must not be taken for somebody else's change.
    with held(Plan.objects.all(), known.pk) as plan:
        drifts, found = [], _found(stripe_client.get_product, stripe_id)
        is_active = found["active"] if found else None
        if bool(is_active) == plan.is_archived:
            drifts.append(Drift(stripe_id, "active", not plan.is_archived, is_active))
            plan.is_archived = not is_active
            plan.is_on_sale = plan.is_on_sale and not plan.is_archived
        if found and (name := found["name"][:NAME_LENGTH]) != _name_of(plan):
            drifts.append(Drift(stripe_id, "name", _name_of(plan), name))
            plan.pushed_name = name
        if not is_dry_run:
            plan.save(update_fields=["is_archived", "is_on_sale", "pushed_name"])
    return drifts


def synchronise_price(stripe_id: str, /, *, is_dry_run: bool = False) -> list[Drift] | None:
    """Take a price off sale that Stripe sells no more; one of a plan that is off sale is archived by our own push."""
    known = Price.objects.filter(stripe_price_id=stripe_id).first()
    if known is None:
        return None
    with held(Plan.objects.all(), known.plan_id) as plan:
        price = plan.prices.get(pk=known.pk)
        found = _found(stripe_client.get_price, stripe_id)
        is_active = found["active"] if found else None
        if bool(is_active) != price.is_archived:
            return []
        is_news = price.is_current and plan.is_on_sale
        drifts = [Drift(stripe_id, "active", not price.is_archived, is_active)] if is_news else []
        price.is_archived = not is_active
        price.is_current = price.is_current and not (is_news and price.is_archived)
        if not is_dry_run:
            price.save(update_fields=["is_archived", "is_current"])
    return drifts


def synchronise_coupon(stripe_id: str, /, *, is_dry_run: bool = False) -> list[Drift] | None:
    """Note that the coupon of the offer to those who leave is gone or used up: whoever stays next has it made anew."""
    if stripe_id not in _offered():
        return None
    try:
        is_valid = stripe_client.get_coupon(stripe_id)["valid"]
    except StripeCallError as fault:
        if not fault.is_missing:
            raise
        is_valid = False
    if is_valid:
        return []
    # Unlocked: one that was made anew meanwhile is looked for in vain, and is made sure of whenever it is given.
    if not is_dry_run:
        SellingRules.objects.filter(offer_coupon=stripe_id).update(offer_coupon="")
    return [Drift(stripe_id, "valid", True, is_valid)]


def synchronise_offer(_code: str, /, *, is_dry_run: bool = False) -> list[Drift]:
    """Look after the offer when a promotion code changes: codes are checked by Stripe's Checkout, and none is kept here."""
    return [drift for coupon in _offered() for drift in synchronise_coupon(coupon, is_dry_run=is_dry_run) or []]


def take_stock(counts: dict[str, int], *, is_dry_run: bool = False) -> list[Drift]:
    """Compare all that we sell with what Stripe sells; raises StripeCallError.

    It costs a call for every hundred that are on sale there, and one for each that differs.
    """
    drifts = []
    for synchronise, stripe_id in list(_differing(counts)):
        drifts += synchronise(stripe_id, is_dry_run=is_dry_run) or []
    return drifts


def report_drifts(drifts: list[Drift]) -> None:
    """Let the newsroom see what an event brought to light."""
    if drifts:
        moment, kept = timezone.now(), [drift.as_json() for drift in drifts]
        found = {"drifts": kept, "drift_count": len(kept)}
        Reconciliation.objects.create(kind=Reconciliation.Kind.EVENT, started_at=moment, finished_at=moment, **found)


def _differing(counts: dict[str, int]) -> Iterator[tuple[Synchronise, str]]:
    products = {found["id"]: found["name"] for found in stripe_client.every_product_on_sale()}
    for plan in Plan.objects.exclude(stripe_product_id=None):
        counts["products"] += 1
        name = products.get(str(plan.stripe_product_id))
        if (name is None) != plan.is_archived or (name is not None and name[:NAME_LENGTH] != _name_of(plan)):
            yield synchronise_product, str(plan.stripe_product_id)
    prices = {found["id"] for found in stripe_client.every_price_on_sale()}
    for price in Price.objects.exclude(stripe_price_id=None):
        counts["prices"] += 1
        if (price.stripe_price_id in prices) == price.is_archived:
            yield synchronise_price, str(price.stripe_price_id)
    for coupon in _offered():
        yield synchronise_coupon, coupon


def _name_of(plan: Plan) -> str:
    """Return under which name we think Stripe has a plan."""
    return plan.pushed_name or plan.name


def _offered() -> list[str]:
    return list(SellingRules.objects.exclude(offer_coupon="").values_list("offer_coupon", flat=True))


def _found(get: Callable[[str], JSON], stripe_id: str) -> JSON | None:
    """Return a product or price; None if Stripe has it no more, which the key of another account must not make us believe."""
    try:
        found = get(stripe_id)
    except StripeCallError as fault:
        if not fault.is_missing:
            raise
        refuse_another_account()
        return None
    return None if found.get("deleted") else found
