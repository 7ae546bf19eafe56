"""A running magazine, and people in front of it: each with a browser context of their own."""

import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.site import PATIENCE_MS, ROOT, Site, prepare_site, running_site


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here drives the browser."""
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a site with the demo begins with, made once by whichever worker comes first."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    with (folder / "prepared.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "prepared").exists():
            prepare_site(folder / "preparing")
            (folder / "preparing").rename(folder / "prepared")
    return folder / "prepared"


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """A site of its own, or the one of RUNNING_SITE ("http://localhost:8000 http://localhost:8001") while writing tests."""
    if running := os.environ.get("RUNNING_SITE"):
        yield Site(*running.split(), folder=ROOT)
        return
    with running_site(prepared=request.getfixturevalue("prepared")) as site:
        yield site


@pytest.fixture
def person(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Seat somebody in front of a browser that knows nothing: `person(java_script_enabled=False)`."""
    contexts: list[BrowserContext] = []

    def seat(**options: object) -> Page:
        context = browser.new_context(**{"base_url": site.url, "reduced_motion": "reduce"} | options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        return context.new_page()

    yield seat
    for context in contexts:
        context.close()


@pytest.fixture
def page(person: Callable[..., Page]) -> Page:
    """Somebody with an ordinary browser who has never been here."""
    return person()
