"""Read any text as HTML into a shallow tree, in time proportional to its length.

This is no browser's parser and need not be: what comes out is written anew, and nh3 has the last word on it. Nesting is
bounded and unclosed formatting doesn't reach into the next block, so that hostile input can't multiply.
"""

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Callable

from articles.body.tree import INLINE, VOID, Element, Node

MAX_DEPTH = 40
# Nothing of these is text to be read.
DROPPED = frozenset(
    [
        "applet",
        "button",
        "canvas",
        "datalist",
        "embed",
        "frameset",
        "head",
        "math",
        "noembed",
        "noframes",
        "noscript",
        "object",
        "option",
        "rp",
        "script",
        "select",
        "style",
        "svg",
        "template",
        "textarea",
        "title",
        "xmp",
    ]
)
_CLOSES_PARAGRAPH = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "center",
        "details",
        "div",
        "dl",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "ul",
    ]
)
# An element that ends when the next of its kind begins, and what it can't end beyond.
_SIBLINGS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "li": (frozenset({"li"}), frozenset({"ul", "ol"})),
    "dt": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "dd": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "td": (frozenset({"td", "th"}), frozenset({"table", "tr"})),
    "th": (frozenset({"td", "th"}), frozenset({"table", "tr"})),
    "tr": (frozenset({"tr", "caption"}), frozenset({"table"})),
    "thead": (frozenset({"thead", "tbody", "tfoot", "caption"}), frozenset({"table"})),
    "tbody": (frozenset({"thead", "tbody", "tfoot", "caption"}), frozenset({"table"})),
    "tfoot": (frozenset({"thead", "tbody", "tfoot", "caption"}), frozenset({"table"})),
    "rt": (frozenset({"rt"}), frozenset({"ruby"})),
    "a": (frozenset({"a"}), frozenset({"table"})),
}
# What browsers too read as raw text to the end when it is left open; anything else left open takes only its tag with it.
_RAW_TO_THE_END = frozenset({"script", "style", "template", "textarea", "title", "xmp", "svg", "math", "noscript", "noembed", "noframes"})
_CHILDLESS = VOID | {"iframe"}
_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9-]{0,40}")
_QUOTE_OR_END = re.compile(r"""=\s{0,9}["']|>""")
_ATTRIBUTE = re.compile(r"""([^\s=/"'<>]{1,60})(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'<>=`]+))?""")
_KNOWN_ATTRIBUTES = frozenset(
    [
        "alt",
        "class",
        "cite",
        "colspan",
        "data-article",
        "data-embed",
        "data-gloss",
        "data-image",
        "data-pinyin",
        "datetime",
        "href",
        "id",
        "lang",
        "rel",
        "reversed",
        "rowspan",
        "scope",
        "src",
        "start",
        "title",
        "value",
    ]
)
_UNWANTED = re.compile(
    # Controls, unpaired surrogates, bidirectional overrides, the byte order mark and noncharacters.
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202d\u202e\ufeff\ufdd0-\ufdef\ufffe\uffff]"
    "|[" + "".join(chr(plane * 0x10000 + last) for plane in range(1, 17) for last in (0xFFFE, 0xFFFF)) + "]"
)
_LONG_SOLIDUS = "\u0338"


def clean_text(text: str) -> str:
    """Return text composed, with line feeds only, and without characters that have no business in prose."""
    plain = _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return unicodedata.normalize("NFC", plain)


def parse(source: str) -> list[Node]:
    """Return the tree of an HTML fragment; every str is one."""
    return _Parser(clean_text(source)).run()


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.root = Element("root")
        self.stack = [self.root]
        self.open: Counter[str] = Counter()
        # Searches that failed once fail from every later place too; asking again would cost the square of the length.
        self.missing: set[str] = set()
        self.pending: list[str] = []

    def run(self) -> list[Node]:
        position, length = 0, len(self.source)
        while position < length:
            bracket = self._find("<", position)
            if bracket < 0:
                self.pending.append(self.source[position:])
                break
            self.pending.append(self.source[position:bracket])
            position = self._markup(bracket)
        self._flush()
        return self.root.children

    def _find(self, wanted: str, position: int) -> int:
        if wanted in self.missing:
            return -1
        found = self.source.find(wanted, position)
        if found < 0:
            self.missing.add(wanted)
        return found

    def _markup(self, position: int) -> int:
        """Read what a `<` begins and return where to go on."""
        if self.source.startswith("<!--", position):
            return self._skip_past("-->", position + 4)
        if self.source.startswith(("<!", "<?"), position):
            return self._skip_past(">", position)
        is_end = self.source.startswith("/", position + 1)
        name = _NAME.match(self.source, position + 1 + is_end)
        end = self._end_of_tag(name.end()) if name else -1
        if not name or end < 0:
            self.pending.append("&lt;")
            return position + 1
        self._flush()
        tag = name.group().lower()
        if is_end:
            self._end(tag)
            return end
        return self._element(tag, self.source[name.end() : end - 1], end)

    def _element(self, tag: str, raw: str, end: int) -> int:
        if tag in DROPPED:
            return self._skip_element(tag, end)
        self._start(tag, raw)
        # The frame's own content is text for browsers without frames.
        return self._skip_element(tag, end) if tag == "iframe" else end

    def _skip_past(self, terminator: str, position: int) -> int:
        found = self._find(terminator, position)
        return found + len(terminator) if found >= 0 else len(self.source)

    def _skip_element(self, tag: str, position: int) -> int:
        if tag not in self.missing:
            closing = re.compile(rf"</{tag}\b[^>]{{0,200}}>?", re.IGNORECASE).search(self.source, position)
            if closing:
                return closing.end()
            self.missing.add(tag)
        return len(self.source) if tag in _RAW_TO_THE_END else position

    def _end_of_tag(self, position: int) -> int:
        while "tag" not in self.missing:
            found = _QUOTE_OR_END.search(self.source, position)
            if not found:
                self.missing.add("tag")
                break
            if found.group() == ">":
                return found.end()
            closing = self._find(found.group()[-1], found.end())
            position = closing + 1 if closing >= 0 else found.end()
        return -1

    def _flush(self) -> None:
        """Put the text read since the last tag into the tree."""
        # A combining solidus at the front would compose with the `>` before it once this is HTML again.
        text = clean_text(html.unescape("".join(self.pending))).lstrip(_LONG_SOLIDUS)
        self.pending.clear()
        if text:
            self.stack[-1].children.append(text)

    def _start(self, tag: str, raw: str) -> None:
        if tag in _CLOSES_PARAGRAPH and self.open["p"]:
            self._close_through({"p"}, lambda name: name not in INLINE)
        if tag in _SIBLINGS:
            siblings, limits = _SIBLINGS[tag]
            if any(self.open[name] for name in siblings):
                self._close_through(siblings, lambda name: name in limits)
        element = Element(tag, _attributes(raw))
        self.stack[-1].children.append(element)
        if tag not in _CHILDLESS and len(self.stack) <= MAX_DEPTH:
            self.stack.append(element)
            self.open[tag] += 1

    def _close_through(self, names: frozenset[str] | set[str], is_limit: Callable[[str], bool]) -> None:
        """Close the nearest open element of these names, unless a limit stands before it."""
        for depth in range(len(self.stack) - 1, 0, -1):
            name = self.stack[depth].tag
            if name in names:
                self._close_to(depth)
                return
            if is_limit(name):
                return

    def _end(self, tag: str) -> None:
        if self.open[tag]:
            self._close_to(next(depth for depth in range(len(self.stack) - 1, 0, -1) if self.stack[depth].tag == tag))

    def _close_to(self, depth: int) -> None:
        for element in self.stack[depth:]:
            self.open[element.tag] -= 1
        del self.stack[depth:]


def _attributes(raw: str) -> dict[str, str]:
    attributes: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(raw):
        name = match[1].lower()
        if name in _KNOWN_ATTRIBUTES and name not in attributes:
            value = match[2] or ""
            unquoted = value[1:-1] if value[:1] in {'"', "'"} else value
            attributes[name] = clean_text(html.unescape(unquoted))
    return attributes
