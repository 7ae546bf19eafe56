"""The demo magazine is worth reading: whole, varied, and illustrated with prints that are there and not heavy."""

import re
from datetime import datetime

import pytest
from PIL import Image

from articles.body.parsing import parse
from articles.body.tree import text_of, walk
from demo.art.press import INKS, PALETTES
from demo.art.printing import PALETTE_OF, SCENES, print_scene
from demo.reading import PRINTS, Piece, read_pieces

ARTICLES = {piece.slug: piece for piece in read_pieces("articles")}
HEAVIEST_PRINT = 160 * 1024
HAN = re.compile(r"[\u3400-\u9fff]")
FILLER = re.compile(r"lorem|ipsum|dolor sit|todo|tbd|xxx", re.IGNORECASE)
PARTS = {"term", "gloss", "footnote", "references", "pull", "gallery", "embed", "also", "appeal", "fx", "ranking", "breakout"}

each_article = pytest.mark.parametrize("piece", ARTICLES.values(), ids=list(ARTICLES))
each_print = pytest.mark.parametrize("name", SCENES)


def plain(piece: Piece) -> str:
    return text_of(parse(piece.body))


@each_article
def test_an_article_is_written_rather_than_filled(piece: Piece) -> None:
    paragraphs = [" ".join(text.split()) for text in re.findall(r"<p>(.+?)</p>", piece.body, re.DOTALL)]
    assert not FILLER.search(plain(piece))
    assert piece.matter["title"]
    assert piece.matter["standfirst"]
    assert len(paragraphs) == len(set(paragraphs))


def test_no_two_articles_share_a_paragraph() -> None:
    seen: dict[str, str] = {}
    for piece in ARTICLES.values():
        for paragraph in re.findall(r"<p>(.{80,}?)</p>", piece.body, re.DOTALL):
            assert seen.setdefault(paragraph, piece.slug) == piece.slug


@each_article
def test_an_article_is_in_the_language_it_says(piece: Piece) -> None:
    text = plain(piece)
    mostly_hanzi = len(HAN.findall(text)) > len(text.split())
    assert mostly_hanzi == piece.matter["language"].startswith("zh")


@each_article
def test_prose_is_set_with_typographic_quotation_marks(piece: Piece) -> None:
    assert not re.search(r"[\"']", plain(piece))


def test_the_list_of_forty_has_forty_things() -> None:
    (things,) = re.findall(r"<ol>(.*?)</ol>", ARTICLES["forty-things-a-delivery-rider-knows-about-your-door"].body, re.DOTALL)
    items = re.findall(r"<li>(.*?)</li>", things, re.DOTALL)
    assert len(items) == len(set(items)) == 40
    assert all(len(item.split()) >= 6 for item in items)


def test_closed_live_coverage_runs_from_the_newest_entry_to_the_oldest() -> None:
    coverage = [piece for piece in ARTICLES.values() if piece.matter["kind"] == "live"]
    assert coverage
    for piece in coverage:
        times = [
            datetime.fromisoformat(time.replace("{{day}}", "2026-06-07"))
            for time in re.findall(r'<h2[^>]*><time datetime="(.+?)"', piece.body)
        ]
        assert len(times) >= 8
        assert times == sorted(set(times), reverse=True)
        assert "closed at" in piece.body


def test_the_magazine_shows_every_part_of_a_body() -> None:
    elements = [element for piece in ARTICLES.values() for element in walk(parse(piece.body))]
    tags = {element.tag for element in elements}
    classes = {name for element in elements for name in element.classes}
    assert {"table", "ruby", "blockquote", "dl", "ol", "ul", "del", "ins", "time"} <= tags
    assert classes >= PARTS
    assert any(re.search(r"#[\u3400-\u9fff]+#", piece.body) for piece in ARTICLES.values())


def test_every_scene_has_its_print_and_every_print_its_scene() -> None:
    assert {path.stem for path in PRINTS.glob("*")} == set(SCENES)


@each_print
def test_a_print_is_large_and_not_heavy(name: str) -> None:
    path = PRINTS / f"{name}.webp"
    with Image.open(path) as picture:
        assert (picture.format, picture.size) == ("WEBP", (1600, 1000))
    assert path.stat().st_size < HEAVIEST_PRINT


@pytest.mark.parametrize("section", sorted(PALETTES))
def test_every_section_has_prints_in_its_own_inks(section: str) -> None:
    assert section in PALETTE_OF.values()
    assert set(PALETTES[section]) <= set(INKS)


def test_a_scene_is_printed_the_same_twice_and_as_wide_as_asked() -> None:
    first, second = (print_scene("letter", width=320) for _ in range(2))
    assert first.size == (320, 200)
    assert first.tobytes() == second.tobytes()
    assert first.tobytes() != print_scene("stamp", width=320).tobytes()
