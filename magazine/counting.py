"""Count how often something happened of late, whatever cache keeps the numbers."""

import time

from django.core.cache import cache


def count_up(key: str, *, seconds: int) -> int:
    """Count one more under a key, and return how many there were in the present window of so many seconds.

    The window is part of the key: a cache of files keeps a number that is counted up for five minutes, however long it was meant to
    be kept, and begins those five minutes anew with each count.
    """
    windowed = f"{key}:{int(time.time() // seconds)}"
    if cache.add(windowed, 1, seconds):
        return 1
    try:
        count = int(cache.incr(windowed))
    except ValueError:
        # It was thrown out in between.
        return 1
    cache.touch(windowed, seconds)
    return count
