"""Sections that only some plans open."""

from collections.abc import Mapping

from articles.models import SectionPlan
from articles.polled import Polled
from billing.entitlements import Entitlement

# Section to the plans that open it; a section that isn't there is opened by every plan.
Reserved = Mapping[int, frozenset[int]]


def _load() -> Reserved:
    plans: dict[int, set[int]] = {}
    for section, plan in SectionPlan.objects.values_list("section_id", "plan_id"):
        plans.setdefault(section, set()).add(plan)
    return {section: frozenset(found) for section, found in plans.items()}


# None: not known, and so every section may be reserved.
RESERVED: Polled[Reserved | None] = Polled("articles:reserved-sections", _load, without=None)


def opens(entitlement: Entitlement, section_id: int | None) -> bool:
    """Say whether what somebody holds opens a section; the twin of `sections_closed_to`."""
    if not entitlement.opens_everything or entitlement.is_of_every_plan:
        return entitlement.opens_everything
    reserved = RESERVED.current()
    return reserved is not None and entitlement.opens(reserved.get(section_id or 0, frozenset()))


def sections_closed_to(entitlement: Entitlement) -> frozenset[int] | None:
    """Return the sections that what somebody holds doesn't open; None for all."""
    if not entitlement.opens_everything or entitlement.is_of_every_plan:
        return frozenset() if entitlement.opens_everything else None
    reserved = RESERVED.current()
    return None if reserved is None else frozenset(section for section, plans in reserved.items() if not entitlement.opens(plans))
