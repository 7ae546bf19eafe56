"""Answer old addresses with 301."""

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import quote, unquote, urlencode

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse

from magazine.public_pages import mark_public

MAX_PATH = 500
# The front page answers whatever its query is; only these were addresses of something else.
OLD_QUERIES = ("p", "page_id", "attachment_id", "cat", "tag", "author", "feed")
OLD_FEED = re.compile(r"(.*/)feed(?:/(?:rss2?|rdf|atom))?/\Z")
OLD_PART = re.compile(r"(.*/)(?:\d{1,3}|comment-page-\d{1,4}|amp|embed|trackback)/\Z")
OLD_LIST_PAGE = re.compile(r"(.*/)page/(\d{1,5})/\Z")
OLD_DATE = re.compile(r"/(\d{4})/(?:(0[1-9]|1[0-2])/(?:\d{2}/)?)?\Z")
LISTS = ("/category/", "/tag/", "/author/")


class RedirectMiddleware:
    """Look an address up among the redirects when nothing else answered it, or when only its query says what it was."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer 301 where an old address leads somewhere."""
        if request.path == "/" and request.GET and (target := queried_target(request)):
            return _moved(target)
        response = self.get_response(request)
        if response.status_code != 404:
            return response
        target = queried_target(request) or redirect_target(request.get_full_path())
        return _moved(target) if target else response


def _moved(target: str) -> HttpResponse:
    """Return the way to an address, the same for everybody."""
    return mark_public(HttpResponsePermanentRedirect(target))


def canonical_path(path: str) -> str:
    """Return a path in the one form in which old addresses are kept: decoded, no doubled slashes, one at the end unless it is a file."""
    decoded = unicodedata.normalize("NFC", unquote(path))
    collapsed = re.sub(r"/{2,}", "/", f"/{decoded}/")
    return collapsed[:-1] if re.search(r"\.\w{2,5}/\Z", collapsed) else collapsed


def queried_target(request: HttpRequest) -> str | None:
    """Return where an address such as `/?p=12` leads; None when it never was one."""
    name = next((name for name in OLD_QUERIES if name in request.GET), None)
    if name is None:
        return None
    return _known_target([f"{request.path}?{urlencode({name: request.GET[name]})}"])


def redirect_target(address: str) -> str | None:
    """Return where an old address leads: to a published article, or to another address of the site.

    What WordPress answers beside each address (feeds, pages of a text, of comments, of a list) follows the address itself.
    """
    path, _, query = address.partition("?")
    canonical = canonical_path(path)
    if target := _known_target([address, path, canonical]):
        return f"{target}?{query}" if query and "?" not in target and query in address and not _is_old(query) else target
    beside = _beside(canonical)
    return beside if beside != canonical else None


def _beside(canonical: str) -> str | None:
    """Return where an address leads that stood beside another: its feed, a page of its list, of its text, of its comments."""
    if found := OLD_FEED.fullmatch(canonical):
        return _feed_of(found[1])
    if found := OLD_LIST_PAGE.fullmatch(canonical):
        return _list_page(found[1], found[2])
    if found := OLD_DATE.fullmatch(canonical):
        return (
            reverse("articles:archive_month", args=[found[1], found[2]]) if found[2] else reverse("articles:archive_year", args=[found[1]])
        )
    if found := OLD_PART.fullmatch(canonical):
        return _known_target([found[1]]) or _article_at(found[1])
    return None


def _is_old(query: str) -> bool:
    """Say whether a query was part of the old address, and not just something a letter or a site added."""
    return query.partition("=")[0] in OLD_QUERIES


def _known_target(paths: list[str]) -> str | None:
    """Return where the first of some old addresses that leads anywhere does."""
    from articles.models import Redirect

    # PostgreSQL can't even be asked for text with a NUL in it.
    wanted = list(dict.fromkeys(path[:MAX_PATH] for path in paths if "\0" not in path))
    found = {redirect.old_path: redirect for redirect in Redirect.objects.filter(old_path__in=wanted).select_related("article")}
    for path in wanted:
        redirect = found.get(path)
        if redirect is None:
            continue
        if redirect.article is None:
            return redirect.new_path
        if redirect.article.is_published:
            return redirect.article.get_absolute_url()
    return None


def _article_at(path: str) -> str | None:
    """Return the address of the published article that a path of one segment shows."""
    from articles.models import Article

    slug = path.strip("/")
    if not slug or "/" in slug or not Article.objects.published().filter(slug=slug).exists():
        return None
    return reverse("articles:article", args=[slug])


def _feed_of(path: str) -> str | None:
    """Return the feed of a list; an article has none and is itself the answer."""
    if path == "/":
        return "/feed/"
    target = _known_target([path]) or (path if path.startswith(LISTS) else None)
    if target is None:
        return _article_at(path)
    return quote(f"{target}feed/") if target.startswith(LISTS) and target.endswith("/") else target


def _list_page(path: str, number: str) -> str | None:
    """Return the same page of a list."""
    if path == "/":
        return "/"
    target = _known_target([path]) or (path if path.startswith(LISTS) else None)
    return f"{quote(target)}?page={number}" if target and target.startswith(LISTS) else target
