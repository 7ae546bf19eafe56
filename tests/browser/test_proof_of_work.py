"""Asking for a code where browsers prove some work first: with script unnoticed, and without it all the same."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Request, expect

from accounts.proof_of_work import UNSOLVED_A_NETWORK_AN_HOUR
from tests.browser import steps
from tests.browser.test_every_page import RULES
from tests.site import Site, running_site

Seat = Callable[..., Page]
SOLUTION = "form input[name=altcha]"
LONG_ENOUGH = 100


@pytest.fixture(scope="module")
def site(prepared: Path) -> Iterator[Site]:
    """A site that asks for work."""
    with running_site(prepared=prepared, ALTCHA="on") as site:
        yield site


def ask_for_a_code(page: Page, address: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_role("textbox", name="Email address").press_sequentially(address, delay=steps.TYPING_MS / len(address))
    page.get_by_role("button", name="Send me a code").click()


def test_without_script_a_few_codes_are_sent_and_with_it_more(person: Seat, site: Site):
    plain = person(java_script_enabled=False)
    for _ in range(UNSOLVED_A_NETWORK_AN_HOUR):
        ask_for_a_code(plain, steps.new_address())
        expect(plain.get_by_role("heading", name="Look in your mail")).to_be_visible()
        plain.context.clear_cookies()
    address = steps.new_address()
    ask_for_a_code(plain, address)
    expect(plain.get_by_role("alert")).to_contain_text("switch JavaScript on")
    expect(plain.get_by_role("textbox", name="Email address")).to_have_value(address)

    page, sent, said = person(), [], []
    page.on("request", lambda request: sent.append(request))
    page.on("console", lambda message: said.append(message.text))
    ask_for_a_code(page, address)
    expect(page.get_by_role("heading", name="Look in your mail")).to_be_visible()
    assert said == []
    assert {request.url.startswith(site.url) for request in sent} == {True}
    assert len(proofs_in(sent)) == 1
    assert steps.letters_to(page, site, address, "code") == 1


def proofs_in(sent: list[Request]) -> list[str]:
    """Return the solutions that went with a form."""
    forms = [request.post_data_json for request in sent if request.method == "POST"]
    return [form["altcha"] for form in forms if len(form.get("altcha", "")) > LONG_ENOUGH]


def test_who_sends_the_form_before_the_work_is_done_waits_for_it(page: Page):
    page.route("**/accounts/altcha/", lambda route: (page.wait_for_timeout(steps.TYPING_MS * 2), route.continue_()))
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request))
    ask_for_a_code(page, steps.new_address())
    expect(page.get_by_role("heading", name="Look in your mail")).to_be_visible()
    assert len(proofs_in(sent)) == 1


def test_where_no_work_is_given_out_the_form_is_sent_without(page: Page):
    page.route("**/accounts/altcha/", lambda route: route.abort())
    ask_for_a_code(page, steps.new_address())
    expect(page.get_by_role("alert").or_(page.get_by_role("heading", name="Look in your mail"))).to_be_visible()


def test_axe_finds_nothing_while_the_work_is_done_and_after(page: Page):
    page.goto("/accounts/login/")
    page.get_by_role("textbox", name="Email address").focus()
    for is_done in (False, True):
        if is_done:
            expect(page.locator(SOLUTION)).to_have_value(re.compile("."))
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, found.generate_report()
