"""A group: bought by one, joined by another from the invitation in their mail, who then reads to the end."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.steps import PREMIUM
from tests.browser.test_every_page import COLOUR_RULES, RULES
from tests.site import Site

Seat = Callable[..., Page]


def buy_a_group(page: Page, site: Site, name: str) -> None:
    """Go from the page with the prices through signing in and Checkout to the new group."""
    page.goto("/subscribe/")
    page.get_by_role("link", name="Read together").click()
    page.get_by_role("textbox", name="Name of the group").fill(name)
    page.get_by_role("spinbutton", name="Seats").fill("3")
    page.get_by_role("button", name="Continue to payment").click()
    steps.sign_in_by_code(page, site, steps.new_address())
    expect(page.get_by_role("textbox", name="Name of the group")).to_have_value(name)
    page.get_by_role("button", name="Continue to payment").click()
    steps.pay(page)
    steps.wait_until_paid(page)
    page.get_by_role("link", name="Invite your group").click()
    page.get_by_role("link", name=re.compile("Members and seats")).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def violations(page: Page) -> list[str]:
    found = []
    for theme, width, rules in (("light", 1280, RULES), ("light", 390, RULES), ("dark", 1280, COLOUR_RULES)):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 900})
        answer = Axe().run(page, options=rules).response["violations"]
        found += [f"{theme} {width}: {one['id']}: {node['html'][:160]}" for one in answer for node in one["nodes"]]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{theme} {width}: wider than the screen")
    return found


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_who_was_invited_by_mail_reads_with_the_group(person: Seat, site: Site, script: bool):
    owner, guest, address = person(java_script_enabled=script), person(java_script_enabled=script), steps.new_address()
    buy_a_group(owner, site, "The third floor")
    owner.get_by_role("textbox", name="Email addresses").fill(address)
    owner.get_by_role("button", name="Send invitations").click()
    expect(owner.get_by_text("1 invitation is on its way.")).to_be_visible()

    letter = steps.open_letter(guest, site, address, re.compile("The third floor"))
    link = re.search(r"http\S+/subscribe/group/\S+/", steps.source_of(letter).replace("=\n", ""))
    assert link, "The mail holds no link."
    guest.goto(link[0])
    expect(guest.get_by_role("heading", name=re.compile("with The third floor"))).to_be_visible()
    guest.get_by_role("button", name="Take the seat").click()
    steps.sign_in_by_code(guest, site, address)
    guest.get_by_role("button", name="Take the seat").click()
    expect(guest.get_by_text("You have a seat in “The third floor”")).to_be_visible()
    guest.goto(PREMIUM)
    expect(guest.get_by_text(steps.LAST_WORDS)).to_be_visible()

    owner.reload()
    expect(owner.get_by_text("2 of 3 seats taken")).to_be_visible()
    owner.get_by_role("button", name=f"Remove {address}").click()
    guest.reload()
    expect(guest.get_by_text(steps.LAST_WORDS)).to_have_count(0)


def test_the_pages_of_a_group_suit_any_eyes_and_screens(page: Page, site: Site):
    page.goto("/subscribe/group/")
    assert not violations(page)
    buy_a_group(page, site, "The fourth floor")
    page.get_by_role("button", name="Make a link").click()
    page.get_by_role("textbox", name="Email addresses").fill("a.person.with.a.rather.long.name@a-rather-long-domain.example")
    page.get_by_role("button", name="Send invitations").click()
    assert not violations(page)
    page.get_by_role("spinbutton", name="How many seats?").fill("5")
    page.get_by_role("button", name="See what changes").click()
    expect(page.get_by_role("button", name=re.compile("Pay €"))).to_be_visible()
    assert not violations(page)
    page.get_by_role("button", name=re.compile("Pay €")).click()
    expect(page.get_by_text("You have 5 seats now.")).to_be_visible()
    page.goto("/account/group/")
    assert not violations(page)
