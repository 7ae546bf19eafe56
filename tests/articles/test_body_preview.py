import pytest

from articles.body.preview import preview_of
from articles.body.sanitising import stored_blocks
from articles.body.tree import serialise

PARAGRAPH = "<p>" + "word " * 40 + "</p>"
LIST = "<ol>" + "<li>item of a long list</li>" * 47 + "</ol>"


def preview(source: str) -> str:
    return serialise(preview_of(stored_blocks(source)))


def test_the_divider_of_the_editor_decides():
    assert preview("<p>one</p><h2>a</h2><p>two</p><hr class='paywall-divider'><p>three</p>") == "<p>one</p><h2>a</h2><p>two</p>"


def test_a_divider_at_the_very_top_shows_nothing():
    assert preview(f"<hr class='paywall-divider'>{PARAGRAPH * 8}") == ""


@pytest.mark.parametrize("rest", ["", "<hr>", "<figure class='embed' data-embed='https://vimeo.com/12345678'></figure>"])
def test_a_divider_with_nothing_to_read_behind_it_does_not_give_the_text_away(rest):
    assert preview(f"{PARAGRAPH * 8}<hr class='paywall-divider'>{rest}").count("<p>") == 2


def test_without_a_divider_a_fifth_of_the_words_is_shown():
    assert preview(PARAGRAPH * 10).count("<p>") == 2
    assert preview(PARAGRAPH * 5).count("<p>") == 1


def test_three_paragraphs_at_most_are_shown():
    assert preview(PARAGRAPH * 40).count("<p>") == 3


def test_a_lone_text_has_no_preview():
    assert preview(PARAGRAPH) == ""
    assert preview("<p>A short word.</p>") == ""
    assert preview(f"<h2>Title</h2>{PARAGRAPH}") == ""
    assert preview("") == ""


@pytest.mark.parametrize("long_block", [LIST, "<table>" + "<tr><td>many cells here</td></tr>" * 60 + "</table>"])
def test_a_long_list_or_table_is_left_out_whole(long_block):
    assert preview(f"<p>An opening of five words.</p>{long_block}<p>End.</p>") == "<p>An opening of five words.</p>"


def test_a_heading_is_never_the_last_thing_shown():
    assert preview("<p>one</p><h2>Next</h2><hr class='paywall-divider'><p>two</p>") == "<p>one</p>"
    assert preview(f"<p>one two</p><h2>Next</h2>{LIST}") == "<p>one two</p>"


def test_han_characters_count_as_words():
    assert preview("<p>" + "楼" * 50 + "</p>" + "<p>three words here</p>" * 30).count("<p>") == 1


def test_a_divider_inside_a_list_is_no_divider():
    shown = preview("<ul><li>a<hr class='paywall-divider'>secret</li></ul>" + PARAGRAPH * 10)
    assert "paywall" not in shown
    assert shown.startswith("<ul><li>a")
    assert shown.endswith("</p>")
