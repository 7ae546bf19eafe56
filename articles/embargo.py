"""Access that changes by date: premium some days after publication, free after some months, without anybody's doing.

`effective_access` is what was true when the row was last saved or swept, `turns_premium_at` and `turns_free_at` what changes it. The
later of those that have passed wins; of two at the same moment the wall. `articles.access_changes` writes the outcome into the row.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Case, CharField, F, Q, Value, When
from django.utils import timezone

from articles.models.access_levels import Access

if TYPE_CHECKING:
    from articles.models import Article


def access_at(article: "Article", moment: datetime) -> str:
    """Return who an article is for at a moment; twin of `level_at`."""
    premium_at, free_at = article.turns_premium_at, article.turns_free_at
    is_free = free_at is not None and free_at <= moment
    if premium_at is not None and premium_at <= moment and not (is_free and free_at > premium_at):  # type: ignore[operator]
        return Access.PREMIUM
    return Access.FREE if is_free else article.effective_access


def level_at(moment: datetime | None = None) -> Case:
    """Return who articles are for at a moment (now, unless told), for queries; twin of `access_at`."""
    at = moment or timezone.now()
    is_free_later = Q(turns_free_at__lte=at, turns_free_at__gt=F("turns_premium_at"))
    return Case(
        When(is_free_later, then=Value(Access.FREE)),
        When(turns_premium_at__lte=at, then=Value(Access.PREMIUM)),
        When(turns_free_at__lte=at, then=Value(Access.FREE)),
        default=F("effective_access"),
        output_field=CharField(),
    )
