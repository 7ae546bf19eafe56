"""Where the free part of an article ends."""

from collections.abc import Sequence

from articles.body.tree import Element
from articles.body.words import count_words, running_text

MAX_PARAGRAPHS = 3
_SHARE_SHOWN = 5
"""One part in this many of the words is shown when the editor set no divider."""
_NEVER_LAST = frozenset({"h2", "h3", "h4", "hr"})


def is_divider(block: Element) -> bool:
    """Say whether the free part was set to end here."""
    return block.tag == "hr" and "paywall-divider" in block.classes


def preview_of(blocks: Sequence[Element]) -> list[Element]:
    """Return the blocks that everybody may read: whole ones only, and never all the words.

    Up to the divider; without one, or with nothing to read behind it, up to the first fifth of the words.
    """
    divider = next((index for index, block in enumerate(blocks) if is_divider(block)), None)
    if divider is not None and _words(blocks[divider + 1 :]):
        return _tidied(blocks[:divider])
    return _tidied(_opening([block for block in blocks if not is_divider(block)]))


def _opening(blocks: Sequence[Element]) -> Sequence[Element]:
    counts = [_words([block]) for block in blocks]
    total, shown, paragraphs = sum(counts), 0, 0
    for index, (block, count) in enumerate(zip(blocks, counts, strict=True)):
        # A long list or table is not an opening, and a text of one paragraph has none.
        if not total or 2 * (shown + count) > total:
            return blocks[:index] if shown else []
        shown += count
        paragraphs += block.tag == "p"
        if _SHARE_SHOWN * shown >= total or paragraphs == MAX_PARAGRAPHS:
            return blocks[: index + 1]
    return []


def _tidied(blocks: Sequence[Element]) -> list[Element]:
    """Return blocks without those at the end that only lead on to the next."""
    end = len(blocks)
    while end and (blocks[end - 1].tag in _NEVER_LAST or blocks[end - 1].classes in (["also"], ["appeal"])):
        end -= 1
    return list(blocks[:end])


def _words(blocks: Sequence[Element]) -> int:
    return count_words(running_text(blocks))
