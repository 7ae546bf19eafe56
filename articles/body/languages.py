"""Say in markup which words are Chinese, Japanese or pinyin, so that fonts, hyphenation and voices fit them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from articles.body.scripts import BOPOMOFO, HAN, KANA, has_tone, is_pinyin, is_surely_toned, script_of_han
from articles.body.tree import Element, Node, build

PINYIN = "zh-Latn"
# Elements that say their language themselves when they hold nothing but one run.
_CARRIERS = frozenset(["p", "b", "i", "em", "strong", "cite", "q", "a", "mark", "s", "u", "del", "ins", "small", "rt"])
_LEFT_ALONE = frozenset({"code", "pre", "kbd"})
_NO_LINK_INSIDE = frozenset({"a", "button", *_LEFT_ALONE})

_CORE = f"{HAN}{KANA}{BOPOMOFO}"
_OPENING = "《〈「『【〔（［"
_WIDE = "\u3001-\u3003\u3008-\u3011\u3014-\u301f\u30fb\uff01-\uff65"
_RUN = re.compile(
    rf"[{_OPENING}]{{0,3}}[{_CORE}]"
    rf"(?:[{_CORE}{_WIDE}]"
    rf"|(?:——|……|[“”‘’—…·,.:;!?])(?=[{_CORE}{_OPENING}])"
    rf"|(?:[0-9]{{1,12}}(?:[.:][0-9]{{1,4}})?%?|[A-Z]{{1,4}})(?=[{_CORE}]))*"
)
_HASHTAG = re.compile(rf"#(?=[^#\n]{{0,80}}[{_CORE}])(?!\s)[^#\n]{{1,80}}(?<!\s)#(?![0-9A-Za-z])")
_HAS_CORE = re.compile(f"[{_CORE}]")
_HAS_KANA = re.compile(f"(?!\u30fc)[{KANA}]")
_LATIN_WORD = re.compile(rf"(?:(?![{_CORE}])[^\W\d_])+")
_WITHIN_PHRASE = frozenset({" ", "\xa0", "'", "’", "-"})
# What may stand between a Chinese word and its reading: a space, a comma, quotes, a bracket.
_GAP_AFTER_HAN = re.compile(rf"[{_CORE}{_WIDE}#][\s,;:/()（“”‘’\"'*–—-]{{0,3}}\Z")
_GAP_BEFORE_HAN = re.compile(rf"[\s,;:/()（“”‘’\"'*–—-]{{0,3}}[{_OPENING}#]?[{_CORE}]")
_AFTER_BRACKET = re.compile(r"[(（\[][\s“‘\"']?\Z")
_BEFORE_BRACKET = re.compile(r"[”’\"']?\s?[,;:)）\]/]")
_GAP = 5


@dataclass(frozen=True, slots=True)
class Run:
    """Characters start to end of a text, in a language of their own."""

    start: int
    end: int
    language: str
    is_hashtag: bool = False

    @property
    def tag(self) -> str:
        """Return the element that marks the run."""
        return "i" if self.language == PINYIN else "span"

    def is_covered_by(self, language: str) -> bool:
        """Say whether what stands in this language already needs no mark."""
        primary = language.split("-")[0].lower()
        if self.language == PINYIN:
            return primary not in {"en", ""} or language.endswith("-Latn")
        if language.endswith("-Latn"):
            return False
        return primary == "ja" or (primary == "zh" and self.language != "ja")


def language_runs(text: str, language: str = "en") -> list[Run]:
    """Return the runs of a text that are in another language than the text, in order and apart."""
    return [run for run in _find_runs(text) if not run.is_covered_by(language)]


def mark_text(plain: str, language: str = "en") -> SafeString:
    """Return plain text as HTML with its foreign runs marked; for titles, standfirsts and names."""
    parts: list[str] = []
    position = 0
    for run in language_runs(plain, language):
        inner = escape(plain[run.start : run.end])
        parts += [escape(plain[position : run.start]), f'<{run.tag} lang="{run.language}">{inner}</{run.tag}>']
        position = run.end
    parts.append(escape(plain[position:]))
    return mark_safe("".join(parts))  # noqa: S308 - every part is escaped above


def mark_languages(nodes: Sequence[Node], language: str = "en") -> list[Node]:
    """Return a tree with its foreign runs marked and its Chinese hashtags linked to the search.

    What already stands in an element of that language is left as it is.
    """
    return _Marker(_flatten(nodes)).mark(nodes, language=language, may_link=True)


def han_language(text: str) -> str:
    """Return the language of a text of Chinese or Japanese characters."""
    return "ja" if _HAS_KANA.search(text) else script_of_han(text)


def _find_runs(text: str) -> list[Run]:
    han = list(_han_runs(text))
    return sorted([*han, *_pinyin_runs(text)], key=lambda run: run.start)


def _han_runs(text: str) -> Iterator[Run]:
    position = 0
    for hashtag in _HASHTAG.finditer(text):
        yield from _plain_han_runs(text, position, hashtag.start())
        yield Run(hashtag.start(), hashtag.end(), han_language(hashtag.group()), is_hashtag=True)
        position = hashtag.end()
    yield from _plain_han_runs(text, position, len(text))


def _plain_han_runs(text: str, start: int, end: int) -> Iterator[Run]:
    for match in _RUN.finditer(text, start, end):
        run = match.group().rstrip(_OPENING)
        yield Run(match.start(), match.start() + len(run), han_language(run))


def _pinyin_runs(text: str) -> Iterator[Run]:
    """Yield phrases of pinyin that stand next to Han, or in brackets with tones that no other language here writes."""
    for phrase in _phrases(text):
        kinds = [_kind(word.group()) for word in phrase]
        toned = [index for index, kind in enumerate(kinds) if kind == "toned"]
        while toned:
            first = last = toned.pop(0)
            while last + 1 < len(kinds) and kinds[last + 1] in {"toned", "plain"}:
                last += 1
            while kinds[last] != "toned":
                last -= 1
            toned = [index for index in toned if index > last]
            neighbours = kinds[max(0, first - 1) : first] + kinds[last + 1 : last + 2]
            start, end = phrase[first].start(), phrase[last].end()
            if "foreign" not in neighbours and _is_reading(text, start, end):
                yield Run(start, end, PINYIN)


def _phrases(text: str) -> Iterator[list[re.Match[str]]]:
    """Yield Latin words in groups that only a space, a hyphen or an apostrophe parts; only groups with an accent."""
    phrase: list[re.Match[str]] = []
    for word in _LATIN_WORD.finditer(text):
        gap = text[phrase[-1].end() : word.start()] if phrase else ""
        if phrase and gap not in _WITHIN_PHRASE:
            yield phrase
            phrase = []
        phrase.append(word)
    if phrase:
        yield phrase


def _kind(word: str) -> str:
    if word.isascii():
        return "plain" if is_pinyin(word) else "other"
    if not is_pinyin(word):
        return "foreign"
    return "toned" if has_tone(word) else "plain"


def _is_reading(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - _GAP) : start], text[end : end + _GAP]
    if _GAP_AFTER_HAN.search(before) or _GAP_BEFORE_HAN.match(after):
        return True
    in_brackets = _AFTER_BRACKET.search(before) and _BEFORE_BRACKET.match(after)
    return bool(in_brackets) and is_surely_toned(text[start:end])


def _flatten(nodes: Sequence[Node]) -> str:
    """Return all text of a tree with a line break at the border of every block, so that no run crosses one."""
    parts: list[str] = []

    def collect(nodes: Sequence[Node]) -> None:
        for node in nodes:
            if isinstance(node, str):
                parts.append(node)
                continue
            border = "" if node.is_inline and node.tag != "br" else "\n"
            parts.append(border)
            collect(node.children)
            parts.append(border)

    collect(nodes)
    return "".join(parts)


class _Marker:
    """Walks a tree along its flattened text and puts each run around the characters it covers."""

    def __init__(self, text: str) -> None:
        self.runs = _find_runs(text)
        self.index = 0
        self.offset = 0

    def mark(self, nodes: Sequence[Node], *, language: str, may_link: bool) -> list[Node]:
        marked: list[Node] = []
        for node in nodes:
            if isinstance(node, str):
                marked.extend(self._mark_text(node, language, may_link=may_link))
            else:
                marked.append(self._mark_element(node, language, may_link=may_link))
        return marked

    def _mark_element(self, element: Element, language: str, *, may_link: bool) -> Element:
        border = 0 if element.is_inline and element.tag != "br" else 1
        self.offset += border
        inner = "zxx" if element.tag in _LEFT_ALONE else element.attrs.get("lang", language)
        children = self.mark(element.children, language=inner, may_link=may_link and element.tag not in _NO_LINK_INSIDE)
        self.offset += border
        # A mark that was there before is the editor's and stays.
        only = children[0] if len(children) == 1 and isinstance(element.children[0], str) else None
        if element.tag in _CARRIERS and "lang" not in element.attrs and isinstance(only, Element) and _is_bare_mark(only):
            return Element(element.tag, {**element.attrs, "lang": only.attrs["lang"]}, only.children)
        return element.with_children(children)

    def _mark_text(self, text: str, language: str, *, may_link: bool) -> Iterator[Node]:
        start, end = self.offset, self.offset + len(text)
        self.offset = end
        position = start
        while self.index < len(self.runs) and self.runs[self.index].start < end:
            run = self.runs[self.index]
            first, last = max(run.start, position), min(run.end, end)
            if language != "zxx" and not run.is_covered_by(language) and _has_letters(text[first - start : last - start]):
                if first > position:
                    yield text[position - start : first - start]
                yield _wrap(run, text[first - start : last - start], may_link=may_link and last - first == run.end - run.start)
                position = last
            if run.end > end:
                break
            self.index += 1
        if position < end:
            yield text[position - start :]


def _has_letters(text: str) -> bool:
    return bool(_HAS_CORE.search(text) or _LATIN_WORD.search(text))


def _is_bare_mark(element: Element) -> bool:
    return element.tag in {"span", "i"} and list(element.attrs) == ["lang"]


def _wrap(run: Run, text: str, *, may_link: bool) -> Element:
    if run.is_hashtag and may_link:
        address = f"/search/?q={quote(text.strip('#').strip(), safe='')}"
        return build("a", text, class_="hashtag", href=address, lang=run.language)
    return build(run.tag, text, lang=run.language)
