"""Make articles of items: every field but the slug, which depends on all other articles."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from html import escape
from typing import Any

from django.utils import timezone

from articles.body.sanitising import sanitise
from articles.importing.report import Report
from articles.importing.wordpress.addresses import canonical_path, file_stem, is_of_site, queried_item, split
from articles.importing.wordpress.catalogue import Catalogue, Row
from articles.importing.wordpress.content import Findings, Sources, convert_content, enclosed_sound
from articles.importing.wordpress.markup import Picture, convert_markup
from articles.importing.wordpress.media import Media
from articles.importing.wordpress.parsing import plain
from articles.importing.wordpress.records import Item, Site
from articles.importing.wordpress.seo import search_fields
from articles.importing.wordpress.shortcodes import Expansion
from articles.importing.wordpress.terms import Terms, term_slug
from articles.models import Article, Section
from articles.models.access_levels import Access

# A post under so many words is a brief.
BRIEF_WORDS = 250
MAX_TITLE = 300
TITLE_WORDS = 10
STATUSES = {
    "publish": Article.Status.PUBLISHED,
    "future": Article.Status.SCHEDULED,
    "draft": Article.Status.DRAFT,
    "pending": Article.Status.IN_REVIEW,
    "private": Article.Status.UNPUBLISHED,
    "trash": Article.Status.TRASHED,
}
LANGUAGES = {"zh-tw": "zh-Hant", "zh-hk": "zh-Hant", "zh-mo": "zh-Hant", "zh-hant": "zh-Hant"} | dict.fromkeys(
    ("zh", "zh-cn", "zh-sg", "zh-hans"), "zh-Hans"
)


@dataclass(frozen=True, slots=True)
class Premium:
    """Which categories and tags made an article one for subscribers; slugs."""

    categories: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()

    def covers(self, item: Item) -> bool:
        """Say whether an item is for subscribers."""
        categories = {term_slug(term.slug or term.name) for term in item.terms_of("category")}
        tags = {term_slug(term.slug or term.name) for term in item.terms if term.taxonomy != "category"}
        return bool(self.categories & categories or self.tags & tags)


@dataclass(slots=True)
class Drafted:
    """An article as it should be saved, and what belongs to it."""

    item: Item
    source_id: str
    fields: dict[str, Any]
    tags: list[int]
    authors: list[int]
    digest: str
    findings: Findings = field(default_factory=Findings)

    @property
    def label(self) -> str:
        """Return how the report calls the item."""
        return f"{self.item.post_type or 'item'} {self.item.post_id} ({self.item.title or self.item.name or 'untitled'})"


class ArticleLibrary:
    """What one article's text refers to."""

    def __init__(self, site: Site, catalogue: Catalogue, media: Media, findings: Findings) -> None:
        self.site = site
        self.catalogue = catalogue
        self.media = media
        self.findings = findings

    def picture(self, attachment: str, address: str) -> Picture | None:
        """Return a picture; one that can't be had is left out of the text and reported, so that nothing hangs on the old site."""
        found = self.media.picture(self.site, attachment, address)
        if found is None:
            self.findings.gaps.append(f"a picture was left out: {address or f'attachment {attachment}'}")
        return found

    def file(self, address: str) -> str | None:
        """Return where a sound or document is now; one that can't be had stays a link and is reported."""
        found = self.media.file(self.site, address)
        if found is None and is_of_site(address, self.site):
            self.findings.gaps.append(f"a file still lies at the old site: {address}")
        return found

    def link(self, address: str) -> str:
        """Return where a link of the old site leads now; others lead where they did."""
        number = queried_item(address)
        if address.startswith("#") or not (is_of_site(address, self.site) or (number and address.startswith("?"))):
            stored = self.media.catalogue.file_item(self.site.key, file_stem(address)) if "/wp-content/uploads/" in address else None
            return _file_address(stored) or address
        path = canonical_path(split(address)[1])
        row = self.catalogue.get("items", site=self.site.key, post_id=number) if number else self.catalogue.item_at(self.site.key, path)
        row = row or self.catalogue.file_item(self.site.key, file_stem(address))
        target = self._target(row) if row is not None else self._list(path)
        if target is None:
            return address
        fragment = address.partition("#")[2]
        return f"{target}#{fragment}" if fragment else target

    def _target(self, row: Row) -> str | None:
        """Return the address of an item now."""
        if row["post_type"] == "attachment":
            above = self.catalogue.get("items", site=self.site.key, post_id=row["parent"]) if row["parent"] else None
            return _file_address(row) or (f"/{above['slug']}/" if above is not None and above["slug"] else None)
        return f"/{row['slug']}/" if row["slug"] else None

    def _list(self, path: str) -> str | None:
        """Return the address of a category, tag or author page now."""
        base = self.site.base_path
        parts = path.removeprefix(base).strip("/").split("/")
        if path.removeprefix(base) == "/":
            return "/"
        if len(parts) < 2:
            return None
        if parts[0] == "author":
            row = self.catalogue.get("people", site=self.site.key, login=parts[1])
        else:
            taxonomy = {"tag": "post_tag"}.get(parts[0], parts[0])
            row = self.catalogue.get("terms", site=self.site.key, taxonomy=taxonomy, slug=term_slug(parts[-1]))
        return str(row["address"]) if row is not None and row["address"] else None


def _file_address(row: Row | None) -> str | None:
    """Return where the file of an attachment is now."""
    return (row["image_address"] or row["file_address"] or None) if row is not None else None


class Drafter:
    """Makes articles of the items of one site."""

    def __init__(self, *, catalogue: Catalogue, terms: Terms, media: Media, premium: Premium, report: Report) -> None:
        self.catalogue = catalogue
        self.terms = terms
        self.media = media
        self.premium = premium
        self.report = report
        self.gated_sections = frozenset(Section.objects.exclude(default_access=Access.FREE).values_list("pk", flat=True))

    def draft(self, site: Site, item: Item, source_id: str) -> Drafted:
        """Return the article of an item, not saved."""
        findings = Findings()
        section = self.terms.section_of(site, item) if item.post_type == "post" else None
        access = Access.PREMIUM if self.premium.covers(item) else ""
        library = ArticleLibrary(site, self.catalogue, self.media, findings)
        sources = Sources(library, lambda parent: self._pictures_of(site, parent), lambda number: self._reused(site, number))
        body = convert_content(item, sources, findings, is_gated=bool(access) or section in self.gated_sections)
        body = _with_sound(body, item, library)
        title = _title_of(item, body, findings)
        fields: dict[str, Any] = {
            "title": title,
            "standfirst": standfirst_of(item),
            "body": body,
            "section_id": section,
            "access": access,
            "language": language_of(site),
            **self._lead(site, item, findings),
            **asdict(search_fields(item, site, title)),
        }
        authors = [] if item.post_type == "page" else self.terms.authors_of(site, item)
        tags = self.terms.tags_of(site, item)
        said = {
            **fields,
            "status": item.status,
            "password": item.has_password,
            "date": item.posted_at,
            "type": item.post_type,
            "name": item.name,
        }
        digest = digest_of({**said, "tags": sorted(tags), "authors": authors, "complete": item.is_complete})
        fields |= self._state(site, item, findings)
        return Drafted(item, source_id, fields, tags, authors, digest, findings)

    def _pictures_of(self, site: Site, parent: str) -> list[str]:
        """Return the pictures attached to an item."""
        return [row["post_id"] for row in self.catalogue.children(site.key, parent)]

    def _reused(self, site: Site, number: str) -> str:
        """Return the text of a block that several articles share."""
        row = self.catalogue.get("reused", site=site.key, post_id=number)
        return row["content"] if row is not None else ""

    def _lead(self, site: Site, item: Item, findings: Findings) -> dict[str, Any]:
        """Return the fields of the lead picture."""
        number = item.meta_value("_thumbnail_id")
        if not number or number in ("0", "-1"):
            return {}
        found = self.media.picture(site, number, "")
        if found is None:
            findings.gaps.append(f"the lead picture is missing: attachment {number}")
            return {}
        return {"lead_image_id": found.pk, "lead_alt": found.alt[:500], "lead_caption": found.caption, "lead_credit": found.credit[:200]}

    def _state(self, site: Site, item: Item, findings: Findings) -> dict[str, Any]:
        """Return status and dates; whatever is in doubt isn't public."""
        status: str = STATUSES.get(item.status, Article.Status.DRAFT)
        now = timezone.now()
        if item.status not in STATUSES:
            findings.gaps.append(f"its status “{item.status or 'none'}” is not known; it is a draft now")
        if not item.is_complete:
            status = Article.Status.DRAFT
            findings.gaps.append("the file breaks off in it; what could be read is a draft now")
        elif item.has_password and status != Article.Status.TRASHED:
            status = Article.Status.DRAFT
            findings.gaps.append("it had a password; it is a draft now")
        elif status == Article.Status.SCHEDULED and (item.posted_at is None or item.posted_at <= now):
            status = Article.Status.DRAFT
            findings.gaps.append(f"its hour ({item.posted_at or 'none'}) is past, and it was never published; it is a draft now")
        elif status == Article.Status.PUBLISHED and item.posted_at and item.posted_at > now:
            status = Article.Status.SCHEDULED
        if item.is_sticky and status == Article.Status.PUBLISHED:
            findings.gaps.append("it was sticky; put it on the front page by hand if it still belongs there")
        moment = item.posted_at or site.exported_at or now
        has_date = status in (Article.Status.PUBLISHED, Article.Status.SCHEDULED, Article.Status.UNPUBLISHED)
        return {"status": status, "published_at": moment if has_date else None, "created_at": moment}


def kind_of(item: Item, words: int) -> str:
    """Return what kind of article an item is."""
    if item.post_type == "page":
        return Article.Kind.PAGE
    return Article.Kind.BRIEF if words < BRIEF_WORDS else Article.Kind.LONG


def language_of(site: Site) -> str:
    """Return the language of a site's articles."""
    given = site.language.strip().lower().replace("_", "-")
    return LANGUAGES.get(given) or given.partition("-")[0][:8] or "en"


def standfirst_of(item: Item) -> str:
    """Return the excerpt that an author wrote, as plain text."""
    return plain(Expansion({}, lambda name, raw: None).expand(item.excerpt))


def _title_of(item: Item, body: str, findings: Findings) -> str:
    """Return the title; an article without one is called by its first words."""
    if item.title:
        return item.title[:MAX_TITLE]
    words = plain(body.replace("<", " <")).split()
    findings.gaps.append("it has no title; it is called by its first words")
    made = " ".join(words[:TITLE_WORDS]) + ("…" if len(words) > TITLE_WORDS else "")
    return (made or item.name.replace("-", " ").capitalize() or f"Untitled {item.post_id}")[:MAX_TITLE]


def _with_sound(body: str, item: Item, library: ArticleLibrary) -> str:
    """Return the text of a podcast's episode with its sound, unless the text has one."""
    address = enclosed_sound(item)
    if not address or "<audio" in body or address in body or 'class="embed"' in body:
        return body
    player = convert_markup(f'<figure><audio src="{escape(address)}"></audio></figure>', library, {})
    return sanitise(player + body)


def digest_of(said: Mapping[str, Any]) -> str:
    """Return a digest of what the source says of an article."""
    text = json.dumps(said, sort_keys=True, default=_as_text, ensure_ascii=False)
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def _as_text(value: object) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)
