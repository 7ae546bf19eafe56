"""Which answers are the same for everybody, and may be kept by a cache.

A view says so with `@public_page`. The answer stays public only if nothing of a reader touched it: a personal cookie or
credentials in the request, the session or the user looked at, a CSRF token or a nonce used, a message queued or a cookie set
while rendering make it `private, no-store`. What tells a reader by anything else, such as a network, calls `remember_the_reader`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from magazine.page_generation import GENERATION

View = Callable[..., HttpResponse]
# Cookies that make a reader somebody. Others (analytics of a proxy, the language) change nothing that depends on who reads.
PERSONAL_COOKIES = (settings.SESSION_COOKIE_NAME, "messages")
PERSONAL_COOKIE_PREFIX = "masthead_"
STORABLE_STATUSES = (200, 301, 404, 410)
PUBLIC_STATUSES = (*STORABLE_STATUSES, 304)
VARY = ("Cookie", "Accept-Language", "HX-Request", "Accept-Encoding")
MARK = "is_public_page"
MAX_AGE_SECONDS = 60
STALE_SECONDS = 600
# In the WSGI environ, where no client can write: a page cache stands in front; what it may keep; no cookie tells who asks, yet we know.
BEHIND_PAGE_CACHE = "masthead.page_cache"
PUBLIC_ANSWER = "masthead.public_answer"
KNOWN_READER = "masthead.known_reader"


@dataclass(frozen=True, slots=True)
class PublicAnswer:
    """What the page cache is told about an answer that it may keep."""

    read_article_id: int | None = None


def public_page(view: View) -> View:
    """Mark the answers of a view as the same for everybody without a personal cookie."""

    @wraps(view)
    def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if BEHIND_PAGE_CACHE in request.META:
            # The cache wants the whole answer and compares by itself.
            request.META.pop("HTTP_IF_NONE_MATCH", None)
            request.META.pop("HTTP_IF_MODIFIED_SINCE", None)
        return mark_public(view(request, *args, **kwargs))

    return marked


def mark_public(response: HttpResponse) -> HttpResponse:
    """Mark one answer as the same for everybody without a personal cookie."""
    setattr(response, MARK, True)
    return response


def finish(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Set `Cache-Control` and `X-Cache` of an answer, public only where that is certain; a view's own `no-store` stands."""
    if is_public(request, response):
        response.headers.setdefault(
            "Cache-Control", f"public, max-age=0, s-maxage={MAX_AGE_SECONDS}, stale-while-revalidate={STALE_SECONDS}"
        )
        response.headers.setdefault("X-Cache", "miss")
        patch_vary_headers(response, VARY)
        if response.status_code in STORABLE_STATUSES:
            request.META[PUBLIC_ANSWER] = PublicAnswer(getattr(response, "read_article_id", None))
        return response
    if getattr(response, MARK, False) or not response.headers.get("Cache-Control"):
        response.headers["Cache-Control"] = "private, no-store"
    response.headers.setdefault("X-Cache", "bypass")
    return response


def is_public(request: HttpRequest, response: HttpResponse) -> bool:
    """Say whether an answer may be given to anybody else."""
    if not getattr(response, MARK, False) or response.status_code not in PUBLIC_STATUSES:
        return False
    cache_control = response.headers.get("Cache-Control", "")
    if response.cookies or "no-store" in cache_control or "private" in cache_control:
        return False
    return asks_as_anybody(request) and not knows_the_reader(request)


def asks_as_anybody(request: HttpRequest) -> bool:
    """Say whether nothing in a request tells who asks."""
    if request.method not in ("GET", "HEAD") or "HTTP_AUTHORIZATION" in request.META:
        return False
    return not any(is_personal(name) for name in request.COOKIES)


def is_personal(cookie: str) -> bool:
    """Say whether a cookie of this name makes a reader somebody."""
    return cookie in PERSONAL_COOKIES or cookie.startswith(PERSONAL_COOKIE_PREFIX)


def remember_the_reader(request: HttpRequest) -> None:
    """Say that who asks was told by something else than a cookie, such as a network; the answer is theirs alone."""
    request.META[KNOWN_READER] = True


def knows_the_reader(request: HttpRequest) -> bool:
    """Say whether anything of a single reader was looked at or made while rendering."""
    session = getattr(request, "session", None)
    messages = getattr(request, "_messages", None)
    return (
        (session is not None and (session.accessed or session.modified))
        or hasattr(request, "_cached_user")
        or KNOWN_READER in request.META
        or bool(request.META.get("CSRF_COOKIE_NEEDS_UPDATE"))
        or getattr(request, "_csp_nonce", None) is not None
        or (messages is not None and messages.added_new)
    )


def require_same_origin(view: View) -> View:
    """Refuse a POST that another site's page sent; for forms on public pages, which hold no token.

    Browsers send `Sec-Fetch-Site` or at least `Origin` with every POST and pages can't forge either. A request with neither
    comes from no browser and so carries no reader's cookies against their will.
    """

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in ("GET", "HEAD", "OPTIONS") and not is_same_origin(request):
            return HttpResponse("This form was sent from another site.", status=403, content_type="text/plain")
        return view(request, *args, **kwargs)

    checked.csrf_exempt = True  # type: ignore[attr-defined]
    return checked


def is_same_origin(request: HttpRequest) -> bool:
    """Say whether a request comes from a page of this site, by `Sec-Fetch-Site` and `Origin`."""
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site is not None and fetch_site != "same-origin":
        # "none" is the address bar or a bookmark, which never POSTs a form.
        return False
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    return urlsplit(origin).netloc == request.get_host() and urlsplit(origin).scheme in ("http", "https")


def forget_public_pages() -> None:
    """Tell every page cache that what it holds may have changed; call it once the change is committed."""
    GENERATION.move_on()


def forget_public_pages_on_commit() -> None:
    """Do so when the present transaction is committed; once for any number of changes in a row."""
    last = connection.run_on_commit[-1][1] if connection.run_on_commit else None
    transaction.on_commit(last if isinstance(last, _Forgetting) and not last.is_done else _Forgetting())


class _Forgetting:
    """What several changes of one transaction wait for: the first that is committed does it for all."""

    def __init__(self) -> None:
        self.is_done = False

    def __call__(self) -> None:
        if not self.is_done:
            forget_public_pages()
            self.is_done = True


def signed_in_user(request: HttpRequest) -> Any:
    """Return who is signed in, or None; without a session cookie the session isn't even opened."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
        return None
    return request.user
