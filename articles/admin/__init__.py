"""The newsroom's pages for articles and all that belongs to them."""

from articles.admin import article, calls, files, front, gifts, institutions, media, people, private_feeds, reading, redirect, taxonomy

__all__ = [
    "article",
    "calls",
    "files",
    "front",
    "gifts",
    "institutions",
    "media",
    "people",
    "private_feeds",
    "reading",
    "redirect",
    "taxonomy",
]
