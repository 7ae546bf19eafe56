"""Describe an article to search engines, from what anybody may read of it."""

import json
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from articles.article_page import ArticlePage
from articles.models import Article, Image, Person
from articles.social_cards import CARD_SIZE, card_path
from magazine.models import Identity

PAYWALL_SELECTOR = ".paywall"
MAX_HEADLINE = 110
_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}


def as_json(data: dict[str, Any]) -> SafeString:
    """Return data as JSON that can stand in a script element."""
    return mark_safe(json.dumps(data, ensure_ascii=False).translate(_ESCAPES))  # noqa: S308 - every < > & is escaped


def describe_article(page: ArticlePage) -> SafeString:
    """Return the JSON-LD of an article's page: NewsArticle, LiveBlogPosting, or WebPage for what is no article."""
    article = page.article
    data = _describe_page(article) if article.is_page else _describe_piece(page)
    return as_json({"@context": "https://schema.org", **data})


def absolute(path: str) -> str:
    """Return an address of the site with its scheme and host; whole addresses stay as they are."""
    return path if path.startswith(("http://", "https://")) else settings.SITE_URL + path


def _describe_page(article: Article) -> dict[str, Any]:
    data = {
        "@type": "WebPage",
        "name": article.title,
        "url": absolute(article.get_absolute_url()),
        "description": article.description,
        "inLanguage": article.language,
    }
    return data | _access(article)


def _describe_piece(page: ArticlePage) -> dict[str, Any]:
    article = page.article
    address = absolute(article.get_absolute_url())
    modified = page.updated_at or article.published_at
    data: dict[str, Any] = {
        "@type": "NewsArticle",
        "mainEntityOfPage": {"@type": "WebPage", "@id": address},
        "url": address,
        "headline": article.title[:MAX_HEADLINE],
        "description": article.description,
        "image": _images(article),
        "datePublished": article.published_at and article.published_at.isoformat(),
        "dateModified": modified and modified.isoformat(),
        "author": [_person(person) for person in article.authors] or [_organisation()],
        "publisher": _organisation(),
        "articleSection": article.section and article.section.name,
        "keywords": [tag.name for tag in page.tags],
        "inLanguage": article.language,
        "wordCount": article.words or None,
        "commentCount": article.comment_count or None,
    }
    if article.kind == Article.Kind.LIVE:
        data |= _coverage(page, address)
    return {name: value for name, value in data.items() if value not in (None, "", [])} | _access(article)


def _access(article: Article) -> dict[str, Any]:
    """Say what stands behind the wall; the same for whoever asks."""
    if not article.is_gated:
        return {"isAccessibleForFree": True}
    part = {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": PAYWALL_SELECTOR}
    return {"isAccessibleForFree": False, "hasPart": part}


def _coverage(page: ArticlePage, address: str) -> dict[str, Any]:
    """Return what live coverage adds: its span, and an update for each part that this reader sees."""
    article = page.article
    if article.published_at is None:
        return {}
    ended = article.updated_at or article.published_at
    data: dict[str, Any] = {
        "@type": "LiveBlogPosting",
        "coverageStartTime": article.published_at.isoformat(),
        "coverageEndTime": max(ended, article.published_at).isoformat(),
    }
    if page.decision.is_full:
        published = article.published_at.isoformat()
        data["liveBlogUpdate"] = [
            {"@type": "BlogPosting", "headline": part["title"][:MAX_HEADLINE], "url": f"{address}#{part['id']}", "datePublished": published}
            for part in article.outline
        ]
    return data


def _images(article: Article) -> list[dict[str, Any]]:
    pictures = [_image(picture) for picture in (article.lead_image,) if picture is not None]
    return [*pictures, _picture(card_path(article), *CARD_SIZE)]


def _image(picture: Image) -> dict[str, Any]:
    widest = picture.ready_renditions[-1] if picture.ready_renditions else picture
    return _picture(widest.file.url, widest.width, widest.height)


def _picture(url: str, width: int, height: int) -> dict[str, Any]:
    """Describe a picture; to schema.org a plain number is no length."""
    return {"@type": "ImageObject", "url": absolute(url), "width": f"{width} px", "height": f"{height} px"}


def _person(person: Person) -> dict[str, Any]:
    data: dict[str, Any] = {"@type": "Person", "name": person.name, "url": absolute(person.get_absolute_url())}
    if person.native_name:
        data["alternateName"] = person.native_name
    return data


def _organisation() -> dict[str, Any]:
    identity = Identity.load()
    data: dict[str, Any] = {"@type": "NewsMediaOrganization", "name": identity.name, "url": absolute("/")}
    if identity.logo:
        data["logo"] = {"@type": "ImageObject", "url": absolute(identity.logo.url)}
    return data
