"""What the feeds hold, and RSS 2.0."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Prefetch
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.xmlutils import SimplerXMLGenerator

from articles.access import ANYBODY, Reader
from articles.models import Article, Credit, Image, Rendition
from articles.querysets import ArticleQuerySet
from articles.structured_data import absolute
from articles.syndicated_text import feed_html
from articles.xml_text import writable
from magazine.models import Identity

MAX_ITEMS = 30
UNUSED_FIELDS = ("body", "text", "outline", "title_html", "standfirst_html")
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
NAMESPACES = {
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
    "xmlns:media": "http://search.yahoo.com/mrss/",
}


@dataclass(frozen=True, slots=True)
class Channel:
    """A feed: whose articles, and where they stand as a page. Addresses are paths."""

    page_url: str
    feed_url: str
    articles: list[Article]
    name: str = ""
    description: str = ""
    reader: Reader = ANYBODY

    @property
    def title(self) -> str:
        """Return the name of the magazine, after that of the list where it is one."""
        identity = Identity.load()
        return f"{self.name} · {identity.name}" if self.name else identity.name

    @property
    def changed_at(self) -> datetime | None:
        """Return when an article of the feed was saved last."""
        return max((article.saved_at for article in self.articles), default=None)


def newest(articles: ArticleQuerySet) -> list[Article]:
    """Load the newest of some articles with all that a feed shows, in four queries."""
    loaded = articles.newest_first().defer(*UNUSED_FIELDS).select_related("section", "lead_image")
    return list(
        loaded.prefetch_related(
            "tags",
            Prefetch("credits", Credit.objects.select_related("person")),
            Prefetch("lead_image__renditions", Rendition.objects.order_by("width")),
        )[:MAX_ITEMS]
    )


def write_rss(channel: Channel, *, language: str) -> bytes:
    """Return a feed as RSS 2.0: the same bytes as long as nothing of it changes."""
    identity = Identity.load()
    feed = Rss(
        title=writable(channel.title),
        link=absolute(channel.page_url),
        description=writable(channel.description or identity.description or identity.tagline or identity.name),
        language=language,
        feed_url=absolute(channel.feed_url),
    )
    for article in channel.articles:
        feed.add_item(**_item(article, channel.reader))
    return bytes(feed.writeString("utf-8"), "utf-8")


def categories(article: Article) -> list[str]:
    """Return the section and the tags of an article."""
    section = [article.section.name] if article.section else []
    return [*section, *(tag.name for tag in article.tags.all())]


def widest(picture: Image) -> tuple[str, int, int]:
    """Return the whole address of the largest rendition of a picture, its width and its height."""
    if not picture.ready_renditions:
        return absolute(picture.file.url), picture.width, picture.height
    rendition = picture.ready_renditions[-1]
    return absolute(rendition.file.url), rendition.width, rendition.height


def _item(article: Article, reader: Reader) -> dict[str, Any]:
    address = absolute(article.get_absolute_url())
    return {
        "title": writable(article.title),
        "link": address,
        "description": writable(article.description),
        "unique_id": address,
        "unique_id_is_permalink": True,
        "pubdate": article.published_at,
        "updateddate": article.updated_at,
        "categories": [writable(name) for name in categories(article)],
        "creators": [writable(person.name) for person in article.authors],
        "content": feed_html(article, reader=reader),
        "picture": _media(article),
    }


def _media(article: Article) -> dict[str, str] | None:
    if article.lead_image is None:
        return None
    address, width, height = widest(article.lead_image)
    return {"url": address, "medium": "image", "width": str(width), "height": str(height)}


class Rss(Rss201rev2Feed):
    """RSS 2.0 with whole texts, every author, and the lead picture."""

    def rss_attributes(self) -> dict[str, str]:
        """Return the attributes of the root element, the namespaces among them."""
        return super().rss_attributes() | NAMESPACES

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        """Write an item's elements."""
        super().add_item_elements(handler, item)
        creators: Iterable[str] = item["creators"]
        for name in creators:
            handler.addQuickElement("dc:creator", name)
        if item["picture"]:
            handler.addQuickElement("media:content", None, item["picture"])
        handler.addQuickElement("content:encoded", item["content"])

    def latest_post_date(self) -> datetime:
        """Return when the newest item appeared or changed; an empty feed never did."""
        moments = (item[name] for item in self.items for name in ("pubdate", "updateddate") if item[name])
        return max(moments, default=LONG_AGO)
