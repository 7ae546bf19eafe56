"""One number that all page caches share; what was kept under another is forgotten."""

import logging
import time
from collections.abc import Callable

from django.core.cache import cache

logger = logging.getLogger(__name__)

KEY = "public-pages:generation"
POLL_SECONDS = 1.0


class Generation:
    """The number as this process knows it: asked for at most once a second, and never from the database."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known = 0
        self._asked_at = float("-inf")

    def current(self) -> int:
        """Return the number, at most `POLL_SECONDS` old."""
        now = self._clock()
        if now - self._asked_at >= POLL_SECONDS:
            self._asked_at = now
            self._known = self._ask()
        return self._known

    def move_on(self) -> None:
        """Begin a new generation, here at once and in every other process within `POLL_SECONDS`."""
        number = time.time_ns()
        # Here first: even if the cache can't be reached, this process forgets.
        self._known = number
        cache.set(KEY, number, None)

    def _ask(self) -> int:
        """Ask the shared cache. A cache that was emptied begins anew, so that nothing older comes back to life."""
        try:
            number = cache.get(KEY)
            if number is None:
                number = cache.get_or_set(KEY, time.time_ns, None)
        except Exception:
            # Whatever a cache raises, readers get pages, which expire by themselves.
            logger.warning("The cache can't be reached, so changes show after a minute.", exc_info=True)
            return self._known
        return int(number)


GENERATION = Generation()
