"""Which answers are the same for everybody, and may be kept by a cache.

A view says so with `@public_page`. The answer stays public only if nothing of a reader touched it: a request with our session or
grant cookie, a session written, a CSRF token used while rendering, or a cookie being set make it `private, no-store`.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

View = Callable[..., HttpResponse]
# Cookies that make a reader somebody. Others (analytics of a proxy, a theme) change nothing that the server renders.
PERSONAL_COOKIES = (settings.SESSION_COOKIE_NAME, "masthead_reads", "messages")
MARK = "is_public_page"
MAX_AGE_SECONDS = 60
STALE_SECONDS = 600
GENERATION_KEY = "public-pages:generation"


def public_page(view: View) -> View:
    """Mark the successful answers of a view as the same for everybody without a personal cookie."""

    @wraps(view)
    def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        setattr(response, MARK, True)
        return response

    return marked


def finish(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Set `Cache-Control` and `X-Cache` of an answer, public only where that is certain; a view's own `no-store` stands."""
    if is_public(request, response):
        response.headers.setdefault("Cache-Control", f"public, max-age=0, s-maxage={MAX_AGE_SECONDS}, stale-while-revalidate={STALE_SECONDS}")
        response.headers.setdefault("X-Cache", "miss")
        patch_vary_headers(response, ["Cookie", "Accept-Language", "HX-Request"])
        return response
    if not response.headers.get("Cache-Control"):
        response.headers["Cache-Control"] = "private, no-store"
    response.headers.setdefault("X-Cache", "bypass")
    return response


def is_public(request: HttpRequest, response: HttpResponse) -> bool:
    """Say whether an answer may be given to anybody else."""
    if not getattr(response, MARK, False) or request.method not in ("GET", "HEAD"):
        return False
    if response.status_code not in (200, 301, 404, 410) or response.cookies or "no-store" in response.headers.get("Cache-Control", ""):
        return False
    if any(name in request.COOKIES for name in PERSONAL_COOKIES):
        return False
    session = getattr(request, "session", None)
    return not (session is not None and session.modified) and "CSRF_COOKIE" not in request.META


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
    cache.set(GENERATION_KEY, time.time_ns(), None)


def forget_public_pages_on_commit() -> None:
    """Do so when the present transaction is committed."""
    transaction.on_commit(forget_public_pages)


def signed_in_user(request: HttpRequest) -> Any:
    """Return who is signed in, or None; without a session cookie the session isn't even opened."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
        return None
    return request.user
