"""Save drafted articles in batches, each whole or not at all, so that an import that was broken off can be run again."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import prefetch_related_objects
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from articles.deriving import derive
from articles.importing.report import Report
from articles.importing.wordpress.addresses import old_paths
from articles.importing.wordpress.drafting import Drafted, digest_of, kind_of
from articles.importing.wordpress.records import Site
from articles.models import Article, Credit, ImportedItem, Redirect, Section
from articles.models.article import ACCESS_FIELDS, DERIVED_FIELDS
from articles.search.index import index_articles
from magazine.public_pages import forget_public_pages_on_commit

# What an editor may have changed since; if so, the article is theirs.
EDITED_FIELDS = ("title", "standfirst", "body", "section_id", "access", "lead_image_id", "seo_title", "seo_description")
CHANGE_REASON = "Imported from WordPress"
PLURALS = {"post": "posts", "page": "pages"}


@dataclass(slots=True)
class Saved:
    """What became of a drafted article; `article` is its id, None where the newsroom deleted it."""

    drafted: Drafted
    site: Site
    article: int | None


class Saver:
    """Saves articles with all that belongs to them."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.sections = Section.objects.in_bulk()

    def save(self, batch: list[tuple[Site, Drafted, str]]) -> list[Saved]:
        """Save a batch of drafted articles, each with the slug it is to have; return what became of each."""
        with transaction.atomic():
            known = {
                row.source_id: row for row in ImportedItem.objects.filter(source_id__in=[drafted.source_id for _, drafted, _ in batch])
            }
            present = {row.source_id: row for row in Article.objects.filter(source_id__in=[drafted.source_id for _, drafted, _ in batch])}
            new: list[tuple[Drafted, Article]] = []
            changed: list[tuple[Drafted, Article]] = []
            for _, drafted, slug in batch:
                article, imported = present.get(drafted.source_id), known.get(drafted.source_id)
                outcome = _outcome(drafted, article, imported)
                self._report(drafted, outcome)
                if outcome == "created":
                    new.append((drafted, self._filled(drafted, Article(slug=slug, source_id=drafted.source_id))))
                elif outcome == "updated" and article is not None:
                    changed.append((drafted, self._filled(drafted, article)))
            self._write(new, changed)
            self._remember([*new, *changed])
            ids = dict(Article.objects.filter(source_id__in=[drafted.source_id for _, drafted, _ in batch]).values_list("source_id", "pk"))
            results = [Saved(drafted, site, ids.get(drafted.source_id)) for site, drafted, _ in batch]
            self._redirect(results)
            if new or changed:
                forget_public_pages_on_commit()
        return results

    def _report(self, drafted: Drafted, outcome: str) -> None:
        """Count an outcome, and say what the conversion came upon."""
        kind = PLURALS.get(drafted.item.post_type, drafted.item.post_type)
        self.report.count(kind, outcome)
        self.report.count(f"{kind} by state", drafted.fields["status"])
        if outcome == "kept as edited here":
            self.report.gap(drafted.label, "the export has changed, but so has the article here; it was left as it is")
        for reason in dict.fromkeys(drafted.findings.gaps):
            self.report.gap(drafted.label, reason)
        for name, sample in drafted.findings.shortcodes:
            self.report.shortcode(name, drafted.label, sample)
        self.report.blocks.update(drafted.findings.blocks)

    def _filled(self, drafted: Drafted, article: Article) -> Article:
        """Return an article with the fields of its item and all that is derived from them."""
        for name, value in drafted.fields.items():
            setattr(article, name, value)
        if article.section_id is not None:
            article.section = self.sections.get(article.section_id)
        article.complete()
        derive(article)
        article.kind = kind_of(drafted.item, article.words)
        return article

    def _write(self, new: list[tuple[Drafted, Article]], changed: list[tuple[Drafted, Article]]) -> None:
        """Write articles, credits, tags and the search index."""
        created = bulk_create_with_history([article for _, article in new], Article, default_change_reason=CHANGE_REASON) if new else []
        updated = [article for _, article in changed]
        if updated:
            names = {name.removesuffix("_id") for drafted, _ in changed for name in drafted.fields}
            fields = sorted({*names, *DERIVED_FIELDS, *ACCESS_FIELDS, "kind", "first_published_at"} - {"created_at"})
            bulk_update_with_history(updated, Article, fields, default_change_reason=CHANGE_REASON)
            Credit.objects.filter(article__in=updated).delete()
            Article.tags.through.objects.filter(article__in=updated).delete()
        pairs = [*zip((drafted for drafted, _ in new), created, strict=True), *changed]
        Credit.objects.bulk_create(
            Credit(article=article, person_id=person, position=position)
            for drafted, article in pairs
            for position, person in enumerate(drafted.authors)
        )
        through = Article.tags.through
        through.objects.bulk_create(through(article_id=article.pk, tag_id=tag) for drafted, article in pairs for tag in drafted.tags)
        articles = [article for _, article in pairs]
        prefetch_related_objects(articles, "credits__person", "tags")
        index_articles(articles)

    def _remember(self, pairs: Iterable[tuple[Drafted, Article]]) -> None:
        """Keep the digests by which the next run knows what changed on either side."""
        ids = dict(Article.objects.filter(source_id__in=[drafted.source_id for drafted, _ in pairs]).values_list("source_id", "pk"))
        ImportedItem.objects.bulk_create(
            [
                ImportedItem(
                    source_id=drafted.source_id,
                    digest=drafted.digest,
                    saved_digest=saved_digest(article),
                    article_id=ids[drafted.source_id],
                )
                for drafted, article in pairs
            ],
            update_conflicts=True,
            unique_fields=["source_id"],
            update_fields=["digest", "saved_digest", "article", "imported_at"],
        )

    def _redirect(self, results: list[Saved]) -> None:
        """Have the old addresses of articles lead to them."""
        wanted: dict[str, int] = {}
        for saved in results:
            if saved.article is not None:
                for path in old_paths(saved.drafted.item, saved.site):
                    wanted.setdefault(path, saved.article)
        slugs = dict(Article.objects.filter(pk__in=set(wanted.values())).values_list("pk", "slug"))
        rows = [Redirect(old_path=path, article_id=pk) for path, pk in wanted.items() if path != f"/{slugs[pk]}/"]
        add_redirects(rows, self.report)


def add_redirects(rows: list[Redirect], report: Report) -> None:
    """Add redirects that aren't there yet; an address that leads elsewhere already keeps leading there."""
    taken = set(Redirect.objects.filter(old_path__in=[row.old_path for row in rows]).values_list("old_path", flat=True))
    Redirect.objects.bulk_create([row for row in rows if row.old_path not in taken], ignore_conflicts=True)
    added = sum(row.old_path not in taken for row in rows)
    report.redirects.update(created=added, unchanged=len(rows) - added)


def _outcome(drafted: Drafted, article: Article | None, imported: ImportedItem | None) -> str:
    """Return what is to be done with an article."""
    if article is None:
        return "created" if imported is None else "deleted here since"
    if imported is None or imported.digest == drafted.digest:
        return "unchanged"
    return "updated" if imported.saved_digest == saved_digest(article) else "kept as edited here"


def saved_digest(article: Article) -> str:
    """Return a digest of what an editor may change of an article."""
    return digest_of({name: getattr(article, name) for name in EDITED_FIELDS})
