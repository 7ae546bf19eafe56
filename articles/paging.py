"""Pages of a list: stable, and as quick on the last page of a hundred thousand articles as on the first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.cache import cache
from django.http import Http404, HttpRequest

from articles.models import Article
from articles.querysets import ArticleQuerySet

PAGE_SIZE = 20
COUNT_CACHE_SECONDS = 60
PAGE_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
NEIGHBOURS = 1


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list."""

    articles: list[Article]
    number: int
    last: int
    total: int

    @property
    def next(self) -> int | None:
        """Return the number of the next page, if there is one."""
        return self.number + 1 if self.number < self.last else None

    @property
    def previous(self) -> int | None:
        """Return the number of the page before, if there is one."""
        return self.number - 1 if self.number > 1 else None

    @property
    def first_rank(self) -> int:
        """Return the place of the page's first article in the whole list, from 1."""
        return (self.number - 1) * PAGE_SIZE + 1

    @property
    def numbers(self) -> list[int | None]:
        """Return the pages to link: the first, the last and those around this one; None stands for a gap."""
        near = {number for number in range(self.number - NEIGHBOURS, self.number + NEIGHBOURS + 1) if 1 <= number <= self.last}
        if self.number == 1:
            near.update(number for number in (2, 3) if number <= self.last)
        shown = sorted(near | {1, self.last})
        numbers: list[int | None] = []
        for number in shown:
            if numbers and numbers[-1] is not None and number - numbers[-1] > 1:
                numbers.append(None)
            numbers.append(number)
        return numbers


def page_of(request: HttpRequest, articles: ArticleQuerySet, *, name: str) -> Page:
    """Return the page of a list that `?page=` asks for; `name` keys the list's length in the cache.

    Raises Http404 for anything that isn't the number of a page; the first page of an empty list is one.
    """
    number = page_number(request)
    total = length_of(articles, name=name)
    last = max(1, -(-total // PAGE_SIZE))
    if number > last:
        raise Http404
    start = (number - 1) * PAGE_SIZE
    ids = list(articles.values_list("pk", flat=True)[start : start + PAGE_SIZE])
    if not ids and number > 1:
        raise Http404
    return Page(cards_in_order(ids), number, last, total)


def page_number(request: HttpRequest) -> int:
    """Return the number that `?page=` holds, 1 without it; raise Http404 for anything else."""
    asked = request.GET.get("page", "1")
    if not PAGE_NUMBER.fullmatch(asked):
        raise Http404
    return int(asked)


def length_of(articles: ArticleQuerySet, *, name: str) -> int:
    """Return the length of a list, counted at most once a minute."""
    key = f"list-length:{name}"
    total = cache.get(key)
    if total is None:
        total = articles.count()
        cache.set(key, total, COUNT_CACHE_SECONDS)
    return int(total)


def cards_in_order(ids: Sequence[int]) -> list[Article]:
    """Load the cards of articles in the order of their ids, in three queries; none for none."""
    if not ids:
        return []
    found = Article.objects.filter(pk__in=ids).order_by().for_cards().in_bulk()
    return [found[pk] for pk in ids if pk in found]
