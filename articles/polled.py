"""What a process asks itself on every request, even before Django: kept in its memory, looked up again after a second."""

import logging
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from django.core.cache import cache
from django.db import DatabaseError

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0
CACHE_SECONDS = 300
T = TypeVar("T")


class Polled(Generic[T]):
    """A value from the database that all processes share through the cache, at most a second old after it was forgotten."""

    def __init__(self, key: str, load: Callable[[], T], *, without: T, clock: Callable[[], float] = time.monotonic) -> None:
        self._key = key
        self._load = load
        self._known = without
        self._clock = clock
        self._asked_at = float("-inf")

    def current(self) -> T:
        """Return the value; when it can't be had, the one before."""
        now = self._clock()
        if now - self._asked_at >= POLL_SECONDS:
            self._asked_at = now
            try:
                self._known = cache.get_or_set(self._key, self._load, CACHE_SECONDS)  # type: ignore[assignment]
            except DatabaseError:
                logger.warning("Could not look up %s.", self._key, exc_info=True)
        return self._known

    def forget(self) -> None:
        """Have the value looked up again, here at once and in every other process within a second."""
        cache.delete(self._key)
        self._asked_at = float("-inf")
