"""Feeds: of the magazine, of a section, a tag, a person, a series."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe

from articles.feeds import Channel, newest, write_rss
from articles.json_feeds import write_json_feed
from articles.models import Article, Person, Section, Series, Tag
from articles.querysets import ArticleQuerySet
from articles.revalidation import revalidated
from magazine.public_pages import public_page

RSS = "application/rss+xml; charset=utf-8"
JSON_FEED = "application/feed+json; charset=utf-8"


@require_safe
@public_page
def rss(request: HttpRequest) -> HttpResponse:
    """Give the newest articles of the magazine as RSS."""
    return _as_rss(request, Channel(reverse("articles:front"), request.path, newest(_in_the_flow())))


@require_safe
@public_page
def json_feed(request: HttpRequest) -> HttpResponse:
    """Give the newest articles of the magazine as JSON Feed."""
    channel = Channel(reverse("articles:front"), request.path, newest(_in_the_flow()))
    with translation.override(settings.LANGUAGE_CODE):
        content = write_json_feed(channel, language=settings.LANGUAGE_CODE)
    return revalidated(request, content, JSON_FEED, changed_at=channel.changed_at)


@require_safe
@public_page
def section(request: HttpRequest, slug: str) -> HttpResponse:
    """Give a section's newest articles."""
    found = get_object_or_404(Section, slug=slug)
    articles = newest(_in_the_flow().in_section(found))
    return _as_rss(request, Channel(found.get_absolute_url(), request.path, articles, found.name, found.description))


@require_safe
@public_page
def tag(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the newest articles with a tag; a tag that nothing published has is no feed, as it is no page."""
    found = get_object_or_404(Tag, slug=slug)
    articles = newest(_in_the_flow().tagged(found))
    if not articles:
        raise Http404
    return _as_rss(request, Channel(found.get_absolute_url(), request.path, articles, found.name, found.description))


@require_safe
@public_page
def person(request: HttpRequest, slug: str) -> HttpResponse:
    """Give a person's newest articles."""
    found = get_object_or_404(Person, slug=slug)
    return _as_rss(request, Channel(found.get_absolute_url(), request.path, newest(_in_the_flow().by(found)), found.name, found.bio))


@require_safe
@public_page
def series(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the newest articles of a series; a series without published articles is no feed, as it is no page."""
    found = get_object_or_404(Series, slug=slug)
    articles = newest(_in_the_flow().in_series(found))
    if not articles:
        raise Http404
    return _as_rss(request, Channel(found.get_absolute_url(), request.path, articles, found.title, found.standfirst))


def _in_the_flow() -> ArticleQuerySet:
    return Article.objects.published().in_the_flow()


def _as_rss(request: HttpRequest, channel: Channel) -> HttpResponse:
    # In the magazine's language, whatever the program that asks prefers: the feed is the same for everybody.
    with translation.override(settings.LANGUAGE_CODE):
        content = write_rss(channel, language=settings.LANGUAGE_CODE)
    return revalidated(request, content, RSS, changed_at=channel.changed_at)
