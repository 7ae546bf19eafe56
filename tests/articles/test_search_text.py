import re
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.body.scripts import HAN
from articles.search.highlighting import excerpt, highlight
from articles.search.text import MAX_QUERY_PIECES, expand, parse_query

TEXTS = {
    1: "Online micro-short dramas (wēiduǎnjù 微短剧), also called micro drama, fill every lift.",
    2: "外卖 riders wait downstairs; the café is closed.",
    3: "火锅庄 opened a branch in 重慶.",
    4: "锅庄 is a dance, 火锅 a dinner.",
    5: "The delivery rider and the drama of the micro-oven.",
    6: "𠮷野家 sells rice, 剧 is one character.",
}


@pytest.fixture(scope="module")
def index():
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE texts USING fts5(body, tokenize = 'unicode61 remove_diacritics 0')")
    connection.executemany("INSERT INTO texts (rowid, body) VALUES (?, ?)", [(key, expand(text)) for key, text in TEXTS.items()])
    yield connection
    connection.close()


def found(index: sqlite3.Connection, q: str) -> set[int]:
    query = parse_query(q)
    if not query:
        return set()
    return {row[0] for row in index.execute("SELECT rowid FROM texts WHERE texts MATCH ?", [query.as_fts5()])}


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("短剧", {1}),
        ("微短劇", {1}),
        ("微短剧", {1}),
        ('"micro drama"', {1}),
        ("micro drama", {1, 5}),
        ("weiduanju", {1}),
        ("WĒIDUǍNJÙ", {1}),
        ("外賣 rider", {2}),
        ("外卖rider", {2}),
        ("cafe", {2}),
        ("CAFÉ", {2}),
        ("火锅", {3, 4}),
        ("火锅庄", {3}),
        ("火锅 锅庄", {3, 4}),
        ("火锅 -火锅庄", {4}),
        ('火锅 -"锅庄 is"', {3}),
        ("重庆", {3}),
        ("剧", {1, 6}),
        ("𠮷野", {6}),
        ("deliv", {5}),
        ("deliv ", set()),
        ("drama -micro", set()),
        ("drama -oven", {1}),
        ("ｄｅｌｉｖｅｒｙ", {5}),
        ("“micro drama”", {1}),
        ("", set()),
        ("-drama", set()),
        ("🙏 * : ^", set()),
    ],
)
def test_a_query_finds_what_its_reader_means(index, q, expected):
    assert found(index, q) == expected


@settings(max_examples=300)
@given(st.one_of(st.text(max_size=60), st.text(alphabet="ab'\"*-:^(){}|&!<> \\业短剧 NEAROT\u0345", max_size=60)))
def test_no_query_is_a_syntax_error(index, q):
    found(index, q)


def test_han_runs_become_pairs_in_order_and_then_single_characters():
    assert expand("微短劇 Micro-Drama") == "微短 短剧 微 短 剧 micro drama"


def test_a_query_is_bounded():
    query = parse_query(" ".join(f"w{number}" for number in range(500)))
    assert len(query.wanted) == MAX_QUERY_PIECES
    assert len(parse_query("楼" * 5000).wanted[0].source) == 200


def test_the_query_for_postgresql_quotes_every_lexeme():
    assert parse_query('微短劇 dra -"it\'s over"').as_tsquery() == "('微短' <-> '短剧') & ('dra') & !(('it' <-> 's' <-> 'over'))"
    assert parse_query("it's 'a' dra").as_tsquery() == "('it' <-> 's') & ('a') & ('dra':*)"


@given(st.text(max_size=80))
def test_only_letters_and_digits_reach_the_engines(q):
    query = parse_query(q)
    for piece in [*query.wanted, *(piece for group in query.unwanted for piece in group)]:
        assert all(re.fullmatch(rf"[^\W_]+|[{HAN}]+", token) for token in piece.tokens)


def test_a_title_is_highlighted_inside_its_language_marks():
    assert highlight("暴雨夜，一单外卖的夜", parse_query("外賣")) == '<span lang="zh-Hans">暴雨夜，一单<mark>外卖</mark>的夜</span>'
    assert highlight("What 外卖 Used to Mean", parse_query("外卖")) == 'What <mark lang="zh-Hans">外卖</mark> Used to Mean'
    assert highlight("暴雨夜，一单外卖", parse_query("外卖"), language="zh-Hans") == "暴雨夜，一单<mark>外卖</mark>"


def test_a_highlight_knows_accents_case_and_unfinished_words():
    assert highlight("A Café for Riders", parse_query("cafe rid")) == "A <mark>Café</mark> for <mark>Riders</mark>"
    assert highlight("A Cafeteria", parse_query("cafe ")) == "A Cafeteria"
    assert highlight("the e\u0301lan", parse_query("elan")) == "the <mark>élan</mark>"


def test_markup_in_a_text_is_escaped():
    assert highlight("<b>Tom & Rider</b>", parse_query("rider")) == "&lt;b&gt;Tom &amp; <mark>Rider</mark>&lt;/b&gt;"


def test_what_is_not_wanted_is_not_highlighted():
    assert highlight("micro drama", parse_query("drama -micro")) == "micro <mark>drama</mark>"


def test_an_excerpt_shows_the_place_where_most_is_found():
    text = "One rider came. " + "Nothing happens here. " * 60 + "Then the rider brought 外卖 to the lift. " + "And so on it went. " * 60
    shown = excerpt(text, parse_query("外賣 rider"))
    assert '<mark>rider</mark> brought <mark lang="zh-Hans">外卖</mark> to the lift.' in shown
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert len(shown) < 400


def test_an_excerpt_without_a_match_is_the_beginning():
    assert excerpt("Short & sweet.", parse_query("nothing")) == "Short &amp; sweet."
    assert excerpt("word " * 100, parse_query("")).startswith("word word")


@given(st.text(alphabet="a外卖é <&.", max_size=400), st.text(alphabet='a外é"- ', max_size=12))
def test_an_excerpt_of_anything_is_balanced(text, q):
    shown = excerpt(text, parse_query(q), length=80)
    assert shown.count("<mark") == shown.count("</mark>")
    assert shown.count("<span") == shown.count("</span>")
