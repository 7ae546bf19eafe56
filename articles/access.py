"""Decide whether a reader gets the whole article or its preview, and say why."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db.models import Q
from django.http import HttpRequest

from articles import crawlers, gifts, institutions, meter, tiers
from articles.models.access_levels import Access
from billing.entitlements import NOTHING, Entitlement, entitlement_in, entitlement_of
from magazine.public_pages import remember_the_reader, signed_in_user

if TYPE_CHECKING:
    from accounts.models import User
    from articles.models import Article


class Reason(StrEnum):
    """Why the whole is open, or why it isn't."""

    FREE = "free"
    STAFF = "staff"
    SUBSCRIBER = "subscriber"
    REGISTERED = "registered"
    INSTITUTION = "institution"
    CRAWLER = "crawler"
    METER = "meter"
    GIFT = "gift"
    NEEDS_ACCOUNT = "needs account"
    NEEDS_SUBSCRIPTION = "needs subscription"
    NEEDS_ANOTHER_PLAN = "needs another plan"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, as far as access is concerned."""

    is_known: bool = False
    is_staff: bool = False
    entitlement: Entitlement = field(default=NOTHING)
    # From an institution's network, or with an address at its domain.
    is_of_institution: bool = False
    is_verified_crawler: bool = False
    # Ids of the metered articles opened this month.
    unlocked: frozenset[int] = frozenset()
    # Ids of the articles that gifts open in this browser.
    gifts: frozenset[int] = frozenset()

    @classmethod
    def of(cls, request: HttpRequest) -> "Reader":
        """Return the reader of a request; without a session cookie it is nobody with an account, and no query is made."""
        user = signed_in_user(request)
        if user is None:
            reader = cls(unlocked=frozenset(meter.reads_of(request).article_ids))
        else:
            reader = cls.from_user(user, entitlement_in(request, user))
        if reader.opens_everything:
            return reader
        if institutions.is_personal_address(request.META):
            remember_the_reader(request)
            return replace(reader, is_of_institution=True)
        if crawlers.is_verified_crawler(request.META):
            remember_the_reader(request)
            return replace(reader, is_verified_crawler=True)
        return replace(reader, gifts=gifts.given_to(request))

    @classmethod
    def from_user(cls, user: "User", entitlement: Entitlement | None = None) -> "Reader":
        """Return a signed-in person as a reader; what they hold is looked up, unless told."""
        entitlement = entitlement or entitlement_of(user)
        reader = cls(is_known=True, is_staff=user.is_staff, entitlement=entitlement)
        if not reader.opens_everything and institutions.is_of_an_institution(user):
            return replace(reader, is_of_institution=True)
        return reader if reader.opens_everything else replace(reader, unlocked=meter.opened_by(user))

    @property
    def opens_everything(self) -> bool:
        """Say whether nothing is closed to them, whatever its level."""
        holds_all = tiers.sections_closed_to(self.entitlement) == frozenset()
        return self.is_staff or holds_all or self.is_of_institution or self.is_verified_crawler


ANYBODY = Reader()


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether the whole is shown, and why."""

    is_full: bool
    reason: Reason

    @property
    def shown(self) -> str:
        """Return the value of the `data-shown` hook."""
        return "full" if self.is_full else "preview"

    @property
    def lets_give(self) -> bool:
        """Say whether this reader may give the article away."""
        return self.is_full and self.reason in (Reason.SUBSCRIBER, Reason.STAFF)


def decide(article: "Article", reader: Reader) -> Decision:
    """Decide what a reader gets of an article; whatever isn't known means preview."""
    access = article.access_now
    if access not in Access.values:
        return Decision(False, Reason.UNKNOWN)
    openings = (
        (access == Access.FREE, Reason.FREE),
        (reader.is_staff, Reason.STAFF),
        (tiers.opens(reader.entitlement, article.section_id), Reason.SUBSCRIBER),
        (reader.is_of_institution, Reason.INSTITUTION),
        (reader.is_verified_crawler, Reason.CRAWLER),
        (access == Access.REGISTERED and reader.is_known, Reason.REGISTERED),
        (article.pk in reader.gifts, Reason.GIFT),
        (access == Access.METERED and article.pk in reader.unlocked, Reason.METER),
    )
    for is_open, reason in openings:
        if is_open:
            return Decision(True, reason)
    if access == Access.REGISTERED:
        return Decision(False, Reason.NEEDS_ACCOUNT)
    return Decision(False, Reason.NEEDS_ANOTHER_PLAN if reader.entitlement.opens_everything else Reason.NEEDS_SUBSCRIPTION)


def open_to(reader: Reader) -> Q:
    """Return which articles a reader gets the whole of, by their `level` (`articles.embargo.level_at`); the same rule as `decide`."""
    if reader.opens_everything:
        return Q(level__in=Access.values)
    levels = [Access.FREE, Access.REGISTERED] if reader.is_known else [Access.FREE]
    given = Q(level__in=Access.values, pk__in=reader.gifts)
    opened = Q(level__in=levels) | given | Q(level=Access.METERED, pk__in=reader.unlocked)
    closed = tiers.sections_closed_to(reader.entitlement)
    return opened if closed is None else opened | (Q(level__in=Access.values) & ~Q(section__in=closed))
