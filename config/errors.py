"""Pages for what went wrong."""

import base64
import hashlib
from functools import cache

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

from articles.models import Article
from articles.paging import cards_in_order
from magazine.public_pages import public_page

SUGGESTIONS = 4


@public_page
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that nothing is at this address, and offer the search and something to read."""
    newest = Article.objects.published().in_the_flow().newest_first().values_list("pk", flat=True)[:SUGGESTIONS]
    return render(request, "404.html", {"articles": cards_in_order(list(newest))}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that the fault is ours; without database, session or context."""
    page, policy = server_error_page()
    return HttpResponse(page, status=500, headers={"Content-Security-Policy": policy})


@cache
def server_error_page() -> tuple[str, str]:
    """Return the page and a policy that allows the style it brings, which needs no other file."""
    page: str = loader.get_template("500.html").template.source  # type: ignore[attr-defined]
    style = page.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return page, f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'"
