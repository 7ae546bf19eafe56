"""What a stored body may hold: tags, attributes, classes, addresses and ids."""

import re
from urllib.parse import unquote

HEADINGS = {"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}
INLINE_TAGS = frozenset(
    {"strong", "em", "b", "i", "s", "u", "small", "q", "sub", "sup", "code", "kbd", "cite", "abbr", "mark", "time", "del", "ins"}
)
RENAMED_INLINE = {"strike": "s", "tt": "code", "dfn": "em", "var": "i", "samp": "code"}
BLOCK_TAGS = frozenset(["p", "h2", "h3", "h4", "ul", "ol", "dl", "pre", "blockquote", "figure", "table", "aside", "hr", "div"])

TAGS = frozenset(
    INLINE_TAGS
    | BLOCK_TAGS
    | {
        "a",
        "br",
        "img",
        "audio",
        "figcaption",
        "li",
        "dt",
        "dd",
        "caption",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "th",
        "td",
        "ruby",
        "rt",
        "span",
    }
)
ATTRIBUTES: dict[str, set[str]] = {
    "*": {"lang"},
    "a": {"href", "title", "rel"},
    "abbr": {"title"},
    "aside": {"class", "data-article", "data-pinyin"},
    "audio": {"controls", "src"},
    "del": {"datetime"},
    "div": {"class"},
    "figure": {"class", "data-embed", "id"},
    "h2": {"id"},
    "h3": {"id"},
    "h4": {"id"},
    "hr": {"class"},
    "img": {"alt", "data-image", "src"},
    "ins": {"datetime"},
    "li": {"id", "value"},
    "ol": {"class", "reversed", "start"},
    "p": {"class", "id"},
    "span": {"class", "data-gloss", "data-pinyin", "id"},
    "td": {"class", "colspan", "rowspan"},
    "th": {"class", "colspan", "rowspan", "scope"},
    "time": {"datetime"},
    "ul": {"class"},
}
# The whole value of a class attribute, by element.
CLASSES: dict[str, frozenset[str]] = {
    "aside": frozenset({"also", "appeal", "gloss"}),
    "div": frozenset({"gallery"}),
    "figure": frozenset({"wide", "breakout", "pull", "embed", "audio"}),
    "hr": frozenset({"paywall-divider"}),
    "ol": frozenset({"ranking"}),
    "p": frozenset({"soft", "note"}),
    "span": frozenset({"footnote", "term", "fx", "credit", "count num"}),
    "td": frozenset({"num"}),
    "th": frozenset({"num"}),
    "ul": frozenset({"references"}),
}
ID_PREFIX = "s-"
"""Stands before every id of a body, so that none can be an id of the page or a name that scripts look up."""

SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_RELATIONS = frozenset({"nofollow", "sponsored", "ugc", "me"})
_MAX_ADDRESS = 2000
_MAX_ID = 64
_IGNORED_IN_ADDRESS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\ufeff]+")
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_HOST = re.compile(r"https?://[^\s/?#@]+\Z|https?://[^\s/?#@]+[/?#]", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}\Z")
_DATETIME = re.compile(r"[0-9TZ:.+ -]{4,35}\Z")
_SLUG = re.compile(r"[\w-]{1,160}\Z")


def safe_address(value: str) -> str | None:
    """Return an address to link to, or None: an absolute one of a known scheme, a path of this site, or a fragment."""
    address = _IGNORED_IN_ADDRESS.sub("", value).strip().replace("\\", "/").replace(" ", "%20").replace("\xa0", "%C2%A0")
    if not address or len(address) > _MAX_ADDRESS:
        return None
    if address.startswith("//"):
        address = f"https:{address}"
    elif address.lower().startswith("www."):
        address = f"https://{address}"
    if address.startswith(("/", "#")):
        return address
    scheme = _SCHEME.match(address)
    if not scheme or scheme[1].lower() not in SCHEMES:
        return None
    if scheme[1].lower() in {"http", "https"} and not _HOST.match(address):
        return None
    return address


def safe_source(value: str) -> str | None:
    """Return an address to load a file from, or None: a path of this site or https."""
    address = safe_address(value)
    return address if address and address.startswith(("/", "https://")) else None


def safe_relations(value: str) -> str | None:
    """Return those of a link's relations that say something about its target."""
    return " ".join(sorted(_RELATIONS.intersection(value.lower().split()))) or None


def safe_language(value: str) -> str | None:
    """Return a well-formed language tag, or None."""
    return value if _LANGUAGE.match(value) else None


def safe_datetime(value: str) -> str | None:
    """Return what looks like a date or a time, or None."""
    return value if _DATETIME.match(value) else None


def safe_slug(value: str) -> str | None:
    """Return a slug, or None."""
    return value if _SLUG.match(value) else None


def safe_number(value: str, *, low: int, high: int) -> str | None:
    """Return a decimal number within bounds as it is written shortest, or None."""
    if not re.fullmatch(r"-?[0-9]{1,9}", value):
        return None
    number = int(value)
    return str(number) if low <= number <= high else None


def safe_id(value: str) -> str | None:
    """Return an id that can clash with nothing outside the body, or None."""
    plain = re.sub(r"[^a-z0-9]+", "-", unquote(value).lower()).strip("-")
    bare = plain.removeprefix(ID_PREFIX)[:_MAX_ID].strip("-")
    return f"{ID_PREFIX}{bare}" if bare else None
