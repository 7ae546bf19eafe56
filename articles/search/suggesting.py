"""Guess what a misspelt search meant, from the words of titles and the names of people, tags and sections."""

import re
from difflib import get_close_matches
from itertools import chain

from django.core.cache import cache

from articles.models import Article, Person, Section, Tag
from articles.search.folding import fold
from articles.search.searching import Filters, find_hits
from articles.search.text import Query, parse_query

VOCABULARY_ROWS = 2_000
CACHE_KEY = "search:vocabulary"
CACHE_SECONDS = 600
MIN_CHARACTERS, MAX_CHARACTERS = 4, 24
MAX_LENGTH_DIFFERENCE = 2
LIKENESS = 0.75
_LATIN_WORD = re.compile(r"[a-z]+")


def suggest(q: str, query: Query) -> str:
    """Return a spelling of a search that finds something, or nothing."""
    known = vocabulary()
    words = {word for piece in query.wanted if not piece.is_han for word in piece.tokens}
    better = {word: near for word in words if (near := _nearest(word, known))}
    if not better:
        return ""
    corrected = " ".join(_corrected(word, better) for word in q.split())
    return corrected if corrected != q and find_hits(parse_query(corrected), Filters()) else ""


def vocabulary() -> dict[str, list[str]]:
    """Return the words that are public in any case, by their first letter; read at most once in ten minutes."""
    found = cache.get(CACHE_KEY)
    if found is None:
        found = _read_vocabulary()
        cache.set(CACHE_KEY, found, CACHE_SECONDS)
    return dict(found)


def _read_vocabulary() -> dict[str, list[str]]:
    names = chain(
        Article.objects.published().newest_first().values_list("title", flat=True)[:VOCABULARY_ROWS],
        Section.objects.values_list("name", flat=True)[:VOCABULARY_ROWS],
        Tag.objects.filter(articles__in=Article.objects.published()).distinct().values_list("name", flat=True)[:VOCABULARY_ROWS],
        Person.objects.filter(articles__in=Article.objects.published()).distinct().values_list("name", flat=True)[:VOCABULARY_ROWS],
    )
    words = {word for name in names for word in _LATIN_WORD.findall(fold(name)) if MIN_CHARACTERS <= len(word) <= MAX_CHARACTERS}
    by_letter: dict[str, list[str]] = {}
    for word in sorted(words):
        by_letter.setdefault(word[0], []).append(word)
    return by_letter


def _nearest(word: str, known: dict[str, list[str]]) -> str:
    """Return the known word most like another, if any is; nothing for a word that is known."""
    if not MIN_CHARACTERS <= len(word) <= MAX_CHARACTERS:
        return ""
    candidates = [near for near in known.get(word[0], []) if abs(len(near) - len(word)) <= MAX_LENGTH_DIFFERENCE]
    if word in candidates:
        return ""
    return next(iter(get_close_matches(word, candidates, n=1, cutoff=LIKENESS)), "")


def _corrected(word: str, better: dict[str, str]) -> str:
    """Return a typed word, quotes and minus kept, in its better spelling."""
    folded = fold(word)
    for wrong, right in better.items():
        folded = re.sub(rf"(?<![a-z]){re.escape(wrong)}(?![a-z])", right, folded)
    return folded if folded != fold(word) else word
