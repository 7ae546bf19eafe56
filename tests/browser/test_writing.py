"""Writing in the newsroom, on the site as it is served: with hashed scripts and styles."""

import re
from collections.abc import Callable
from uuid import uuid4

from playwright.sync_api import Page, expect

from tests.browser import steps

Seat = Callable[..., Page]
NARROW = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 800}
CODE = "x" * 300


def new_article(page: Page, title: str) -> None:
    steps.sign_in_to_the_newsroom(page)
    page.goto("/admin/articles/article/add/")
    page.get_by_role("textbox", name=re.compile("^Title")).fill(title)


def test_pictures_and_pull_quotes_are_put_into_the_text_and_reach_readers(person: Seat):
    title, words = f"Written at the desk {uuid4().hex[:8]}", f"The words of {uuid4().hex[:8]}"
    editor = person(viewport=NARROW)
    new_article(editor, title)
    body = editor.get_by_role("textbox", name="Body")
    body.fill(f"<p>{words}</p>\n<pre><code>{CODE}</code></pre>\n")
    insert = editor.get_by_role("combobox", name="Insert")
    insert.select_option("pull quote")
    with editor.expect_popup() as window:
        insert.select_option("picture")
    window.value.get_by_role("table").get_by_role("rowgroup").last.get_by_role("link").first.click()
    expect(body).to_have_value(re.compile(r'<figure class="pull">.*<img data-image="\d+"', re.DOTALL))
    editor.get_by_role("button", name="Save and continue editing").click()
    editor.get_by_role("link", name="Publish", exact=True).click()
    editor.get_by_role("button", name="Publish", exact=True).click()
    expect(editor.get_by_text("Published.")).to_be_visible()

    reader = person(viewport=PHONE)
    reader.goto("/")
    reader.get_by_role("link", name=title).first.click()
    expect(reader.get_by_text(words)).to_be_visible()
    expect(reader.get_by_role("article").first.locator("figure.pull, figure picture, figure img")).not_to_have_count(0)
    assert reader.evaluate("document.documentElement.scrollWidth <= innerWidth"), "a long line of code must not push the page aside"


def test_the_form_of_an_article_fits_a_small_screen(person: Seat):
    editor = person(viewport=NARROW)
    new_article(editor, "Never saved")
    expect(editor.get_by_role("combobox", name="Insert")).to_be_visible()
    assert editor.evaluate("document.documentElement.scrollWidth <= innerWidth")
