"""JSON Feed 1.1."""

import json
from typing import Any

from articles.feeds import Channel, categories, widest
from articles.models import Article
from articles.structured_data import absolute
from articles.syndicated_text import feed_html
from magazine.models import Identity

VERSION = "https://jsonfeed.org/version/1.1"


def write_json_feed(channel: Channel, *, language: str) -> bytes:
    """Return a feed as JSON."""
    identity = Identity.load()
    feed = {
        "version": VERSION,
        "title": channel.title,
        "home_page_url": absolute(channel.page_url),
        "feed_url": absolute(channel.feed_url),
        "description": channel.description or identity.description or identity.tagline,
        "language": language,
        "icon": absolute(identity.logo.url) if identity.logo else "",
        "items": [_item(article) for article in channel.articles],
    }
    return json.dumps(_without_empty(feed), ensure_ascii=False).encode()


def _item(article: Article) -> dict[str, Any]:
    address = absolute(article.get_absolute_url())
    return _without_empty(
        {
            "id": address,
            "url": address,
            "title": article.title,
            "summary": article.description,
            "content_html": feed_html(article),
            "image": widest(article.lead_image)[0] if article.lead_image else "",
            "date_published": article.published_at and article.published_at.isoformat(),
            "date_modified": article.updated_at and article.updated_at.isoformat(),
            "authors": [{"name": person.name, "url": absolute(person.get_absolute_url())} for person in article.authors],
            "tags": categories(article),
            "language": article.language,
        }
    )


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is empty, except for the lists and texts that the format requires."""
    return {name: value for name, value in values.items() if value or name in ("items", "title", "content_html")}
