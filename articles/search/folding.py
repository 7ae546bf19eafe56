"""One spelling for comparing: case, width, accents and traditional characters folded away, character by character.

Folding a character never looks at its neighbours, so an offset in folded text can be traced back to the original.
"""

import unicodedata

from opencc import OpenCC

_to_simplified = OpenCC("t2s")
# Letters that Unicode doesn't decompose, though readers take them for accented ones.
_PLAIN_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
_FIRST_ACCENT, _LAST_ACCENT = "\u0300", "\u036f"


class _Folding(dict[int, str]):
    """Translation table that works a character out when it is first met."""

    def __missing__(self, codepoint: int) -> str:
        folded = self[codepoint] = _fold_character(chr(codepoint))
        return folded


def _fold_character(character: str) -> str:
    if character < "\x80":
        return character.lower()
    if "\ud800" <= character <= "\udfff":
        return " "
    wide = unicodedata.normalize("NFKC", character).casefold()
    simplified = "".join(_to_simplified.convert(part) for part in wide)
    bare = "".join(part for part in unicodedata.normalize("NFD", simplified) if not _FIRST_ACCENT <= part <= _LAST_ACCENT)
    return unicodedata.normalize("NFC", bare).translate(_PLAIN_LETTERS)


_FOLDING = _Folding()


def compose(text: str) -> str:
    """Return text in the composed form that folding expects."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Return text in the spelling in which it is indexed and looked for."""
    return compose(text).translate(_FOLDING)


def fold_with_offsets(text: str) -> tuple[str, list[int]]:
    """Return folded text, and for each of its characters the offset it came from; text must be composed."""
    parts = [_FOLDING[ord(character)] for character in text]
    offsets = [offset for offset, part in enumerate(parts) for _ in part]
    return "".join(parts), offsets
