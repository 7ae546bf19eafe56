"""The search."""

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from articles.models import Person, Section
from articles.paging import PAGE_SIZE, Page, page_number
from articles.search.highlighting import excerpt, highlight
from articles.search.searching import MAX_HITS, Filters, Hit, count_choices, count_pieces, find_hits, load_results
from articles.search.suggesting import suggest
from articles.search.text import MAX_QUERY_CHARACTERS, Query, parse_query
from magazine.public_pages import public_page

YEAR = re.compile(r"(19|20)[0-9]{2}")
SLUG = re.compile(r"[-a-zA-Z0-9_]{1,120}")
NEWEST_FIRST = "new"
# How many words of a search without results are looked for on their own.
PIECES_TRIED = 3


@require_safe
@public_page
def search(request: HttpRequest) -> HttpResponse:
    """Find articles by what anybody may read of them; the same for every reader."""
    q = " ".join(request.GET.get("q", "").split())
    if len(q) > MAX_QUERY_CHARACTERS:
        refusal = {"is_too_long": True, "max_characters": MAX_QUERY_CHARACTERS}
        return render(request, "articles/search.html", refusal, status=400)
    query = parse_query(q)
    if not query:
        return render(request, "articles/search.html", {"q": q, "is_unreadable": bool(q)})
    sections = list(Section.objects.all())
    filters = _filters(request, sections)
    hits = find_hits(query, filters)
    page = _page(request, hits, query)
    context: dict[str, object] = {
        "q": q,
        "query": query,
        "filters": filters,
        "page": page,
        "has_more": len(hits) == MAX_HITS,
        "facets": count_choices(query, filters, sections, hits) if hits or filters else None,
    }
    if not hits:
        context |= {"suggestion": suggest(q, query), "found_alone": _found_alone(query)}
    return render(request, "articles/search.html", context)


def _filters(request: HttpRequest, sections: list[Section]) -> Filters:
    """Read the filters of a request. Raises Http404 for one that names nothing."""
    wanted_section, wanted_author, wanted_year = (request.GET.get(name, "") for name in ("section", "author", "year"))
    section = next((one for one in sections if one.slug == wanted_section), None)
    if (wanted_section and section is None) or (wanted_year and not YEAR.fullmatch(wanted_year)):
        raise Http404
    if wanted_author and not SLUG.fullmatch(wanted_author):
        raise Http404
    return Filters(
        section=section,
        author=get_object_or_404(Person, slug=wanted_author) if wanted_author else None,
        year=int(wanted_year) if wanted_year else None,
        is_newest_first=request.GET.get("sort") == NEWEST_FIRST,
    )


def _page(request: HttpRequest, hits: list[Hit], query: Query) -> Page:
    """Return the page that was asked for, its articles marked where the query was found. Raises Http404 beyond the last."""
    number, last = page_number(request), max(1, -(-len(hits) // PAGE_SIZE))
    if number > last:
        raise Http404
    articles = load_results(hits[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]) if hits else []
    for article in articles:
        article.marked_title = highlight(article.title, query, language=article.language)  # type: ignore[attr-defined]
        article.marked_text = excerpt(article.public_text or article.standfirst, query, language=article.language)  # type: ignore[attr-defined]
    return Page(articles, number, last, len(hits))


def _found_alone(query: Query) -> list[tuple[str, int]]:
    """Return which words of a search without results are found on their own, and in how many articles."""
    if len(query.wanted) < 2:
        return []
    return [(piece.source, count) for piece, count in count_pieces(query, at_most=PIECES_TRIED)]
