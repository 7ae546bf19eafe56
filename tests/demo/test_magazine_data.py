"""The files of the demo magazine fit together: what they name is there, and what they say survives."""

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from articles.body.parsing import parse
from articles.body.sanitising import sanitise
from articles.body.tree import Node, text_of, walk
from articles.body.vocabulary import ID_PREFIX
from articles.slugs import RESERVED_SLUGS
from demo.reading import PRINTS, Piece, read_data, read_pieces

DATA = read_data("magazine")
COMMENTS = read_data("comments")["comments"]
ARTICLES = {piece.slug: piece for piece in read_pieces("articles")}
PAGES = {piece.slug: piece for piece in read_pieces("pages")}
ISSUES = {piece.slug: piece for piece in read_pieces("issues")}
EVERYTHING = [*ARTICLES.values(), *PAGES.values(), *ISSUES.values()]

PRINT = re.compile(r'data-print="([\w-]+)"')
DIVIDER = '<hr class="paywall-divider">'
HAN = re.compile(r"[\u3400-\u9fff]+")
WORD = re.compile(r"[\u3400-\u9fff]|[\w’'-]+")
LENGTHS = {"long": range(850, 1801), "brief": range(120, 251)}

each_article = pytest.mark.parametrize("piece", ARTICLES.values(), ids=list(ARTICLES))
each_piece = pytest.mark.parametrize("piece", EVERYTHING, ids=lambda piece: piece.slug)


def slugs(table: str) -> set[str]:
    return {row["slug"] for row in DATA[table]}


def stored(piece: Piece) -> str:
    """Return the body as the loader stores it, with the picture's id in place of the print's name."""
    return PRINT.sub('data-image="1" src="/media/print.webp"', piece.body)


def attributes(nodes: list[Node]) -> Counter[tuple[str, str, str]]:
    """Count the attributes of all elements, without the prefix that keeps a body's ids apart from the page's."""
    found = ((element.tag, name, value) for element in walk(nodes) for name, value in element.attrs.items())
    return Counter((tag, name, value.replace(f"#{ID_PREFIX}", "#").removeprefix(ID_PREFIX)) for tag, name, value in found)


def addresses() -> Iterator[str]:
    yield from (f"/{slug}/" for slug in [*ARTICLES, *PAGES])
    yield from (f"/category/{slug}/" for slug in slugs("sections"))
    yield from (f"/newsletters/{slug}/" for slug in slugs("newsletters"))
    yield from ("/subscribe/", "/contact/", "/account/", "/account/export/", "/account/delete/", "/search/")


@each_article
def test_an_article_names_only_what_exists(piece: Piece) -> None:
    matter = piece.matter
    assert matter["section"] in slugs("sections")
    assert {person for person, _ in matter["credits"]} <= slugs("people")
    assert set(matter["tags"]) <= slugs("tags")
    assert set(matter.get("series", [])) <= slugs("series")
    assert matter["access"] in {"free", "registered", "metered", "premium"}
    assert "image" not in matter or (PRINTS / f"{matter['image']}.webp").exists()


@each_article
def test_an_article_with_a_picture_says_what_is_on_it(piece: Piece) -> None:
    assert "image" not in piece.matter or piece.matter["image_alt"]


@each_article
def test_an_articles_dates_are_in_order(piece: Piece) -> None:
    matter = piece.matter
    assert 0 <= matter.get("updated_days_ago", 0) < matter["days_ago"] <= matter.get("first_published_days_ago", 10_000)


@each_article
def test_an_article_has_the_length_of_its_kind(piece: Piece) -> None:
    words = len(WORD.findall(text_of(parse(piece.body))))
    assert piece.matter["kind"] == "live" or words in LENGTHS[piece.matter["kind"]], words


@each_piece
def test_a_body_loses_nothing_when_it_is_sanitised(piece: Piece) -> None:
    written = stored(piece).replace("{{day}}", "2026-06-07")
    before, after = parse(written), parse(sanitise(written))
    assert "".join(text_of(after).split()) == "".join(text_of(before).split())
    assert Counter(element.tag for element in walk(after)) == Counter(element.tag for element in walk(before))
    assert attributes(after) == attributes(before)


@each_piece
def test_a_gloss_explains_and_pronounces(piece: Piece) -> None:
    elements = [element for element in walk(parse(piece.body)) if {"term", "gloss"} & set(element.classes)]
    assert all(element.attrs.get("data-pinyin") for element in elements)
    assert all(element.attrs.get("data-gloss") for element in elements if element.tag == "span")


@each_piece
def test_a_body_shows_only_prints_that_are_there(piece: Piece) -> None:
    for name in PRINT.findall(piece.body):
        assert (PRINTS / f"{name}.webp").exists(), name


@each_piece
def test_a_body_leads_only_to_addresses_that_are_there(piece: Piece) -> None:
    elements = list(walk(parse(piece.body)))
    also = {element.attrs["data-article"] for element in elements if "data-article" in element.attrs}
    links = {element.attrs["href"] for element in elements if "href" in element.attrs}
    ids = {element.attrs["id"] for element in elements if "id" in element.attrs}
    assert also <= set(ARTICLES) - {piece.slug}
    assert {link for link in links if link.startswith("/")} <= set(addresses())
    assert {link[1:] for link in links if link.startswith("#")} <= ids


def test_headwords_tell_how_they_are_pronounced() -> None:
    headwords = [piece for piece in ARTICLES.values() if piece.matter["section"] == "words" and HAN.fullmatch(piece.matter["title"])]
    assert len(headwords) >= 3
    assert all(piece.matter["pinyin"] and piece.matter["standfirst"] for piece in headwords)


def test_the_paywall_has_something_to_stand_before() -> None:
    divided = [piece for piece in ARTICLES.values() if DIVIDER in piece.body]
    assert len(divided) >= 3
    for piece in divided:
        preview, rest = piece.body.split(DIVIDER)
        assert piece.matter["access"] in {"metered", "premium"}
        assert preview.strip()
        assert rest.strip()


def test_every_section_series_and_person_has_articles() -> None:
    matters = [piece.matter for piece in ARTICLES.values()]
    assert {matter["section"] for matter in matters} == slugs("sections")
    assert {series for matter in matters for series in matter.get("series", [])} == slugs("series")
    assert {matter["access"] for matter in matters} == {"free", "registered", "metered", "premium"}
    illustrators = {"qiao-ruolan"}  # drew them all, and is named in the credit of each picture
    assert {person for matter in matters for person, _ in matter["credits"]} | illustrators == slugs("people")


def test_the_magazine_has_something_new_and_something_old() -> None:
    ages = sorted(piece.matter["days_ago"] for piece in ARTICLES.values())
    assert ages[2] < 2
    assert ages[-1] > 1000


def test_the_front_page_shows_each_article_once() -> None:
    front = [DATA["front"]["lead"], *DATA["front"]["also"], *DATA["front"]["second"]]
    assert len(front) == len(set(front))
    assert set(front) <= set(ARTICLES)


@pytest.mark.parametrize("table", ["sections", "people", "series", "tags", "newsletters", "plans"])
def test_slugs_are_given_once(table: str) -> None:
    assert len(slugs(table)) == len(DATA[table])


def test_no_article_or_page_takes_an_address_of_the_site() -> None:
    assert not {*ARTICLES, *PAGES} & RESERVED_SLUGS
    assert not set(ARTICLES) & set(PAGES)


def test_every_plan_has_a_price_a_month_and_a_year_in_three_currencies() -> None:
    wanted = {(interval, currency) for interval in ("month", "year") for currency in ("EUR", "USD", "GBP")}
    for plan in DATA["plans"]:
        prices = {(price["interval"], price["currency"]): price["amount"] for price in plan["prices"]}
        assert set(prices) == wanted
        assert all(prices["year", currency] < 12 * prices["month", currency] for currency in ("EUR", "USD", "GBP"))


def test_comments_stand_under_articles_after_those_they_answer_and_before_now() -> None:
    earlier: dict[str, dict[str, object]] = {}
    for comment in COMMENTS:
        assert comment["id"] not in earlier
        assert comment["article"] in ARTICLES
        assert 0 < comment["hours_after"] < 24 * ARTICLES[comment["article"]].matter["days_ago"]
        assert comment.get("person", "mara-lindqvist") in slugs("people")
        if "parent" in comment:
            parent = earlier[comment["parent"]]
            assert parent["article"] == comment["article"]
            assert parent["hours_after"] < comment["hours_after"]
        earlier[comment["id"]] = comment


def test_two_first_comments_and_one_of_spam_wait_for_an_editor() -> None:
    assert len(COMMENTS) >= 60
    assert len({comment["article"] for comment in COMMENTS}) >= 8
    states = Counter(comment["status"] for comment in COMMENTS)
    assert (states.pop("pending"), states.pop("spam"), set(states)) == (2, 1, {"published"})


def test_letters_belong_to_a_newsletter_and_are_numbered_by_age() -> None:
    numbers: dict[str, list[tuple[float, int]]] = {}
    for issue in ISSUES.values():
        matter = issue.matter
        assert matter["newsletter"] in slugs("newsletters")
        assert matter["signed_by"] in slugs("people")
        assert matter["subject"]
        assert matter["preheader"]
        numbers.setdefault(matter["newsletter"], []).append((-matter["days_ago"], matter["number"]))
    assert set(numbers) == slugs("newsletters")
    for dated in numbers.values():
        assert [number for _, number in sorted(dated)] == sorted(number for _, number in dated)


def test_the_full_landing_has_eight_numbered_parts_with_a_table_of_contents() -> None:
    body = ISSUES["the-landing-214"].body
    parts = re.findall(r'<h2 id="(\w+)">(\d)\. ([^<]+)</h2>', body)
    contents = re.findall(r'<li><a href="#(\w+)">([^<]+)</a></li>', body)
    assert [int(number) for _, number, _ in parts] == list(range(1, 9))
    assert contents == [(anchor, title) for anchor, _, title in parts]
