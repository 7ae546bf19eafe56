"""What holds on every public page: for readers with any eyes, on any screen, with or without script, unobserved."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from tests.pages import PAGES
from tests.site import PATIENCE_MS, Site

Seat = Callable[..., Page]
WIDTHS = (1280, 390)
NARROW_WIDTHS = (390, 320)
HEIGHT = 900
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], "resultTypes": ["violations"]}
# The theme changes colours and nothing else.
COLOUR_RULES = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}, "resultTypes": ["violations"]}
# A form that only a person who is about to sign in opens holds an ordinary token.
TOKEN_PAGES = ("sign-in", "forgotten")
GONE = {"404": 404, "gift-unknown": 404, "letter-link-expired": 410}
ARTICLE_KILOBYTES = 60
SCRIPT_KILOBYTES = 20
ARTICLE_PAGES = ("article", "list-of-forty", "premium", "live")


@dataclass
class Visit:
    """A page in front of a reader who has never been here, and what it did."""

    name: str
    page: Page
    status: int = 0
    complaints: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def note(self, message: ConsoleMessage) -> None:
        """Remember what the console says, but for its word on the page's own status."""
        is_of_the_page = message.location.get("url", "").rstrip("/") == self.page.url.rstrip("/") and "status of" in message.text
        if message.type in ("error", "warning") and not is_of_the_page:
            self.complaints.append(message.text)

    def violations(self, theme: str, width: int, rules: dict[str, object]) -> list[str]:
        """Return what axe finds."""
        self.page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        found = Axe().run(self.page, options=rules).response["violations"]
        return [f"{theme}, {width} px: {one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


@pytest.fixture(scope="module", params=PAGES)
def visit(request: pytest.FixtureRequest, site: Site, browser: Browser) -> Iterator[Visit]:
    """Open a page once for all tests of it."""
    context = browser.new_context(base_url=site.url, reduced_motion="reduce", viewport={"width": WIDTHS[0], "height": HEIGHT})
    context.set_default_timeout(PATIENCE_MS)
    visit = Visit(request.param, context.new_page())
    visit.page.on("console", visit.note)
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.on("request", lambda request: visit.requests.append(request))
    answer = visit.page.goto(PAGES[visit.name])
    visit.status = answer.status if answer else 0
    visit.page.wait_for_load_state("networkidle")
    yield visit
    context.close()


def test_a_page_answers(visit: Visit):
    assert visit.status == GONE.get(visit.name, 200)


def test_axe_finds_nothing_in_either_theme_on_a_wide_and_a_narrow_screen(visit: Visit):
    found = visit.violations("light", WIDTHS[0], RULES) + visit.violations("light", WIDTHS[1], RULES)
    found += visit.violations("dark", WIDTHS[0], COLOUR_RULES) + visit.violations("dark", WIDTHS[1], COLOUR_RULES)
    assert not found, "\n".join(found)


def test_a_page_fits_narrow_screens(visit: Visit):
    for width in NARROW_WIDTHS:
        visit.page.set_viewport_size({"width": width, "height": HEIGHT})
        too_wide = visit.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert too_wide <= 0, f"{too_wide} px too wide at {width} px"


def test_a_page_complains_of_nothing(visit: Visit):
    assert not visit.complaints


def test_a_page_asks_nobody_else(visit: Visit):
    hosts = {urlsplit(request.url).netloc for request in visit.requests if not request.url.startswith("data:")}
    assert hosts == {urlsplit(visit.page.url).netloc}


def test_a_page_leaves_no_cookie(visit: Visit):
    names = {cookie["name"] for cookie in visit.page.context.cookies()}
    assert names <= ({"csrftoken"} if visit.name in TOKEN_PAGES else set())


def test_a_page_says_the_same_without_script(visit: Visit, person: Seat):
    page = person(java_script_enabled=False)
    page.goto(PAGES[visit.name])
    for role in ("heading", "textbox"):
        # What scrolling adds to an article is behind a link without script.
        assert page.get_by_role(role).count() >= visit.page.get_by_role(role).count() > (0 if role == "heading" else -1)  # type: ignore[arg-type]
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.get_by_role("main").inner_text().strip()


@pytest.mark.parametrize("name", ARTICLE_PAGES)
def test_an_article_is_light_on_the_wire(page: Page, name: str):
    weights: dict[str, int] = {}

    def weigh(request: Request) -> None:
        kind = request.resource_type
        weights[kind] = weights.get(kind, 0) + request.sizes()["responseBodySize"]

    page.on("requestfinished", weigh)
    page.goto(PAGES[name])
    page.wait_for_load_state("networkidle")
    assert weights["script"] <= SCRIPT_KILOBYTES * 1000, weights
    assert weights["document"] + weights["stylesheet"] + weights["script"] <= ARTICLE_KILOBYTES * 1000, weights
