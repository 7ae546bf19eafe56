"""How to reach the desk: the page an editor wrote, or the address alone."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from articles.models import Article
from articles.views.article import article
from magazine.public_pages import public_page

SLUG = "contact"


@require_safe
@public_page
def contact(request: HttpRequest) -> HttpResponse:
    """Show the page whose slug is `contact`; a magazine that has none yet gives the desk's address."""
    if Article.objects.published().filter(slug=SLUG).exists():
        return article(request, SLUG)
    return render(request, "articles/contact.html")
