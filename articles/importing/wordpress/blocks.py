"""Read the comments that mark the blocks of an article, and leave only what the blocks hold."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MARK = re.compile(r"<!--\s+(/?)wp:([a-z][\w-]*(?:/[a-z][\w-]*)?)\s*(\{(?:(?!-->|<!--).)*?\})?\s*(/?)-->", re.DOTALL)
MAX_ATTRIBUTES = 100_000
# Blocks that the theme fills when a page is shown: the new theme has its own.
THEME_BLOCKS = frozenset(
    [
        "archives",
        "avatar",
        "calendar",
        "categories",
        "comments",
        "latest-comments",
        "latest-posts",
        "loginout",
        "navigation",
        "page-list",
        "post-author",
        "post-author-biography",
        "post-comments-form",
        "post-date",
        "post-excerpt",
        "post-featured-image",
        "post-navigation-link",
        "post-terms",
        "post-title",
        "query",
        "query-title",
        "read-more",
        "rss",
        "search",
        "site-logo",
        "site-tagline",
        "site-title",
        "social-link",
        "social-links",
        "tag-cloud",
        "term-description",
    ]
)


@dataclass(frozen=True, slots=True)
class Block:
    """A block's name, without `core/`, and its attributes."""

    name: str
    attributes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class BlockRules:
    """What to put for blocks that hold nothing (`filled` returns None where it can't), and whom to tell of those left out."""

    filled: Callable[[Block], str | None]
    left_out: Callable[[str], None]


def has_blocks(text: str) -> bool:
    """Say whether a text was written in blocks."""
    return "<!-- wp:" in text


def unwrap_blocks(text: str, rules: BlockRules) -> str:
    """Return a text without the marks of its blocks."""
    parts: list[str] = []
    position = 0
    hidden: list[str] = []
    for found in MARK.finditer(text):
        if not hidden:
            parts.append(text[position : found.start()])
        position = found.end()
        name = found[2].removeprefix("core/")
        if hidden:
            _follow_hidden(hidden, found, name)
        elif found[1]:
            continue
        elif found[4]:
            parts.append(_fill(Block(name, _attributes(found[3])), rules))
        elif name in THEME_BLOCKS:
            hidden.append(name)
            rules.left_out(name)
    if not hidden:
        parts.append(text[position:])
    return "".join(parts)


def _follow_hidden(hidden: list[str], found: re.Match[str], name: str) -> None:
    """Keep track of where a block that is left out ends."""
    if found[1]:
        if name in hidden:
            while hidden.pop() != name:
                pass
    elif not found[4]:
        hidden.append(name)


def _fill(block: Block, rules: BlockRules) -> str:
    """Return what stands for a block that holds nothing."""
    filled = rules.filled(block)
    if filled is None:
        rules.left_out(block.name)
    return filled or ""


def _attributes(text: str | None) -> dict[str, Any]:
    """Return a block's attributes; `\\u003c` and the like are resolved. Broken ones count as none."""
    if not text or len(text) > MAX_ATTRIBUTES:
        return {}
    try:
        attributes = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return attributes if isinstance(attributes, dict) else {}
