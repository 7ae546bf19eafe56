"""Take comments over from another system, silently: nobody is mailed about what was said years ago."""

import html
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils import timezone

from articles.importing.wordpress.records import CommentRecord
from articles.importing.wordpress.running import Thread
from articles.models import Article
from comments.models import BODY_MAX_LENGTH, Comment

STATES = {
    "1": Comment.Status.PUBLISHED,
    "approve": Comment.Status.PUBLISHED,
    "0": Comment.Status.PENDING,
    "hold": Comment.Status.PENDING,
    "spam": Comment.Status.SPAM,
    "trash": Comment.Status.DELETED,
    "post-trashed": Comment.Status.DELETED,
}
# Told apart from what people wrote: another site's software sent them.
KINDS = {"pingback": "Pingback", "trackback": "Trackback"}
MAX_NAME = 80
NAMELESS = "Anonymous"
LINE_ENDS = re.compile(r"<br\s*/?>\n?|</(?:p|div|li|blockquote|pre|h[1-6])\s*>\s*", re.IGNORECASE)
LINK = re.compile(r"""<a\s[^<>]*?href\s*=\s*["']?([^"'<>\s]+)[^<>]*>(.*?)</a\s*>""", re.IGNORECASE | re.DOTALL)
MARKUP = re.compile(r"<[a-zA-Z/!][^<>]*>")


@dataclass(slots=True)
class _Entry:
    """A comment on its way in: what was said, where, and the comment it became."""

    record: CommentRecord
    article: int
    source_id: str
    parent: "_Entry | None" = None
    comment: Comment | None = None

    @property
    def depth(self) -> int:
        """Return how many comments it stands below."""
        return 0 if self.parent is None else self.parent.depth + 1


def keep_comments(threads: Sequence[Thread]) -> Counter[str]:
    """Keep the comments of articles that aren't kept yet; return how many were created and unchanged, with pings counted apart.

    Answers stay under what they answer, an answer whose question is lost stands alone, and states stay what they were.
    """
    outcomes: Counter[str] = Counter()
    entries = list({entry.source_id: entry for thread in reversed(threads) for entry in _entries_of(thread)}.values())
    with transaction.atomic():
        sources = [entry.source_id for entry in entries]
        known: dict[str, Comment] = {}
        for start in range(0, len(sources), 500):
            rows = Comment.objects.filter(source_id__in=sources[start : start + 500]).only("pk", "root_id", "article_id", "source_id")
            known |= {str(row.source_id): row for row in rows}
        for entry in entries:
            entry.comment = known.get(entry.source_id)
            outcomes["unchanged" if entry.comment else "created"] += 1
            if entry.comment is None and entry.record.kind in KINDS:
                outcomes["pingbacks and trackbacks among them"] += 1
        new = [entry for entry in entries if entry.comment is None]
        _part_from_other_articles(new, {entry.source_id: entry for entry in entries})
        floors = _floors(new)
        for depth in range(max((entry.depth for entry in new), default=-1) + 1):
            level = [entry for entry in new if entry.depth == depth]
            for entry in level:
                entry.comment = _comment_of(entry, floors.get(entry.source_id))
            Comment.objects.bulk_create([entry.comment for entry in level if entry.comment is not None])
        _count({entry.article for entry in new})
    return outcomes


def _part_from_other_articles(entries: list[_Entry], kept: dict[str, _Entry]) -> None:
    """Let an answer stand alone whose question turned out to be one of another article; a broken export names one twice."""
    for entry in entries:
        if entry.parent is None:
            continue
        above = entry.parent
        is_elsewhere = above.comment is not None and above.comment.article_id != entry.article
        if kept.get(above.source_id) is not above or is_elsewhere:
            entry.parent = None


def _count(articles: set[int]) -> None:
    """Set the number of comments that the cards of articles show; the same count as `comments.moderation.count_comments`."""
    visible = Q(root=None) | Q(root__status=Comment.Status.PUBLISHED)
    rows = Comment.objects.published().filter(visible, article__in=articles).order_by().values("article").annotate(number=Count("pk"))
    Article.objects.bulk_update(
        [Article(pk=row["article"], comment_count=row["number"]) for row in rows], ["comment_count"], batch_size=100
    )


def _entries_of(thread: Thread) -> Iterator[_Entry]:
    """Yield the comments of one article in the order they were posted, each with its parent."""
    dated = [(record.posted_at.timestamp() if record.posted_at else 0.0, index, record) for index, record in enumerate(thread.comments)]
    records = [record for _, _, record in sorted(dated, key=lambda entry: entry[:2])]
    entries: dict[str, _Entry] = {}
    for index, record in enumerate(records):
        key = record.old_id or f"{record.posted_at}-{index}"
        entries.setdefault(key, _Entry(record, thread.article, f"wp:{thread.site}:comment:{key}"[:255]))
    for entry in entries.values():
        above = entries.get(entry.record.parent)
        if above is not None and not _is_below(above, entry):
            entry.parent = above
    yield from entries.values()


def _is_below(entry: _Entry, other: _Entry) -> bool:
    """Say whether a comment is another one or stands below it; a broken export may go in circles."""
    current: _Entry | None = entry
    while current is not None:
        if current is other:
            return True
        current = current.parent
    return False


def _floors(entries: list[_Entry]) -> dict[str, int]:
    """Return the numbers of those that can be read, counted on from what each article has."""
    published = [entry for entry in entries if STATES.get(entry.record.state) == Comment.Status.PUBLISHED]
    rows = Comment.objects.filter(article__in={entry.article for entry in published}).values("article").annotate(top=Max("floor"))
    tops = {row["article"]: row["top"] or 0 for row in rows}
    floors = {}
    for entry in published:
        tops[entry.article] = tops.get(entry.article, 0) + 1
        floors[entry.source_id] = tops[entry.article]
    return floors


def _comment_of(entry: _Entry, floor: int | None) -> Comment:
    """Return the comment of a record, not saved."""
    record = entry.record
    parent = entry.parent.comment if entry.parent else None
    return Comment(
        article_id=entry.article,
        parent=parent,
        root_id=(parent.root_id or parent.pk) if parent else None,
        name=(record.author or NAMELESS)[:MAX_NAME],
        email=_email(record.email),
        body=_body(record),
        status=STATES.get(record.state, Comment.Status.PENDING),
        floor=floor,
        posted_at=record.posted_at or timezone.now(),
        source_id=entry.source_id,
    )


def _body(record: CommentRecord) -> str:
    """Return what was said as plain text; a ping says so and where it comes from."""
    text = LINK.sub(lambda found: _written_out(found[1], MARKUP.sub("", found[2])), record.text[: 2 * BODY_MAX_LENGTH])
    text = html.unescape(MARKUP.sub("", LINE_ENDS.sub("\n", text))).strip()
    if record.kind in KINDS:
        text = f"{KINDS[record.kind]}: {record.url}\n\n{text}"
    return text[:BODY_MAX_LENGTH]


def _written_out(address: str, words: str) -> str:
    """Return a link as text that loses nothing."""
    words = words.strip()
    return words if not words or words in address or address in words else f"{words} ({address})"


def _email(address: str) -> str:
    """Return an address if it is one."""
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address[:254]
