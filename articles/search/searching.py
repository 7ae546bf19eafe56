"""Find articles: the best first or the newest first, narrowed by section, author and year, with how many each would leave."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import connection
from django.db.models import Case, F, Prefetch, TextField, When
from django.utils import timezone

from articles.embargo import level_at
from articles.models import Article, Credit, Person, Section
from articles.models.access_levels import Access
from articles.querysets import HEAVY_FIELDS, ArticleQuerySet
from articles.search.index import TABLE
from articles.search.text import Piece, Query

MAX_HITS = 500
"""Nobody turns more pages than these fill; what lies beyond is neither ranked into view nor counted."""
MAX_RANKED = 5_000
"""Of a word that stands in more articles than this, only the newest of them are looked at: a bound for the largest archives."""
MAX_FACET_ROWS = 8

# What a match is worth. Each place is ranked by itself, because BM25 levels off: a weight within it would hardly part a title from
# thirty mentions in a body.
TITLE, STANDFIRST, NAMES, BODY = 16, 8, 4, 1
# A piece of today gets this much more than one of long ago, a year halves it: enough to part equals.
RECENCY = 0.15
YEAR_DAYS = 365
YEAR_SECONDS = YEAR_DAYS * 24 * 3600

_SQLITE = f"""
    WITH found AS MATERIALIZED (
        SELECT rowid AS id, -({TITLE} * bm25({TABLE}, 1, 0, 0, 0) + {STANDFIRST} * bm25({TABLE}, 0, 1, 0, 0)
            + {NAMES} * bm25({TABLE}, 0, 0, 1, 0) + {BODY} * bm25({TABLE}, 0, 0, 0, 1)) AS score
        FROM {TABLE} WHERE {TABLE} MATCH %s ORDER BY rowid DESC LIMIT {MAX_RANKED}
    )
    SELECT allowed.*, found.score * (1 + {RECENCY} / (1 + max(0, julianday(%s) - julianday(allowed.published_at)) / {YEAR_DAYS})) AS score
    FROM found CROSS JOIN ({{allowed}}) AS allowed ON allowed.id = found.id
"""  # noqa: S608
_POSTGRESQL = f"""
    WITH found AS (
        SELECT article_id AS id, ts_rank('{{{{{BODY / TITLE}, {NAMES / TITLE}, {STANDFIRST / TITLE}, 1}}}}', document, words) AS score
        FROM (
            SELECT article_id, document, words FROM {TABLE}, to_tsquery('simple', %s) AS words
            WHERE document @@ words ORDER BY article_id DESC LIMIT {MAX_RANKED}
        ) AS matched
    )
    SELECT allowed.*,
        found.score * (1 + {RECENCY} / (1 + greatest(0, extract(epoch FROM %s - allowed.published_at)) / {YEAR_SECONDS})) AS score
    FROM found JOIN ({{allowed}}) AS allowed ON allowed.id = found.id
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search is narrowed to, and its order."""

    section: Section | None = None
    author: Person | None = None
    year: int | None = None
    is_newest_first: bool = False

    def __bool__(self) -> bool:
        """Say whether anything is left out."""
        return self.section is not None or self.author is not None or self.year is not None

    def apply(self, articles: ArticleQuerySet) -> ArticleQuerySet:
        """Narrow articles."""
        if self.section is not None:
            articles = articles.in_section(self.section)
        if self.author is not None:
            articles = articles.by(self.author)
        return articles if self.year is None else articles.filter(published_at__year=self.year)


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that was found, before it is loaded."""

    id: int
    section_id: int | None
    published_at: datetime

    @property
    def year(self) -> int:
        """Return the year of publication in the site's zone."""
        return timezone.localtime(self.published_at).year


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that the results can be narrowed to, and how many it leaves."""

    value: str
    name: str
    count: int
    is_chosen: bool = False
    character: str = ""


@dataclass(frozen=True, slots=True)
class Facets:
    """The choices of each filter."""

    sections: list[Choice] = field(default_factory=list)
    authors: list[Choice] = field(default_factory=list)
    years: list[Choice] = field(default_factory=list)


def find_hits(query: Query, filters: Filters) -> list[Hit]:
    """Return up to MAX_HITS published articles that a query finds, in order; nothing for an empty query."""
    if not query:
        return []
    is_postgresql = connection.vendor == "postgresql"
    published = filters.apply(Article.objects.published()).order_by().values("id", "section_id", "published_at")
    allowed, allowed_parameters = published.query.sql_with_params()
    order = "published_at DESC, id DESC" if filters.is_newest_first else "score DESC, published_at DESC, id DESC"
    sql = (_POSTGRESQL if is_postgresql else _SQLITE).format(allowed=allowed) + f" ORDER BY {order} LIMIT {MAX_HITS}"
    words = query.as_tsquery() if is_postgresql else query.as_fts5()
    found = Article.objects.raw(sql, [words, timezone.now(), *allowed_parameters])
    return [Hit(article.pk, article.section_id, article.published_at) for article in found if article.published_at is not None]


def count_choices(query: Query, filters: Filters, sections: Iterable[Section], hits: list[Hit]) -> Facets:
    """Count what each filter would leave of a search without filters; one query, and one more when some are set.

    `hits` is what the search with its filters found.
    """
    everything = find_hits(query, replace(filters, section=None, author=None, year=None)) if filters else hits
    authors = Counter(
        Credit.objects.filter(article__in=[hit.id for hit in everything], role=Credit.Role.AUTHOR)
        .order_by()
        .values_list("person__slug", "person__name")
    )
    by_author = [
        Choice(slug, name, count, filters.author is not None and filters.author.slug == slug)
        for (slug, name), count in sorted(authors.items(), key=lambda item: (-item[1], item[0][1]))
    ]
    years = sorted(Counter(hit.year for hit in everything).items(), reverse=True)
    by_year = [Choice(str(year), str(year), count, year == filters.year) for year, count in years]
    return Facets(_by_section(sections, filters, everything), _shortened(by_author), _shortened(by_year))


def load_results(hits: list[Hit]) -> list[Article]:
    """Load the articles of one page of hits in two queries, each with `public_text`: what anybody may read of it."""
    everything = Case(When(level=Access.FREE, then=F("text")), default=F("preview_text"), output_field=TextField())
    articles = (
        Article.objects.filter(pk__in=[hit.id for hit in hits])
        .order_by()
        .defer(*HEAVY_FIELDS)
        .alias(level=level_at())
        .annotate(public_text=everything)
        .select_related("section")
        .prefetch_related(Prefetch("credits", Credit.objects.select_related("person")))
    )
    found = {article.pk: article for article in articles}
    return [found[hit.id] for hit in hits if hit.id in found]


def count_pieces(query: Query, *, at_most: int) -> list[tuple[Piece, int]]:
    """Return the pieces of a query that find something on their own, with how many articles; a query for each."""
    counted = [(piece, len(find_hits(Query((piece,)), Filters()))) for piece in query.wanted[:at_most]]
    return [(piece, count) for piece, count in counted if count]


def _by_section(sections: Iterable[Section], filters: Filters, hits: Iterable[Hit]) -> list[Choice]:
    """Count hits by section, those of the sections within it included, as the filter leaves them."""
    named = {section.pk: section for section in sections}
    counts: Counter[int] = Counter()
    for hit in hits:
        seen: set[int] = set()
        above = hit.section_id
        while above in named and above not in seen:
            seen.add(above)
            above = named[above].parent_id
        counts.update(seen)
    return [
        Choice(section.slug, section.name, counts[pk], filters.section == section, section.character)
        for pk, section in named.items()
        if counts[pk]
    ]


def _shortened(choices: list[Choice]) -> list[Choice]:
    """Keep the first choices, and the chosen one."""
    return [choice for position, choice in enumerate(choices) if position < MAX_FACET_ROWS or choice.is_chosen]
