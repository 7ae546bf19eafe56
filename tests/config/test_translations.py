"""The Chinese of pages, letters and the newsroom: complete, sound, compiled and shown."""

import re
import struct
from datetime import datetime
from gettext import GNUTranslations
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.formats import date_format

from tests.factories import make_article

CATALOGUE = Path(settings.LOCALE_PATHS[0]) / "zh_Hans" / "LC_MESSAGES" / "django.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
TAG = re.compile(r"</?\w+")
NOTED = '<p>Text<span class="footnote">Said so.</span></p>'


class Entry:
    """One message of the catalogue, as its file spells it."""

    def __init__(self, block: str) -> None:
        self.is_fuzzy = re.search(r"^#,.*\bfuzzy\b", block, re.MULTILINE) is not None
        self.context = field(block, "msgctxt")
        self.source = field(block, "msgid") or ""
        self.plural = field(block, "msgid_plural")
        self.translation = (field(block, r"msgstr\[0\]") if self.plural else field(block, "msgstr")) or ""


def field(block: str, name: str) -> str | None:
    """Return a field of an entry, its lines joined and unescaped."""
    found = re.search(rf'^{name} ((?:".*"\n?)+)', block, re.MULTILINE)
    if found is None:
        return None
    text = "".join(line[1:-1] for line in found[1].strip().splitlines())
    return text.replace(r"\n", "\n").replace(r"\"", '"').replace(r"\\", "\\")


def entries() -> list[Entry]:
    """Return the messages of the catalogue, without its header."""
    blocks = CATALOGUE.read_text(encoding="utf-8").split("\n\n")
    return [entry for block in blocks if (entry := Entry(block)).source]


def name_of(entry: Entry) -> str:
    """Say which message failed."""
    return f"{entry.context}: {entry.source}" if entry.context else entry.source


def test_every_message_is_translated_and_none_is_only_guessed() -> None:
    assert len(entries()) > 900
    assert [name_of(entry) for entry in entries() if not entry.translation or entry.is_fuzzy] == []


def test_translations_keep_the_placeholders_and_tags_of_their_source() -> None:
    def holds(text: str) -> tuple[set[str], list[str]]:
        return set(PLACEHOLDER.findall(text)), sorted(TAG.findall(text))

    assert [name_of(entry) for entry in entries() if holds(entry.translation) != holds(entry.plural or entry.source)] == []


def test_chinese_sentences_end_and_pause_with_chinese_marks() -> None:
    half_width = re.compile(r"[\u4e00-\u9fff][,;?!]|[\u4e00-\u9fff]:(?!//)")
    assert [name_of(entry) for entry in entries() if half_width.search(entry.translation)] == []


def test_the_compiled_catalogue_says_what_the_source_says() -> None:
    with CATALOGUE.with_suffix(".mo").open("rb") as compiled:
        catalogue = GNUTranslations(compiled)
    behind = []
    for entry in entries():
        if entry.plural and entry.context:
            shown = catalogue.npgettext(entry.context, entry.source, entry.plural, 2)
        elif entry.plural:
            shown = catalogue.ngettext(entry.source, entry.plural, 2)
        elif entry.context:
            shown = catalogue.pgettext(entry.context, entry.source)
        else:
            shown = catalogue.gettext(entry.source)
        if shown != entry.translation:
            behind.append(name_of(entry))
    assert behind == []


def test_the_compiled_catalogue_holds_nothing_else() -> None:
    head = CATALOGUE.with_suffix(".mo").read_bytes()[:12]
    _magic, _revision, count = struct.unpack("<3I", head)
    assert count == len(entries()) + 1  # the header


@pytest.mark.django_db
def test_a_reader_whose_browser_asks_for_chinese_gets_it(client: Client) -> None:
    page = client.get("/", headers={"accept-language": "zh-CN,zh;q=0.9,en;q=0.5"}).content.decode()
    assert "登录" in page
    assert "Sign in" not in page
    assert '<html lang="zh-CN">' in page


@pytest.mark.django_db
def test_other_readers_get_english(client: Client) -> None:
    page = client.get("/", headers={"accept-language": "fr"}).content.decode()
    assert "Sign in" in page
    assert "登录" not in page


@pytest.mark.django_db
def test_a_chosen_language_outweighs_that_of_the_browser(client: Client) -> None:
    client.post("/account/language/", {"language": "zh-hans", "next": "/"}, headers={"sec-fetch-site": "same-origin"})
    assert "登录" in client.get("/", headers={"accept-language": "en"}).content.decode()


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", ["7 June 2026", "7 June", "June 2026", "7 June 2026, 09:05"]),
        ("zh-hans", ["2026年6月7日", "6月7日", "2026年6月", "2026年6月7日 09:05"]),
    ],
)
def test_dates_are_written_as_the_language_writes_them(language: str, shown: list[str]) -> None:
    moment = datetime(2026, 6, 7, 9, 5)
    formats = ("DATE_FORMAT", "MONTH_DAY_FORMAT", "YEAR_MONTH_FORMAT", "DATETIME_FORMAT")
    with translation.override(language):
        assert [date_format(moment, name) for name in formats] == shown


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "label"), [("en", "Notes"), ("zh-Hans", "注释"), ("zh-Hant", "注释"), ("fr", "Notes"), ("zz", "Notes")]
)
@pytest.mark.parametrize("newsroom", ["en", "zh-hans"])
def test_labels_within_a_text_speak_its_language_whoever_saves_it(language: str, label: str, newsroom: str) -> None:
    with translation.override(newsroom):
        article = make_article("The well", body=NOTED, language=language)
    assert label in article.notes_html
