"""A running magazine, and people in front of it: each with a browser context of their own."""

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.site import CHROMIUM_FLAGS, ROOT, Site, chromium, running_site

# Two busy cores run the site, its worker, the stand-ins and the browser.
PATIENCE_MS = 20_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here drives the browser."""
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """A site of its own, or the one of RUNNING_SITE ("http://localhost:8000 http://localhost:8001") while writing tests."""
    if running := os.environ.get("RUNNING_SITE"):
        yield Site(*running.split(), folder=ROOT)
        return
    with running_site() as site:
        yield site


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


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
