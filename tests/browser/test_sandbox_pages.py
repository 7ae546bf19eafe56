"""The stand-in's own pages: for people with any eyes, on any screen; and a clock that can be watched."""

from collections.abc import Iterator
from typing import Any

import pytest
import stripe
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from sandbox.testing import API_KEY, Sandbox, running_sandbox

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], "resultTypes": ["violations"]}
WIDTHS = (1280, 390, 320)
BACK = {"success_url": "http://localhost:9/back", "cancel_url": "http://localhost:9/"}
PAGES = ("/", "/mailbox/", "/clock", "/people", "/people/{person}", "/payments", "/payments/{payment}", "/events", "/events/{event}",
         "/faults", "/pay/{subscribing}", "/pay/{donating}", "/pay/{saving}", "/pay/{done}", "/portal/{portal}",
         "/invoices/{asked}", "/invoices/{refused}", "/invoices/{paid}")  # fmt: skip


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture(scope="module")
def addresses(sandbox: Sandbox) -> dict[str, str]:
    """Fill the stand-in with a bit of everything; returns the ids that addresses are made of."""
    client = stripe.StripeClient(API_KEY, base_addresses={"api": sandbox.url}).v1
    product = client.products.create({"name": "Reader", "description": "Every article and the archive."})
    recurring = {"product": product.id, "currency": "eur", "recurring": {"interval": "month"}}
    price = client.prices.create({"unit_amount": 700, **recurring}).id
    client.prices.create({"unit_amount": 7000, **recurring, "recurring": {"interval": "year"}})
    seats = {"enabled": True, "minimum": 1, "maximum": 20}
    lines = [{"price": price, "quantity": 2, "adjustable_quantity": seats}]
    done = [
        subscribe(client, sandbox, lines, "succeeds", "ada@example.com"),
        subscribe(client, sandbox, lines, "declines", "someone.with.quite.a.long.address@magazines-and-letters.example.com"),
        subscribe(client, sandbox, lines, "requires_action", "grace@example.com"),
    ]
    sandbox.advance(months=1)
    invoices = {i["customer"]: i["id"] for i in reversed(sandbox.objects("invoice"))}
    ada, refused, asked = (sandbox.object(id)["customer"] for id in done)
    charge = sandbox.objects("charge", customer=ada)[0]
    sandbox.refund(charge["id"], 100)
    sandbox.dispute(charge["id"])
    gift = {"currency": "eur", "unit_amount": 2500, "product_data": {"name": "A donation"}}
    open_ones: dict[str, Any] = {
        "subscribing": {"mode": "subscription", "line_items": lines, "allow_promotion_codes": True},
        "donating": {"mode": "payment", "submit_type": "donate", "line_items": [{"price_data": gift, "quantity": 1}]},
        "saving": {"mode": "setup", "currency": "eur", "customer": ada},
    }
    ids = {name: client.checkout.sessions.create({**what, **BACK}).id for name, what in open_ones.items()}
    return ids | {
        "person": ada,
        "payment": charge["payment_intent"],
        "event": sandbox.objects("event")[0]["id"],
        "done": done[0],
        "portal": client.billing_portal.sessions.create({"customer": ada, "return_url": "http://localhost:9/account/"}).id,
        "paid": invoices[ada],
        "refused": invoices[refused],
        "asked": invoices[asked],
    }


def subscribe(client: Any, sandbox: Sandbox, lines: list[Any], renewals: str, email: str) -> str:
    session = client.checkout.sessions.create({"mode": "subscription", "line_items": lines, "customer_email": email, **BACK})
    sandbox.complete_checkout(session.id, renewals=renewals)
    return str(session.id)


@pytest.fixture
def at_the_sandbox(browser: Browser, sandbox: Sandbox) -> Iterator[Page]:
    context = browser.new_context(base_url=sandbox.url, reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_and_everything_fits(at_the_sandbox: Page, addresses: dict[str, str], path: str):
    page, found = at_the_sandbox, []
    answer = page.goto(path.format(**addresses))
    assert answer is not None
    assert answer.status == 200
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            found += [f"{theme} {width}: {one['id']} {one['nodes'][0]['html'][:160]}" for one in violations(page)]
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"too wide at {width} px"
    assert not found, "\n".join(found)


def violations(page: Page) -> list[Any]:
    found: list[Any] = Axe().run(page, options=RULES).response["violations"]
    return found


def test_a_year_goes_by_and_is_told(at_the_sandbox: Page, addresses: dict[str, str]):
    page = at_the_sandbox
    page.goto("/clock")
    page.get_by_role("button", name="A month on").click()

    expect(page.get_by_role("heading", name="What happened since you moved the clock")).to_be_visible()
    expect(page.get_by_text("Subscription ended: every attempt to charge failed")).to_have_count(2)
    page.get_by_role("listitem").filter(has_text="Renewed").get_by_role("link", name="ada@example.com").first.click()
    page.get_by_label("Is declined").check()
    page.get_by_role("button", name="Give this card").click()
    page.get_by_role("link", name="Clock").click()
    page.get_by_role("button", name="To the next renewal").click()

    expect(page.get_by_text("Subscription went from active to past due")).to_be_visible()


def test_a_reader_confirms_a_renewal_on_the_invoice(at_the_sandbox: Page, sandbox: Sandbox, addresses: dict[str, str]):
    client = stripe.StripeClient(API_KEY, base_addresses={"api": sandbox.url}).v1
    price = sandbox.objects("price", active=True)[0]["id"]
    done = subscribe(client, sandbox, [{"price": price, "quantity": 1}], "requires_action", "confirms@example.com")
    sandbox.advance(months=13)
    invoice = sandbox.objects("invoice", customer=sandbox.object(done)["customer"])[0]

    at_the_sandbox.goto(invoice["hosted_invoice_url"])
    at_the_sandbox.get_by_role("button", name="Confirm the payment").click()

    expect(at_the_sandbox.get_by_text("paid", exact=True)).to_be_visible()
