"""A free read and a gift, with script and without."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import LAST_WORDS, PREMIUM, last_words_of, sign_in_to_the_newsroom

Seat = Callable[..., Page]
METERED = ("every-hero-is-called-xiaoshuai", "pre-made-is-now-the-rudest-word", "what-my-mothers-step-count-says-about-her-friends")
FOURTH = "what-is-in-the-bag-of-bags"


@pytest.mark.parametrize("has_script", [True, False], ids=["with script", "without script"])
def test_a_stranger_reads_three_articles_and_is_told_what_then(person: Seat, has_script: bool):
    page = person(java_script_enabled=has_script)
    for number, slug in enumerate(METERED):
        page.goto(f"/{slug}/")
        assert last_words_of(slug) not in page.content()
        expect(page.get_by_text("3 free reads a month" if number == 0 else f"{3 - number} of 3 free reads left this month")).to_be_visible()
        page.get_by_role("button", name="Read this one free").click()
        expect(page).to_have_url(re.compile(f"/{slug}/$"))
        expect(page.get_by_role("article").first).to_contain_text(last_words_of(slug))
    page.goto(f"/{FOURTH}/")
    expect(page.get_by_text("Your 3 free reads of this month are used")).to_be_visible()
    expect(page.get_by_role("link", name="Read 2 more with a free account")).to_be_visible()
    assert last_words_of(FOURTH) not in page.content()


@pytest.mark.parametrize("has_script", [True, False], ids=["with script", "without script"])
def test_a_gift_opens_the_article_to_a_friend(person: Seat, has_script: bool):
    giver = person(java_script_enabled=has_script)
    sign_in_to_the_newsroom(giver)
    giver.goto(PREMIUM)
    giver.get_by_role("link", name="Give", exact=True).click()
    giver.get_by_role("button", name="Make a gift link").click()
    address = giver.get_by_label("Copy it now: it is shown this once.").input_value()
    friend = person(java_script_enabled=has_script)
    friend.goto(PREMIUM)
    expect(friend.get_by_text(LAST_WORDS)).to_have_count(0)
    friend.goto(address)
    friend.get_by_role("button", name="Read it").click()
    expect(friend.get_by_text(LAST_WORDS)).to_be_visible()
    giver.goto("/account/gifts/")
    giver.get_by_role("button", name="Take back").first.click()
    expect(giver.get_by_text("The link opens nothing any more.")).to_be_visible()
    friend.goto(address)
    expect(friend.get_by_role("heading", name="This gift was taken back.")).to_be_visible()
