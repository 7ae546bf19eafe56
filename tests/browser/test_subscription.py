"""A subscription from the first payment to the last: declined, confirmed, changed, stopped and taken back, in a browser."""

import re
from collections.abc import Callable
from threading import Thread
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.site import Site

Seat = Callable[..., Page]
HOLDING = "/account/billing/"
BOTH = pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])


def choose_by_the_month(page: Page, site: Site) -> None:
    """Sign in anew, choose the first price by the month, and stand at Checkout."""
    page.goto("/subscribe/")
    page.get_by_role("button", name="Subscribe by the month").first.click()
    steps.sign_in_by_code(page, site, steps.new_address())
    page.get_by_role("button", name="Continue to payment").click()
    expect(page.get_by_role("button", name="Decline the card")).to_be_visible()


def subscribe(page: Page, site: Site) -> None:
    """Subscribe by the month and look at what one holds."""
    choose_by_the_month(page, site)
    steps.pay(page)
    steps.wait_until_paid(page)
    page.goto(HOLDING)
    expect(page.get_by_text("It renews on")).to_be_visible()


def use_a_card_that(page: Page, label: str) -> None:
    """Put another card in the portal."""
    page.get_by_role("button", name="Card and invoices").click()
    page.get_by_label(label).check()
    page.get_by_role("button", name="Use this card").click()
    page.get_by_role("link", name="Back to the site").click()


def begin_a_dearer_price(page: Page) -> None:
    """Go from the account page to the yearly price, and agree to what it costs."""
    page.goto(HOLDING)
    page.get_by_role("link", name="Change", exact=True).click()
    page.get_by_role("link", name=re.compile("a year would cost")).first.click()
    expect(page.get_by_text("You pay today")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Change and pay")).click()


def test_a_card_that_is_declined_opens_nothing_until_another_pays(page: Page, site: Site):
    choose_by_the_month(page, site)
    page.get_by_role("button", name="Decline the card").click()
    expect(page.get_by_text(re.compile("declined", re.I)).first).to_be_visible()
    stranger = page.context.new_page()
    stranger.goto(HOLDING)
    expect(stranger.get_by_text("You have no subscription")).to_be_visible()
    steps.pay(page)
    steps.wait_until_paid(page)


def test_a_card_that_the_bank_asks_about_pays_once_it_is_confirmed(page: Page, site: Site):
    choose_by_the_month(page, site)
    page.get_by_role("button", name="Card needs confirmation").click()
    page.get_by_role("button", name="Confirm the payment").click()
    steps.wait_until_paid(page)


def test_what_is_cancelled_in_the_portal_is_taken_back_there(page: Page, site: Site):
    subscribe(page, site)
    page.get_by_role("button", name="Card and invoices").click()
    page.get_by_role("button", name="Cancel at the period’s end").click()
    page.get_by_role("button", name="Don’t cancel").click()
    expect(page.get_by_role("button", name="Cancel at the period’s end")).to_be_visible()
    page.get_by_role("link", name="Back to the site").click()
    steps.reload_until(page, page.get_by_text("It renews on"))


@BOTH
def test_what_is_cancelled_here_says_why_and_is_taken_back(person: Seat, site: Site, script: bool):
    page = person(java_script_enabled=script)
    subscribe(page, site)
    page.get_by_role("link", name="Cancel", exact=True).click()
    page.get_by_label("I don’t read it enough").check()
    page.get_by_role("button", name="Cancel my subscription").click()
    expect(page.get_by_text("It is cancelled and stays open until")).to_be_visible()
    page.goto(steps.PREMIUM)
    expect(page.get_by_text(steps.LAST_WORDS)).to_be_visible()
    page.goto(HOLDING)
    page.get_by_role("button", name="Don’t cancel").click()
    expect(page.get_by_text("It renews on")).to_be_visible()


@BOTH
def test_a_dearer_price_is_previewed_paid_and_held(person: Seat, site: Site, script: bool):
    page = person(java_script_enabled=script)
    subscribe(page, site)
    begin_a_dearer_price(page)
    expect(page.get_by_text(re.compile("a year. It renews on"))).to_be_visible()


def test_a_dearer_price_whose_payment_the_bank_asks_about_waits_for_the_confirmation(page: Page, site: Site):
    subscribe(page, site)
    use_a_card_that(page, "Asks for confirmation (3184)")
    begin_a_dearer_price(page)
    page.get_by_role("button", name="Confirm the payment").click()
    expect(page.get_by_role("button", name="Confirm the payment")).to_have_count(0)
    page.goto(HOLDING)
    steps.reload_until(page, page.get_by_text(re.compile("a year. It renews on")))


@BOTH
def test_a_pause_is_set_and_ended(person: Seat, site: Site, script: bool):
    page = person(java_script_enabled=script)
    subscribe(page, site)
    page.get_by_role("link", name="Pause").click()
    page.get_by_label(re.compile("^2 months")).check()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("A pause begins on")).to_be_visible()
    page.get_by_role("link", name="End the pause").click()
    page.get_by_role("button", name="End the pause").click()
    expect(page.get_by_text("It renews on")).to_be_visible()


@BOTH
def test_a_supporter_writes_an_amount_and_is_charged_that(person: Seat, site: Site, script: bool):
    page = person(java_script_enabled=script)
    page.goto("/subscribe/")
    plan = page.get_by_role("region", name="Supporter")
    plan.get_by_role("textbox", name="Or another amount").fill("20")
    plan.get_by_role("button", name="Pay that a year").click()
    field = page.get_by_role("region", name="Supporter").get_by_role("textbox", name="Or another amount")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("180,50")
    page.get_by_role("button", name="Pay that a year").click()
    steps.sign_in_by_code(page, site, steps.new_address())
    page.get_by_role("button", name="Continue to payment").click()
    expect(page.get_by_text("€180.50").or_(page.get_by_text("180.50")).first).to_be_visible()
    steps.pay(page)
    steps.wait_until_paid(page)
    page.goto(HOLDING)
    expect(page.get_by_text("Supporter, €180.50 a year")).to_be_visible()


def test_while_stripe_keeps_somebody_waiting_others_sign_in(person: Seat, site: Site):
    payer, other = person(), person()
    choose_by_the_month(payer, site)
    steps.pay(payer)
    expect(payer.get_by_role("heading", name="Thank you.")).to_be_visible()
    cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in payer.context.cookies(site.url))
    asks_stripe = Request(payer.url, headers={"Cookie": cookies})
    payer.request.post(f"{site.sandbox_url}/faults", form={"api": "timeout", "timeout_seconds": "30"})
    waiting = Thread(target=lambda: urlopen(asks_stripe, timeout=120).read())
    try:
        waiting.start()
        other.goto("/accounts/login/")
        steps.sign_in_by_code(other, site, steps.new_address())
        other.goto("/account/")
        expect(other.get_by_role("heading", name="Subscription")).to_be_visible()
        assert waiting.is_alive(), "Whoever signs in needn't wait for Stripe's answer to somebody else."
    finally:
        payer.request.post(f"{site.sandbox_url}/faults", form={})
        waiting.join()
