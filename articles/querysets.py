"""Words for sets of articles."""

from typing import TYPE_CHECKING, Self

from django.db import models, transaction
from django.db.models import Prefetch
from django.utils import timezone

if TYPE_CHECKING:
    from articles.access import Reader
    from articles.models import Article, Person, Section, Series, Tag

# Whole texts, which no list needs.
HEAVY_FIELDS = ("body", "body_html", "notes_html", "preview_html", "preview_notes_html", "text", "preview_text", "outline")


class ArticleQuerySet(models.QuerySet["Article"]):
    """Words for sets of articles; each has a predicate twin on the model where that makes sense."""

    def published(self) -> Self:
        """Keep what readers can see."""
        return self.filter(status="published", published_at__lte=timezone.now())

    def scheduled(self) -> Self:
        """Keep what waits for its hour."""
        return self.filter(status="scheduled")

    def due(self) -> Self:
        """Keep scheduled articles whose hour has come."""
        return self.scheduled().filter(published_at__lte=timezone.now())

    def pages(self) -> Self:
        """Keep pages, which stand outside the flow of articles."""
        return self.filter(kind="page")

    def in_the_flow(self) -> Self:
        """Leave out pages."""
        return self.exclude(kind="page")

    def briefs(self) -> Self:
        """Keep briefs."""
        return self.filter(kind="brief")

    def in_section(self, section: "Section") -> Self:
        """Keep the articles of a section and of all below it."""
        from articles.models import Section

        return self.filter(section__in=Section.objects.family_ids(section))

    def tagged(self, tag: "Tag") -> Self:
        """Keep the articles with a tag."""
        return self.filter(tags=tag)

    def by(self, person: "Person") -> Self:
        """Keep the articles a person has any credit for."""
        return self.filter(pk__in=person.credits.values("article"))

    def in_series(self, series: "Series") -> Self:
        """Keep the articles of a series, in its order."""
        return self.filter(series_entries__series=series).order_by("series_entries__position", "published_at")

    def newest_first(self) -> Self:
        """Order by publication, the newest first."""
        return self.order_by("-published_at", "-pk")

    def most_read(self) -> Self:
        """Order by reads of late."""
        return self.filter(popularity__gt=0).order_by("-popularity", "-pk")

    def readable_by(self, reader: "Reader") -> Self:
        """Keep what a reader gets the whole of; the same rule as `articles.access.decide`."""
        from articles.access import open_to
        from articles.embargo import level_at

        return self.alias(level=level_at()).filter(open_to(reader))

    def before(self, article: "Article") -> Self:
        """Keep what was published before an article; what "Continue reading" streams."""
        earlier = models.Q(published_at__lt=article.published_at) | models.Q(published_at=article.published_at, pk__lt=article.pk)
        return self.filter(earlier)

    def for_cards(self) -> Self:
        """Load what a card shows, in three queries for any number of articles, and no whole text."""
        from articles.models import Credit, Rendition

        return (
            self.defer(*HEAVY_FIELDS)
            .select_related("section", "lead_image")
            .prefetch_related(
                Prefetch("credits", Credit.objects.select_related("person")),
                Prefetch("lead_image__renditions", Rendition.objects.order_by("width")),
            )
        )

    @transaction.atomic
    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete, leaving no trace in the search index nor among the files."""
        from articles.models.files import throw_away_files
        from articles.search.index import forget_articles

        forget_articles(self)
        throw_away_files(self)
        return super().delete()
