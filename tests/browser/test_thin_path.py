"""From the first sight of the magazine to paying, speaking and being written to: in a browser, with worker, stand-ins and all."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.steps import PREMIUM
from tests.site import Site, running_site

Seat = Callable[..., Page]


def subscribe_from_the_paywall(page: Page, site: Site) -> None:
    """Go from the paywall through signing in and Checkout back to the article."""
    paywall = steps.paywall(page)
    paywall.get_by_role("link", name="Sign in").click()
    steps.sign_in_by_code(page, site, steps.new_address())
    expect(page).to_have_url(re.compile(re.escape(PREMIUM)))
    paywall.get_by_role("link", name="Subscribe").click()
    page.get_by_role("button", name="Subscribe by the month").first.click()
    steps.pay(page)
    steps.wait_until_paid(page)
    page.get_by_role("link", name="Go on reading").click()
    expect(page).to_have_url(re.compile(re.escape(PREMIUM)))


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_reader_meets_the_paywall_signs_in_pays_and_reads_to_the_end(person: Seat, site: Site, script: bool):
    page = person(java_script_enabled=script)
    answer = page.goto(PREMIUM)
    assert answer is not None and steps.LAST_WORDS not in answer.text()
    expect(steps.paywall(page)).to_be_visible()
    subscribe_from_the_paywall(page, site)
    expect(page.get_by_text(steps.LAST_WORDS)).to_be_visible()
    expect(steps.paywall(page)).to_have_count(0)

    stranger = person()
    answer = stranger.goto(PREMIUM)
    assert answer is not None and steps.LAST_WORDS not in answer.text(), "what one reader paid for must not reach another"


@pytest.fixture
def site_apart(prepared: Path) -> Iterator[Site]:
    """A site that nobody else uses, for who moves Stripe's clock."""
    with running_site(prepared=prepared) as site:
        yield site


def test_a_subscription_cancelled_in_the_portal_lasts_to_the_end_of_its_period_and_no_longer(person: Seat, site_apart: Site):
    site, page = site_apart, person(base_url=site_apart.url)
    page.goto(PREMIUM)
    subscribe_from_the_paywall(page, site)
    page.get_by_role("link", name="Account", exact=True).click()
    page.get_by_role("button", name="Card and invoices").click()
    page.get_by_role("button", name="Cancel at the period’s end").click()
    expect(page.get_by_role("button", name="Don’t cancel")).to_be_visible()
    page.get_by_role("link", name="Back to the site").click()
    steps.reload_until(page, page.get_by_text("Nothing more will be charged"))
    page.goto(PREMIUM)
    expect(page.get_by_text(steps.LAST_WORDS)).to_be_visible()

    clock = page.context.new_page()
    clock.goto(f"{site.sandbox_url}/clock")
    clock.get_by_role("button", name="A month on").click()
    clock.get_by_role("button", name="A day on").click()
    steps.reload_until(page, steps.paywall(page))
    expect(page.get_by_text(steps.LAST_WORDS)).to_have_count(0)
    page.get_by_role("link", name="Account", exact=True).click()
    expect(page.get_by_text("It ended on")).to_be_visible()


def test_a_comment_is_held_for_its_writer_alone_until_an_editor_approves_it(person: Seat, site: Site):
    words = f"{steps.new_address()[8:18]}, the lift at my aunt’s, remembers people, too."
    writer, stranger, editor = person(), person(), person()
    writer.goto(steps.COMMENTED)
    steps.say(writer, words, name="Wen", address=steps.new_address())
    expect(writer.get_by_text(words)).to_be_visible()
    expect(writer.get_by_text("Waiting for an editor.", exact=False)).to_be_visible()
    stranger.goto(f"{steps.COMMENTED}comments/")
    expect(stranger.get_by_role("heading", level=1)).to_be_visible()
    expect(stranger.get_by_text(words)).to_have_count(0)

    steps.sign_in_to_the_newsroom(editor)
    steps.approve(editor, words[:40])
    steps.reload_until(stranger, stranger.get_by_text(words))


def test_a_letter_is_asked_for_confirmed_sent_once_and_stopped_from_the_mail(person: Seat, site: Site):
    address, subject = steps.new_address(), f"The stairwell, {steps.new_address()[8:16]}"
    page, editor = person(), person()
    page.goto(steps.COMMENTED)
    box = page.get_by_role("region", name="The Landing")
    box.get_by_role("textbox", name="Your email address").fill(address)
    box.get_by_role("button", name="Send it to me").click()
    expect(page.get_by_role("heading", name="Look in your mail")).to_be_visible()
    letter = steps.open_letter(page, site, address, re.compile("Landing"))
    steps.follow(letter, "Yes, send it to me", to=re.compile("/newsletters/confirm/"))
    expect(letter.get_by_role("heading", name="Shall we send you The Landing?")).to_be_visible()
    letter.get_by_role("button", name="Yes, send it to me").click()
    expect(letter.get_by_role("heading", name="The Landing is on its way to you")).to_be_visible()

    steps.sign_in_to_the_newsroom(editor)
    steps.send_an_issue(editor, letter="The Landing", subject=subject, text="A short one: the lift works again.")
    issue = steps.open_letter(page, site, address, subject)
    source = steps.source_of(issue)
    assert re.search(r"^List-Unsubscribe: *<http", source, re.M | re.I)
    assert re.search(r"^List-Unsubscribe-Post: *List-Unsubscribe=One-Click", source, re.M | re.I)
    steps.follow(issue, "Stop this letter", to=re.compile("/newsletters/unsubscribe/"))
    issue.get_by_role("button", name="Stop this letter").click()
    expect(issue.get_by_role("heading", name="The Landing will not come again")).to_be_visible()
    assert steps.letters_to(page, site, address, subject) == 1
