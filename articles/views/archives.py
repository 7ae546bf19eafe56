"""The archive: everything, by year and by month."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.core.cache import cache
from django.db.models import Count
from django.db.models.functions import TruncMonth
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.models import Article
from articles.paging import length_of, page_of
from articles.querysets import ArticleQuerySet
from magazine.public_pages import public_page

MONTHS_CACHE_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Month:
    """A month with published articles."""

    first_day: date
    count: int


@dataclass(frozen=True, slots=True)
class Year:
    """A year with published articles, and its months."""

    number: int
    months: list[Month]

    @property
    def count(self) -> int:
        """Return how many articles the year has."""
        return sum(month.count for month in self.months)


@require_safe
@public_page
def archive(request: HttpRequest) -> HttpResponse:
    """List everything, the newest first."""
    page = page_of(request, in_the_flow().newest_first(), name="archive")
    return render(request, "articles/archive.html", {"page": page, "years": years()})


@require_safe
@public_page
def year(request: HttpRequest, year: str) -> HttpResponse:
    """List a year."""
    every = years()
    found = next((one for one in every if one.number == int(year)), None)
    if found is None:
        raise Http404
    start, end = date(found.number, 1, 1), date(found.number + 1, 1, 1)
    page = page_of(request, between(start, end).newest_first(), name=f"archive-{found.number}")
    return render(request, "articles/archive.html", {"page": page, "years": every, "year": found})


@require_safe
@public_page
def month(request: HttpRequest, year: str, month: str) -> HttpResponse:
    """List a month, with ways to the months before and after it."""
    every = years()
    months = [one for each in every for one in each.months]
    wanted = (int(year), int(month))
    place = next((index for index, one in enumerate(months) if (one.first_day.year, one.first_day.month) == wanted), None)
    if place is None:
        raise Http404
    first = months[place].first_day
    page = page_of(request, between(first, month_after(first)).newest_first(), name=f"archive-{first:%Y-%m}")
    context = {
        "page": page,
        "years": every,
        "year": next(one for one in every if one.number == first.year),
        "month": months[place],
        "later_month": months[place - 1] if place else None,
        "earlier_month": months[place + 1] if place + 1 < len(months) else None,
    }
    return render(request, "articles/archive.html", context)


def in_the_flow() -> ArticleQuerySet:
    """Return the articles that the archive holds."""
    return Article.objects.published().in_the_flow()


def between(start: date, end: date) -> ArticleQuerySet:
    """Return what was published from one day until before another, in the site's zone."""
    return in_the_flow().filter(published_at__gte=midnight(start), published_at__lt=midnight(end))


def midnight(day: date) -> datetime:
    """Return the beginning of a day in the site's zone."""
    return timezone.make_aware(datetime(day.year, day.month, day.day))


def month_after(first: date) -> date:
    """Return the first day of the next month."""
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def years() -> list[Year]:
    """Return the years with published articles, the newest first; counted anew when there are more or fewer articles."""
    key = f"archive-months:{length_of(in_the_flow(), name='archive')}"
    found = cache.get(key)
    if found is None:
        found = by_year(count_months())
        cache.set(key, found, MONTHS_CACHE_SECONDS)
    return list(found)


def count_months() -> list[Month]:
    """Count the published articles of every month in one query, the newest month first."""
    counted = in_the_flow().order_by().values(month=TruncMonth("published_at")).annotate(count=Count("pk")).order_by("-month")
    return [Month(row["month"].date(), row["count"]) for row in counted]


def by_year(months: Iterable[Month]) -> list[Year]:
    """Gather months into their years."""
    gathered: dict[int, list[Month]] = {}
    for one in months:
        gathered.setdefault(one.first_day.year, []).append(one)
    return [Year(number, found) for number, found in gathered.items()]
