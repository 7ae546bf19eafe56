"""What the page of one article shows around its text, in a fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q, Value, prefetch_related_objects
from django.urls import reverse

from articles.access import ANYBODY, Decision
from articles.models import Article, Credit, SavedArticle, SectionPlan, SeriesEntry, Tag
from articles.nested import ListOf, list_of_objects, objects_in, renditions_of
from articles.querysets import ArticleQuerySet

UNUSED_FIELDS = ("body", "text")
# Below a whole article the next one loads; below a preview stand some that are free to read.
FOLLOWING_BELOW_FULL = 1
FOLLOWING_BELOW_PREVIEW = 4


@dataclass(frozen=True, slots=True)
class Link:
    """A name and its address within the site."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class SeriesPlace:
    """Where an article stands in a series."""

    series: Link
    number: int
    total: int
    previous: Link | None
    next: Link | None


@dataclass(frozen=True, slots=True)
class CreditLine:
    """Everybody with one role."""

    label: str
    credits: list[Credit] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """One article and all that its page shows."""

    article: Article
    decision: Decision
    following: list[Article]
    translations: list[Article]
    tags: list[Link]
    series: list[SeriesPlace]

    @property
    def credit_lines(self) -> list[CreditLine]:
        """Return the credits by role, in the order of their first."""
        lines: dict[str, CreditLine] = {}
        for credit in self.article.ordered_credits:
            lines.setdefault(credit.role, CreditLine(credit.get_role_display())).credits.append(credit)
        return list(lines.values())

    @property
    def shows_outline(self) -> bool:
        """Say whether there are enough headings to choose from; those behind the wall are no outline."""
        return self.decision.is_full and len(self.article.outline) > 2

    @property
    def updated_at(self) -> datetime | None:
        """Return when the text changed in substance after it was published."""
        article = self.article
        if article.updated_at and article.published_at and article.updated_at > article.published_at:
            return article.updated_at
        return None

    @property
    def first_published_at(self) -> datetime | None:
        """Return when the piece appeared first, if that was on another day."""
        first, latest = self.article.first_published_at, self.article.published_at
        return first if first and latest and first.date() < latest.date() else None


def article_at(slug: str, *, user_id: int | None = None) -> Article | None:
    """Return the article of a slug, whatever its state, with what its page links and whether somebody saved it: one query."""
    found = Article.objects.select_related("section__call_to_action__plan", "call_to_action__plan", "lead_image", "social_image")
    # By the predicate of each, because the parts of a series are few and the published articles many.
    is_public = Exists(Article.objects.published().filter(pk=OuterRef("article")))
    entries = SeriesEntry.objects.filter(Q(is_public) | Q(article=OuterRef("pk")), series__entries__article=OuterRef("pk"))
    linked = found.annotate(
        lead_renditions=renditions_of("lead_image"),
        is_saved=Exists(SavedArticle.objects.filter(user=user_id, article=OuterRef("pk"))) if user_id else Value(False),
        opening_plans=ListOf(SectionPlan.objects.filter(section=OuterRef("section")).values(listed=F("plan"))),
        linked_tags=list_of_objects(Tag.objects.filter(articles=OuterRef("pk")), "name", "slug"),
        linked_parts=list_of_objects(
            entries.order_by("series__title", "series__slug", "position", "article__title", "article__slug"),
            series_title="series__title",
            series_slug="series__slug",
            title="article__title",
            slug="article__slug",
        ),
    )
    return linked.defer(*UNUSED_FIELDS).filter(slug=slug).first()


def load_page(article: Article, decision: Decision) -> ArticlePage:
    """Load what stands around an article that `article_at` returned: two queries, however much there is."""
    related = _related(article, decision)
    root = article.translation_of_id or article.pk
    translations = [other for other in related if root in (other.pk, other.translation_of_id)]
    following = [other for other in related if other not in translations]
    credits = Credit.objects.select_related("person__picture").annotate(renditions=renditions_of("person__picture"))
    prefetch_related_objects([article, *following], Prefetch("credits", credits))
    _hand_over_renditions([article, *following])
    return ArticlePage(article, decision, following, translations, _tags(article), _series(article))


def _related(article: Article, decision: Decision) -> list[Article]:
    """Return the translations of an article and the articles to continue with, the newest first."""
    root = article.translation_of_id or article.pk
    # A union of looked-up ids: with OR, databases read the whole archive.
    ids = Article.objects.filter(translation_of=root).order_by().values("pk")
    wanted = [Article.objects.filter(pk=root).order_by().values("pk")]
    if article.published_at is not None and not article.is_page:
        wanted.append(Article.objects.filter(pk__in=_following(article, decision).values("pk")).order_by().values("pk"))
    related = Article.objects.published().filter(pk__in=ids.union(*wanted)).exclude(pk=article.pk)
    cards = related.for_cards().prefetch_related(None).annotate(lead_renditions=renditions_of("lead_image"))
    return list(cards.newest_first())


def _following(article: Article, decision: Decision) -> ArticleQuerySet:
    """Choose what comes before an article in its section."""
    root = article.translation_of_id or article.pk
    earlier = Article.objects.published().in_the_flow().before(article).filter(section=article.section_id)
    earlier = earlier.exclude(pk=root).exclude(translation_of=root, translation_of__isnull=False).newest_first()
    if decision.is_full:
        return earlier[:FOLLOWING_BELOW_FULL]
    return earlier.readable_by(ANYBODY)[:FOLLOWING_BELOW_PREVIEW]


def _hand_over_renditions(articles: Iterable[Any]) -> None:
    """Give each picture the renditions that were read with the row it stands in."""
    for article in articles:
        if article.lead_image is not None:
            article.lead_image.set_renditions(objects_in(article.lead_renditions))
        for credit in article.ordered_credits:
            if credit.person.picture is not None:
                credit.person.picture.set_renditions(objects_in(credit.renditions))


def _tags(article: Any) -> list[Link]:
    """Return the tags of an article."""
    return [Link(tag["name"], reverse("articles:tag", args=[tag["slug"]])) for tag in objects_in(article.linked_tags)]


def _series(article: Any) -> list[SeriesPlace]:
    """Return the places of an article in series."""
    series: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for part in objects_in(article.linked_parts):
        series.setdefault((part["series_title"], part["series_slug"]), []).append((part["title"], part["slug"]))
    return [_place(article, name, slug, parts) for (name, slug), parts in series.items()]


def _place(article: Article, name: str, slug: str, parts: list[tuple[str, str]]) -> SeriesPlace:
    """Find an article among the parts of a series."""
    links = [Link(title, reverse("articles:article", args=[part_slug])) for title, part_slug in parts]
    index = [part_slug for _title, part_slug in parts].index(article.slug)
    return SeriesPlace(
        series=Link(name, reverse("articles:series", args=[slug])),
        number=index + 1,
        total=len(parts),
        previous=links[index - 1] if index > 0 else None,
        next=links[index + 1] if index + 1 < len(links) else None,
    )
