"""What the page of one article shows around its text, in a fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import CharField, F, IntegerField, Prefetch, Q, Value, prefetch_related_objects
from django.urls import reverse

from articles.access import ANYBODY, Decision
from articles.models import Article, Credit, Image, Rendition, SeriesEntry
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


def article_at(slug: str) -> Article | None:
    """Return the article of a slug, whatever its state."""
    found = Article.objects.select_related("section__call_to_action__plan", "call_to_action__plan", "lead_image", "social_image").defer(
        *UNUSED_FIELDS
    )
    return found.filter(slug=slug).first()


def load_page(article: Article, decision: Decision) -> ArticlePage:
    """Load what stands around an article: four queries, however much there is."""
    related = _related(article, decision)
    root = article.translation_of_id or article.pk
    translations = [other for other in related if root in (other.pk, other.translation_of_id)]
    following = [other for other in related if other not in translations]
    prefetch_related_objects([article, *following], Prefetch("credits", Credit.objects.select_related("person__picture")))
    _load_renditions([article, *following])
    tags, series = _links(article)
    return ArticlePage(article, decision, following, translations, tags, series)


def _related(article: Article, decision: Decision) -> list[Article]:
    """Return the translations of an article and the articles to continue with, the newest first."""
    root = article.translation_of_id or article.pk
    # A union of looked-up ids: with OR, databases read the whole archive.
    ids = Article.objects.filter(translation_of=root).order_by().values("pk")
    wanted = [Article.objects.filter(pk=root).order_by().values("pk")]
    if article.published_at is not None and not article.is_page:
        wanted.append(Article.objects.filter(pk__in=_following(article, decision).values("pk")).order_by().values("pk"))
    related = Article.objects.published().filter(pk__in=ids.union(*wanted)).exclude(pk=article.pk)
    return list(related.for_cards().prefetch_related(None).newest_first())


def _following(article: Article, decision: Decision) -> ArticleQuerySet:
    """Choose what comes before an article in its section."""
    root = article.translation_of_id or article.pk
    earlier = Article.objects.published().in_the_flow().before(article).filter(section=article.section_id)
    earlier = earlier.exclude(pk=root).exclude(translation_of=root, translation_of__isnull=False).newest_first()
    if decision.is_full:
        return earlier[:FOLLOWING_BELOW_FULL]
    return earlier.readable_by(ANYBODY)[:FOLLOWING_BELOW_PREVIEW]


def _load_renditions(articles: Iterable[Article]) -> None:
    """Load the renditions of all pictures of some articles at once."""
    images: list[Image] = []
    for article in articles:
        pictures = [article.lead_image, *(credit.person.picture for credit in article.ordered_credits)]
        images += [picture for picture in pictures if picture is not None]
    by_image: dict[int, list[Rendition]] = {image.pk: [] for image in images}
    for rendition in Rendition.objects.filter(image__in=by_image).order_by("width") if images else ():
        by_image[rendition.image_id].append(rendition)
    for image in images:
        image.__dict__["ready_renditions"] = by_image[image.pk]


def _links(article: Article) -> tuple[list[Link], list[SeriesPlace]]:
    """Return the tags of an article and its places in series, in one query."""
    nothing = Value("", CharField())
    tags = article.tags.order_by().values_list(Value(0, IntegerField()), Value(0, IntegerField()), "name", "slug", nothing, nothing)
    entries = (
        SeriesEntry.objects.filter(
            Q(article__in=Article.objects.published().values("pk")) | Q(article=article), series__entries__article=article
        )
        .order_by()
        .values_list(Value(1, IntegerField()), F("position"), "series__title", "series__slug", "article__title", "article__slug")
    )
    rows = sorted(tags.union(entries, all=True))
    named = [Link(name, reverse("articles:tag", args=[slug])) for kind, _position, name, slug, _title, _slug in rows if kind == 0]
    series: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for kind, _position, name, slug, other_title, other_slug in rows:
        if kind == 1:
            series.setdefault((name, slug), []).append((other_title, other_slug))
    return named, [_place(article, name, slug, parts) for (name, slug), parts in series.items()]


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
