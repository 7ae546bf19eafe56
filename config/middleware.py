"""Middleware of the whole site."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from django.conf import settings
from django.db import connections
from django.http import HttpRequest, HttpResponse

GetResponse = Callable[[HttpRequest], HttpResponse]


class ServerTimingMiddleware:
    """Tell developers and staff what a page cost, in the Server-Timing header."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Count the queries and the time of a response."""
        if not (settings.DEBUG or settings.SESSION_COOKIE_NAME in request.COOKIES):
            return self.get_response(request)
        count = 0

        def counting(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
            nonlocal count
            count += 1
            return execute(sql, params, many, context)

        started = time.perf_counter()
        with ExitStack() as stack:
            for connection in connections.all():
                stack.enter_context(connection.execute_wrapper(counting))
            response = self.get_response(request)
        user = getattr(request, "user", None)
        if settings.DEBUG or (user is not None and user.is_staff):
            elapsed = (time.perf_counter() - started) * 1000
            response.headers["Server-Timing"] = f'db;desc="{count} queries", app;dur={elapsed:.1f}'
        return response


class PublicResponseMiddleware:
    """Keep every answer private, unless its view marked it public and nothing of a reader touched it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set the caching headers by construction; see `magazine.public_pages`."""
        from magazine.public_pages import finish

        return finish(request, self.get_response(request))


class NewsroomPolicyMiddleware:
    """Give the newsroom its own content security policy; the strict one of the site leaves `/admin/` out."""

    # Unfold's Alpine evaluates expressions, and its templates hold scripts and styles of their own.
    POLICY = (
        "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; media-src 'self'; font-src 'self' data:; connect-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set the policy of answers below /admin/."""
        response = self.get_response(request)
        if request.path.startswith("/admin/"):
            response.headers.setdefault("Content-Security-Policy", self.POLICY)
        return response
