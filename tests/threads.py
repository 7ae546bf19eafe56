"""Calls from many threads at a time, each with a connection of its own."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import QuerySet

T = TypeVar("T")
WAIT_SECONDS = 20


def at_once(count: int, call: Callable[[int], T], *, behind: QuerySet[Any] | None = None) -> list[T]:
    """Return what a call returns to each of so many threads that begin together.

    On PostgreSQL, rows that all of them write can be held until every thread waits for them: none is then done before the last began.
    """
    start = Barrier(count)

    def alone(number: int) -> T:
        start.wait()
        try:
            return call(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        if behind is None:
            return list(pool.map(alone, range(count)))
        with transaction.atomic():
            assert list(behind.select_for_update()), "nothing to wait for"
            running = [pool.submit(alone, number) for number in range(count)]
            _wait_for_waiting(count)
        return [one.result() for one in running]


def _wait_for_waiting(count: int) -> None:
    """Wait until so many connections wait for a lock."""
    deadline = time.monotonic() + WAIT_SECONDS
    waiting = 0
    with connection.cursor() as cursor:
        while waiting < count and time.monotonic() < deadline:
            cursor.execute("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
            (waiting,) = cursor.fetchone()
            time.sleep(0.02)
    assert waiting >= count, f"{waiting} of {count} wait"
