"""The addresses of a WordPress site, and how they are compared."""

import re
import unicodedata
from posixpath import splitext
from urllib.parse import parse_qs, unquote, urlsplit

from articles.importing.wordpress.records import Item, Site
from articles.redirects import canonical_path
from articles.slugs import latin_slug

MAX_PATH = 500
MAX_SLUG = 190
PAGE_SUFFIX = re.compile(r"\.(?:html?|php|aspx?)\Z", re.IGNORECASE)
# `-300x200` of a resized picture, `-scaled` of a huge one, `-e1412345678` of an edited one.
SIZE_SUFFIX = re.compile(r"(?:-\d{2,5}x\d{2,5}|-scaled|-rotated|-e\d{10,13})+\Z")
UPLOADS = re.compile(r"/(?:wp-content/uploads(?:/sites/\d+)?|files|wp-content/blogs\.dir/\d+/files)/(.+)")
DATED = re.compile(r"/(\d{4}/\d{2}/[^/]+)\Z")
SLUG = re.compile(r"[\w-]+\Z")


def split(address: str) -> tuple[str, str, str]:
    """Return an address's host without www., its path and its query; empty ones when it is broken."""
    try:
        parts = urlsplit(address.strip())
        return (parts.hostname or "").removeprefix("www."), parts.path, parts.query
    except ValueError:
        return "", "", ""


def is_of_site(address: str, site: Site) -> bool:
    """Say whether an address lies on the site that is imported."""
    host, path, _ = split(address)
    if host:
        return host in site.hosts
    return path.startswith("/") and not address.startswith("//")


def queried_item(address: str) -> str:
    """Return the id of the item that an address like `/?p=12` names; empty when it names none."""
    query = parse_qs(split(address)[2])
    return next((query[name][0] for name in ("p", "page_id", "attachment_id") if name in query), "")


def old_paths(item: Item, site: Site) -> list[str]:
    """Return every address of this site under which an item was published, in canonical form, the present one first."""
    base = site.base_path
    given = (item.link, item.guid)
    paths = [canonical_path(split(address)[1]) for address in given if is_of_site(address, site) and not queried_item(address)]
    paths += [variant for path in paths[:1] for variant in _earlier(path, item)]
    names = {"page": ("page_id", "p"), "attachment": ("attachment_id", "p")}.get(item.post_type, ("p",))
    for prefix in dict.fromkeys(("", base)):
        paths += [f"{prefix}/?{name}={item.post_id}" for name in names if item.post_id.isdigit()]
    root = canonical_path(base)
    # A page that was the front page lives on as an article of its own, not at the front of this site.
    return [path for path in dict.fromkeys(paths) if len(path) <= MAX_PATH and path not in ("/", root)]


def _earlier(path: str, item: Item) -> list[str]:
    """Return the addresses that an item had before it was renamed or moved to another day."""
    variants = []
    head = path.rstrip("/").rpartition("/")[0]
    for name in item.meta.get("_wp_old_slug", []):
        if name.strip():
            variants += [canonical_path(f"{head}/{name.strip()}"), canonical_path(name.strip())]
    for date in item.meta.get("_wp_old_date", []):
        dated = re.sub(r"/\d{4}/\d{2}/\d{2}/", f"/{date.strip().replace('-', '/')}/", path)
        if dated != path and re.fullmatch(r"\d{4}-\d{2}-\d{2}", date.strip()):
            variants.append(dated)
    return variants


def wanted_slug(name: str, link: str, title: str) -> str:
    """Return the slug an item should have: its own, else from its address or its title; empty when none of them gives one."""
    from_link = "" if queried_item(link) else split(link)[1].rstrip("/").rpartition("/")[2]
    for candidate in (name, from_link):
        decoded = unicodedata.normalize("NFC", PAGE_SUFFIX.sub("", unquote(candidate))).strip().lower()
        if SLUG.match(decoded):
            return decoded[:MAX_SLUG]
        if decoded and (slug := latin_slug(decoded, max_length=MAX_SLUG)):
            return slug
    return latin_slug(title)


def term_slug(raw: str) -> str:
    """Return the slug of a term or person: plain letters, as their addresses need."""
    decoded = unquote(raw).strip().lower()
    return decoded[:110] if re.fullmatch(r"[a-z0-9_-]+", decoded) else latin_slug(decoded, max_length=110)


def file_stem(address: str) -> str:
    """Return what all sizes of one uploaded picture share: its path below the uploads, without size and suffix."""
    path = unquote(split(address)[1])
    found = UPLOADS.search(path) or DATED.search(path)
    below = found[1] if found else path.lstrip("/")
    stem, _ = splitext(below)
    return SIZE_SUFFIX.sub("", stem).lower()
