"""What the full-text index holds and what is asked of it, the same for SQLite's FTS5 and for PostgreSQL.

Both engines split text at anything that is neither letter nor digit, and both take a run of Chinese for one long word. So
texts and queries are expanded alike before either sees them: a Han run becomes its pairs of characters, in order, and then its
single characters. A word of two characters is one token, a longer one a phrase of pairs.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from articles.body.scripts import HAN
from articles.search.folding import fold

MAX_QUERY_CHARACTERS = 200
MAX_QUERY_PIECES = 16
MIN_PREFIX_CHARACTERS = 2

_TOKEN = re.compile(rf"(?P<han>[{HAN}]+)|(?P<word>(?:(?![{HAN}])[^\W_])+)")
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»「」『』＂〝〞", '"'))
_QUERY_PART = re.compile(r'(?P<minus>-?)(?:"(?P<phrase>[^"]*)"?|(?P<bare>[^\s"]+))')


@dataclass(frozen=True)
class Piece:
    """Tokens that have to follow one another: words in Latin script, or the pairs of a Han run."""

    tokens: tuple[str, ...]
    source: str
    """What was looked for: the folded words with a space between them, or the Han run."""
    is_han: bool = False
    is_prefix: bool = False

    def as_fts5(self) -> str:
        """Return the piece as an FTS5 phrase."""
        phrase = '"' + " ".join(self.tokens) + '"'
        return f"{phrase} *" if self.is_prefix else phrase

    def as_tsquery(self) -> str:
        """Return the piece as lexemes that follow one another."""
        *first, last = [f"'{token}'" for token in self.tokens]
        return "(" + " <-> ".join([*first, f"{last}:*" if self.is_prefix else last]) + ")"


@dataclass(frozen=True)
class Query:
    """A search as the reader meant it: every wanted piece, and no unwanted group of pieces."""

    wanted: tuple[Piece, ...] = ()
    unwanted: tuple[tuple[Piece, ...], ...] = ()

    def __bool__(self) -> bool:
        """Say whether there is anything to look for; what is only unwanted finds nothing."""
        return bool(self.wanted)

    def as_fts5(self) -> str:
        """Return a MATCH expression, empty for an empty query; tokens hold letters and digits only, and each is quoted."""
        if not self:
            return ""
        wanted = " AND ".join(piece.as_fts5() for piece in self.wanted)
        groups = (" AND ".join(piece.as_fts5() for piece in group) for group in self.unwanted)
        return f"({wanted})" + "".join(f" NOT ({group})" for group in groups)

    def as_tsquery(self) -> str:
        """Return an argument for to_tsquery('simple', …), empty for an empty query."""
        if not self:
            return ""
        wanted = " & ".join(piece.as_tsquery() for piece in self.wanted)
        groups = (" & ".join(piece.as_tsquery() for piece in group) for group in self.unwanted)
        return wanted + "".join(f" & !({group})" for group in groups)


def expand(text: str) -> str:
    """Return text as the tokens that go into the index, separated by spaces."""
    tokens: list[str] = []
    for match in _TOKEN.finditer(fold(text)):
        run = match["han"]
        if run is None:
            tokens.append(match["word"])
        elif len(run) == 1:
            tokens.append(run)
        else:
            # Pairs first and together: a phrase of pairs has to find them side by side.
            tokens.extend(first + second for first, second in pairwise(run))
            tokens.extend(run)
    return " ".join(tokens)


def parse_query(q: str) -> Query:
    """Read what was typed: words that must all occur, "phrases", and -unwanted words or phrases.

    Any text is a query; what is beyond the bounds is left out.
    """
    text = q[:MAX_QUERY_CHARACTERS].translate(_QUOTES)
    wanted: list[Piece] = []
    unwanted: list[tuple[Piece, ...]] = []
    left = MAX_QUERY_PIECES
    for part in _QUERY_PART.finditer(text):
        is_last = part.end() == len(text)
        may_go_on = is_last and part["bare"] is not None and not part["minus"]
        pieces = _pieces(part["phrase"] or part["bare"] or "", is_prefix=may_go_on)[:left]
        left -= len(pieces)
        if pieces and part["minus"]:
            unwanted.append(pieces)
        else:
            wanted.extend(piece for piece in pieces if piece not in wanted)
    return Query(tuple(wanted), tuple(unwanted))


def _pieces(text: str, *, is_prefix: bool) -> tuple[Piece, ...]:
    """Cut one part of a query into runs of words and runs of Han; the last word may stand for longer ones."""
    pieces: list[Piece] = []
    words: list[str] = []
    for match in _TOKEN.finditer(fold(text)):
        if match["han"] is None:
            words.append(match["word"])
            continue
        if words:
            pieces.append(_words(words))
            words = []
        pieces.append(_han(match["han"]))
    if words:
        pieces.append(_words(words, is_prefix=is_prefix and len(words[-1]) >= MIN_PREFIX_CHARACTERS))
    return tuple(pieces)


def _words(words: list[str], *, is_prefix: bool = False) -> Piece:
    return Piece(tokens=tuple(words), source=" ".join(words), is_prefix=is_prefix)


def _han(run: str) -> Piece:
    tokens = (run,) if len(run) == 1 else tuple(first + second for first, second in pairwise(run))
    return Piece(tokens=tokens, source=run, is_han=True)
