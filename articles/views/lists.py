"""Lists of articles: sections, tags, people, series, popular reads."""

from django.core.cache import cache
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from articles.body.languages import mark_languages
from articles.body.sanitising import stored_blocks
from articles.body.tree import serialise
from articles.models import Article, Credit, Person, Section, Series, Tag
from articles.paging import COUNT_CACHE_SECONDS, page_of
from articles.querysets import ArticleQuerySet
from magazine.public_pages import public_page

RANKED_ON_FIRST_PAGE = 4
# A ranking is of interest at its top, and its length would have to be counted row by row.
POPULAR_LIMIT = 100


def in_the_flow() -> ArticleQuerySet:
    """Return the articles that lists show."""
    return Article.objects.published().in_the_flow()


@require_safe
@public_page
def section(request: HttpRequest, slug: str) -> HttpResponse:
    """List a section's articles, and those of the sections within it."""
    found = get_object_or_404(Section.objects.select_related("parent"), slug=slug)
    page = page_of(request, in_the_flow().in_section(found).newest_first(), name=f"section-{found.pk}")
    lead, ranked, rest = None, [], page.articles
    if page.number == 1 and len(page.articles) > RANKED_ON_FIRST_PAGE:
        lead, ranked, rest = page.articles[0], page.articles[1 : 1 + RANKED_ON_FIRST_PAGE], page.articles[1 + RANKED_ON_FIRST_PAGE :]
    context = {
        "section": found,
        "current_section": found.parent or found,
        "children": found.children.all(),
        "page": page,
        "lead": lead,
        "ranked": ranked,
        "rest": rest,
    }
    return render(request, "articles/section.html", context)


@require_safe
@public_page
def tag(request: HttpRequest, slug: str) -> HttpResponse:
    """List the articles with a tag; a tag that nothing published has is no page."""
    found = get_object_or_404(Tag, slug=slug)
    page = page_of(request, in_the_flow().tagged(found).newest_first(), name=f"tag-{found.pk}")
    if not page.articles:
        raise Http404
    return render(request, "articles/tag.html", {"tag": found, "page": page})


@require_safe
@public_page
def person(request: HttpRequest, slug: str) -> HttpResponse:
    """Introduce a person and list what they did, all of it or in one role."""
    found = get_object_or_404(Person.objects.select_related("picture").prefetch_related("picture__renditions"), slug=slug)
    published = in_the_flow()
    counts = articles_by_role(found)
    role = request.GET.get("role", "")
    if role and role not in counts:
        raise Http404
    articles = published.filter(pk__in=found.credits.filter(role=role).values("article")) if role else published.by(found)
    page = page_of(request, articles.newest_first(), name=f"person-{found.pk}-{role}")
    roles = [(value, label, counts[value]) for value, label in Credit.Role.choices if value in counts]
    return render(request, "articles/person.html", {"person": found, "page": page, "roles": roles, "role": role})


def articles_by_role(person: Person) -> dict[str, int]:
    """Return how many published articles a person has in each role, counted at most once a minute."""
    key = f"person-roles:{person.pk}"
    counts: dict[str, int] | None = cache.get(key)
    if counts is None:
        credits = person.credits.filter(article__in=in_the_flow()).order_by()
        counts = dict(credits.values_list("role").annotate(articles=Count("article")).values_list("role", "articles"))
        cache.set(key, counts, COUNT_CACHE_SECONDS)
    return counts


@require_safe
@public_page
def series(request: HttpRequest, slug: str) -> HttpResponse:
    """Introduce a series and list its articles in its order; a series without published articles is no page."""
    found = get_object_or_404(Series.objects.select_related("image").prefetch_related("image__renditions"), slug=slug)
    page = page_of(request, in_the_flow().in_series(found), name=f"series-{found.pk}")
    if not page.articles:
        raise Http404
    introduction = mark_safe(serialise(mark_languages(stored_blocks(found.introduction))))  # noqa: S308 - sanitised by stored_blocks
    return render(request, "articles/series.html", {"series": found, "introduction": introduction, "page": page})


@require_safe
@public_page
def series_index(request: HttpRequest) -> HttpResponse:
    """List the series that have published articles, with how many."""
    found = (
        Series.objects.filter(articles__in=in_the_flow())
        .annotate(count=Count("articles"))
        .select_related("image")
        .prefetch_related("image__renditions")
    )
    return render(request, "articles/series_index.html", {"series_list": found})


@require_safe
@public_page
def popular(request: HttpRequest) -> HttpResponse:
    """List what is read most of late."""
    page = page_of(request, in_the_flow().most_read()[:POPULAR_LIMIT], name="popular")
    return render(request, "articles/popular.html", {"page": page})
