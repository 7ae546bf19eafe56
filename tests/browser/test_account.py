"""What readers do with their account, in a browser: come in, stay safe, take their data along, leave, and change their mind."""

import contextlib
import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import CDPSession, Error, Page, expect

from tests.browser import steps
from tests.browser.test_every_page import COLOUR_RULES, HEIGHT, RULES, WIDTHS
from tests.site import Site

Seat = Callable[..., Page]
with_and_without_script = pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
PAGES = (
    "/account/",
    "/account/name/",
    "/account/picture/",
    "/account/reading-language/",
    "/account/export/",
    "/account/export/none/",
    "/account/delete/",
    "/account/deleted/",
    "/accounts/email/",
    "/accounts/password/set/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/none-none/",
    "/accounts/password/reset/key/done/",
    "/accounts/sessions/",
    "/accounts/2fa/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/2fa/totp/activate/",
    "/accounts/3rdparty/",
    "/accounts/3rdparty/login/cancelled/",
    "/accounts/3rdparty/login/error/",
    "/accounts/inactive/",
    "/accounts/logout/",
)


def come_in(page: Page, site: Site, address: str) -> None:
    """Sign in by a code, from the front page."""
    page.goto("/accounts/login/")
    steps.sign_in_by_code(page, site, address)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Good")


def sign_out(page: Page) -> None:
    """Sign out from the account page."""
    page.goto("/account/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()


def give_a_fingerprint_reader(page: Page) -> CDPSession:
    """Give a browser an authenticator of its own that always says yes."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options | {"automaticPresenceSimulation": True}})
    return session


@with_and_without_script
def test_a_reader_comes_in_by_a_code_and_goes_again(person: Seat, site: Site, script: bool):
    page = person(java_script_enabled=script)
    come_in(page, site, steps.new_address())
    sign_out(page)
    page.goto("/account/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_who_is_too_fast_keeps_the_address_and_gets_in_at_the_second_try(page: Page, site: Site):
    address = steps.new_address()
    page.goto("/accounts/login/")
    page.get_by_role("textbox", name="Email address").fill(address)
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_role("alert")).to_contain_text("please send it once more")
    expect(page.get_by_role("textbox", name="Email address")).to_have_value(address)


def test_a_passkey_is_added_and_then_signs_its_reader_in_alone(page: Page, site: Site):
    give_a_fingerprint_reader(page)
    come_in(page, site, steps.new_address())
    page.get_by_role("link", name="Add one passkeys").click()
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("textbox", name="Name").fill("my laptop")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Passkeys")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="my laptop")).to_contain_text("Signs you in alone")

    sign_out(page)
    page.goto("/accounts/login/?next=/about/")
    page.get_by_role("button", name="Use a passkey instead").click()
    expect(page).to_have_url(re.compile(r"^[^?]+/about/$"))
    page.goto("/account/")
    expect(page.get_by_text("In use")).to_be_visible()


def test_a_device_that_refuses_is_told_on_the_page(page: Page, site: Site):
    session = give_a_fingerprint_reader(page)
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Use a passkey instead").click()
    expect(page.get_by_role("alert")).to_contain_text("have a code sent", timeout=90_000)
    session.detach()


@with_and_without_script
def test_an_account_is_deleted_and_kept_after_all(person: Seat, site: Site, script: bool):
    page, address = person(java_script_enabled=script), steps.new_address()
    come_in(page, site, address)
    page.get_by_role("link", name="Delete account").click()
    page.get_by_role("checkbox", name="Yes, delete my account").check()
    page.get_by_role("button", name="Delete my account").click()
    expect(page.get_by_role("heading", name="Goodbye")).to_be_visible()
    page.get_by_role("link", name="Sign in and keep it").click()
    steps.sign_in_by_code(page, site, address)
    expect(page.get_by_role("heading", name="Your account will be deleted on")).to_be_visible()
    page.get_by_role("button", name="Keep my account").click()
    expect(page.get_by_text("Your account stays.")).to_be_visible()


@with_and_without_script
def test_a_reader_asks_for_everything_we_hold_and_fetches_it_from_the_mail(person: Seat, site: Site, script: bool):
    page, address = person(java_script_enabled=script), steps.new_address()
    come_in(page, site, address)
    page.get_by_role("link", name="Download your data").click()
    page.get_by_role("button", name="Put my data together").click()
    # Behind the pictures of the demo, which the one worker makes when the site is new.
    steps.reload_until(page, page.get_by_text("The link is in your mail"), seconds=180)
    letter = steps.open_letter(page, site, address, re.compile("Your data"))
    link = letter.get_by_role("link", name="Open the page").or_(letter.locator("a[href*='/account/export/']")).first.get_attribute("href")
    assert link
    # A download ends the navigation, which Playwright calls an error.
    with page.expect_download() as download, contextlib.suppress(Error):
        page.goto(link)
    assert re.fullmatch(r"account-[\d-]+\.zip", download.value.suggested_filename)

    stranger = person()
    stranger.goto(link)
    expect(stranger.get_by_role("heading", name="Sign in")).to_be_visible()


def test_one_device_is_signed_out_from_another_without_script(person: Seat, site: Site):
    address = steps.new_address()
    here, there = person(java_script_enabled=False), person()
    come_in(there, site, address)
    come_in(here, site, address)
    here.goto("/accounts/sessions/")
    here.get_by_role("button", name=re.compile("^Sign out .*Linux|^Sign out .*browser")).first.click()
    expect(here.get_by_text("That device is signed out.")).to_be_visible()
    there.goto("/account/")
    expect(there.get_by_role("heading", name="Sign in")).to_be_visible()


def test_every_page_of_an_account_is_clean_in_both_themes_wide_and_narrow(page: Page, site: Site):
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if "status of" not in message.text else None)
    come_in(page, site, steps.new_address())
    found: list[str] = []
    for address in PAGES:
        page.goto(address)
        assert page.get_by_role("heading", level=1).count() == 1, address
        for theme, rules in (("light", RULES), ("dark", COLOUR_RULES)):
            for width in WIDTHS:
                page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
                page.set_viewport_size({"width": width, "height": HEIGHT})
                violations = Axe().run(page, options=rules).response["violations"]
                found += [f"{address} {theme} {width}: {one['id']}: {node['html'][:160]}" for one in violations for node in one["nodes"]]
                too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                found += [f"{address} {width}: {too_wide} px too wide"] if too_wide > 0 else []
    assert not found, "\n".join(found)
    assert not complaints
