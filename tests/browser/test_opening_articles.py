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
    late = page.context.new_page()
    late.goto(f"/{FOURTH}/")
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
    late.get_by_role("button", name="Read this one free").click()
    expect(late.get_by_role("heading", level=1, name="Your free reads of this month are used.")).to_be_visible()
    door = late.get_by_role("main")
    for way in ("Read 2 more with a free account", "Subscribe", "Sign in"):
        expect(door.get_by_role("link", name=way)).to_be_visible()
    door.get_by_role("link", name="Back to the article").click()
    expect(late).to_have_url(re.compile(f"/{FOURTH}/$"))
    assert last_words_of(FOURTH) not in late.content()


def give(giver: Page, path: str) -> str:
    """Make a gift of an article, as somebody who is signed in; return its address."""
    giver.goto(path)
    giver.get_by_role("link", name="Give", exact=True).click()
    giver.get_by_role("button", name="Make a gift link").click()
    return giver.get_by_label("Copy it now: it is shown this once.").input_value()


@pytest.mark.parametrize("has_script", [True, False], ids=["with script", "without script"])
def test_two_gifts_open_their_articles_to_a_friend_until_they_are_taken_back(person: Seat, has_script: bool):
    giver, friend = (person(java_script_enabled=has_script) for _ in range(2))
    sign_in_to_the_newsroom(giver)
    given = {PREMIUM: LAST_WORDS, f"/{METERED[0]}/": last_words_of(METERED[0])}
    addresses = [give(giver, path) for path in given]
    for (path, words), address in zip(given.items(), addresses, strict=True):
        friend.goto(path)
        assert words not in friend.content()
        friend.goto(address)
        friend.get_by_role("button", name="Read it").click()
        expect(friend.get_by_text(words)).to_be_visible()
    for path, words in given.items():
        friend.goto(path)
        expect(friend.get_by_text(words)).to_be_visible()
    friend.goto(f"/{FOURTH}/")
    expect(friend.get_by_text("3 free reads a month")).to_be_visible()
    assert last_words_of(FOURTH) not in friend.content()
    giver.goto("/account/gifts/")
    # The newest stands first.
    giver.get_by_role("button", name="Take back").nth(1).click()
    expect(giver.get_by_text("The link opens nothing any more.")).to_be_visible()
    friend.goto(addresses[0])
    expect(friend.get_by_role("heading", name="This gift was taken back.")).to_be_visible()
    friend.get_by_role("link", name="To the article and what is free of it").click()
    expect(friend).to_have_url(re.compile(f"{PREMIUM}$"))
    assert LAST_WORDS not in friend.content()
    friend.goto(f"/{METERED[0]}/")
    expect(friend.get_by_text(given[f"/{METERED[0]}/"])).to_be_visible()
