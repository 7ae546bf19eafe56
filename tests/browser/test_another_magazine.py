"""The theme is the product's, not the demo's: a small magazine without pictures, seal or hanzi looks as good."""

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.other_magazine import LONG_TITLE
from tests.browser.test_every_page import RULES
from tests.site import ROOT, Site, running_site, settings_of_a_site

HAN = re.compile(r"[\u3400-\u9fff]")
ARTICLES = ("/lock-keeper/", "/low-water/")
LISTS = ("/", "/category/water/", "/author/ruth-amphlett/", "/archive/", "/popular/", "/series/", "/search/?q=water")
PAGES = (*ARTICLES, *LISTS, "/newsletters/", "/subscribe/", "/accounts/login/", "/nothing-here/")
DRAWN_SIGNS = "[...document.querySelectorAll('main *')].map((one) => getComputedStyle(one, '::before').content).join('')"
FILL = "from tests.browser.other_magazine import fill; fill()"


@pytest.fixture(scope="module")
def weir() -> Iterator[Site]:
    with running_site("--no-demo") as site:
        environment = settings_of_a_site(site.folder / "var") | {"SITE_URL": site.url, "SANDBOX": "on"}
        subprocess.run([sys.executable, "manage.py", "shell", "-c", FILL], cwd=ROOT, env=environment, check=True)
        yield site


@pytest.fixture(scope="module")
def visitor(weir: Site, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(base_url=weir.url, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def test_its_front_page_leads_with_its_own_words(visitor: Page):
    visitor.goto("/")
    expect(visitor.get_by_role("heading", level=1)).to_have_accessible_name(re.compile("^The Weir"))
    expect(visitor.get_by_role("heading", name=LONG_TITLE)).to_be_visible()
    expect(visitor.get_by_role("heading", name="Low Water")).to_be_visible()


@pytest.mark.parametrize("address", PAGES)
def test_no_page_shows_a_character_of_the_demo(visitor: Page, address: str):
    visitor.goto(address)
    assert not HAN.search(visitor.get_by_role("banner").inner_text())
    assert not HAN.search(visitor.get_by_role("main").inner_text())
    drawn = visitor.evaluate(
        "[...document.querySelectorAll('main *')].map((element) => getComputedStyle(element, '::before').content).join('')"
    )
    assert not HAN.search(drawn)


@pytest.mark.parametrize("address", PAGES)
def test_its_pages_are_accessible_and_fit(visitor: Page, address: str):
    visitor.goto(address)
    for width in (1280, 320):
        visitor.set_viewport_size({"width": width, "height": 900})
        assert visitor.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"too wide at {width} px"
        found = Axe().run(visitor, options=RULES).response["violations"]
        assert not found, [(one["id"], one["nodes"][0]["html"][:200]) for one in found]
