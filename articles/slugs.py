"""Addresses for articles: readable Latin slugs, from Chinese titles too."""

from collections.abc import Callable, Container
from itertools import count

from pypinyin import lazy_pinyin
from slugify import slugify

MAX_SLUG_LENGTH = 80
NAMELESS = "article"

# The first segments of the addresses of the site itself; an article would hide them or be hidden by them.
RESERVED_SLUGS = frozenset(
    {
        "account",
        "accounts",
        "admin",
        "archive",
        "author",
        "category",
        "favicon.ico",
        "feed",
        "feed.json",
        "files",
        "gift",
        "healthz",
        "media",
        "news-sitemap.xml",
        "newsletters",
        "page",
        "popular",
        "readyz",
        "robots.txt",
        "search",
        "series",
        "sitemap.xml",
        "static",
        "subscribe",
        "support",
        "tag",
        "webhooks",
    }
)


def slug_for(title: str, *, taken: Callable[[str], bool], reserved: Container[str] = RESERVED_SLUGS) -> str:
    """Return a free slug for a title; -2, -3 … are appended on a collision."""
    stem = latin_slug(title) or NAMELESS
    if stem not in reserved and not taken(stem):
        return stem
    for number in count(2):
        suffix = f"-{number}"
        candidate = stem[: MAX_SLUG_LENGTH - len(suffix)].rstrip("-") + suffix
        if candidate not in reserved and not taken(candidate):
            return candidate
    raise AssertionError("count() never ends")  # pragma: no cover


def latin_slug(text: str, *, max_length: int = MAX_SLUG_LENGTH) -> str:
    """Return text as a slug, Chinese read by its words (重庆 is chong-qing); empty when nothing can be read."""
    without_apostrophes = text.translate({ord("'"): None, ord("’"): None})
    # Titles are short: the bound keeps a pasted body from being read aloud in full.
    readable = " ".join(lazy_pinyin(without_apostrophes[: 4 * max_length]))
    return slugify(readable, max_length=max_length, word_boundary=True, save_order=True)
