"""Show where a query was found, on the text as it was written."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from articles.body.languages import Run, language_runs
from articles.body.scripts import HAN
from articles.search.folding import compose, fold_with_offsets
from articles.search.text import Query

Span = tuple[int, int]
ELLIPSIS = "…"
LEAD_CHARACTERS = 60
"""How much is shown before the first match."""
MAX_MATCHES = 200
_SEARCHED_CHARACTERS = 200_000
_BREAK = re.compile(rf"\s|[，。；：！？、]|(?<=[{HAN}])")


def highlight(title: str, query: Query, *, language: str = "en") -> SafeString:
    """Return a title with its matches in <mark> and its foreign runs marked."""
    text = compose(title)
    return _marked(text, _matches(text, query), language)


def excerpt(text: str, query: Query, length: int = 240, *, language: str = "en") -> SafeString:
    """Return about `length` characters around the place where most of the query is found, with its matches in <mark>.

    The beginning of the text when nothing is found.
    """
    whole = " ".join(compose(text[:_SEARCHED_CHARACTERS]).split())
    matches = _matches(whole, query)
    start, end = _window(whole, matches, length)
    inside = [(first - start, last - start) for first, last in matches if start <= first and last <= end]
    shown = _marked(whole[start:end].rstrip(), inside, language)
    before = f"{ELLIPSIS} " if start else ""
    after = f" {ELLIPSIS}" if end < len(whole) else ""
    return format_html("{}{}{}", before, shown, after)


def _matches(text: str, query: Query) -> list[Span]:
    """Return where the wanted pieces occur, in order and apart."""
    if not query:
        return []
    folded, offsets = fold_with_offsets(text)
    spans: list[Span] = []
    for match in _pattern(query).finditer(folded):
        start, end = offsets[match.start()], offsets[match.end() - 1] + 1
        if spans and start < spans[-1][1]:
            start = spans[-1][1]
        if start < end:
            spans.append((start, end))
        if len(spans) == MAX_MATCHES:
            break
    return spans


def _pattern(query: Query) -> re.Pattern[str]:
    alternatives = []
    # The longest first: an alternation takes the first that fits.
    for piece in sorted(query.wanted, key=lambda piece: -len(piece.source)):
        if piece.is_han:
            alternatives.append(re.escape(piece.source))
            continue
        words = r"[\W_]{1,8}".join(re.escape(word) for word in piece.tokens)
        end = rf"(?:(?![{HAN}])[^\W_]){{0,40}}" if piece.is_prefix else ""
        alternatives.append(rf"(?:(?<=[{HAN}])|(?<![^\W_])){words}{end}(?:(?=[{HAN}])|(?![^\W_]))")
    return re.compile("|".join(alternatives))


def _window(text: str, matches: list[Span], length: int) -> Span:
    """Return the part of the text to show: the one that holds most matches, cut between words."""
    if len(text) <= length:
        return 0, len(text)
    start = max(0, _densest(matches, length - LEAD_CHARACTERS) - LEAD_CHARACTERS)
    if start:
        cut = _BREAK.search(text, start, start + LEAD_CHARACTERS // 2)
        start = cut.end() if cut else start
    end = min(len(text), start + length)
    if end < len(text):
        breaks = [cut.start() for cut in _BREAK.finditer(text, end - LEAD_CHARACTERS // 2, end)]
        end = breaks[-1] if breaks else end
    return start, end


def _densest(matches: list[Span], width: int) -> int:
    """Return the start of the match after which most matches follow within a width; 0 without any."""
    starts = [start for start, _ in matches]
    best, best_count = 0, 0
    for index, start in enumerate(starts):
        count = bisect_right(starts, start + width) - index
        if count > best_count:
            best, best_count = start, count
    return best


def _marked(text: str, matches: list[Span], language: str) -> SafeString:
    """Return escaped text with marks inside its language runs, cut where a run begins or ends."""
    parts: list[str] = []
    runs = list(language_runs(text, language))
    position = 0
    for run in [*runs, None]:
        start = run.start if run else len(text)
        parts.extend(_pieces(text, position, start, matches))
        if run:
            parts.append(_marked_run(text, run, matches))
            position = run.end
    return mark_safe("".join(parts))  # noqa: S308 - every part was escaped where it was made


def _marked_run(text: str, run: Run, matches: list[Span]) -> str:
    if any(start <= run.start and run.end <= end for start, end in matches):
        return format_html('<mark lang="{}">{}</mark>', run.language, text[run.start : run.end])
    inner = "".join(_pieces(text, run.start, run.end, matches))
    return f'<{run.tag} lang="{escape(run.language)}">{inner}</{run.tag}>'


def _pieces(text: str, start: int, end: int, matches: Iterable[Span]) -> Iterator[str]:
    """Yield the escaped text between two offsets, matches marked."""
    for first, last in matches:
        first, last = max(first, start), min(last, end)
        if first >= last:
            continue
        yield escape(text[start:first])
        yield format_html("<mark>{}</mark>", text[first:last])
        start = last
    yield escape(text[start:end])
