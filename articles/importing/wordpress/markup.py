"""Turn WordPress's markup into that of docs/body.md; what is left of it afterwards is the sanitiser's."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from lxml import etree
from lxml import html as lxml_html

from articles.body.embeds import find_embed
from articles.body.parsing import clean_text
from articles.body.tree import Element, Node, build, serialise, text_of, walk
from articles.importing.wordpress.footnotes import inline_footnotes

GALLERY_CLASSES = re.compile(
    r"(?:^|\s)(?:wp-block-gallery|blocks-gallery-grid|gallery|tiled-gallery|wp-block-jetpack-(?:tiled-gallery|slideshow))(?:\s|$|-)"
)
ATTACHMENT_CLASS = re.compile(r"(?:^|\s)(?:wp-image-|attachment_)(\d+)(?:\s|$)")
BACKGROUND = re.compile(r"background(?:-image)?:\s*url\(\s*['\"]?([^'\")]+)")
ADDRESS = re.compile(r"https?://[^\s<>\"]+\Z")
WIDE_CLASSES = {"alignwide": "wide", "alignfull": "breakout"}
DROPPED = frozenset({"script", "style", "noscript", "template", "svg", "form", "input", "textarea", "select"})
# Inline elements that HTML gave up, and what stands for them.
RENAMED = {
    "acronym": "abbr",
    "big": "span",
    "font": "span",
    "nobr": "span",
    "bdo": "span",
    "bdi": "span",
    "label": "span",
    "data": "span",
    "wbr": "span",
}
MAX_DEPTH = 120


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that is in the library now."""

    pk: int
    address: str
    alt: str = ""
    caption: str = ""
    credit: str = ""


class Library(Protocol):
    """What an article's markup refers to, and where it is now."""

    def picture(self, attachment: str, address: str) -> Picture | None:
        """Return a picture by the id of its attachment or by its address; None when it can't be had, which is reported."""

    def file(self, address: str) -> str | None:
        """Return where a sound or document lies now; None when it can't be had, which is reported."""

    def link(self, address: str) -> str:
        """Return where a link leads now."""


def convert_markup(source: str, library: Library, notes: dict[str, str]) -> str:
    """Return markup in the vocabulary of bodies, not sanitised yet; `notes` are footnotes kept beside the text, by id."""
    return serialise(_Converter(library, notes).convert(inline_footnotes(_tree_of(source))))


def _tree_of(source: str) -> list[Node]:
    """Return the tree of a text as browsers would read it."""
    source = clean_text(source)
    if not source.strip():
        return []
    parser = lxml_html.HTMLParser(huge_tree=True)
    try:
        root = lxml_html.fragment_fromstring(source, create_parent="div", parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        return _words_of(source)
    # Markup nested too deeply makes the parser stop without raising: what comes after would be lost.
    has_stopped = any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log)
    return _words_of(source) if has_stopped else _children(root, 0)


def _words_of(source: str) -> list[Node]:
    return [text for text in [re.sub(r"<[^<>]*>", " ", source)] if text.strip()]


def _children(parent: etree._Element, depth: int) -> list[Node]:
    """Return what is in an element; beyond a depth that no text has, only its words."""
    nodes: list[Node] = [parent.text] if parent.text else []
    for child in parent:
        if isinstance(child.tag, str) and child.tag not in DROPPED:
            inner: list[Node] = _children(child, depth + 1) if depth < MAX_DEPTH else ["".join(child.itertext())]
            nodes.append(Element(RENAMED.get(child.tag, child.tag), {str(name): str(value) for name, value in child.attrib.items()}, inner))
        if child.tail:
            nodes.append(child.tail)
    return nodes


class _Converter:
    """Walks a tree; every method returns what stands for the element it is given."""

    def __init__(self, library: Library, notes: dict[str, str]) -> None:
        self.library = library
        self.notes = notes
        self.by_tag: dict[str, Callable[[Element], list[Node]]] = {
            "a": self._link,
            "img": self._picture,
            "figure": self._figure,
            "iframe": self._frame,
            "embed": self._frame,
            "object": self._object,
            "audio": self._audio,
            "video": self._video,
            "blockquote": self._quote,
            "pre": self._preformatted,
            "sup": self._raised,
            "p": self._paragraph,
            "div": self._division,
        }

    def convert(self, nodes: list[Node]) -> list[Node]:
        """Return nodes converted."""
        return [converted for node in nodes for converted in self._one(node)]

    def _one(self, node: Node) -> list[Node]:
        if isinstance(node, str):
            return [node]
        if node.tag in {"ul", "div", "figure"} and GALLERY_CLASSES.search(node.attrs.get("class", "")):
            pictures = [element for element in walk(node.children) if element.tag == "img"]
            if pictures:
                return self._gallery(node, pictures)
        convert = self.by_tag.get(node.tag)
        return convert(node) if convert else [node.with_children(self.convert(node.children))]

    def _link(self, link: Element) -> list[Node]:
        """Point a link at where its target is now; a link around a picture of this site's is not kept."""
        href = link.attrs.get("href", "").strip()
        children = self.convert(link.children)
        if "wp-block-file__button" in link.classes:
            return []
        if any(element.tag == "figure" for element in walk(children)) and not text_of(children).strip():
            return children
        if not href:
            return [link.with_children(children)]
        return [Element("a", {**link.attrs, "href": self.library.link(href)}, children)]

    def _picture(
        self, image: Element, caption: list[Node] | None = None, width: str | None = None, *, may_use_caption: bool = False
    ) -> list[Node]:
        """Return a picture as a figure; nothing when it isn't in the library."""
        attachment = ATTACHMENT_CLASS.search(image.attrs.get("class", ""))
        number = attachment[1] if attachment else image.attrs.get("data-id", "")
        given = [image.attrs.get(name, "") for name in ("data-orig-file", "data-full-url", "src", "data-src", "data-lazy-src")]
        # Scripts that load pictures late put a drawing of nothing in their place.
        address = next((address for address in given if address and not address.startswith("data:")), "")
        picture = self.library.picture(number, address.strip())
        if picture is None:
            return []
        alt = image.attrs.get("alt") or picture.alt
        figure = build("figure", build("img", data_image=str(picture.pk), src=picture.address, alt=alt), class_=width)
        words = caption or ([picture.caption] if may_use_caption and picture.caption else [])
        if picture.credit:
            words = [*words, " " if words else "", build("span", picture.credit, class_="credit")]
        if words:
            figure.children.append(Element("figcaption", {}, words))
        return [figure]

    def _gallery(self, gallery: Element, pictures: list[Element]) -> list[Node]:
        """Return the pictures of a gallery with their own captions, and the gallery's caption after them."""
        captions: dict[int, Element] = {}
        for group in walk(gallery.children):
            inside = [element for element in walk(group.children) if element.tag == "img"]
            words = [element for element in walk(group.children) if _is_caption(element)]
            if len(inside) == 1 and words:
                captions[id(inside[0])] = words[0]
        figures: list[Node] = []
        for image in pictures:
            caption = captions.get(id(image))
            is_shortcode = "data-shortcode" in gallery.attrs
            figures += self._picture(image, self.convert(caption.children) if caption else None, may_use_caption=is_shortcode)
        own = [child for child in gallery.elements() if _is_caption(child)]
        after: list[Node] = [Element("p", {"class": "note"}, self.convert(child.children)) for child in own]
        return [Element("div", {"class": "gallery"}, figures), *after] if figures else after

    def _figure(self, figure: Element) -> list[Node]:
        """Return a figure as one of the known kinds."""
        classes = figure.attrs.get("class", "")
        caption = [node for child in walk(figure.children) if _is_caption(child) for node in self.convert(child.children)]
        if "data-embed" in figure.attrs:
            return self._embed(figure.attrs["data-embed"], caption)
        if "wp-block-embed" in classes or "core-embed" in classes:
            rest = [child for child in figure.children if not (isinstance(child, Element) and _is_caption(child))]
            return self._embed_of(rest, caption)
        if "wp-block-table" in classes:
            return self._table(figure, caption)
        images = [element for element in walk(figure.children) if element.tag == "img"]
        if len(images) == 1 and not any(element.tag in {"video", "audio", "blockquote", "table"} for element in walk(figure.children)):
            width = next((width for name, width in WIDE_CLASSES.items() if name in classes), None)
            return self._picture(images[0], caption, width)
        inside = next((element for element in walk(figure.children) if element.tag in {"audio", "video", "iframe"}), None)
        if inside is not None:
            return self._media(inside, caption)
        return [figure.with_children(self.convert(figure.children))]

    def _table(self, figure: Element, caption: list[Node]) -> list[Node]:
        """Return a table with its caption in it."""
        tables = [element for element in walk(figure.children) if element.tag == "table"]
        if len(tables) == 1 and caption:
            tables[0].children.insert(0, Element("caption", {}, caption))
        return self.convert(list(tables))

    def _media(self, element: Element, caption: list[Node]) -> list[Node]:
        """Return a sound, film or frame with its caption."""
        if element.tag == "audio":
            return self._audio(element, caption)
        if element.tag == "video":
            return self._video(element, caption)
        return self._embed(element.attrs.get("src", ""), caption)

    def _embed(self, address: str, caption: list[Node]) -> list[Node]:
        """Return a known site's film, sound or post as an embed, any other address as a link."""
        address = f"https:{address}" if address.startswith("//") else address.strip()
        if find_embed(address):
            figure = build("figure", class_="embed", data_embed=address)
            if caption:
                figure.children.append(Element("figcaption", {}, caption))
            return [figure]
        if not ADDRESS.match(address):
            return [Element("p", {}, caption)] if caption else []
        return [build("p", Element("a", {"href": self.library.link(address)}, caption or [address]))]

    def _embed_of(self, nodes: list[Node], caption: list[Node]) -> list[Node]:
        """Return the embed of a block, whose address stands as text, in a frame or in a link."""
        text = text_of(nodes).strip()
        elements = list(walk(nodes))
        frames = [element.attrs.get("src", "") for element in elements if element.tag == "iframe"]
        links = [element.attrs.get("href", "") for element in elements if element.tag == "a"]
        address = next((address for address in [text, *frames, *reversed(links)] if ADDRESS.match(address)), "")
        return self._embed(address, caption) if address else [*self.convert(nodes), *([Element("p", {}, caption)] if caption else [])]

    def _frame(self, frame: Element) -> list[Node]:
        return self._embed(frame.attrs.get("src", ""), [])

    def _object(self, element: Element) -> list[Node]:
        """Return what an object plays, or the words in it."""
        parameters = {child.attrs.get("name", ""): child.attrs.get("value", "") for child in walk(element.children) if child.tag == "param"}
        address = element.attrs.get("data") or parameters.get("movie") or parameters.get("src") or ""
        nested = next((child for child in walk(element.children) if child.tag in {"embed", "iframe"} and child.attrs.get("src")), None)
        if not address and nested is None:
            return self.convert(element.children)
        return self._embed(address or (nested.attrs["src"] if nested else ""), [])

    def _audio(self, audio: Element, caption: list[Node] | None = None) -> list[Node]:
        """Return a sound of this site's as such, any other as a link."""
        address = _source(audio)
        if not address:
            return [Element("p", {}, caption)] if caption else []
        stored = self.library.file(address)
        if stored is None:
            return self._embed(address, caption or [])
        figure = build("figure", build("audio", controls="", src=stored), class_="audio")
        if caption:
            figure.children.append(Element("figcaption", {}, caption))
        return [figure]

    def _video(self, video: Element, caption: list[Node] | None = None) -> list[Node]:
        """Return a film as a link: the magazine keeps none."""
        return self._embed(_source(video), caption or [])

    def _quote(self, quote: Element) -> list[Node]:
        """Return a quotation; one that a script would turn into a post is that post."""
        if {"twitter-tweet", "twitter-video", "instagram-media", "tiktok-embed", "bluesky-embed", "mastodon-embed"}.intersection(
            quote.classes
        ):
            given = [quote.attrs.get(name, "") for name in ("cite", "data-instgrm-permalink")]
            links = [element.attrs.get("href", "") for element in walk(quote.children) if element.tag == "a"]
            address = next((address for address in [*given, *reversed(links)] if find_embed(address)), "")
            if address:
                return self._embed(address, [])
        if "wp-block-pullquote" in quote.classes:
            return [Element("figure", {"class": "pull"}, [Element("blockquote", {}, self.convert(quote.children))])]
        return [quote.with_children(self.convert(quote.children))]

    def _preformatted(self, pre: Element) -> list[Node]:
        """Return code as it is, and verse as lines of a paragraph, since it needs no fixed width."""
        if "wp-block-verse" not in pre.classes:
            return [pre]
        stanzas: list[list[Node]] = [[]]
        for node in self.convert(pre.children):
            for index, part in enumerate(re.split(r"(\n+)", node)) if isinstance(node, str) else [(0, node)]:
                if index % 2 and isinstance(part, str):
                    if len(part) > 1:
                        stanzas.append([])
                    else:
                        stanzas[-1].append(build("br"))
                elif part:
                    stanzas[-1].append(part)
        return [Element("p", {}, stanza) for stanza in stanzas if stanza]

    def _raised(self, raised: Element) -> list[Node]:
        """Return a footnote at the place of its number, anything else raised as it was."""
        number = raised.attrs.get("data-fn", "")
        if number:
            note = _tree_of(self.notes.get(number, ""))
            return [Element("span", {"class": "footnote"}, self.convert(note))] if note else []
        return [raised.with_children(self.convert(raised.children))]

    def _paragraph(self, paragraph: Element) -> list[Node]:
        """Return a paragraph; one that is nothing but an address is what the address plays, or a link."""
        text = text_of(paragraph.children).strip()
        elements = list(walk(paragraph.children))
        if ADDRESS.match(text) and all(element.tag in {"a", "br"} for element in elements):
            return self._embed(next((element.attrs.get("href", text) for element in elements if element.tag == "a"), text), [])
        return [paragraph.with_children(self.convert(paragraph.children))]

    def _division(self, division: Element) -> list[Node]:
        """Return a caption of old as a figure, the picture of a cover before its words, anything else as it was."""
        if "wp-caption" in division.classes:
            images = [element for element in walk(division.children) if element.tag == "img"]
            words = [node for element in walk(division.children) if _is_caption(element) for node in self.convert(element.children)]
            if len(images) == 1:
                return self._picture(images[0], words)
        if "wp-block-embed__wrapper" in division.classes:
            return self._embed_of(division.children, [])
        children = self.convert(division.children)
        background = BACKGROUND.search(division.attrs.get("style", ""))
        if background and "wp-block-cover" in division.classes:
            children = [*self._picture(build("img", src=background[1])), *children]
        return [division.with_children(children)]


def _is_caption(element: Element) -> bool:
    return element.tag == "figcaption" or bool(
        {"wp-caption-text", "gallery-caption", "tiled-gallery-caption"}.intersection(element.classes)
    )


def _source(element: Element) -> str:
    """Return the address that a player plays first."""
    own = [element.attrs.get("src", "")]
    others = [child.attrs.get("src", "") for child in walk(element.children) if child.tag == "source"]
    return next((address.strip() for address in [*own, *others] if address), "")
