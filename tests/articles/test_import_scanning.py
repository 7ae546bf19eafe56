"""Cutting an export into its elements, whatever state it is in."""

from pathlib import Path

import pytest

from articles.importing.wordpress import scanning
from articles.importing.wordpress.parsing import Prefixes, parse_item
from articles.importing.wordpress.records import Item
from articles.importing.wordpress.scanning import read_elements
from tests.wxr import FOOT, HEAD, author, cdata, item, write_export


def items(path: Path) -> list[Item]:
    elements = list(read_elements(path))
    head = next((element.text for element in elements if element.kind == "head"), "")
    return [parse_item(element.text, Prefixes(head), is_complete=element.is_complete) for element in elements if element.kind == "item"]


def test_authors_terms_and_items_come_in_turn(tmp_path: Path) -> None:
    path = write_export(tmp_path, author("ann", "Ann"), "<wp:tag><wp:tag_slug>a</wp:tag_slug></wp:tag>", item("One"), item("Two"))
    assert [element.kind for element in read_elements(path)] == ["author", "tag", "head", "item", "item"]


@pytest.mark.parametrize("size", [1, 7, 64, 4096])
def test_chunks_may_end_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(scanning, "CHUNK_BYTES", size)
    path = write_export(tmp_path, item("Zürich", "é" * 3000), item("Zwei", "]] ]> <b>x</b>"), item("東京"))
    assert [(found.title, len(found.content)) for found in items(path)] == [("Zürich", 3000), ("Zwei", 14), ("東京", 11)]


def test_an_item_within_a_text_is_text(tmp_path: Path) -> None:
    smuggled = "Look: </item><item><title>Smuggled</title><wp:status>publish</wp:status></item>"
    found = items(write_export(tmp_path, item("Real", smuggled), item("Next")))
    assert [one.title for one in found] == ["Real", "Next"]
    assert found[0].content == smuggled


def test_a_section_within_a_section_costs_nothing_else(tmp_path: Path) -> None:
    found = items(write_export(tmp_path, item("Nested", "<p>a <![CDATA[b]]> c</p>"), item("Next")))
    assert [one.title for one in found] == ["Nested", "Next"]
    assert found[0].content == "<p>a b c</p>"
    assert found[0].status == "publish"


def test_a_section_left_open_costs_one_item_its_rest_and_no_other_anything(tmp_path: Path) -> None:
    broken = item("Broken", "draft words", status="draft", number=5).replace(
        "<wp:post_password><![CDATA[]]>", "<wp:post_password><![CDATA["
    )
    found = items(write_export(tmp_path, broken, item("Next", number=6)))
    assert [(one.title, one.post_id, one.is_complete) for one in found] == [("Broken", "5", False), ("Next", "6", True)]
    assert found[0].status == "draft"


def test_raw_ampersands_and_control_characters_do_no_harm(tmp_path: Path) -> None:
    found = items(
        write_export(tmp_path, item("T").replace("<title>T</title>", "<title>Tom & Jerry &nbsp;\x0b\x00& co.</title>"), item("Next"))
    )
    assert [one.title for one in found] == ["Tom & Jerry & co.", "Next"]


def test_a_file_that_breaks_off_gives_what_is_there(tmp_path: Path) -> None:
    whole = HEAD + item("One") + item("Two", "The text goes on for long", number=9)
    path = tmp_path / "cut.xml"
    path.write_text(whole[: whole.index("for long")])
    found = items(path)
    assert [(one.title, one.is_complete) for one in found] == [("One", True), ("Two", False)]
    assert found[1].content == "The text goes on "


def test_entities_of_a_document_type_stay_unread(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    found = items(write_export(tmp_path, item("T").replace("<title>T", "<title>&b;&f;"), head=HEAD.replace("<rss", bomb + "<rss", 1)))
    assert found[0].title == "&b;&f;"


def test_an_element_that_never_ends_is_dropped_and_what_it_hides_is_not_taken_for_items(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "MAX_ELEMENT_CHARACTERS", 20_000)
    monkeypatch.setattr(scanning, "CHUNK_BYTES", 1000)
    path = write_export(tmp_path, item("Huge", "x" * 50_000 + "<item><title>Hidden</title></item>"), item("Next"))
    kinds = [(element.kind, element.is_too_long) for element in read_elements(path) if element.kind == "item"]
    assert kinds == [("item", True), ("item", False)]


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "utf-8-sig"])
def test_other_encodings_are_read_as_declared(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "export.xml"
    path.write_bytes((HEAD.replace("UTF-8", encoding.removesuffix("-sig")) + item("Zürich") + FOOT).encode(encoding))
    assert [one.title for one in items(path)] == ["Zürich"]


def test_bytes_that_are_no_utf_8_are_read_as_windows_1252(tmp_path: Path) -> None:
    path = tmp_path / "export.xml"
    path.write_bytes((HEAD + item("QUOTE") + FOOT).encode().replace(b"QUOTE", b"\x93Zur\xfcck\x94"))
    assert [one.title for one in items(path)] == ["“Zurück”"]


def test_comments_of_the_file_hide_what_stands_in_them(tmp_path: Path) -> None:
    assert [one.title for one in items(write_export(tmp_path, "<!-- ", item("Hidden"), " -->", item("Seen")))] == ["Seen"]


def test_other_prefixes_mean_the_same(tmp_path: Path) -> None:
    def renamed(text: str) -> str:
        return text.replace("<wp:", "<w:").replace("</wp:", "</w:").replace("content:encoded", "body:encoded")

    head = (
        renamed(HEAD)
        .replace("xmlns:wp=", "xmlns:w=")
        .replace("xmlns:content=", "xmlns:body=")
        .replace("http://wordpress.org", "https://wordpress.org")
    )
    found = items(write_export(tmp_path, renamed(item("One", "words", number=3)), head=head))
    assert (found[0].post_id, found[0].content) == ("3", "words")


def test_the_split_that_wordpress_makes_of_a_closing_mark_is_mended(tmp_path: Path) -> None:
    found = items(write_export(tmp_path, item("Code").replace(cdata("Some words."), "<![CDATA[a[b[0]]]]><![CDATA[> 1]]>")))
    assert found[0].content == "a[b[0]]> 1"
