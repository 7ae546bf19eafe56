"""Which writing system a character belongs to, and whether a Latin word is pinyin."""

import unicodedata
from functools import cache, lru_cache

from opencc import OpenCC

# Contents of regular-expression character classes. Han with its iteration mark and zero, and every extension.
HAN = "\u3005\u3007\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
KANA = "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
BOPOMOFO = "\u3105-\u312f\u31a0-\u31bf"

_TONES = frozenset("\u0300\u0301\u0304\u030c")
_UNMISTAKABLE_TONES = frozenset("\u0304\u030c")
_RISING_AND_FALLING = frozenset("\u0301\u0300")
# Syllables that lose their tone in the middle of a word, as in duìbuqǐ.
_LIGHT_INSIDE = frozenset({"bu", "de", "li", "yi"})
_LONGEST_SYLLABLE = 7
_LONGEST_WORD = 40

_to_simplified = OpenCC("t2s")
_to_traditional = OpenCC("s2t")


@lru_cache(maxsize=8192)
def script_of_han(run: str) -> str:
    """Return zh-Hant when more of the run is written only in traditional script than only in simplified, else zh-Hans."""
    traditional = _differences(run, _to_simplified.convert(run))
    return "zh-Hant" if traditional and traditional > _differences(run, _to_traditional.convert(run)) else "zh-Hans"


def _differences(first: str, second: str) -> int:
    return sum(one != other for one, other in zip(first, second, strict=False))


@lru_cache(maxsize=8192)
def is_pinyin(word: str) -> bool:
    """Say whether a word can be read as pinyin syllables, one tone mark on each at most."""
    letters = _letters(word)
    return letters is not None and _can_be_syllables(letters)


def has_tone(word: str) -> bool:
    """Say whether any letter carries one of the four tone marks."""
    return not _TONES.isdisjoint(unicodedata.normalize("NFD", word))


def is_surely_toned(phrase: str) -> bool:
    """Say whether a phrase has marks that French lacks or doesn't mix, on half of its vowel groups at least."""
    decomposed = unicodedata.normalize("NFD", phrase.lower())
    marks = sum(letter in _TONES for letter in decomposed)
    is_telling = not _UNMISTAKABLE_TONES.isdisjoint(decomposed) or set(decomposed) >= _RISING_AND_FALLING
    return is_telling and 2 * marks >= _vowel_groups(decomposed)


def _vowel_groups(decomposed: str) -> int:
    letters = [letter for letter in decomposed if not unicodedata.combining(letter)]
    return sum(letter in "aeiou" and (index == 0 or letters[index - 1] not in "aeiou") for index, letter in enumerate(letters))


def _letters(word: str) -> list[tuple[str, bool]] | None:
    """Return the plain letters of a word with whether each bears a tone; None for what pinyin doesn't write."""
    if len(word) > _LONGEST_WORD:
        return None
    letters: list[tuple[str, bool]] = []
    for character in word.lower():
        parts = unicodedata.normalize("NFD", character)
        toned = any(part in _TONES for part in parts)
        base = unicodedata.normalize("NFC", "".join(part for part in parts if part not in _TONES))
        if base not in "abcdefghijklmnopqrstuvwxyzü":
            return None
        letters.append((base, toned))
    return letters


def _can_be_syllables(letters: list[tuple[str, bool]]) -> bool:
    """Cut letters into syllables: all toned but light ones inside and one at the end."""
    # States at an offset: whether the syllable before it was an unmarked one that only an end may follow.
    states: list[set[bool]] = [set() for _ in range(len(letters) + 1)]
    states[0].add(False)
    for start in range(len(letters)):
        if False not in states[start]:
            continue
        for end in range(start + 1, min(len(letters), start + _LONGEST_SYLLABLE) + 1):
            syllable = "".join(letter for letter, _ in letters[start:end])
            tones = sum(toned for _, toned in letters[start:end])
            if tones < 2 and syllable in _syllables():
                states[end].add(tones == 0 and syllable not in _LIGHT_INSIDE)
    return bool(states[-1])


@cache
def _syllables() -> frozenset[str]:
    """Return every syllable of the dictionary without its tone, and each with the final r of the north."""
    # A fifth of what every process takes to start, and only those that read what somebody wrote have a use for it.
    from pypinyin.pinyin_dict import pinyin_dict

    found = set()
    for readings in pinyin_dict.values():
        for reading in readings.split(","):
            bare = "".join(letter for letter in unicodedata.normalize("NFD", reading) if letter not in _TONES)
            syllable = unicodedata.normalize("NFC", bare)
            if not set(syllable).isdisjoint("aeiouü") and syllable.isalpha():
                found.add(syllable)
    return frozenset(found | {syllable + "r" for syllable in found if not syllable.endswith("r")})
