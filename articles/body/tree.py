"""A small tree of elements and text: what every step between the stored and the shown body works on."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

VOID = frozenset({"br", "hr", "img", "wbr"})
_BARE = frozenset({"controls", "popover", "reversed"})
INLINE = frozenset(
    [
        "a",
        "abbr",
        "audio",
        "b",
        "bdi",
        "br",
        "button",
        "cite",
        "code",
        "del",
        "em",
        "i",
        "img",
        "ins",
        "kbd",
        "mark",
        "q",
        "rt",
        "ruby",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "time",
        "u",
    ]
)


@dataclass(slots=True)
class Element:
    """An element with its children; empty attributes are kept, order matters."""

    tag: str
    attrs: dict[str, str] = field(default_factory=dict)
    children: list["Node"] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        """Return the names in the class attribute."""
        return self.attrs.get("class", "").split()

    @property
    def is_inline(self) -> bool:
        """Say whether the element runs within a line of text."""
        return self.tag in INLINE

    def with_children(self, children: Sequence["Node"]) -> "Element":
        """Return the same element around other children."""
        return Element(self.tag, dict(self.attrs), list(children))

    def elements(self) -> Iterator["Element"]:
        """Yield the children that are elements."""
        return (child for child in self.children if isinstance(child, Element))


Node = Element | str


def build(tag: str, *children: Node | None, **attrs: str | None) -> Element:
    """Return an element; `class_` is class, `aria_label` aria-label, and what is None is left out."""
    named = {name.rstrip("_").replace("_", "-"): value for name, value in attrs.items() if value is not None}
    return Element(tag, named, [child for child in children if child is not None])


def walk(nodes: Iterable[Node]) -> Iterator[Element]:
    """Yield every element below, in the order of the document."""
    for node in nodes:
        if isinstance(node, Element):
            yield node
            yield from walk(node.children)


def text_of(nodes: Iterable[Node]) -> str:
    """Return the text below, joined as it stands."""
    return "".join(_texts(nodes))


def _texts(nodes: Iterable[Node]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node
        elif node.tag == "br":
            yield "\n"
        else:
            yield from _texts(node.children)


def serialise(nodes: Iterable[Node]) -> str:
    """Return nodes as HTML."""
    parts: list[str] = []
    _write(nodes, parts)
    return "".join(parts)


def _write(nodes: Iterable[Node], parts: list[str]) -> None:
    for node in nodes:
        if isinstance(node, str):
            parts.append(_escape(node))
            continue
        attrs = "".join(_attribute(name, value) for name, value in node.attrs.items())
        parts.append(f"<{node.tag}{attrs}>")
        if node.tag not in VOID:
            _write(node.children, parts)
            parts.append(f"</{node.tag}>")


def _attribute(name: str, value: str) -> str:
    return f" {name}" if name in _BARE and not value else f' {name}="{_escape(value, quote=True)}"'


def _escape(text: str, *, quote: bool = False) -> str:
    escaped = text.replace("&", "&amp;").replace("\xa0", "&nbsp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace('"', "&quot;") if quote else escaped
