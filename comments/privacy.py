"""What comments hold of a reader, and what becomes of it when they leave."""

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from comments.models import Comment
from comments.moderation import decide
from magazine.public_pages import forget_public_pages_on_commit

if TYPE_CHECKING:
    from accounts.models import User


def export(user: "User") -> list[Any]:
    """Return what a reader wrote."""
    return list(Comment.objects.filter(author=user).order_by("pk").values("article__title", "name", "email", "body", "status", "posted_at"))


def erase(user: "User", words_too: bool) -> None:
    """Take name and address off a reader's comments, and the text too if they want it."""
    own = Comment.objects.filter(author=user)
    if words_too:
        # Below a comment that isn't there, the answers of others couldn't be read either.
        own.exclude(replies=None, thread=None).update(body=_("The writer has erased this comment."))
        for comment in own.filter(replies=None, thread=None):
            decide(comment, Comment.Status.DELETED, by=None)
        own.filter(status=Comment.Status.DELETED).update(body="")
    own.update(name=_("A former reader"), email="", author=None)
    Comment.objects.filter(author=None, email=user.email).update(email="")
    forget_public_pages_on_commit()
