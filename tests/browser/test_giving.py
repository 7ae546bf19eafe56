"""Giving: a subscription to somebody else, and money to the magazine."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.steps import PREMIUM
from tests.site import Site

Seat = Callable[..., Page]


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_gift_is_bought_mailed_and_accepted_by_a_friend_with_another_address(person: Seat, site: Site, script: bool):
    giver, friend, address = person(java_script_enabled=script), person(java_script_enabled=script), steps.new_address()
    giver.goto("/subscribe/gift/")
    giver.get_by_role("radio", name=re.compile("Three months")).first.check()
    giver.get_by_role("textbox", name=re.compile("^Their email")).fill(address)
    giver.get_by_role("textbox", name=re.compile("^From")).fill("Rhea")
    giver.get_by_role("textbox", name=re.compile("^A few words")).fill("For the long train rides.")
    giver.get_by_role("button", name="Continue to payment").click()
    steps.sign_in_by_code(giver, site, steps.new_address())
    expect(giver.get_by_role("textbox", name=re.compile("^A few words"))).to_have_value("For the long train rides.")
    expect(giver.get_by_role("radio", name=re.compile("Three months")).first).to_be_checked()
    giver.get_by_role("button", name="Continue to payment").click()
    steps.pay(giver)
    steps.wait_until_paid(giver)
    expect(giver.get_by_text(f"Your gift is on its way to {address}")).to_be_visible()

    letter = steps.open_letter(friend, site, address, re.compile("Rhea gives you"))
    link = re.search(r"http\S+/subscribe/gift/[\w-]{43}/", steps.source_of(letter).replace("=\r\n", "").replace("=\n", ""))
    assert link, "The mail holds no link."
    friend.goto(link[0])
    expect(friend.get_by_text("For the long train rides.")).to_be_visible()
    friend.get_by_role("button", name="Sign in to accept").click()
    steps.sign_in_by_code(friend, site, steps.new_address())
    friend.get_by_role("button", name="Accept the gift").click()
    expect(friend.get_by_text("The gift is yours")).to_be_visible()
    friend.goto(PREMIUM)
    expect(friend.get_by_text(steps.LAST_WORDS)).to_be_visible()

    giver.get_by_role("link", name="Your gift subscriptions").click()
    expect(giver.get_by_text("Accepted on")).to_be_visible()
    giver.goto(PREMIUM)
    expect(giver.get_by_text(steps.LAST_WORDS)).to_have_count(0)
    stranger = person()
    stranger.goto(link[0])
    expect(stranger.get_by_role("heading", name="This gift has been accepted.")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_somebody_gives_money_once_and_what_they_wrote_survives_errors_and_the_sign_in(person: Seat, site: Site, script: bool):
    page, address = person(java_script_enabled=script), steps.new_address()
    page.goto("/support/")
    page.get_by_role("textbox", name=re.compile("^Or another amount")).fill("nine")
    page.get_by_role("textbox", name=re.compile("^A few words")).fill("For the tea.")
    page.get_by_role("button", name="Continue to payment").click()
    expect(page.get_by_text("Please write the amount in figures")).to_be_visible()
    page.get_by_role("textbox", name=re.compile("^Or another amount")).fill("12,50")
    page.get_by_role("button", name="Continue to payment").click()
    steps.sign_in_by_code(page, site, address)
    expect(page.get_by_role("textbox", name=re.compile("^Or another amount"))).to_have_value("12,50")
    expect(page.get_by_role("textbox", name=re.compile("^A few words"))).to_have_value("For the tea.")
    page.get_by_role("button", name="Continue to payment").click()
    page.get_by_role("button", name="Donate").click()
    steps.wait_until_paid(page)
    expect(page.get_by_text("You gave €12.50")).to_be_visible()
    steps.open_letter(page, site, address, re.compile("Thank you for supporting")).close()
    page.get_by_role("link", name="Your contributions").click()
    expect(page.get_by_text(re.compile("€12.50 on"))).to_be_visible()
    page.goto(PREMIUM)
    expect(page.get_by_text(steps.LAST_WORDS)).to_have_count(0)


def test_a_monthly_contribution_is_stopped_in_the_account(page: Page, site: Site):
    page.goto("/support/")
    page.get_by_role("link", name="Every month").click()
    page.get_by_role("button", name="Continue to payment").click()
    steps.sign_in_by_code(page, site, steps.new_address())
    page.get_by_role("button", name="Continue to payment").click()
    steps.pay(page)
    steps.wait_until_paid(page)
    page.goto("/account/")
    page.get_by_role("button", name=re.compile("Stop giving")).click()
    expect(page.get_by_text("Nothing more will be taken")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Stop giving"))).to_have_count(0)
