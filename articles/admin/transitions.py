"""The steps of an article's way as buttons of the newsroom: each asks once more, and acts on POST only."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.utils.translation import gettext_lazy as _

from articles import publishing
from articles.admin.permissions import may_change, may_publish
from articles.models import Article
from articles.publishing import TransitionRefused

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.functional import _StrPromise

    from accounts.models import User


@dataclass(frozen=True, slots=True)
class Transition:
    """One step: what it is called, what is asked, where it begins and who may take it."""

    name: str
    label: "_StrPromise"
    question: "_StrPromise"
    done: "_StrPromise"
    begins_at: Iterable[str]
    is_allowed: Callable[[Article, Any], bool]
    take: Callable[..., None]
    is_dangerous: bool = False
    needs_moment: bool = False

    def is_offered(self, article: Article, user: Any) -> bool:
        """Say whether somebody can take this step with an article now."""
        return article.status in self.begins_at and self.is_allowed(article, user)


TRANSITIONS = {
    step.name: step
    for step in (
        Transition(
            "submit", _("Submit for review"), _("Hand it to the editors?"), _("Submitted for review."),
            publishing.MAY_BE_SUBMITTED, may_change, publishing.submit_for_review,
        ),
        Transition(
            "publish", _("Publish"), _("Show it to readers now?"), _("Published."),
            publishing.MAY_BE_PUBLISHED, may_publish, publishing.publish,
        ),
        Transition(
            "schedule", _("Schedule"), _("When shall readers see it?"), _("Scheduled."),
            publishing.MAY_BE_SCHEDULED, may_publish, publishing.schedule, needs_moment=True,
        ),
        Transition(
            "return", _("Back to draft"), _("Give it back as a draft?"), _("It is a draft again."),
            publishing.MAY_GO_BACK_TO_DRAFT, may_change, publishing.return_to_draft,
        ),
        Transition(
            "unpublish", _("Unpublish"),
            _("Take it from readers? Its address will answer “not found” until it is published again."), _("Unpublished."),
            publishing.MAY_BE_UNPUBLISHED, may_publish, publishing.unpublish, is_dangerous=True,
        ),
        Transition(
            "bin", _("Move to the bin"), _("Put it in the bin? It can be taken out again."), _("It is in the bin."),
            publishing.MAY_BE_BINNED, may_change, publishing.move_to_bin, is_dangerous=True,
        ),
    )
}  # fmt: skip


def take_all(request: "HttpRequest", step: Transition, articles: Iterable[Article], by: "User", **arguments: Any) -> int:
    """Take a step with each article that allows it, and tell the editor about the others; returns how many there were."""
    taken = 0
    for article in articles:
        if not step.is_offered(article, by):
            messages.warning(request, _("“%(title)s”: not possible from where it is now.") % {"title": article.title})
            continue
        try:
            step.take(article, by=by, **arguments)
        except TransitionRefused as refusal:
            messages.error(request, str(refusal))
        else:
            taken += 1
            messages.success(request, f"“{article.title}”: {step.done}")
    return taken
