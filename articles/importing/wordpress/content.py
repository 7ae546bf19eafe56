"""Turn what an author wrote in WordPress, classic or in blocks, into a body."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from articles.body.sanitising import sanitise
from articles.importing.wordpress import php_values
from articles.importing.wordpress.blocks import Block, BlockRules, has_blocks, unwrap_blocks
from articles.importing.wordpress.footnotes import footnotes_of_blocks, mark_parentheses
from articles.importing.wordpress.markup import Library, convert_markup
from articles.importing.wordpress.paragraphs import make_paragraphs
from articles.importing.wordpress.records import Item
from articles.importing.wordpress.shortcodes import PROTECTED, Expansion, Renderer, Shortcode

MAX_CHARACTERS = 3_000_000
MAX_REUSED_BLOCKS = 5
# The title of the link goes with it: the new site has its own words for the wall.
MORE = re.compile(r"(?:<p>\s*)?<!--\s*more\b.*?-->(?:\s*<!--noteaser-->)?(?:\s*</p>)?", re.DOTALL)
NEXT_PAGE = re.compile(r"(?:<p>\s*)?<!--\s*nextpage\s*-->(?:\s*</p>)?")
ADDRESS_LINE = re.compile(r"^[ \t]*(https?://[^\s<>\"\[\]]+)[ \t]*$", re.MULTILINE)
OPEN_ENDS = [(re.compile("<!--"), re.compile("-->"))] + [
    (re.compile(rf"<{name}(?=[\s>])", re.IGNORECASE), re.compile(rf"</{name}\s*>", re.IGNORECASE))
    for name in ("pre", "code", "script", "style", "textarea")
]
DIVIDER = '\n\n<hr class="paywall-divider">\n\n'
BREAK = "\n\n<hr>\n\n"
VIDEO_SITES = {
    "youtube": "https://www.youtube.com/watch?v={}",
    "vimeo": "https://vimeo.com/{}",
    "dailymotion": "https://www.dailymotion.com/video/{}",
    "wpvideo": "https://videopress.com/v/{}",
    "videopress": "https://videopress.com/v/{}",
    "soundcloud": "https://soundcloud.com/{}",
    "spotify": "https://open.spotify.com/{}",
    "tweet": "https://x.com/i/status/{}",
    "twitter": "https://x.com/i/status/{}",
    "bilibili": "https://www.bilibili.com/video/{}",
    "ted": "https://www.ted.com/talks/{}",
    "wordpress-tv": "https://videopress.com/v/{}",
}
FOOTNOTE_SHORTCODES = ("footnote", "fn", "ref", "efn_note", "mfn", "note", "footnotes_note", "sidenote")
CODE_SHORTCODES = ("code", "sourcecode", "source_code", "php", "css", "javascript", "html", "python", "bash")
SOUNDS = ("src", "mp3", "m4a", "ogg", "oga", "wav", "flac", "0")
FILMS = ("src", "mp4", "m4v", "webm", "ogv", "flv", "mov", "0")


@dataclass(slots=True)
class Findings:
    """What the conversion of an article came upon that its editor should know."""

    shortcodes: list[tuple[str, str]] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the conversion of an article finds what the text only names."""

    library: Library
    pictures_of: Callable[[str], list[str]]
    reused_block: Callable[[str], str]


def convert_content(item: Item, sources: Sources, findings: Findings, *, is_gated: bool) -> str:
    """Return an item's text as a sanitised body; never raises for bad markup, at worst only its words are kept."""
    text = item.content
    if len(text) > MAX_CHARACTERS:
        findings.gaps.append(f"the text is longer than {MAX_CHARACTERS} characters and was cut there")
        text = text[:MAX_CHARACTERS]
    text = _without_open_ends(text)
    text = MORE.sub(DIVIDER if is_gated else "\n\n", text)
    text = NEXT_PAGE.sub(BREAK, text)
    is_classic = not has_blocks(text)
    text = unwrap_blocks(text, _block_rules(sources, findings)) if not is_classic else text
    text = Expansion(_renderers(item, sources), lambda name, raw: findings.shortcodes.append((name, raw))).expand(text)
    if "((" in text:
        text = _outside_markup(text, mark_parentheses)
    if is_classic:
        text = make_paragraphs(ADDRESS_LINE.sub(r"\n\n\1\n\n", text))
    notes = footnotes_of_blocks(item.meta_value("footnotes"))
    try:
        return sanitise(convert_markup(text, sources.library, notes))
    except RecursionError:
        findings.gaps.append("the markup is nested too deeply; only its words were kept")
        return sanitise(make_paragraphs(html.escape(re.sub(r"<[^<>]*>", "", text))))


def _without_open_ends(text: str) -> str:
    """Return a text without comments and code that never end; each would have everything after it searched for its end."""
    for opening, ending in OPEN_ENDS:
        last = max((found.end() for found in ending.finditer(text)), default=0)
        text = text[:last] + opening.sub("", text[last:])
    return text


def _outside_markup(text: str, change: Callable[[str], str]) -> str:
    """Return a text changed wherever it is neither code nor a tag."""
    parts: list[str] = []
    position = 0
    for found in PROTECTED.finditer(text):
        parts += [change(text[position : found.start()]), found[0]]
        position = found.end()
    return "".join([*parts, change(text[position:])])


def _block_rules(sources: Sources, findings: Findings) -> BlockRules:
    """Return what is put for blocks that hold nothing themselves."""
    depth = 0

    def filled(block: Block) -> str | None:
        nonlocal depth
        if block.name == "block":
            depth += 1
            reused = sources.reused_block(str(block.attributes.get("ref", ""))) if depth <= MAX_REUSED_BLOCKS else ""
            text = unwrap_blocks(reused, rules) if reused else None
            depth -= 1
            return text
        if block.name in {"footnotes", "spacer", "more", "nextpage"}:
            return ""
        address = block.attributes.get("url")
        if ("embed" in block.name or block.name in {"video", "audio"}) and isinstance(address, str):
            return _embed(address)
        return "<hr>" if block.name == "separator" else None

    rules = BlockRules(filled=filled, left_out=findings.blocks.append)
    return rules


def _renderers(item: Item, sources: Sources) -> dict[str, Renderer]:
    """Return what is put for the shortcodes that WordPress and the common plugins know."""
    renderers: dict[str, Renderer] = {
        "caption": _caption,
        "wp_caption": _caption,
        "gallery": lambda code: _gallery(code, item, sources),
        "embed": lambda code: _embed(code.inner or code.first("src", "url", "0")),
        "audio": lambda code: _player("audio", code, SOUNDS),
        "video": lambda code: _player("video", code, FILMS),
        "playlist": lambda code: _playlist(code, sources),
        "pullquote": _pull_quote,
        "blockquote": lambda code: f"\n\n<blockquote>{code.inner or ''}</blockquote>\n\n",
        "quote": lambda code: f"\n\n<blockquote>{code.inner or ''}</blockquote>\n\n",
        "more": lambda code: "",
    }
    renderers |= dict.fromkeys(VIDEO_SITES, _site)
    renderers |= dict.fromkeys(FOOTNOTE_SHORTCODES, lambda code: f'<span class="footnote">{code.inner}</span>' if code.inner else "")
    renderers |= dict.fromkeys(
        CODE_SHORTCODES, lambda code: f"\n\n<pre><code>{code.inner.strip(chr(10))}</code></pre>\n\n" if code.inner else ""
    )
    return renderers


def _embed(address: str) -> str:
    """Return the figure of an embed."""
    address = html.unescape(re.sub(r"<[^<>]*>", "", address)).strip()
    return f'\n\n<figure data-embed="{html.escape(address)}"></figure>\n\n' if address else ""


def _caption(code: Shortcode) -> str:
    """Return a picture with its caption, which stands behind it or, in the oldest texts, in an attribute."""
    inner = code.inner or ""
    found = re.match(r"\s*((?:<a\s[^<>]*>\s*)?<img\s[^<>]*>(?:\s*</a>)?)(.*)", inner, re.DOTALL)
    if found is None:
        return inner
    words = html.unescape(code.first("caption")) if "caption" in code.attributes else found[2].strip()
    wide = next((name for name in ("alignwide", "alignfull") if name in code.first("align")), "")
    return f'\n\n<figure class="{wide}">{found[1]}<figcaption>{words}</figcaption></figure>\n\n'


def _gallery(code: Shortcode, item: Item, sources: Sources) -> str:
    """Return the pictures of a gallery: those it names, else those attached to the article."""
    numbers = re.findall(r"\d+", code.first("ids", "include"))
    if not numbers:
        excluded = set(re.findall(r"\d+", code.first("exclude")))
        parent = code.first("id") or item.post_id
        numbers = [number for number in sources.pictures_of(parent) if number not in excluded]
    images = "".join(f'<figure><img class="wp-image-{number}"></figure>' for number in numbers)
    return f'\n\n<div class="gallery" data-shortcode="1">{images}</div>\n\n' if images else ""


def _player(tag: str, code: Shortcode, names: tuple[str, ...]) -> str:
    """Return a sound or film."""
    address = code.first(*names) or (code.inner or "").strip()
    address = html.escape(html.unescape(re.sub(r"<[^<>]*>", "", address)))
    return f'\n\n<figure><{tag} src="{address}"></{tag}></figure>\n\n' if address else ""


def _playlist(code: Shortcode, sources: Sources) -> str:
    """Return the sounds of a playlist one after another."""
    numbers = re.findall(r"\d+", code.first("ids", "include"))
    links = "".join(f'<li><a href="?attachment_id={number}">{number}</a></li>' for number in numbers)
    return f"\n\n<ul>{links}</ul>\n\n" if links else ""


def _pull_quote(code: Shortcode) -> str:
    """Return a pull quote with who said it."""
    who = code.first("cite", "author", "by", "source")
    cite = f"<cite>{html.escape(who)}</cite>" if who else ""
    return f'\n\n<figure class="pull"><blockquote><p>{code.inner or ""}</p>{cite}</blockquote></figure>\n\n'


def _site(code: Shortcode) -> str:
    """Return the embed of a site that has a shortcode of its own: with an address, or only the id of the film."""
    given = (code.inner or "").strip() or code.first("url", "src", "id", "tweet", "video", "v", "0").lstrip("=")
    given = html.unescape(given).strip()
    return _embed(given if re.match(r"(?:https?:)?//", given) else VIDEO_SITES[code.name].format(given)) if given else ""


def enclosed_sound(item: Item) -> str:
    """Return the address of the sound that a podcast's episode encloses; empty when it has none."""
    for value in item.meta.get("enclosure", []):
        lines = [line.strip() for line in value.split("\n")]
        kind = lines[2] if len(lines) > 2 else ""
        if kind.startswith("audio/"):
            return lines[0]
    return ""


def unserialised(value: str) -> dict[object, object]:
    """Return a serialised custom field as a map; empty when it is none."""
    try:
        found = php_values.unserialise(value)
    except php_values.NotSerialisedError:
        return {}
    return found if isinstance(found, dict) else {}
