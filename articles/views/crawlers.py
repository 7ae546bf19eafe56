"""What programs ask a site for first: sitemaps and robots.txt."""

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from articles import sitemaps
from articles.revalidation import revalidated
from articles.structured_data import absolute
from articles.xml_text import writable
from magazine.models import Identity
from magazine.public_pages import public_page

XML = "application/xml; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
# What is nobody's page but one reader's, and what would be crawled without end.
NOT_TO_CRAWL = (
    "/admin/",
    "/account/",
    "/accounts/",
    "/feed/private/",
    "/gift/",
    "/newsletters/confirm/",
    "/newsletters/preferences/",
    "/newsletters/unsubscribe/",
    "/search/?",
    "/subscribe/return/",
    "/webhooks/",
)


@require_safe
@public_page
def sitemap_index(request: HttpRequest) -> HttpResponse:
    """List the sitemaps."""
    parts = [*sitemaps.article_parts(), sitemaps.Entry(absolute(reverse("articles:sitemap_lists")))]
    return _xml(request, "articles/sitemap_index.xml", entries=parts)


@require_safe
@public_page
def sitemap_part(request: HttpRequest, part: str) -> HttpResponse:
    """List a part of the articles and pages."""
    entries = sitemaps.articles_of(int(part))
    if not entries:
        raise Http404
    return _xml(request, "articles/sitemap.xml", entries=entries)


@require_safe
@public_page
def sitemap_lists(request: HttpRequest) -> HttpResponse:
    """List the front page, sections, people and series."""
    return _xml(request, "articles/sitemap.xml", entries=sitemaps.lists())


@require_safe
@public_page
def news_sitemap(request: HttpRequest) -> HttpResponse:
    """List the articles of the last two days for Google News."""
    return _xml(request, "articles/news_sitemap.xml", entries=sitemaps.news(), name=writable(Identity.load().name))


@require_safe
@public_page
def robots(request: HttpRequest) -> HttpResponse:
    """Say what is not to be crawled, and where the sitemaps are."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_TO_CRAWL), ""]
    lines += [f"Sitemap: {absolute(reverse(name))}" for name in ("articles:sitemap", "articles:news_sitemap")]
    return revalidated(request, "\n".join([*lines, ""]).encode(), TEXT)


def _xml(request: HttpRequest, template: str, **context: object) -> HttpResponse:
    return revalidated(request, render_to_string(template, context).encode(), XML)
