"""Run an import from beginning to end."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from django.db import transaction

from articles.importing.report import Report
from articles.importing.wordpress.addresses import canonical_path, old_paths, wanted_slug
from articles.importing.wordpress.catalogue import Catalogue, Row
from articles.importing.wordpress.cataloguing import ARTICLE_TYPES, Cataloguer, items_of
from articles.importing.wordpress.drafting import Drafted, Drafter, Premium
from articles.importing.wordpress.media import Media
from articles.importing.wordpress.records import CommentRecord, Item, Site
from articles.importing.wordpress.saving import Saver, add_redirects
from articles.importing.wordpress.terms import Terms
from articles.models import Article, Redirect
from articles.slugs import RESERVED_SLUGS, slug_for

BATCH = 100
BAD_INPUT = (ValueError, TypeError, LookupError, ArithmeticError, RecursionError)
FEEDS = ("feed/rss", "feed/rss2", "feed/rdf", "feed/atom", "comments/feed")


@dataclass(frozen=True, slots=True)
class Thread:
    """The comments of one article."""

    article: int
    site: str
    comments: Sequence[CommentRecord]


class CommentSink(Protocol):
    """Where comments go; they belong to an app above this one."""

    def __call__(self, threads: Sequence[Thread]) -> Counter[str]:
        """Keep the comments that aren't kept yet, and return how many had which outcome."""


@dataclass(frozen=True, slots=True)
class Options:
    """How an import is to be run."""

    premium: Premium = field(default_factory=Premium)
    media_folder: Path | None = None
    may_download: bool = False
    is_dry_run: bool = False


def run_import(
    files: Sequence[Path], options: Options, *, keep_comments: CommentSink, tell: Callable[[str], None] = lambda line: None
) -> Report:
    """Import files and return the report of it.

    Nothing is written in a dry run: everything is tried within a transaction that is rolled back, and no file is stored or fetched.
    """
    report = Report(files=[str(path) for path in files], is_dry_run=options.is_dry_run)
    with Catalogue() as catalogue:
        run = _Run(catalogue, options, report, keep_comments, tell)
        if options.is_dry_run:
            with transaction.atomic():
                run.run(files)
                transaction.set_rollback(True)
        else:
            run.run(files)
        report.has_read_anything = run.cataloguer.has_read_anything
    return report


class _Run:
    def __init__(
        self, catalogue: Catalogue, options: Options, report: Report, keep_comments: CommentSink, tell: Callable[[str], None]
    ) -> None:
        self.catalogue = catalogue
        self.options = options
        self.report = report
        self.keep_comments = keep_comments
        self.tell = tell
        self.terms = Terms(catalogue, report)
        self.cataloguer = Cataloguer(catalogue, self.terms, report)

    def run(self, files: Sequence[Path]) -> None:
        """Read the files twice: for what there is, then for the texts."""
        for number, path in enumerate(files):
            self.tell(f"Reading {path.name} …")
            self.cataloguer.read(path, number)
        media = Media(
            self.catalogue,
            self.report,
            folder=self.options.media_folder,
            may_download=self.options.may_download,
            is_dry_run=self.options.is_dry_run,
        )
        for site in self.cataloguer.sites.values():
            with transaction.atomic():
                addresses = self.terms.settle(site)
                add_redirects([Redirect(old_path=old.path, new_path=old.target) for old in addresses], self.report)
                add_redirects(_feed_redirects(site), self.report)
            media.settle(site)
            self._settle_slugs(site)
        self._save_articles(files, media)
        for site in self.cataloguer.sites.values():
            self._redirect_attachments(site)

    def _settle_slugs(self, site: Site) -> None:
        """Give every article its slug before any text is converted, because texts link to each other; public ones choose first."""
        rows = self.catalogue.rows(
            "SELECT * FROM items WHERE site = ? AND post_type IN ('post', 'page') ORDER BY is_public DESC, CAST(post_id AS INTEGER)",
            [site.key],
        )
        batch: list[Row] = []
        for row in rows:
            batch.append(row)
            if len(batch) == BATCH:
                self._settle_batch(site, batch)
                batch = []
        self._settle_batch(site, batch)

    def _settle_batch(self, site: Site, rows: list[Row]) -> None:
        """Give some articles their slugs: those they have already, else the ones they had, else others that are free."""
        sources = {source_id(site, row["post_id"]): row for row in rows}
        kept = dict(Article.objects.filter(source_id__in=list(sources)).values_list("source_id", "slug"))
        wishes = {key: wanted_slug(row["name"], row["link"], row["title"]) for key, row in sources.items()}
        taken = set(Article.objects.filter(slug__in=list(wishes.values())).values_list("slug", flat=True))
        for key, row in sources.items():
            wish = wishes[key]
            slug = kept.get(key) or (wish if wish and wish not in taken and self._is_free(wish) else self._other_slug(wish))
            self.catalogue.set("items", {"site": site.key, "post_id": row["post_id"]}, slug=slug)

    def _is_free(self, slug: str) -> bool:
        """Say whether neither the site itself nor another item of this import has a slug."""
        return slug not in RESERVED_SLUGS and self.catalogue.get("items", slug=slug) is None

    def _other_slug(self, wish: str) -> str:
        """Return a slug near the one wished for."""
        return slug_for(wish, taken=lambda slug: not self._is_free(slug) or Article.objects.filter(slug=slug).exists())

    def _save_articles(self, files: Sequence[Path], media: Media) -> None:
        """Read the files for the texts, and save a batch at a time."""
        drafter = Drafter(catalogue=self.catalogue, terms=self.terms, media=media, premium=self.options.premium, report=self.report)
        saver = Saver(self.report)
        batch: list[tuple[Site, Drafted, str]] = []
        done = 0
        for number, path in enumerate(files):
            for reading, _, item in items_of(path, number, Report()):
                row = self._catalogued(reading.site.key, reading.place, item)
                if item is None or row is None:
                    continue
                item.post_type = row["post_type"]
                site = self.cataloguer.sites[reading.site.key]
                try:
                    drafted = drafter.draft(site, item, source_id(site, item.post_id))
                except BAD_INPUT as error:
                    # One item that nobody could foresee must not keep thousands out.
                    self.report.gap(f"{item.post_type} {item.post_id} ({item.title})", f"it can't be converted: {error}")
                    continue
                batch.append((site, drafted, row["slug"]))
                if len(batch) == BATCH:
                    done += self._save_batch(saver, batch)
                    self.tell(f"{done} articles …")
                    batch = []
        self._save_batch(saver, batch)

    def _catalogued(self, site: str, place: str, item: Item | None) -> Row | None:
        """Return the catalogue's row of an item that becomes an article; None for a repetition and for anything else."""
        row = self.catalogue.get("items", site=site, post_id=item.post_id) if item is not None and item.post_id else None
        return row if row is not None and row["place"] == place and row["post_type"] in ARTICLE_TYPES else None

    def _save_batch(self, saver: Saver, batch: list[tuple[Site, Drafted, str]]) -> int:
        """Save a batch and its comments; return how many articles it held."""
        if batch:
            threads = [
                Thread(saved.article, saved.site.key, saved.drafted.item.comments)
                for saved in saver.save(batch)
                if saved.article is not None and saved.drafted.item.comments
            ]
            for outcome, number in self.keep_comments(threads).items():
                self.report.count("comments", outcome, number)
        return len(batch)

    def _redirect_attachments(self, site: Site) -> None:
        """Have the pages and files of attachments lead to the article they belong to, or to the file as it lies here now."""
        batch: list[Redirect] = []
        for row in self.catalogue.rows("SELECT * FROM items WHERE site = ? AND post_type = 'attachment'", [site.key]):
            target = self._attachment_target(site, row)
            item = Item(post_id=row["post_id"], post_type="attachment", link=row["link"])
            paths = old_paths(item, site)
            batch += [Redirect(old_path=path, **target) for path in paths]
            here = row["image_address"] or row["file_address"]
            uploaded = canonical_path(row["address"].partition("//")[2].partition("/")[2].partition("?")[0])
            if here and uploaded not in paths and len(uploaded) <= 500:
                batch.append(Redirect(old_path=uploaded, new_path=here))
            if len(batch) > BATCH:
                add_redirects(list({redirect.old_path: redirect for redirect in batch}.values()), self.report)
                batch = []
        add_redirects(list({redirect.old_path: redirect for redirect in batch}.values()), self.report)

    def _attachment_target(self, site: Site, row: Row) -> dict[str, object]:
        """Return where an attachment's page leads: to its article, to its file, at last to the front page, which is reported."""
        article = Article.objects.filter(source_id=source_id(site, row["parent"])).first() if row["parent"] else None
        if article is not None and article.is_published:
            return {"article": article}
        here = row["image_address"] or row["file_address"]
        if not here:
            self.report.gap(
                f"attachment {row['post_id']} ({row['title']})",
                "its page belongs to no public article; its address leads to the front page",
            )
        return {"new_path": here or "/"}


def source_id(site: Site, post_id: str) -> str:
    """Return the id by which an item is known here for good."""
    return f"wp:{site.key}:{post_id}"[:255]


def _feed_redirects(site: Site) -> list[Redirect]:
    """Return redirects for the feeds that WordPress has besides the one at the same address."""
    base = site.base_path
    paths = [f"{base}/{path}/" for path in FEEDS] + ([f"{base}/feed/"] if base else [])
    return [Redirect(old_path=path, new_path="/feed/") for path in [*paths, f"{base}/?feed=rss2", f"{base}/?feed=atom"]]
