"""Decide whether a reader gets the whole article or its preview, and say why."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from django.http import HttpRequest

from articles.models.access_levels import Access
from billing.entitlements import NOTHING, Entitlement, entitlement_of

if TYPE_CHECKING:
    from accounts.models import User
    from articles.models import Article


class Reason(StrEnum):
    """Why the whole is open, or why it isn't."""

    FREE = "free"
    STAFF = "staff"
    SUBSCRIBER = "subscriber"
    REGISTERED = "registered"
    NEEDS_ACCOUNT = "needs account"
    NEEDS_SUBSCRIPTION = "needs subscription"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, as far as access is concerned."""

    is_known: bool = False
    is_staff: bool = False
    entitlement: Entitlement = field(default=NOTHING)

    @classmethod
    def of(cls, request: HttpRequest) -> "Reader":
        """Return the reader of a request; without a session cookie it is nobody, and no query is made."""
        from django.conf import settings

        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
            return ANYBODY
        return cls.from_user(request.user)

    @classmethod
    def from_user(cls, user: "User") -> "Reader":
        """Return a signed-in person as a reader."""
        return cls(is_known=True, is_staff=user.is_staff, entitlement=entitlement_of(user))


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


def decide(article: "Article", reader: Reader) -> Decision:
    """Decide what a reader gets of an article; whatever isn't known means preview."""
    access = article.effective_access
    if access == Access.FREE:
        return Decision(True, Reason.FREE)
    if access not in Access.values:
        return Decision(False, Reason.UNKNOWN)
    if reader.is_staff:
        return Decision(True, Reason.STAFF)
    if reader.entitlement.opens_everything:
        return Decision(True, Reason.SUBSCRIBER)
    if access == Access.REGISTERED:
        return Decision(True, Reason.REGISTERED) if reader.is_known else Decision(False, Reason.NEEDS_ACCOUNT)
    return Decision(False, Reason.NEEDS_SUBSCRIPTION)


def open_levels(reader: Reader) -> list[str]:
    """Return the access levels of which a reader gets the whole; the same rule as `decide`, for sets."""
    if reader.is_staff or reader.entitlement.opens_everything:
        return list(Access.values)
    return [Access.FREE, Access.REGISTERED] if reader.is_known else [Access.FREE]
