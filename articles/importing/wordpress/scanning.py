"""Cut an export into its elements, without holding more than one of them and without an XML parser.

Exports are often not well-formed: raw ampersands, control characters, CDATA within CDATA, a file cut off in the middle. A parser
stops there, and one that resolves entities can be turned against the site. So the file is cut at the tags of its few known
elements, outside CDATA sections only; document types and entities are skipped unread.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CHUNK_BYTES = 256 * 1024
# Far above any article; a file that never closes an element can't fill the memory.
MAX_ELEMENT_CHARACTERS = 12_000_000
MAX_HEAD_CHARACTERS = 64 * 1024
# No token that is cut by the end of a chunk is longer.
LONGEST_TOKEN = 512

CONTROL_CHARACTERS = {code: None for code in range(32) if code not in (9, 10, 13)} | {0xFFFE: None, 0xFFFF: None}
KINDS = ("item", "wp_author", "author", "category", "tag", "term")
OPENING = re.compile(rf"<(?:[\w.-]{{1,20}}:)?({'|'.join(KINDS)})(?:\s[^<>]{{0,400}}?)?(/?)>|<!\[CDATA\[|<!--")
ENDINGS = {kind: re.compile(rf"<!\[CDATA\[|</(?:[\w.-]{{1,20}}:)?{kind}\s*>") for kind in KINDS}
ITEM_END = re.compile(r"</item\s*>")
ITEM_BORDER = re.compile(r"</item\s*>\s*(<item[\s>])")
DECLARED_ENCODING = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class Element:
    """One element of the channel as it stands in the file, its own tags left out."""

    kind: str
    text: str
    is_complete: bool = True
    is_too_long: bool = False


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    """Read bytes that are no UTF-8 as what they nearly always are."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", errors="replace"), error.end


codecs.register_error("windows-1252", _as_windows_1252)


def read_elements(path: Path) -> Iterator[Element]:
    """Yield the head of the channel as `head`, then every author, term and item of an export in turn.

    An item that the end of the file cuts off comes as not complete. Raises OSError when the file can't be read.
    """
    scanner = _Scanner()
    with path.open("rb") as file:
        start = file.read(4096)
        decoder = codecs.getincrementaldecoder(_encoding_of(start))(errors="windows-1252")
        chunk = start
        while chunk:
            yield from scanner.feed(_clean(decoder.decode(chunk)))
            chunk = file.read(CHUNK_BYTES)
        yield from scanner.feed(_clean(decoder.decode(b"", final=True)))
    yield from scanner.finish()


def _encoding_of(start: bytes) -> str:
    """Return the codec of a file, by its byte order mark, else as declared, else UTF-8."""
    for mark, name in BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return name
    declared = DECLARED_ENCODING.match(start.lstrip())
    if declared is None:
        return "utf-8"
    try:
        codec = codecs.lookup(declared[1].decode())
        # A codec between bytes and bytes, or one that needs a mark which isn't there, would raise in the middle of the file.
        "".encode(codec.name)
    except (LookupError, ValueError, TypeError):
        return "utf-8"
    return "utf-8" if codec.name.startswith(("utf-16", "utf-32")) else codec.name


def _clean(text: str) -> str:
    """Drop control characters and give every line one kind of ending."""
    return text.translate(CONTROL_CHARACTERS).replace("\r\n", "\n").replace("\r", "\n")


class _Scanner:
    """The state between two chunks: what was read and isn't cut up yet, and where in it to go on."""

    def __init__(self) -> None:
        self.buffer = ""
        self.position = 0  # how far the buffer has been searched
        self.kind = ""  # of the element we are in; empty between elements
        self.until = ""  # the end of the CDATA section or comment we are in
        self.section_start = 0
        self.head: str | None = ""

    def feed(self, text: str) -> Iterator[Element]:
        """Take more text, and yield what is complete by it."""
        self.buffer += text
        while True:
            element, has_moved = self._inside() if self.kind else self._between()
            if element is not None:
                yield element
            if not has_moved:
                return

    def finish(self) -> Iterator[Element]:
        """Yield what the end of the file left open."""
        if self.kind:
            # Whatever follows the end of an unclosed CDATA section belongs to other items, whose state nobody can know.
            yield Element(self.kind, ITEM_END.split(self.buffer)[0], is_complete=False)
        else:
            self._keep_head(self.buffer)
        if self.head:
            yield Element("head", self.head)

    def _between(self) -> tuple[Element | None, bool]:
        """Look for the next element; return the head when it ends there, and whether to go on."""
        if self.until:
            return None, self._skip_section()
        found = OPENING.search(self.buffer, self.position)
        if found is None:
            self._drop(len(self.buffer) - LONGEST_TOKEN)
            return None, False
        self._drop(found.start())
        self.buffer = self.buffer[found.end() - found.start() :]
        if found[1] is None:
            self._keep_head(found[0])
            self.until = "-->" if found[0] == "<!--" else "]]>"
            return None, True
        head = None
        if found[1] == "item" and self.head is not None:
            head, self.head = Element("head", self.head), None
        if not found[2]:
            self.kind = found[1]
        return head, True

    def _skip_section(self) -> bool:
        """Skip to the end of a CDATA section or comment between elements; say whether it was found."""
        end = self.buffer.find(self.until)
        if end < 0:
            self._drop(len(self.buffer) - len(self.until))
            return False
        self._drop(end + len(self.until))
        self.until = ""
        return True

    def _inside(self) -> tuple[Element | None, bool]:
        """Look for the end of the element we are in; return it when it is there, and whether to go on."""
        if self.until:
            end = self.buffer.find("]]>", self.position)
            if end < 0:
                return self._wait(len(self.buffer) - 2)
            self.until, self.position = "", end + 3
            return self._item_left_open(end), True
        found = ENDINGS[self.kind].search(self.buffer, self.position)
        if found is None:
            return self._wait(len(self.buffer) - LONGEST_TOKEN)
        self.position = found.end()
        if found[0] == "<![CDATA[":
            self.until, self.section_start = "]]>", found.end()
            return None, True
        element = Element(self.kind, self.buffer[: found.start()])
        self._start_at(found.end())
        return element, True

    def _item_left_open(self, end: int) -> Element | None:
        """Return the item whose CDATA section was never closed and ran into the next item, where that is so."""
        if self.kind != "item" or "</item" not in self.buffer[self.section_start : end]:
            return None
        border = ITEM_BORDER.search(self.buffer, self.section_start, end)
        if border is None or "<![CDATA[" not in self.buffer[border.end() : end]:
            return None
        element = Element(self.kind, self.buffer[: border.start()], is_complete=False)
        self._start_at(border.start(1))
        return element

    def _wait(self, searched: int) -> tuple[Element | None, bool]:
        """Go on when more is read, unless the element is longer than any real one."""
        self.position = max(searched, self.position, 0)
        if len(self.buffer) <= MAX_ELEMENT_CHARACTERS:
            return None, False
        too_long = Element(self.kind, self.buffer[:LONGEST_TOKEN], is_complete=False, is_too_long=True)
        # In a CDATA section we stay: an item that stands within it is text, not an item.
        self._start_at(len(self.buffer))
        return too_long, False

    def _start_at(self, position: int) -> None:
        """Forget the buffer up to a position, and be between elements there."""
        self.buffer, self.position, self.kind = self.buffer[position:], 0, ""

    def _drop(self, end: int) -> None:
        """Forget the buffer up to a position, keeping what belongs to the head."""
        end = max(end, 0)
        self._keep_head(self.buffer[:end])
        self.buffer, self.position = self.buffer[end:], 0

    def _keep_head(self, text: str) -> None:
        """Keep what stands before the first item, up to a bound."""
        if self.head is not None and len(self.head) < MAX_HEAD_CHARACTERS:
            self.head += text[: MAX_HEAD_CHARACTERS - len(self.head)]
