"""Reading on, in the dark, and by keyboard."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.steps import COMMENTED

Seat = Callable[..., Page]
HAS_VISIBLE_FOCUS = """() => {
  const focused = document.activeElement, box = focused.getBoundingClientRect();
  const styleOf = (element) => getComputedStyle(element);
  const isOutlined = (element) => element && styleOf(element).outlineStyle !== "none" && parseFloat(styleOf(element).outlineWidth) >= 2;
  const isSeen = box.bottom > 0 && box.top < innerHeight && box.width > 0;
  return isSeen && (isOutlined(focused) || isOutlined(focused.closest("label")));
}"""


def next_article(page: Page) -> Locator:
    """Return the link to the article that stands below this one."""
    return page.get_by_role("region", name="Continue reading").get_by_role("heading", level=3).get_by_role("link")


def background(page: Page) -> str:
    """Return the colour of the paper."""
    colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


def test_the_next_article_comes_while_scrolling_and_the_address_and_title_follow(page: Page):
    page.goto(COMMENTED)
    link = next_article(page)
    title, address = link.inner_text(), link.get_attribute("href") or ""
    link.scroll_into_view_if_needed()
    heading = page.get_by_role("heading", level=2, name=title)
    expect(heading).to_be_visible()
    assert page.get_by_role("heading", level=1).count() == 1
    heading.evaluate("heading => heading.scrollIntoView()")
    expect(page).to_have_url(address)
    expect(page).to_have_title(re.compile("^" + re.escape(title)))
    page.get_by_role("heading", level=1).evaluate("heading => heading.scrollIntoView()")
    expect(page).to_have_url(COMMENTED)
    page.go_back()
    assert page.url == "about:blank", "what was scrolled past is no step of the history"


def test_without_script_the_next_article_is_a_link(person: Seat):
    page = person(java_script_enabled=False)
    page.goto(COMMENTED)
    link = next_article(page)
    title = link.inner_text()
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_the_appearance_can_be_chosen_and_is_remembered_where_script_runs(person: Seat, script: bool):
    page = person(color_scheme="light", java_script_enabled=script)
    page.goto("/")
    light = background(page)
    page.get_by_role("radio", name="Dark").check(force=True)
    dark = background(page)
    assert dark != light
    page.goto(COMMENTED)
    assert background(page) == (dark if script else light)
    page.get_by_role("radio", name="Light").check(force=True)
    assert background(page) == light


def test_the_first_tab_stop_skips_to_the_text(page: Page):
    page.goto(COMMENTED)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the text")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


@pytest.mark.parametrize("address", ["/", COMMENTED, "/subscribe/", "/accounts/login/"])
def test_every_tab_stop_can_be_seen(page: Page, address: str):
    page.goto(address)
    for _ in range(25):
        page.keyboard.press("Tab")
        assert page.evaluate(HAS_VISIBLE_FOCUS), page.evaluate("document.activeElement.outerHTML.slice(0, 200)")


def test_a_term_explains_itself_to_the_keyboard(page: Page):
    page.goto(COMMENTED)
    term = page.get_by_role("button", name="物业")
    explanation = page.get_by_text("in most sentences, the culprit")
    expect(explanation).to_be_hidden()
    term.focus()
    page.keyboard.press("Enter")
    expect(explanation).to_be_visible()
    page.keyboard.press("Escape")
    expect(explanation).to_be_hidden()
    expect(term).to_be_focused()
