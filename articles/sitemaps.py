"""What search engines are told of: an index, articles in parts, lists, and the news of two days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, Max, OuterRef
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Credit, Person, Section, Series, SeriesEntry
from articles.querysets import ArticleQuerySet
from articles.structured_data import absolute
from articles.xml_text import writable

ARTICLES_A_PART = 5_000
"""Ids, not articles: so an article never moves to another part."""
MAX_ENTRIES = 50_000
NEWS_HOURS = 48
MAX_NEWS = 1_000
# Google News knows Chinese by its country only.
NEWS_LANGUAGES = {"zh-hans": "zh-cn", "zh-hant": "zh-tw", "zh": "zh-cn"}


@dataclass(frozen=True, slots=True)
class Entry:
    """An address, and when what stands there changed."""

    url: str
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewsEntry:
    """An article of these days."""

    url: str
    title: str
    language: str
    published_at: datetime


def indexable() -> ArticleQuerySet:
    """Return the articles and pages that search engines may list and of which this is the original."""
    return Article.objects.published().filter(is_hidden_from_search_engines=False, canonical_url="")


def article_parts() -> list[Entry]:
    """Return the parts of the sitemap of articles, in one query, each with its last change."""
    parts = (
        indexable()
        .order_by()
        .values(part=F("pk") / ARTICLES_A_PART)
        .annotate(count=Count("pk"), published=Max("published_at"), updated=Max("updated_at"))
        .order_by("part")
    )
    return [
        Entry(absolute(reverse("articles:sitemap_part", args=[row["part"]])), _later(row["published"], row["updated"])) for row in parts
    ]


def articles_of(part: int) -> list[Entry]:
    """Return the articles of a part, newest id first; empty for a part that doesn't exist."""
    start = part * ARTICLES_A_PART
    found = indexable().filter(pk__gte=start, pk__lt=start + ARTICLES_A_PART).order_by("-pk")
    rows = found.values_list("slug", "published_at", "updated_at")
    return [Entry(absolute(reverse("articles:article", args=[slug])), _later(published, updated)) for slug, published, updated in rows]


def lists() -> list[Entry]:
    """Return front page, sections, people and series, in three queries; those without a published article are no pages."""
    return [Entry(absolute(reverse(name))) for name in ("articles:front", "articles:archive", "articles:series_index")] + list(_lists())


def news() -> list[NewsEntry]:
    """Return what was published within two days, the newest first."""
    since = timezone.now() - timedelta(hours=NEWS_HOURS)
    rows = indexable().in_the_flow().filter(published_at__gte=since).newest_first()
    return [
        NewsEntry(absolute(reverse("articles:article", args=[slug])), writable(title), news_language(language), published_at)
        for slug, title, language, published_at in rows.values_list("slug", "title", "language", "published_at")[:MAX_NEWS]
        if published_at is not None
    ]


def news_language(code: str) -> str:
    """Return a language as Google News writes it: two or three letters, for Chinese with a country."""
    lowered = code.lower()
    return NEWS_LANGUAGES.get(lowered, lowered.split("-")[0])


def _lists() -> Iterator[Entry]:
    published = Article.objects.published().in_the_flow()
    sections = Section.objects.filter(Exists(published.filter(section=OuterRef("pk"))))
    people = Person.objects.filter(Exists(Credit.objects.filter(person=OuterRef("pk"), article__in=published)))
    series = Series.objects.filter(Exists(SeriesEntry.objects.filter(series=OuterRef("pk"), article__in=published)))
    for name, found in (("articles:section", sections), ("articles:person", people), ("articles:series", series)):
        for slug in found.order_by("pk").values_list("slug", flat=True)[: MAX_ENTRIES // 4]:
            yield Entry(absolute(reverse(name, args=[slug])))


def _later(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)
