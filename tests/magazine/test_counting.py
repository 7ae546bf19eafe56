"""Limits hold for as long as they say, also where a folder of files is the cache."""

from pathlib import Path

import pytest
import time_machine
from django.core.cache import cache
from django.core.cache.backends.filebased import FileBasedCache

from magazine import counting
from magazine.counting import count_up

DAY_SECONDS = 24 * 3600
# The beginning of a day of UTC, which is the window of a day.
MIDNIGHT = 20_000 * DAY_SECONDS


@pytest.fixture(params=["files", "memory"])
def _each_cache(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = FileBasedCache(str(tmp_path), {}) if request.param == "files" else cache
    monkeypatch.setattr(counting, "cache", kept)


@pytest.mark.usefixtures("_each_cache")
def test_a_count_lasts_for_its_whole_window_and_no_longer() -> None:
    with time_machine.travel(MIDNIGHT, tick=False) as clock:
        counted = []
        for _ in range(5):
            counted.append(count_up("asks", seconds=DAY_SECONDS))
            clock.shift(3 * 3600)
        assert counted == [1, 2, 3, 4, 5]
        clock.shift(9 * 3600)
        assert count_up("asks", seconds=DAY_SECONDS) == 1


@pytest.mark.usefixtures("_each_cache")
def test_counting_on_does_not_carry_a_count_beyond_its_window() -> None:
    with time_machine.travel(MIDNIGHT, tick=False) as clock:
        counted = []
        for _ in range(6):
            counted.append(count_up("look-ups", seconds=60))
            clock.shift(20)
        assert counted == [1, 2, 3, 1, 2, 3]
