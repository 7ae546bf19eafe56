"""Turn anything that claims to be HTML into a stored body."""

import html
from collections.abc import Iterable
from urllib.parse import unquote

import nh3

from articles.body.embeds import find_embed
from articles.body.parsing import parse
from articles.body.shaping import shape
from articles.body.tree import Element, Node, build, serialise, text_of, walk
from articles.body.vocabulary import (
    ATTRIBUTES,
    CLASSES,
    ID_PREFIX,
    SCHEMES,
    TAGS,
    safe_address,
    safe_id,
    safe_language,
    safe_relations,
    safe_source,
)

_ROUNDS = 6
_LINE = "\n"


class StoredBody(str):
    """What `sanitise` returned: on its way to the database it needn't be sanitised again. Any operation on it gives a plain str."""

    __slots__ = ()


def sanitise(source: str) -> StoredBody:
    """Return a body in the stored vocabulary; the same for what it returned before. Every str is accepted."""
    if isinstance(source, StoredBody):
        return source
    current = _round(source)
    for _ in range(_ROUNDS):
        settled = _round(current)
        if settled == current:
            return StoredBody(settled)
        current = settled
    # Markup that never settles is an attack or rubbish: keep the words.
    return StoredBody(_as_plain_text(current))


def stored_blocks(source: str) -> list[Element]:
    """Return the blocks of a body as a tree, sanitised first."""
    return [node for node in parse(sanitise(source)) if isinstance(node, Element)]


def _round(source: str) -> str:
    blocks = shape(parse(source))
    _settle_ids(blocks)
    blocks = _with_one_divider(blocks)
    return _clean(_LINE.join(serialise([block]) for block in blocks))


def _clean(markup: str) -> str:
    """Let nh3 have the last word: nothing outside the vocabulary passes, whatever the shaping did."""
    return nh3.clean(
        markup,
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=_filter_attribute,
        url_schemes=set(SCHEMES),
        link_rel=None,
        strip_comments=True,
    )


def _filter_attribute(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        return value if value in CLASSES.get(tag, ()) else None
    check = _CHECKS.get(name)
    return check(value) if check else value


def _known_embed(value: str) -> str | None:
    embed = find_embed(value)
    return embed.watch if embed else None


_CHECKS = {
    "href": safe_address,
    "src": safe_source,
    "rel": safe_relations,
    "lang": safe_language,
    "id": safe_id,
    "data-embed": _known_embed,
}


def _settle_ids(blocks: Iterable[Element]) -> None:
    """Rename ids so that they are alone, and the links within the text with them."""
    renamed: dict[str, str] = {}
    used: set[str] = set()
    elements = list(walk(blocks))
    for element in elements:
        if "id" not in element.attrs:
            continue
        old = element.attrs.pop("id")
        new = safe_id(old)
        if new and new not in used:
            used.add(new)
            renamed.setdefault(old, new)
            element.attrs = {"id": new, **element.attrs}
    for element in elements:
        target = element.attrs.get("href", "")
        if target.startswith("#") and not target.startswith(f"#{ID_PREFIX}"):
            new = renamed.get(unquote(target[1:]))
            element.attrs["href"] = f"#{new}" if new else target


def _with_one_divider(blocks: Iterable[Element]) -> list[Element]:
    kept: list[Element] = []
    divided = False
    for block in blocks:
        is_divider = block.tag == "hr" and "paywall-divider" in block.classes
        if not (is_divider and divided):
            kept.append(block)
        divided = divided or is_divider
    return kept


def _as_plain_text(markup: str) -> str:
    words: Node = html.unescape(text_of(parse(markup)))
    text = " ".join(str(words).split())
    return serialise([build("p", text)]) if text else ""
