"""The way of an article: draft, in review, scheduled or published, unpublished."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.models import Article, Redirect
from articles.search.index import index_article
from magazine.public_pages import forget_public_pages_on_commit

if TYPE_CHECKING:
    from accounts.models import User

Status = Article.Status
MAY_BE_SUBMITTED = (Status.DRAFT, Status.UNPUBLISHED)
MAY_BE_PUBLISHED = (Status.DRAFT, Status.IN_REVIEW, Status.SCHEDULED, Status.UNPUBLISHED)
MAY_BE_SCHEDULED = (Status.DRAFT, Status.IN_REVIEW, Status.SCHEDULED, Status.UNPUBLISHED)
MAY_BE_UNPUBLISHED = (Status.PUBLISHED, Status.SCHEDULED)
MAY_GO_BACK_TO_DRAFT = (Status.IN_REVIEW, Status.SCHEDULED, Status.UNPUBLISHED, Status.TRASHED)
MAY_BE_BINNED = (Status.DRAFT, Status.IN_REVIEW, Status.SCHEDULED, Status.UNPUBLISHED)


class TransitionRefused(Exception):  # noqa: N818 - reads as what happened
    """An article isn't where this step begins; somebody else may have been faster."""


def submit_for_review(article: Article, *, by: "User") -> None:
    """Hand a draft to the editors."""
    _move(article, to=Status.IN_REVIEW, begins_at=MAY_BE_SUBMITTED, by=by)


def return_to_draft(article: Article, *, by: "User") -> None:
    """Give an article back to its author, or take it from the bin."""
    _move(article, to=Status.DRAFT, begins_at=MAY_GO_BACK_TO_DRAFT, by=by)


def publish(article: Article, *, by: "User | None") -> None:
    """Show an article to readers now; a date in the past is kept, so that an archive can be filled."""
    now = timezone.now()
    moment = article.published_at if article.published_at and article.published_at <= now else now
    _move(article, to=Status.PUBLISHED, begins_at=MAY_BE_PUBLISHED, by=by, published_at=moment, first_published_at=_first(article, moment))


def schedule(article: Article, *, at: datetime, by: "User") -> None:
    """Have an article published at a moment to come. Raises TransitionRefused for one that has passed."""
    if at <= timezone.now():
        raise TransitionRefused(_("Choose a moment that lies ahead."))
    _move(article, to=Status.SCHEDULED, begins_at=MAY_BE_SCHEDULED, by=by, published_at=at, first_published_at=_first(article, at))


def unpublish(article: Article, *, by: "User") -> None:
    """Take an article from readers; nothing of it is lost."""
    _move(article, to=Status.UNPUBLISHED, begins_at=MAY_BE_UNPUBLISHED, by=by)


def move_to_bin(article: Article, *, by: "User") -> None:
    """Put an article that isn't public in the bin, from where it can come back."""
    _move(article, to=Status.TRASHED, begins_at=MAY_BE_BINNED, by=by)


def publish_due() -> int:
    """Publish scheduled articles whose hour has come, each exactly once; returns how many."""
    published = 0
    for article in Article.objects.due().order_by("published_at"):
        try:
            # The hour is asked for again under the lock: an editor may be moving it just now.
            _move(article, to=Status.PUBLISHED, begins_at=(Status.SCHEDULED,), by=None, only_if=Q(published_at__lte=timezone.now()))
        except TransitionRefused:
            continue
        published += 1
    return published


def save_edited(article: Article, *, old_slug: str) -> None:
    """Save an article that an editor changed; what was public under its old address stays reachable."""
    with transaction.atomic():
        article.save()
        if old_slug and old_slug != article.slug:
            _leave_redirect(article, old_slug)
    tell_pointing_articles(article.slug, old_slug)


def tell_pointing_articles(*slugs: str) -> None:
    """Have the "also read" boxes that lead to an article made anew after the transaction."""
    from articles.tasks import rerender_articles_pointing_to

    named = sorted({slug for slug in slugs if slug})
    transaction.on_commit(lambda: rerender_articles_pointing_to.delay(named))
    forget_public_pages_on_commit()


def _leave_redirect(article: Article, old_slug: str) -> None:
    """Lead the old address here, and let nothing lead away from the new one; what was never public takes no address from another."""
    if article.first_published_at is not None:
        Redirect.objects.filter(old_path=f"/{article.slug}/").delete()
        Redirect.objects.update_or_create(old_path=f"/{old_slug}/", defaults={"article": article, "new_path": ""})


def _first(article: Article, moment: datetime) -> datetime:
    """Return when readers could see an article first."""
    return min(article.first_published_at or moment, moment)


def _move(
    article: Article, *, to: Status, begins_at: Iterable[Status], by: "User | None", only_if: Q | None = None, **changes: Any
) -> None:
    """Take one step under a lock, as a revision of its own. Raises TransitionRefused when the article isn't where the step begins."""
    with transaction.atomic():
        found = Article.objects.select_for_update().filter(only_if or Q(), pk=article.pk, status__in=list(begins_at)).first()
        if found is None:
            raise TransitionRefused(_("“%(title)s” has been changed in the meantime. Nothing was done.") % {"title": article.title})
        for name, value in {"status": to, **changes}.items():
            setattr(found, name, value)
            setattr(article, name, value)
        found._history_user = by  # type: ignore[attr-defined]
        found._change_reason = to.label  # type: ignore[attr-defined]
        found.save(update_fields=["status", "saved_at", *changes])
        index_article(found)
    tell_pointing_articles(article.slug)
