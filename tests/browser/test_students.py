"""A student: hands in a document, is accepted in the newsroom, and pays less at Checkout."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import steps
from tests.browser.test_groups import violations
from tests.site import Site

Seat = Callable[..., Page]
STUDENTS = "/subscribe/students/"
# The smallest picture there is: one pixel, as a student card.
CARD = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63fccfc0f01f000505"
    "02007d4bc8330000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def editor(browser: Browser, site: Site) -> Iterator[Page]:
    """An editor, who sells a price to students alone and takes documents."""
    context = browser.new_context(base_url=site.url, reduced_motion="reduce")
    page = context.new_page()
    steps.sign_in_to_the_newsroom(page)
    page.goto("/admin/billing/sellingrules/")
    page.get_by_role("checkbox", name="Documents of students").check(force=True)
    save(page)
    page.goto("/admin/billing/plan/")
    page.get_by_role("link", name="Student", exact=True).click()
    row = page.get_by_role("row").filter(has=page.locator("input[value='350']"))
    row.locator("input[name$=for_students]").check(force=True)
    save(page)
    yield page
    context.close()


def save(page: Page) -> None:
    """Save what stands in the form."""
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("changed successfully")).to_be_visible()


def hand_in(page: Page, site: Site) -> str:
    """Hand in a document as somebody new; return their address."""
    address = steps.new_address()
    page.goto(STUDENTS)
    steps.sign_in_by_code(page, site, address)
    page.get_by_label("Student card or certificate").set_input_files({"name": "card.png", "mimeType": "image/png", "buffer": CARD})
    page.get_by_role("button", name="Hand it in").click()
    expect(page.get_by_text("Your document is with us.")).to_be_visible()
    return address


def decide(editor: Page, address: str, action: str) -> None:
    """Decide on somebody's document, coming from the newsroom's first page."""
    editor.goto("/admin/")
    editor.get_by_role("link", name=re.compile("students to decide on")).click()
    editor.get_by_role("row", name=re.compile(address)).get_by_role("checkbox").check()
    editor.locator("select[name=action]").select_option(label=action)
    editor.get_by_role("button", name="Run").click()
    expect(editor.get_by_text("1 decided, and the document erased.")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_who_shows_that_they_study_pays_the_students_price(person: Seat, site: Site, editor: Page, script: bool):
    page = person(java_script_enabled=script)
    address = hand_in(page, site)
    decide(editor, address, "Accept for a year")
    steps.open_letter(page, site, address, re.compile("stud", re.I)).close()
    page.reload()
    expect(page.get_by_text("We know that you study.")).to_be_visible()
    page.get_by_role("button", name=re.compile("Subscribe for €3.50 a month")).click()
    expect(page.get_by_text("3.50").first).to_be_visible()
    steps.pay(page)
    steps.wait_until_paid(page)
    page.goto("/account/billing/")
    expect(page.get_by_text("Student, €3.50 a month")).to_be_visible()


def test_who_is_refused_is_told_so_and_may_hand_in_something_else(page: Page, site: Site, editor: Page):
    address = hand_in(page, site)
    assert not violations(page)
    decide(editor, address, "Refuse")
    steps.open_letter(page, site, address, re.compile("stud", re.I)).close()
    page.goto(STUDENTS)
    expect(page.get_by_role("button", name="Hand it in")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Subscribe for"))).to_have_count(0)
    assert not violations(page)
