"""Read the files of an import a first time, into the catalogue."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from articles.importing.report import Report
from articles.importing.wordpress.addresses import file_stem, old_paths
from articles.importing.wordpress.catalogue import Catalogue
from articles.importing.wordpress.content import unserialised
from articles.importing.wordpress.parsing import Prefixes, has_host, parse_author, parse_item, parse_site, parse_term, plain
from articles.importing.wordpress.records import Author, Item, Site
from articles.importing.wordpress.scanning import Element, read_elements
from articles.importing.wordpress.terms import Terms

ARTICLE_TYPES = frozenset({"post", "page"})
# What WordPress keeps for itself; nobody ever read it.
SILENT_TYPES = frozenset(
    [
        "nav_menu_item",
        "revision",
        "customize_changeset",
        "custom_css",
        "oembed_cache",
        "user_request",
        "wp_global_styles",
        "wp_navigation",
        "wp_template",
        "wp_template_part",
        "wp_font_family",
        "wp_font_face",
    ]
)
CREDIT_KEYS = ("_media_credit", "media_credit", "_wp_attachment_source_name", "photo_credit", "_photo_credit", "credit")


@dataclass(slots=True)
class Reading:
    """One file being read: the site it comes from, as far as is known, and how far we are."""

    site: Site
    prefixes: Prefixes
    place: str


def items_of(path: Path, number: int, report: Report) -> Iterator[tuple[Reading, Element, Item | None]]:
    """Yield the elements of a file with the items among them parsed; what can't be read is told the report."""
    try:
        # Authors and terms stand before all that the head has to say, so the head is read ahead.
        head = next((element.text for element in read_elements(path) if element.kind == "head"), "")
        reading = Reading(parse_site(head), Prefixes(head), "")
        for count, element in enumerate(read_elements(path)):
            reading.place = f"{number}:{count}"
            item = None
            if element.kind == "item" and not element.is_too_long:
                item = parse_item(element.text, reading.prefixes, is_complete=element.is_complete)
                _complete(reading, item)
            yield reading, element, item
    except OSError as error:
        report.gap(str(path), f"it can't be read: {error.strerror or error}")


def _complete(reading: Reading, item: Item) -> None:
    """Give an item an id if it has none, and the file a site if its head was lost."""
    if not reading.site.address:
        address = next((address for address in (item.link, item.guid) if has_host(address)), "")
        if address:
            parts = urlsplit(address)
            reading.site = replace(reading.site, address=f"{parts.scheme}://{parts.netloc}")
    if not item.post_id and (item.link or item.guid or item.title):
        said = "\n".join((item.guid, item.link, item.title, str(item.posted_at)))
        item.post_id = f"x{hashlib.sha256(said.encode(errors='replace')).hexdigest()[:16]}"


class Cataloguer:
    """Puts the files into the catalogue, and everything that is left out into the report."""

    def __init__(self, catalogue: Catalogue, terms: Terms, report: Report) -> None:
        self.catalogue = catalogue
        self.terms = terms
        self.report = report
        self.sites: dict[str, Site] = {}
        self.has_read_anything = False

    def read(self, path: Path, number: int) -> None:
        """Read one file."""
        count = 0
        for reading, element, item in items_of(path, number, self.report):
            if element.is_too_long:
                beginning = plain(element.text)[:80]
                self.report.gap(path.name, f"an element of kind {element.kind} is too long to be one and was left out: {beginning}")
            elif item is not None:
                count += self._item(reading, item)
            elif element.kind == "head":
                self._head(reading)
            else:
                count += self._term_or_author(reading, element)
        if not count:
            self.report.gap(path.name, "no WordPress export could be found in it")

    def _site(self, reading: Reading) -> Site:
        """Return the site of a file, known from the first file on by all its hosts."""
        return self.sites.setdefault(reading.site.key, reading.site)

    def _head(self, reading: Reading) -> None:
        if reading.site.address:
            self.has_read_anything = True
            self._site(reading)

    def _term_or_author(self, reading: Reading, element: Element) -> int:
        """Keep an author or term of the channel; return whether it was one."""
        site = self._site(reading)
        if element.kind in ("author", "wp_author"):
            author = parse_author(element.text, reading.prefixes)
            self.terms.note_author(site, author)
            return int(bool(author.login))
        term = parse_term(element.kind, element.text, reading.prefixes)
        self.terms.note_term(site, term)
        return int(bool(term.slug or term.name))

    def _item(self, reading: Reading, item: Item) -> int:
        """Keep an item in mind; return whether it was one of WordPress's."""
        if not item.post_type and item.post_id and (item.status or not item.is_complete):
            item.post_type = "post"
        if not item.post_id or not item.post_type:
            self.report.gap(item.title or reading.place, "it is no item of a WordPress export")
            return 0
        self.has_read_anything = True
        site = self._site(reading)
        if item.post_type in ARTICLE_TYPES and item.status != "auto-draft":
            self._add(site, reading, item)
            self.terms.note_item(site, item)
        elif item.post_type == "attachment":
            self._attachment(site, reading, item)
        elif item.post_type == "wp_block":
            self.catalogue.add("reused", site=site.key, post_id=item.post_id, content=item.content)
            self.report.count("shared blocks", "read")
        elif item.post_type in ("guest-author", "guest_author"):
            name = item.meta_value("cap-display_name") or item.title
            self.terms.note_author(site, Author(item.meta_value("cap-user_login") or item.name, name))
        else:
            self._leave_out(item)
        return 1

    def _leave_out(self, item: Item) -> None:
        """Count what isn't brought over; what somebody may miss is named."""
        self.report.count(item.post_type, "left out")
        if item.post_type not in SILENT_TYPES and item.status != "auto-draft":
            label = f"{item.post_type} {item.post_id} ({item.title or item.name or 'untitled'})"
            self.report.gap(label, f"items of the kind “{item.post_type}” are not imported")

    def _add(self, site: Site, reading: Reading, item: Item, **more: str) -> bool:
        """Add an item; one that was in an earlier file, or earlier in this, is only counted."""
        added = self.catalogue.add(
            "items",
            site=site.key,
            post_id=item.post_id,
            place=reading.place,
            post_type=item.post_type,
            status=item.status,
            name=item.name,
            title=item.title,
            link=item.link,
            parent=item.parent.strip("0") and item.parent,
            is_public=int(item.status == "publish" and not item.has_password),
            **more,
        )
        if not added:
            self.report.count({"post": "posts", "page": "pages"}.get(item.post_type, "attachments"), "repeated in the files")
            return False
        for path in old_paths(item, site):
            self.catalogue.add("paths", site=site.key, path=path, post_id=item.post_id)
        return True

    def _attachment(self, site: Site, reading: Reading, item: Item) -> None:
        """Add an attachment with what is known of its file."""
        address = item.attachment_url or (item.guid if "/uploads/" in item.guid else "")
        shot = unserialised(item.meta_value("_wp_attachment_metadata")).get("image_meta")
        shot_credit = shot.get("credit") if isinstance(shot, dict) else ""
        credit = next((value for key in CREDIT_KEYS if (value := item.meta_value(key))), "") or str(shot_credit or "")
        added = self._add(
            site,
            reading,
            item,
            address=address,
            alt=plain(item.meta_value("_wp_attachment_image_alt")),
            caption=plain(item.excerpt) or plain(item.content),
            credit=plain(credit),
        )
        if added and address:
            self.catalogue.add("files", site=site.key, stem=file_stem(address), post_id=item.post_id)
