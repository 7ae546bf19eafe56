"""Make paragraphs of classic texts, which leave them to blank lines."""

import re

BLOCKS = (
    "address|article|aside|audio|blockquote|caption|center|col|colgroup|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|"
    "header|hr|iframe|legend|li|main|nav|object|ol|p|pre|script|section|style|summary|table|tbody|td|tfoot|th|thead|tr|ul|video"
)
BLOCK_TAG = re.compile(
    rf"(<(?:pre|script|style)(?:\s[^<>]*)?>.*?</(?:pre|script|style)\s*>|</?(?:{BLOCKS})(?:\s[^<>]*)?/?>|<!--.*?-->)",
    re.IGNORECASE | re.DOTALL,
)
NAME = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
BLANK_LINE = re.compile(r"\n[ \t\xa0]*\n\s*")
LINE_BREAKS = ("<br>", "<br/>", "<br />")
EMPTY = frozenset({"hr", "col", "iframe"})
# Texts stand free in these; paragraphs are made of them.
FLOWING = frozenset(
    {"", "address", "article", "aside", "blockquote", "center", "details", "div", "fieldset", "footer", "form", "header", "main", "section"}
)
# Texts stand in these as lines; only a blank line makes paragraphs of them.
HOLDING = frozenset({"li", "td", "th", "dd"})
LINES = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "figcaption"})


def make_paragraphs(text: str) -> str:
    """Return a classic text with its paragraphs and line breaks as tags."""
    parts: list[str] = []
    stack: list[str] = []
    for piece in BLOCK_TAG.split(text):
        if piece.startswith("<") and BLOCK_TAG.fullmatch(piece):
            _follow(piece, stack)
            parts.append(piece)
        else:
            parts.append(_lines(piece, stack[-1] if stack else ""))
    return "".join(parts)


def _follow(tag: str, stack: list[str]) -> None:
    """Enter or leave the block that a tag opens or closes."""
    found = NAME.match(tag)
    if found is None or tag.endswith("/>"):
        return
    name = found[2].lower()
    if found[1]:
        if name in stack:
            while stack.pop() != name:
                pass
    elif name not in EMPTY and f"</{name}" not in tag.lower():
        if stack and stack[-1] == "p":
            stack.pop()
        stack.append(name)


def _lines(text: str, block: str) -> str:
    """Return the text between two tags of blocks, as befits the block it stands in."""
    if not text.strip():
        return text
    if block in FLOWING or (block in HOLDING and BLANK_LINE.search(text.strip())):
        paragraphs = (paragraph.strip() for paragraph in BLANK_LINE.split(text))
        return "\n".join(f"<p>{_broken(paragraph)}</p>" for paragraph in paragraphs if paragraph)
    return _broken(text.strip("\n")) if block in HOLDING or block in LINES else text


def _broken(text: str) -> str:
    """Return a text with its line ends as tags."""
    lines = [line.rstrip(" \t") for line in text.split("\n")]
    return "\n".join(line if line.endswith(LINE_BREAKS) or line is lines[-1] else f"{line}<br>" for line in lines)
