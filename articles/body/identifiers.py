"""Ids of one article's elements, apart from those of another article on the same page."""

import re
from collections import Counter

from articles.body.vocabulary import ID_PREFIX
from articles.slugs import latin_slug

_MAX_HEADING = 60


class Identifiers:
    """Gives out ids under the prefix of an article."""

    def __init__(self, prefix: str = "") -> None:
        plain = re.sub(r"[^a-zA-Z0-9]+", "-", prefix).strip("-")
        self._prefix = f"{plain}-" if plain else ""
        self._used: Counter[str] = Counter()
        self._numbers: Counter[str] = Counter()

    def of(self, name: str) -> str:
        """Return the id of a thing that has a name within its article."""
        return f"{self._prefix}{name}"

    def next(self, kind: str) -> str:
        """Return the id of the next thing of a kind: term-1, term-2 …"""
        self._numbers[kind] += 1
        return self.of(f"{kind}{self._numbers[kind]}")

    def reserve(self, name: str) -> None:
        """Note an id that the editor chose, so that no heading gets it."""
        self._used[name] += 1

    def of_heading(self, title: str) -> str:
        """Return an id made of a heading's words, the same at every rendering."""
        stem = ID_PREFIX + (latin_slug(title, max_length=_MAX_HEADING) or "part")
        name, number = stem, 1
        while self._used[name]:
            number = max(number + 1, self._numbers[stem] + 1)
            self._numbers[stem] = number
            name = f"{stem}-{number}"
        self._used[name] += 1
        return self.of(name)
