"""What script adds to reading and writing articles."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page

from accounts.models import User
from articles.models import Article
from tests.articles.test_newsroom_articles import BODY, change_url
from tests.factories import make_article, make_section

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert not [text for text in complaints if "Failed to load resource" not in text]


@pytest.fixture
def newsroom(live_server, context: BrowserContext, editor: User, page: Page) -> Page:
    client = Client()
    client.force_login(editor)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    return page


def section_of_three() -> list[Article]:
    section, now = make_section(), timezone.now()
    body = "<p>A line of the text that takes its room.</p>" * 60
    return [make_article(f"Number {n}", section=section, body=body, published_at=now - timedelta(days=n)) for n in (1, 2, 3)]


def test_the_next_article_loads_below_and_the_address_follows(live_server, page: Page) -> None:
    first, second, _third = section_of_three()
    page.goto(live_server.url + first.get_absolute_url())
    for _ in range(12):
        page.mouse.wheel(0, 700)
        page.wait_for_timeout(100)
    page.get_by_role("heading", name="Number 2").scroll_into_view_if_needed()
    page.mouse.wheel(0, 700)
    page.wait_for_url("**" + second.get_absolute_url())
    assert page.title().startswith("Number 2")


def test_without_script_plain_links_lead_on(live_server, context: BrowserContext) -> None:
    first, second, _third = section_of_three()
    page = context.browser.new_context(java_script_enabled=False).new_page()
    page.goto(live_server.url + first.get_absolute_url())
    page.get_by_role("link", name="Number 2").click()
    assert page.url == live_server.url + second.get_absolute_url()
    assert page.get_by_role("link", name="Write the first comment").is_visible()


def test_the_editor_gives_back_every_element_of_a_body(live_server, newsroom: Page) -> None:
    article = make_article(body=BODY)
    before = Article.objects.get(pk=article.pk).body
    newsroom.goto(live_server.url + change_url(article))
    newsroom.get_by_role("button", name="Editor").click()
    assert newsroom.get_by_role("button", name="Editor").get_attribute("aria-pressed") == "true"
    newsroom.locator("[contenteditable=true] p").first.click(position={"x": 3, "y": 8})
    newsroom.keyboard.press("Home")
    newsroom.keyboard.type("Typed. ")
    newsroom.get_by_role("button", name="Save", exact=True).click()
    newsroom.wait_for_url("**/admin/articles/article/")
    assert Article.objects.get(pk=article.pk).body == before.replace("<p>Text", "<p>Typed. Text", 1)


def test_the_editor_refuses_what_it_would_lose(live_server, newsroom: Page) -> None:
    article = make_article()
    newsroom.goto(live_server.url + change_url(article))
    area = newsroom.locator("textarea[data-body]")
    area.fill('<p data-unknown="x">Text</p>')
    newsroom.get_by_role("button", name="Editor").click()
    assert newsroom.get_by_text("nothing is lost there").is_visible()
    assert area.input_value() == '<p data-unknown="x">Text</p>'


def test_going_back_to_html_shows_what_was_written(live_server, newsroom: Page) -> None:
    newsroom.goto(live_server.url + change_url(make_article(body="<p>One.</p>")))
    newsroom.get_by_role("button", name="Editor").click()
    newsroom.locator("[contenteditable=true] p").first.click()
    newsroom.keyboard.press("End")
    newsroom.keyboard.type(" Two.")
    newsroom.get_by_role("button", name="HTML", exact=True).click()
    area = newsroom.locator("textarea[data-body]")
    assert area.is_visible()
    assert area.input_value() == "<p>One. Two.</p>"
