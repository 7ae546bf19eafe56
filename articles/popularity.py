"""How much is read: counted without cookies, and without a write per view.

Each process counts in memory and hands its counts to a task now and then. What a process holds when it ends, at most the last
half minute, is lost: the numbers order lists, nobody is paid by them.
"""

import logging
import re
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

from django.core.cache import cache
from django.db import transaction
from django.db.models import Case, F, IntegerField, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from kombu.exceptions import OperationalError

from articles.models import Article, DailyReads

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 30
MAX_BUFFERED_ARTICLES = 1_000
WINDOW_DAYS = 30
# How long a batch is remembered, so that a message delivered twice counts once.
BATCH_MEMORY_SECONDS = 24 * 3600

BOTS = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|preview|fetch|monitor|scan|headless|lighthouse|python|curl|wget|java/|go-http|okhttp|axios"
    r"|libwww|facebookexternalhit|whatsapp|embedly|feed|rss|httpx|node|ruby|php|perl",
    re.IGNORECASE,
)


def is_a_read(*, method: str, user_agent: str, purpose: str = "") -> bool:
    """Say whether a request is somebody reading: no HEAD, no prefetch (`Sec-Purpose`), no program."""
    return method == "GET" and "prefetch" not in purpose and bool(user_agent) and not BOTS.search(user_agent)


def note_request(request: HttpRequest, article: Article) -> None:
    """Count a request for an article, if somebody reads it."""
    purpose = request.headers.get("Sec-Purpose", "") or request.headers.get("Purpose", "")
    if is_a_read(method=request.method or "", user_agent=request.headers.get("User-Agent", ""), purpose=purpose):
        note_read(article.pk)


class ReadCounter:
    """Count in memory, and hand the counts over every `FLUSH_SECONDS` or when there are too many to keep."""

    def __init__(self, hand_over: Callable[[dict[int, int]], None], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._hand_over = hand_over
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: Counter[int] = Counter()
        self._since = clock()

    def note(self, article_id: int) -> None:
        """Count one read."""
        with self._lock:
            if not self._counts:
                self._since = self._clock()
            self._counts[article_id] += 1
            is_due = self._clock() - self._since >= FLUSH_SECONDS or len(self._counts) >= MAX_BUFFERED_ARTICLES
        if is_due:
            self.flush()

    def flush(self) -> None:
        """Hand over what was counted."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        if counts:
            self._hand_over(dict(counts))


def _send(counts: dict[int, int]) -> None:
    """Give counts to a task; without a broker they are dropped rather than delay a page."""
    from articles.tasks import record_reads

    # JSON has no integers for keys.
    pairs = [[article_id, reads] for article_id, reads in counts.items()]
    try:
        record_reads.apply_async(args=[pairs, timezone.localdate().isoformat(), uuid.uuid4().hex], retry=False)
    except (OperationalError, OSError):
        logger.warning("The broker can't be reached; %s reads were not counted.", sum(counts.values()))


COUNTER = ReadCounter(_send)


def note_read(article_id: int) -> None:
    """Count one read of an article; cheap enough for every view, and for the page cache."""
    COUNTER.note(article_id)


def flush() -> None:
    """Hand over what this process has counted."""
    COUNTER.flush()


def add_reads(counts: dict[int, int], *, day: date, batch: str) -> None:
    """Add reads to the rows of a day, once a batch."""
    key = f"reads:{batch}"
    if not cache.add(key, True, BATCH_MEMORY_SECONDS):
        return
    try:
        with transaction.atomic():
            known = set(Article.objects.filter(pk__in=counts).values_list("pk", flat=True))
            rows = [DailyReads(article_id=pk, day=day) for pk in sorted(known)]
            DailyReads.objects.bulk_create(rows, ignore_conflicts=True)
            added = Case(
                *(When(article_id=pk, then=Value(counts[pk])) for pk in sorted(known)), default=Value(0), output_field=IntegerField()
            )
            if known:
                DailyReads.objects.filter(day=day, article__in=known).update(reads=F("reads") + added)
    except BaseException:
        cache.delete(key)
        raise


def recount() -> int:
    """Set `Article.popularity` to the reads of the last 30 days; returns how many articles changed."""
    since = timezone.localdate() - timedelta(days=WINDOW_DAYS)
    recent = DailyReads.objects.filter(day__gt=since)
    total = recent.filter(article=OuterRef("pk")).order_by().values("article").annotate(total=Sum("reads")).values("total")
    reads_of_late = Coalesce(Subquery(total), 0)
    touched = Article.objects.filter(Q(popularity__gt=0) | Q(pk__in=recent.values("article")))
    return touched.annotate(reads_of_late=reads_of_late).exclude(popularity=F("reads_of_late")).update(popularity=reads_of_late)
