"""Find the shortcodes of a text and put something else in their place."""

import html
import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field

# Possessive, so that a text full of brackets and quotes is read once.
TAG = re.compile(r"""\[(\[?)(/?)([A-Za-z][\w-]{0,60})(?=[\s=/\]])((?:[^\[\]"']++|"[^"]{0,4000}+"|'[^']{0,4000}+'|["'])*+)\](\]?)""")
# What stands in code, in comments or within a tag is no shortcode.
PROTECTED = re.compile(r"<(pre|code|script|style|textarea)[\s>].*?</\1\s*>|<!--.*?-->|<[a-zA-Z/][^<>]*>", re.DOTALL | re.IGNORECASE)
ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s'"]+))|"([^"]*)"|'([^']*)'|(\S+)""")
CURLY_QUOTES = {ord("“"): '"', ord("”"): '"', ord("″"): '"', ord("‘"): "'", ord("’"): "'", ord("′"): "'"}
# What editors put in brackets on a line of its own, and mean to be read.
SPOKEN = frozenset("sic applause laughter laughs laughing music pause silence cheers crosstalk inaudible end break updated update".split())  # noqa: SIM905
MAX_DEPTH = 20
SAMPLE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Shortcode:
    """A shortcode: attributes by name, those without a name as "0", "1" …; what it encloses, None when it encloses nothing."""

    name: str
    attributes: dict[str, str]
    inner: str | None
    raw: str

    def first(self, *names: str) -> str:
        """Return the first attribute that is there and not empty."""
        return next((self.attributes[name] for name in names if self.attributes.get(name)), "")


Renderer = Callable[[Shortcode], str]


@dataclass(slots=True)
class _Tag:
    start: int
    end: int
    name: str
    attributes: str
    is_closing: bool
    is_closed: bool
    is_literal: bool
    partner: int | None = None


@dataclass(slots=True)
class Expansion:
    """Expands the shortcodes of texts: those with a renderer by it; `unknown` are told each other that was left out."""

    renderers: dict[str, Renderer]
    unknown: Callable[[str, str], None]
    depth: int = field(default=0)

    def expand(self, text: str) -> str:
        """Return the text with its shortcodes replaced; brackets that are no shortcodes stay."""
        if "[" not in text or self.depth > MAX_DEPTH:
            return text
        tags = _tags_of(text)
        _pair(tags)
        parts: list[str] = []
        position, index = 0, 0
        while index < len(tags):
            tag = tags[index]
            parts.append(text[position : tag.start])
            position, index = self._replace(text, tags, index, parts)
        parts.append(text[position:])
        return "".join(parts)

    def _replace(self, text: str, tags: list[_Tag], index: int, parts: list[str]) -> tuple[int, int]:
        """Add what stands for a tag; return where in the text and in the tags to go on."""
        tag = tags[index]
        if tag.is_literal:
            parts.append(text[tag.start + 1 : tag.end - 1])
            return tag.end, index + 1
        if tag.is_closing or not (tag.name in self.renderers or _is_shortcode(text, tag)):
            # A closing tag that closes nothing is a left-over, unless it was never one.
            parts.append("" if tag.is_closing and tag.name in self.renderers else text[tag.start : tag.end])
            return tag.end, index + 1
        partner = tags[tag.partner] if tag.partner is not None else None
        inner = text[tag.end : partner.start] if partner else None
        end = partner.end if partner else tag.end
        parts.append(self._rendered(tag, inner, text[tag.start : end]))
        return end, (tag.partner or index) + 1

    def _rendered(self, tag: _Tag, inner: str | None, raw: str) -> str:
        """Return what stands for one shortcode."""
        if (render := self.renderers.get(tag.name)) is not None:
            return render(Shortcode(tag.name, attributes_of(tag.attributes), inner, raw))
        self.unknown(tag.name, raw[:SAMPLE_LENGTH])
        if inner is None:
            return ""
        self.depth += 1
        try:
            return self.expand(inner)
        finally:
            self.depth -= 1


def attributes_of(text: str) -> dict[str, str]:
    """Return the attributes of a shortcode as WordPress reads them."""
    text = html.unescape(text).translate(CURLY_QUOTES).replace("\xa0", " ")
    attributes: dict[str, str] = {}
    count = 0
    for found in ATTRIBUTE.finditer(text):
        if found[1]:
            attributes[found[1].lower()] = next(value for value in (found[2], found[3], found[4]) if value is not None)
        else:
            attributes[str(count)] = found[5] or found[6] or found[7] or ""
            count += 1
    return attributes


def _tags_of(text: str) -> list[_Tag]:
    """Return what looks like the tags of shortcodes, in order."""
    spans = [(found.start(), found.end()) for found in PROTECTED.finditer(text)]
    starts = [start for start, _ in spans]
    tags = []
    for found in TAG.finditer(text):
        nearest = bisect_right(starts, found.start()) - 1
        if nearest >= 0 and found.start() < spans[nearest][1]:
            continue
        tags.append(
            _Tag(
                start=found.start(),
                end=found.end() if found[1] else found.end() - len(found[5]),
                name=found[3].lower(),
                attributes=found[4].rstrip().removesuffix("/"),
                is_closing=bool(found[2]),
                is_closed=found[4].rstrip().endswith("/"),
                is_literal=bool(found[1] and found[5]),
            )
        )
    return tags


def _pair(tags: list[_Tag]) -> None:
    """Tell each opening tag which closing tag is its own, if there is one."""
    waiting: dict[str, list[int]] = {}
    for index in range(len(tags) - 1, -1, -1):
        tag = tags[index]
        if tag.is_literal or tag.is_closed:
            continue
        if tag.is_closing:
            waiting.setdefault(tag.name, []).append(index)
        elif waiting.get(tag.name):
            tag.partner = waiting[tag.name].pop()


def _is_shortcode(text: str, tag: _Tag) -> bool:
    """Say whether a tag that nobody knows is a shortcode, and not just a remark in brackets such as [sic]."""
    if tag.partner is not None or tag.is_closed or "=" in tag.attributes or "_" in tag.name:
        return True
    if tag.name in SPOKEN or text[tag.start + 1].isupper():
        return False
    before = text.rfind("\n", 0, tag.start) + 1
    after = text.find("\n", tag.end)
    line = text[before : tag.start] + text[tag.end : len(text) if after < 0 else after]
    is_alone = not PROTECTED.sub("", line).strip()
    return is_alone and (
        not tag.attributes.strip() or any(character.isdigit() or character == "-" for character in tag.name + tag.attributes)
    )
