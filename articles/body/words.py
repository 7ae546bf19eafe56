"""The text of a stored body, and how much there is to read of it."""

import math
import re
from collections.abc import Iterable, Sequence

from articles.body.scripts import HAN, KANA
from articles.body.tree import Element, Node

WORDS_A_MINUTE = 230

_WORD = re.compile(rf"[{HAN}{KANA}]|(?:(?![{HAN}{KANA}])[^\W_])+(?:['’.,-](?:(?![{HAN}{KANA}])[^\W_])+)*")
_SPACES = re.compile(r"\s+")
_CELLS = frozenset(["td", "th", "caption"])


def count_words(text: str) -> int:
    """Return the number of words; each character of Chinese or Japanese is one."""
    return sum(1 for _ in _WORD.finditer(text))


def reading_minutes(words: int) -> int:
    """Return how long reading takes, one minute at least."""
    return max(1, math.ceil(words / WORDS_A_MINUTE))


def running_text(blocks: Iterable[Element]) -> str:
    """Return what is read from top to bottom: no captions, notes, glosses or inserts; one line a block."""
    return "\n".join(line for block in blocks for line in _lines([block], beside=False))


def full_text(blocks: Sequence[Element]) -> str:
    """Return the running text and after it what stands beside it: captions, glosses, notes and references."""
    beside = "\n".join(_beside(blocks))
    return "\n".join(part for part in (running_text(blocks), beside) if part)


def plain(nodes: Iterable[Node]) -> str:
    """Return inline nodes as one line without notes and readings."""
    return _SPACES.sub(" ", "".join(_pieces(nodes))).strip()


def _is_beside(element: Element) -> bool:
    is_caption = element.tag == "figcaption"
    return is_caption or element.tag == "aside" or {"footnote", "references"}.intersection(element.classes) != set()


def _lines(nodes: Iterable[Node], *, beside: bool) -> list[str]:
    """Return the lines of blocks; with `beside`, the blocks themselves count although they stand beside the text."""
    parts: list[str] = []
    for node in nodes:
        parts.extend(_pieces([node], keep=beside))
    lines = (_SPACES.sub(" ", line).strip() for line in "".join(parts).split("\n"))
    return [line for line in lines if line]


def _pieces(nodes: Iterable[Node], *, keep: bool = False) -> Iterable[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node.replace("\n", " ")
        elif node.tag == "rt" or (_is_beside(node) and not keep):
            continue
        else:
            border = "\n" if not node.is_inline or node.tag == "br" else ""
            border = " " if node.tag in _CELLS else border
            yield border
            yield from _pieces(node.children)
            yield border


def _beside(nodes: Iterable[Node]) -> list[str]:
    found: list[str] = []
    for node in nodes:
        if not isinstance(node, Element) or node.classes in (["also"], ["appeal"]):
            continue
        if "data-gloss" in node.attrs or "data-pinyin" in node.attrs:
            found.append(_explained(node))
        elif _is_beside(node):
            found.extend(_lines([node], beside=True))
        elif node.attrs.get("alt"):
            found.append(_SPACES.sub(" ", node.attrs["alt"]).strip())
        found.extend(_beside(node.children))
    return found


def _explained(node: Element) -> str:
    """Return a term or a gloss with its reading and its meaning, as in a dictionary."""
    word = next((child for child in node.elements() if child.tag == "b"), None) if node.tag == "aside" else node
    rest = [child for child in node.children if child is not word] if node.tag == "aside" else []
    head = " ".join(part for part in (plain(word.children) if word else "", node.attrs.get("data-pinyin", "")) if part)
    meaning = node.attrs.get("data-gloss") or plain(rest)
    return ": ".join(part for part in (head, meaning) if part)
