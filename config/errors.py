"""Pages for what went wrong."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

from magazine.public_pages import public_page


@public_page
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that nothing is at this address, and offer the search."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that the fault is ours; without database, session or context."""
    return HttpResponse(loader.get_template("500.html").template.source, status=500)  # type: ignore[attr-defined]
