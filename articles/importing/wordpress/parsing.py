"""Read the elements of an export into records; broken markup costs a field, never the rest."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from articles.importing.wordpress.records import Author, CommentRecord, Item, Site, Term

TAG = re.compile(r"<([\w.-]{1,40}(?::[\w.-]{1,40})?)((?:\s[^<>]*?)?)(/?)>")
ATTRIBUTE = re.compile(r"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
CDATA_START, CDATA_END = "<![CDATA[", "]]>"
# Where a field that was never closed ends: at the next field that an item has.
NEXT_FIELD = re.compile(r"\n\s*<(?:wp:\w+|content:encoded|excerpt:encoded|dc:creator|category|pubDate|guid|link|title|description)[\s>/]")
MARKUP = re.compile(r"<[a-zA-Z/!][^<>]*>")
NAMESPACES = {"excerpt": "excerpt", "content": "content", "elements": "dc"}
NAMESPACE = re.compile(r"""xmlns:([\w.-]+)\s*=\s*["']([^"']*)["']""")
EARLIEST_YEAR = 1970


@dataclass(frozen=True, slots=True)
class Field:
    """A field: its name as `prefix:name` with the usual prefixes, its attributes as they stand, and what it holds, unread."""

    name: str
    attributes: str
    inner: str

    @property
    def text(self) -> str:
        """Return what the field holds, CDATA taken literally and entities resolved."""
        return text_of(self.inner)

    def attribute(self, name: str) -> str | None:
        """Return an attribute, None when the field hasn't got it."""
        values = {found[1]: found[2] if found[2] is not None else found[3] for found in ATTRIBUTE.finditer(self.attributes)}
        return html.unescape(values[name]) if name in values else None


class Prefixes:
    """The namespace prefixes of a file, of which only the meaning matters."""

    def __init__(self, head: str = "") -> None:
        self.usual: dict[str, str] = {}
        for prefix, address in NAMESPACE.findall(head):
            last = address.rstrip("/").rsplit("/", 1)[-1]
            meaning = NAMESPACES.get(last) or ("wp" if "wordpress.org/export" in address else "")
            if meaning and meaning != prefix:
                self.usual[prefix] = meaning

    def name(self, tag: str) -> str:
        """Return a tag's name with the usual prefix."""
        prefix, colon, local = tag.partition(":")
        return f"{self.usual.get(prefix, prefix)}:{local}" if colon else tag


def fields_of(text: str, prefixes: Prefixes) -> Iterator[Field]:
    """Yield the fields that stand in a text one after another; what isn't closed ends where the next begins."""
    position = 0
    while found := TAG.search(text, position):
        name = prefixes.name(found[1])
        if found[3]:
            yield Field(name, found[2], "")
            position = found.end()
            continue
        end, position = _field_end(text, found.end(), found[1])
        yield Field(name, found[2], text[found.end() : end])


def _field_end(text: str, start: int, tag: str) -> tuple[int, int]:
    """Return where a field's content ends, and where its closing tag does."""
    token = re.compile(rf"<!\[CDATA\[|</{re.escape(tag)}\s*>")
    unclosed = re.compile(rf"</{re.escape(tag)}\s*>\s*<[\w:.-]+[^<>]*>\s*<!\[CDATA\[")
    position = start
    while found := token.search(text, position):
        if found[0] != CDATA_START:
            return found.start(), found.end()
        section_end = text.find(CDATA_END, found.end())
        if section_end < 0:
            break
        border = unclosed.search(text, found.end(), section_end)
        if border is not None:
            return border.start(), border.start() + len(tag) + 3
        position = section_end + len(CDATA_END)
    following = NEXT_FIELD.search(text, start)
    end = following.start() if following else len(text)
    return end, end


def text_of(inner: str) -> str:
    """Return the text of a field: CDATA sections literally, the rest with its entities resolved."""
    if CDATA_START not in inner:
        return html.unescape(inner)
    parts = []
    position = 0
    while (start := inner.find(CDATA_START, position)) >= 0:
        parts.append(html.unescape(inner[position:start]))
        end = inner.find(CDATA_END, start)
        end = len(inner) if end < 0 else end
        parts.append(inner[start + len(CDATA_START) : end])
        position = end + len(CDATA_END)
    parts.append(html.unescape(inner[position:]))
    # Blanks around a section are the exporter's indentation.
    if len(parts) > 2 and not parts[0].strip():
        parts[0] = ""
    if not parts[-1].strip():
        parts[-1] = ""
    text = "".join(parts)
    if CDATA_START in text:
        # A section within a section: the inner end closed the outer one, and the outer end was left over as text.
        text = text.replace(CDATA_START, "").replace(CDATA_END, "")
    return text


def plain(text: str) -> str:
    """Return a title or name as plain text on one line."""
    return " ".join(html.unescape(MARKUP.sub("", text)).split())


def parse_site(head: str) -> Site:
    """Read what the head of the channel says of the site."""
    prefixes = Prefixes(head)
    channel = head[match.end() :] if (match := re.search(r"<channel[^<>]*>", head)) else head
    values: dict[str, str] = {}
    for found in fields_of(re.sub(r"<image[\s>].*?</image>", "", channel, flags=re.S), prefixes):
        values.setdefault(found.name, found.text.strip())
    candidates = [values.get("wp:base_blog_url", ""), values.get("link", ""), values.get("wp:base_site_url", "")]
    addresses = [address for address in candidates if has_host(address)]
    return Site(
        address=addresses[0] if addresses else "",
        # The base address of a site within a network is that of the network, and none of its own.
        other_addresses=tuple(addresses[1:2]),
        language=values.get("language", ""),
        exported_at=parse_rfc_date(values.get("pubDate", "")),
    )


def has_host(address: str) -> bool:
    """Say whether an address is an absolute one that can be taken apart."""
    try:
        return bool(urlsplit(address).hostname)
    except ValueError:
        return False


def parse_author(text: str, prefixes: Prefixes) -> Author:
    """Read a `wp:author`."""
    values = {found.name: plain(found.text) for found in fields_of(text, prefixes)}
    login = values.get("wp:author_login", "")
    full_name = f"{values.get('wp:author_first_name', '')} {values.get('wp:author_last_name', '')}".strip()
    return Author(login=login, name=values.get("wp:author_display_name") or full_name or login, old_id=values.get("wp:author_id", ""))


def parse_term(kind: str, text: str, prefixes: Prefixes) -> Term:
    """Read a `wp:category`, `wp:tag` or `wp:term`."""
    values = {found.name: found.text.strip() for found in fields_of(text, prefixes)}

    def first(*names: str) -> str:
        return next((values[name] for name in names if values.get(name)), "")

    taxonomy = {"category": "category", "tag": "post_tag"}.get(kind) or first("wp:term_taxonomy")
    return Term(
        taxonomy=taxonomy,
        slug=first("wp:category_nicename", "wp:tag_slug", "wp:term_slug"),
        name=plain(first("wp:cat_name", "wp:tag_name", "wp:term_name")),
        parent=first("wp:category_parent", "wp:term_parent"),
        description=plain(first("wp:category_description", "wp:tag_description", "wp:term_description")),
        old_id=first("wp:term_id"),
    )


SIMPLE_FIELDS = {
    "wp:post_id": "post_id",
    "wp:post_type": "post_type",
    "wp:status": "status",
    "wp:post_name": "name",
    "wp:post_parent": "parent",
    "wp:attachment_url": "attachment_url",
    "link": "link",
    "guid": "guid",
    "dc:creator": "creator",
}
DATE_FIELDS = ("wp:post_date_gmt", "pubDate", "wp:post_date")


def parse_item(text: str, prefixes: Prefixes, *, is_complete: bool = True) -> Item:
    """Read an item; of a field that comes twice the last counts, since what an author wrote comes first."""
    item = Item(is_complete=is_complete)
    dates: dict[str, str] = {}
    undeclared: list[Term] = []
    for found in fields_of(text, prefixes):
        name = found.name
        if name in SIMPLE_FIELDS:
            setattr(item, SIMPLE_FIELDS[name], found.text.strip())
        elif name in DATE_FIELDS:
            dates[name] = found.text.strip()
        elif name == "category":
            _add_term(item, undeclared, found)
        elif name == "wp:postmeta":
            _add_meta(item.meta, found, prefixes)
        elif name == "wp:comment":
            item.comments.append(parse_comment(found.inner, prefixes))
        else:
            _add_text(item, found)
    item.terms = item.terms or undeclared
    item.posted_at = (
        parse_date(dates.get("wp:post_date_gmt", ""))
        or parse_rfc_date(dates.get("pubDate", ""))
        or parse_date(dates.get("wp:post_date", ""))
    )
    return item


def _add_text(item: Item, found: Field) -> None:
    """Set one of the fields that need more than their blanks taken off."""
    match found.name:
        case "title":
            item.title = plain(found.text)
        case "content:encoded":
            item.content = found.text
        case "excerpt:encoded":
            item.excerpt = found.text
        case "wp:post_password":
            item.has_password = item.has_password or bool(found.text.strip())
        case "wp:is_sticky":
            item.is_sticky = found.text.strip() == "1"


def _add_term(item: Item, undeclared: list[Term], found: Field) -> None:
    """Add a term of an item; WXR 1.0 names each twice, once without saying what it is."""
    name = plain(found.text)
    domain, nicename = found.attribute("domain"), found.attribute("nicename")
    if domain is None:
        if name:
            undeclared.append(Term("category", nicename or name, name))
    elif domain and (name or nicename):
        taxonomy = "post_tag" if domain == "tag" else domain
        item.terms.append(Term(taxonomy, nicename or name, name or (nicename or "")))


def _add_meta(meta: dict[str, list[str]], found: Field, prefixes: Prefixes) -> None:
    """Add a custom field."""
    values = {inner.name: inner.text for inner in fields_of(found.inner, prefixes)}
    key = values.get("wp:meta_key", "").strip()
    if key:
        meta.setdefault(key, []).append(values.get("wp:meta_value", ""))


def parse_comment(text: str, prefixes: Prefixes) -> CommentRecord:
    """Read a `wp:comment`; its own custom fields are left."""
    values: dict[str, str] = {}
    for found in fields_of(text, prefixes):
        if found.name != "wp:commentmeta":
            values[found.name.removeprefix("wp:comment_")] = found.text.strip()
    return CommentRecord(
        old_id=values.get("id", ""),
        parent=values.get("parent", "").strip("0") and values["parent"],
        author=plain(values.get("author", "")),
        email=values.get("author_email", ""),
        url=values.get("author_url", ""),
        posted_at=parse_date(values.get("date_gmt", "")) or parse_date(values.get("date", "")),
        text=values.get("content", ""),
        state=values.get("approved", ""),
        kind=values.get("type", "") or "comment",
    )


def parse_date(text: str) -> datetime | None:
    """Read a MySQL date as UTC; None for a zero date or none at all."""
    try:
        moment = datetime.fromisoformat(text[:19])
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.year >= EARLIEST_YEAR else None


def parse_rfc_date(text: str) -> datetime | None:
    """Read the date of an RSS item; None for what WordPress writes when it has none."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.year < EARLIEST_YEAR or "-0001" in text:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
