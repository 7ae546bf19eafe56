"""Decide what becomes of a comment: held, published, refused."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from articles.models import Article
from comments.models import Comment, Decision
from magazine.public_pages import forget_public_pages_on_commit

LINK_SIGNS = ("http://", "https://", "www.", "[url", "href=")


def reasons_to_hold(comment: Comment) -> list[str]:
    """Return why a new comment must wait for a person; every reason, and none where it may appear at once.

    Trust belongs to an account: the name and address that a guest typed may be anybody's.
    """
    reasons = []
    if comment.author is None:
        reasons.append("guest")
    elif not comment.author.is_staff and not Comment.objects.published().filter(author=comment.author).exists():
        reasons.append("first comment")
    if any(sign in comment.body.lower() for sign in LINK_SIGNS) and not (comment.author and comment.author.is_staff):
        reasons.append("link")
    return reasons


def decide(comment: Comment, status: Comment.Status, *, by: User | None, reasons: Iterable[str] = ()) -> bool:
    """Move a comment to a state, once; return whether this call did it.

    The article's row is the lock: floors are counted and the article's number of comments is kept under it.
    """
    with transaction.atomic():
        article = Article.objects.select_for_update().only("pk").get(pk=comment.article_id)
        current = Comment.objects.select_for_update().get(pk=comment.pk)
        if current.status == status:
            return False
        if status == Comment.Status.PUBLISHED and current.floor is None:
            current.floor = (Comment.objects.filter(article=article).aggregate(top=Max("floor"))["top"] or 0) + 1
        Decision.objects.create(comment=current, by=by, from_status=current.status, to_status=status, reasons=list(reasons))
        current.status = status
        current.save(update_fields=["status", "floor"])
        count_comments(article)
        forget_public_pages_on_commit()
    comment.status, comment.floor = current.status, current.floor
    return True


def approve(comment: Comment, *, by: User | None) -> bool:
    """Let everybody read a comment."""
    return decide(comment, Comment.Status.PUBLISHED, by=by)


def reject(comment: Comment, *, by: User | None) -> bool:
    """Refuse a comment."""
    return decide(comment, Comment.Status.REJECTED, by=by)


def mark_as_spam(comment: Comment, *, by: User | None) -> bool:
    """Put a comment with the spam."""
    return decide(comment, Comment.Status.SPAM, by=by)


def count_comments(article: Article) -> None:
    """Set the number of comments that cards show: those that can be read, below a root that can be read."""
    published = Comment.objects.published().filter(article=article)
    visible = published.roots().count() + published.filter(root__status=Comment.Status.PUBLISHED).count()
    Article.objects.filter(pk=article.pk).update(comment_count=visible)
