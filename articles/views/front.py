"""The front page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from articles.front import load_front
from magazine.public_pages import public_page


@require_safe
@public_page
def front(request: HttpRequest) -> HttpResponse:
    """Show the front page."""
    return render(request, "articles/front.html", {"front": load_front()})
