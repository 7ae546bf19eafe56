"""What people do on several paths: read their mail, sign in, pay, speak, and work in the newsroom."""

import re
import time
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from demo.accounts import DEMO_PASSWORD
from tests.site import ROOT, Site

PREMIUM = "/the-people-who-wait-for-you/"
COMMENTED = "/the-group-chat-that-runs-the-building/"
EDITOR = "mara@downstairs.example"
DEADLINE_SECONDS = 40
LOOK_AGAIN_MS = 150
TYPING_MS = 4000

Words = str | re.Pattern[str]


def last_words_of(slug: str) -> str:
    """Return the last sentence of a demo article, which no preview shows."""
    text = (ROOT / "demo" / "content" / "articles" / f"{slug}.html").read_text()
    paragraph = re.findall(r"<p>(.*?)</p>", text)[-1]
    return re.sub(r"<[^>]+>", "", paragraph).rsplit(". ", 1)[-1]


LAST_WORDS = last_words_of(PREMIUM.strip("/"))


def new_address() -> str:
    """Return an address that nobody has used yet."""
    return f"someone-{uuid4().hex[:10]}@example.com"


def reload_until(page: Page, wanted: Locator, *, seconds: int = DEADLINE_SECONDS) -> None:
    """Load the page again and again, as somebody waiting would, until something is on it; fail after a while."""
    deadline = time.monotonic() + seconds
    while not wanted.count() and time.monotonic() < deadline:
        page.wait_for_timeout(LOOK_AGAIN_MS)
        page.reload()
    expect(wanted.first).to_be_visible()


# The mailbox -----------------------------------------------------------------------------------------------------


def open_letter(page: Page, site: Site, address: str, subject: Words) -> Page:
    """Open the newest letter to an address, in a tab beside the page."""
    inbox = page.context.new_page()
    inbox.goto(f"{site.sandbox_url}/mailbox/?to={address}")
    reload_until(inbox, inbox.get_by_role("link", name=subject))
    inbox.get_by_role("link", name=subject).first.click()
    expect(inbox.get_by_role("link", name="All letters")).to_be_visible()
    return inbox


def letters_to(page: Page, site: Site, address: str, subject: Words) -> int:
    """Return how many letters with a subject lie in a mailbox."""
    inbox = page.context.new_page()
    inbox.goto(f"{site.sandbox_url}/mailbox/?to={address}")
    count = inbox.get_by_role("link", name=subject).count()
    inbox.close()
    return count


def follow(letter: Page, name: str, *, to: re.Pattern[str]) -> None:
    """Press a link of the HTML part; it takes the whole window along."""
    letter.frame_locator("iframe").get_by_role("link", name=name).click()
    expect(letter).to_have_url(to)


def source_of(letter: Page) -> str:
    """Return a letter as it was sent, with each header on one line."""
    tab = letter.context.new_page()
    answer = tab.goto(f"{letter.url}source")
    source = answer.text() if answer else ""
    tab.close()
    return re.sub(r"\r?\n[ \t]+", " ", source)


# Signing in and paying -------------------------------------------------------------------------------------------


def sign_in_by_code(page: Page, site: Site, address: str) -> None:
    """Sign in from the page that asks for the address, typed at a person's speed, with the code from the mail."""
    page.get_by_role("textbox", name="Email address").press_sequentially(address, delay=TYPING_MS / len(address))
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_role("heading", name="Look in your mail")).to_be_visible()
    inbox = open_letter(page, site, address, re.compile("code", re.I))
    code = re.search(r"\b\d{3}[ -]?\d{3}\b", inbox.get_by_role("region").or_(inbox.get_by_role("main")).last.inner_text())
    inbox.close()
    assert code, "The mail holds no code."
    page.get_by_role("textbox", name="Code").fill(code[0])
    page.get_by_role("button", name="Sign in", exact=True).click()


def paywall(page: Page) -> Locator:
    """Return the block that stands where the text was cut."""
    return page.get_by_role("region").filter(has=page.get_by_role("link", name="Subscribe")).filter(has_text="Cancel in your account")


def pay(page: Page) -> None:
    """Pay on the stand-in's Checkout page."""
    page.get_by_role("button", name="Pay", exact=True).click()


def wait_until_paid(page: Page) -> None:
    """Wait on the page that one comes back to, until the money is there."""
    reload_until(page, page.get_by_role("heading", name="Thank you."))


# Speaking --------------------------------------------------------------------------------------------------------


def say(page: Page, text: str, *, name: str, address: str) -> None:
    """Write a comment below an article at a person's speed: what comes within three seconds counts as a robot's."""
    page.get_by_role("heading", name=re.compile("comments|floors", re.I)).first.scroll_into_view_if_needed()
    form = page.get_by_role("textbox", name="Comment")
    expect(form).to_be_visible()
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_role("textbox", name=re.compile(r"^Email")).fill(address)
    form.press_sequentially(text, delay=TYPING_MS / len(text))
    page.get_by_role("button", name="Post comment").click()


# The newsroom ----------------------------------------------------------------------------------------------------


def sign_in_to_the_newsroom(page: Page) -> None:
    """Sign in as the editor, by password."""
    page.goto("/admin/")
    page.get_by_role("link", name="I have a password").click()
    page.get_by_role("textbox", name="Email address").fill(EDITOR)
    page.get_by_role("textbox", name="Password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile(r"^[^?]+/admin/$"))


def approve(page: Page, words: str) -> None:
    """Approve the held comment that begins with some words, coming from the newsroom's first page."""
    page.get_by_role("link", name=re.compile("comments? to read")).click()
    page.get_by_role("link", name=re.compile("^" + re.escape(words))).click()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("changed successfully")).to_be_visible()


def send_an_issue(page: Page, *, letter: str, subject: str, text: str) -> None:
    """Write an issue of a letter and send it."""
    page.goto("/admin/newsletters/issue/add/")
    page.get_by_role("combobox", name="Newsletter").select_option(label=letter)
    page.get_by_role("textbox", name="Subject").fill(subject)
    page.get_by_role("textbox", name="Body").fill(f"<p>{text}</p>")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("table").get_by_role("link", name=subject).click()
    page.get_by_role("link", name="Test and send").click()
    page.get_by_role("button", name="Send now").click()
    expect(page.get_by_text("The issue is being sent.")).to_be_visible()
