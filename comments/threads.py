"""Read comments as threads, page by page, at a cost that doesn't grow with their number."""

from dataclasses import dataclass, field

from articles.models import Article
from comments.models import Comment

ROOTS_A_PAGE = 20
REPLIES_SHOWN = 3


@dataclass(slots=True)
class Thread:
    """A root with those of its replies that are shown."""

    root: Comment
    replies: list[Comment] = field(default_factory=list)
    has_more: bool = False


@dataclass(slots=True)
class Page:
    """Some threads, and where the next ones begin."""

    threads: list[Thread]
    next_after: int | None = None


def read_page(article: Article, *, after: int) -> Page:
    """Return twenty threads after a root, each with its first replies; two queries."""
    roots = list(Comment.objects.published().on(article).roots().after(after).select_related("author__byline")[: ROOTS_A_PAGE + 1])
    shown = roots[:ROOTS_A_PAGE]
    threads = {root.pk: Thread(root) for root in shown}
    replies = Comment.objects.published().first_replies_to(shown, limit=REPLIES_SHOWN + 1).select_related("author__byline", "parent")
    for reply in replies if shown else []:
        thread = threads[reply.root_id or 0]
        thread.has_more = len(thread.replies) == REPLIES_SHOWN
        if not thread.has_more:
            thread.replies.append(reply)
    return Page(list(threads.values()), shown[-1].pk if len(roots) > ROOTS_A_PAGE else None)


def read_thread(article: Article, pk: int) -> Page | None:
    """Return the one thread that a comment belongs to, whole; None where no such comment can be read."""
    comment = Comment.objects.published().on(article).filter(pk=pk).select_related("root").first()
    root = (comment.root or comment) if comment else None
    if root is None or not root.is_published:
        return None
    replies = Comment.objects.published().on(article).filter(root=root).select_related("author__byline", "parent")
    return Page([Thread(root, list(replies))])
