"""Bring any tree of HTML into the vocabulary of a stored body (docs/body.md).

Text is never lost without need: an unknown element is replaced by what it holds, a block in a place where none may stand by
its text.
"""

import re
from collections.abc import Callable, Iterable, Sequence

from articles.body import special
from articles.body.tree import Element, Node, build, text_of
from articles.body.vocabulary import (
    BLOCK_TAGS,
    HEADINGS,
    INLINE_TAGS,
    RENAMED_INLINE,
    safe_address,
    safe_datetime,
    safe_language,
    safe_number,
    safe_relations,
)

_SPACE = re.compile(r"[ \t\n\f]+")
_IN_ITEM = frozenset({"p", "ul", "ol", "h3", "h4", "figure", "pre", "table", "blockquote"})
_IN_CELL = frozenset({"p", "ul", "ol"})
_IN_QUOTE = frozenset({"p", "ul", "ol", "pre"})
_MAX_START = 100_000
_MAX_TITLE = 300


def shape(nodes: Iterable[Node]) -> list[Element]:
    """Return the blocks of a stored body."""
    return paragraphs(flow(nodes))


def flow(nodes: Iterable[Node]) -> list[Node]:
    """Return nodes of the vocabulary, inline ones and blocks mixed."""
    shaped: list[Node] = []
    for node in nodes:
        if isinstance(node, str):
            shaped.append(_SPACE.sub(" ", node))
        else:
            shaped.extend(_shape_element(node))
    return shaped


def is_block(node: Node) -> bool:
    """Say whether a node is an element that stands for itself between paragraphs."""
    return isinstance(node, Element) and node.tag in BLOCK_TAGS


def is_blank(nodes: Iterable[Node]) -> bool:
    """Say whether nothing of this would be seen or heard."""
    return not text_of(nodes).strip()


def paragraphs(nodes: Iterable[Node]) -> list[Element]:
    """Return blocks, with the inline nodes between them put into paragraphs."""
    return [node for node in split_inline(nodes, lambda inline: _block("p", inline, {})) if isinstance(node, Element)]


def inline_of(nodes: Iterable[Node]) -> list[Node]:
    """Return the inline content of nodes, blocks replaced by theirs."""
    content: list[Node] = []
    for node in nodes:
        if isinstance(node, Element) and (is_block(node) or node.tag in _PARTS):
            content += [" ", *inline_of(node.children), " "]
        else:
            content.append(node)
    return content


def trimmed(nodes: Sequence[Node]) -> list[Node]:
    """Return inline nodes without space or breaks at either end."""
    content = _joined(nodes)
    while content and _is_edge(content[0]):
        content.pop(0)
    while content and _is_edge(content[-1]):
        content.pop()
    if content and isinstance(content[0], str):
        content[0] = content[0].lstrip(" \n")
    if content and isinstance(content[-1], str):
        content[-1] = content[-1].rstrip(" \n")
    return content


def within(nodes: Iterable[Node], allowed: frozenset[str]) -> list[Node]:
    """Return the content of an item or a cell: inline nodes and the allowed blocks."""
    content: list[Node] = []
    for node in nodes:
        if isinstance(node, Element) and node.tag not in allowed and (is_block(node) or node.tag in _PARTS):
            content += [" ", *within(node.children, allowed), " "]
        else:
            content.append(node)
    if not any(is_block(node) for node in content):
        return trimmed(content)
    return split_inline(content, lambda inline: trimmed(inline) or None)


_PARTS = frozenset(["li", "dt", "dd", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "figcaption"])


def _is_edge(node: Node) -> bool:
    return not node.strip(" \n") if isinstance(node, str) else node.tag == "br"


def _joined(nodes: Iterable[Node]) -> list[Node]:
    """Return nodes with neighbouring texts in one and no doubled spaces between them."""
    content: list[Node | list[str]] = []
    for node in nodes:
        if isinstance(node, Element):
            content.append(node)
        elif content and isinstance(content[-1], list):
            content[-1].append(node)
        else:
            content.append([node])
    joined = [_SPACE.sub(" ", "".join(part)) if isinstance(part, list) else part for part in content]
    return [part for part in joined if part != ""]


def split_inline(nodes: Iterable[Node], wrap: Callable[[list[Node]], Element | list[Node] | None]) -> list[Node]:
    """Return nodes with every stretch of inline ones wrapped and the blocks between left bare."""
    result: list[Node] = []
    stretch: list[Node] = []

    def finish() -> None:
        wrapped = wrap(_joined(stretch)) if stretch else None
        stretch.clear()
        if isinstance(wrapped, Element):
            result.append(wrapped)
        elif wrapped:
            result.extend(wrapped)

    for node in nodes:
        if is_block(node):
            finish()
            result.append(node)
        else:
            stretch.append(node)
    finish()
    return result


def _block(tag: str, inline: list[Node], attrs: dict[str, str]) -> Element | None:
    content = trimmed(inline)
    if is_blank(content):
        return None
    return Element(tag, attrs, content)


def attributes_of(element: Element, *names: str) -> dict[str, str]:
    """Return those attributes of an element that every element may have, and an id where it may have one."""
    attrs = {}
    if "id" in names and element.attrs.get("id"):
        attrs["id"] = element.attrs["id"]
    if language := safe_language(element.attrs.get("lang", "")):
        attrs["lang"] = language
    return attrs


def _shape_element(element: Element) -> list[Node]:
    tag = RENAMED_INLINE.get(element.tag, element.tag)
    if tag in INLINE_TAGS:
        return _inline(tag, element)
    if tag in HEADINGS:
        return _text_block(HEADINGS[tag], element)
    return _SHAPES.get(tag, _transparent)(element)


def _transparent(element: Element) -> list[Node]:
    """Replace an element by its content; what was a block stays apart from its neighbours."""
    content = flow(element.children)
    return content if element.is_inline or element.tag in {"font", "nobr", "bdo", "label"} else list(paragraphs(content))


def _text_block(tag: str, element: Element) -> list[Node]:
    attrs = attributes_of(element, "id")
    return split_inline(flow(element.children), lambda inline: _block(tag, inline, dict(attrs)))


def _paragraph(element: Element) -> list[Node]:
    attrs = attributes_of(element, "id")
    kind = next((name for name in element.classes if name in {"soft", "note"}), None)
    if kind:
        attrs["class"] = kind
    return split_inline(flow(element.children), lambda inline: _block("p", inline, dict(attrs)))


def _inline(tag: str, element: Element) -> list[Node]:
    attrs = attributes_of(element)
    if tag == "abbr" and element.attrs.get("title"):
        attrs["title"] = element.attrs["title"][:_MAX_TITLE]
    if tag in {"time", "del", "ins"} and (moment := safe_datetime(element.attrs.get("datetime", ""))):
        attrs["datetime"] = moment
    return _wrapped(tag, attrs, element)


def _wrapped(tag: str, attrs: dict[str, str], element: Element) -> list[Node]:
    """Wrap the inline content; a block inside comes out bare."""
    return split_inline(flow(element.children), lambda inline: Element(tag, dict(attrs), inline) if text_of(inline) else None)


def _link(element: Element) -> list[Node]:
    address = safe_address(element.attrs.get("href", ""))
    if not address:
        return flow(element.children)
    attrs = {"href": address, **attributes_of(element)}
    if element.attrs.get("title"):
        attrs["title"] = element.attrs["title"][:_MAX_TITLE]
    if relations := safe_relations(element.attrs.get("rel", "")):
        attrs["rel"] = relations
    return _wrapped("a", attrs, element)


def _break(element: Element) -> list[Node]:
    return [Element("br")]


def _rule(element: Element) -> list[Node]:
    return [build("hr", class_="paywall-divider" if "paywall-divider" in element.classes else None)]


def _preformatted(element: Element) -> list[Node]:
    # A parser drops the first line feed of a pre; keeping it would lose one with every save.
    text = text_of(element.children).strip("\n")
    if not text.strip():
        return []
    is_code = any(child.tag == "code" for child in element.elements())
    return [Element("pre", attributes_of(element), [build("code", text) if is_code else text])]


def _quote(element: Element) -> list[Node]:
    content = [node for node in within(flow(element.children), _IN_QUOTE) if not isinstance(node, str) or node.strip()]
    blocks = paragraphs(content)
    return [Element("blockquote", attributes_of(element), list(blocks))] if blocks else []


def _list(element: Element) -> list[Node]:
    items: list[Node] = []
    for child in element.children:
        if isinstance(child, Element) and child.tag == "li":
            items.extend(_item(child))
        elif isinstance(child, Element) and child.tag in {"ul", "ol"} and items and isinstance(items[-1], Element):
            items[-1].children.extend(_list(child))
        else:
            items.extend(_item(build("li", child)))
    if not items:
        return []
    attrs = attributes_of(element)
    kind = {"ul": "references", "ol": "ranking"}[element.tag]
    if kind in element.classes:
        attrs["class"] = kind
    if element.tag == "ol":
        attrs |= _numbering(element)
    return [Element(element.tag, attrs, items)]


def _numbering(element: Element) -> dict[str, str]:
    attrs = {}
    start = safe_number(element.attrs.get("start", ""), low=-_MAX_START, high=_MAX_START)
    if start and start != "1":
        attrs["start"] = start
    if "reversed" in element.attrs:
        attrs["reversed"] = ""
    return attrs


def _item(element: Element) -> list[Node]:
    content = within(flow(element.children), _IN_ITEM)
    if is_blank(content) and not any(is_block(node) for node in content):
        return []
    attrs = attributes_of(element, "id")
    if value := safe_number(element.attrs.get("value", ""), low=-_MAX_START, high=_MAX_START):
        attrs["value"] = value
    return [Element("li", attrs, content)]


def _stray_item(element: Element) -> list[Node]:
    return list(paragraphs(flow(element.children)))


def _definitions(element: Element) -> list[Node]:
    entries: list[Node] = []
    for child in element.elements():
        if child.tag == "div":
            entries.extend(entry for inner in _definitions(child) if isinstance(inner, Element) for entry in inner.children)
        elif child.tag in {"dt", "dd"}:
            content = within(flow(child.children), _IN_CELL if child.tag == "dd" else frozenset())
            if not is_blank(content):
                entries.append(Element(child.tag, attributes_of(child), content))
    if entries:
        return [Element("dl", attributes_of(element), entries)]
    return list(paragraphs(flow(element.children)))


def _division(element: Element) -> list[Node]:
    content = paragraphs(flow(element.children))
    if "gallery" not in element.classes:
        return list(content)
    pictures = [block for block in content if special.is_picture(block)]
    rest = [block for block in content if not special.is_picture(block)]
    return [build("div", *pictures, class_="gallery"), *rest] if pictures else list(rest)


_SHAPES: dict[str, Callable[[Element], list[Node]]] = {
    "a": _link,
    "aside": lambda element: special.shape_aside(element),
    "audio": lambda element: special.shape_audio(element, []),
    "blockquote": _quote,
    "br": _break,
    "dd": _stray_item,
    "div": _division,
    "dl": _definitions,
    "dt": _stray_item,
    "figure": lambda element: special.shape_figure(element),
    "hr": _rule,
    "iframe": lambda element: special.shape_frame(element.attrs.get("src", ""), []),
    "img": lambda element: special.shape_image(element, []),
    "li": _stray_item,
    "ol": _list,
    "p": _paragraph,
    "pre": _preformatted,
    "ruby": lambda element: special.shape_ruby(element),
    "span": lambda element: special.shape_span(element),
    "table": lambda element: special.shape_table(element),
    "ul": _list,
}
