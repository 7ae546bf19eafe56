"""Make what readers get from a stored body: the markup of the default theme, a preview, notes, plain text and figures about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from articles.body import inserts, pictures
from articles.body.footnotes import Footnotes, references_section
from articles.body.identifiers import Identifiers
from articles.body.languages import PINYIN, han_language, language_runs, mark_languages
from articles.body.preview import is_divider, preview_of
from articles.body.resolver import Resolver
from articles.body.sanitising import stored_blocks
from articles.body.tree import Element, Node, build, serialise, text_of, walk
from articles.body.vocabulary import ID_PREFIX
from articles.body.words import count_words, full_text, plain, reading_minutes, running_text

_HEADINGS = {"h2": 2, "h3": 3, "h4": 4}


@dataclass(frozen=True)
class RenderedBody:
    """Everything derived from one body. `text` and `preview_text` are plain; the preview is a beginning of the body."""

    body: str
    notes: str
    preview: str
    preview_notes: str
    words: int
    reading_minutes: int
    outline: list[dict[str, str | int]]
    text: str
    preview_text: str
    is_cut: bool
    """Whether the preview withholds anything."""


def render_body(source: str, *, language: str, resolver: Resolver, id_prefix: str = "") -> RenderedBody:
    """Render a body, whole and as its preview. Every str is a body; what is outside the vocabulary is sanitised away."""
    stored = stored_blocks(source)
    blocks = [block for block in stored if not is_divider(block)]
    opening = preview_of(stored)
    whole = _Rendering(language, resolver, Identifiers(id_prefix))
    part = _Rendering(language, resolver, Identifiers(id_prefix))
    body, preview = whole.render(blocks, is_whole=True), part.render(opening, is_whole=False)
    words = count_words(running_text(blocks))
    return RenderedBody(
        body=body,
        notes=whole.notes(),
        preview=preview,
        preview_notes=part.notes(),
        words=words,
        reading_minutes=reading_minutes(words),
        outline=whole.outline,
        text=full_text(blocks),
        preview_text=full_text(opening),
        is_cut=len(opening) < len(blocks),
    )


class _Rendering:
    """One pass over the blocks of an article or of its preview."""

    def __init__(self, language: str, resolver: Resolver, ids: Identifiers) -> None:
        self.language = language
        self.resolver = resolver
        self.ids = ids
        self.footnotes = Footnotes(ids)
        self.references: list[Node] = []
        self.outline: list[dict[str, str | int]] = []
        self.is_in_link = False
        self.deferred: list[Node] = []

    def render(self, blocks: Sequence[Element], *, is_whole: bool) -> str:
        """Return the blocks as HTML; notes and references are kept for notes()."""
        for element in walk(blocks):
            if "id" in element.attrs:
                self.ids.reserve(element.attrs["id"])
        rendered = [part for block in blocks for part in self._top(block)]
        if is_whole and rendered and isinstance(rendered[-1], Element) and rendered[-1].tag == "p":
            rendered[-1].children.append(build("span", class_="end-mark", role="img", aria_label=gettext("End")))
        marked = mark_languages(rendered, self.language)
        return "\n".join(serialise([block]) for block in marked)

    def notes(self) -> str:
        sections = [*self.footnotes.section(), *references_section(self.references, self.ids)]
        return "\n".join(serialise([section]) for section in mark_languages(sections, self.language))

    def _top(self, block: Element) -> list[Node]:
        if block.tag in _HEADINGS:
            return [self._heading(block)]
        if "references" in block.classes:
            self.references.extend(self._element(item) for item in block.elements())
            return []
        return self._block(block)

    def _block(self, block: Element) -> list[Node]:
        kind = f"{block.tag}.{block.classes[0]}" if block.classes else block.tag
        special: dict[str, Callable[[], list[Node]]] = {
            "aside.also": lambda: inserts.render_also(block, self.resolver),
            "aside.appeal": lambda: inserts.render_appeal(block, self.resolver, self.inline),
            "aside.gloss": lambda: inserts.render_gloss(block, self.inline),
            "div.gallery": lambda: pictures.render_gallery(block, self.resolver, self.inline),
            "figure.audio": lambda: pictures.render_audio(block, self.inline),
            "figure.embed": lambda: inserts.render_embed(block),
            "figure.pull": lambda: pictures.render_pull(block, self.inline, self.flow),
            "ol.ranking": lambda: self._ranking(block),
            "table": lambda: self._table(block),
        }
        if kind in special:
            return special[kind]()
        if block.tag == "figure":
            return pictures.render_picture(block, self.resolver, self.inline)
        return [self._element(block)]

    def flow(self, nodes: Sequence[Node]) -> list[Node]:
        """Render what a block holds: text and further blocks."""
        return [part for node in nodes for part in self._node(node)]

    def inline(self, nodes: Sequence[Node]) -> list[Node]:
        """Render inline content."""
        return self.flow(nodes)

    def _node(self, node: Node) -> list[Node]:
        if isinstance(node, str):
            return [node]
        if not node.is_inline:
            return self._block(node)
        if node.tag == "span":
            return self._span(node)
        if node.tag == "a":
            return self._link(node)
        if node.tag == "ruby":
            return [_ruby(node)]
        return [self._element(node)]

    def _span(self, span: Element) -> list[Node]:
        if "footnote" in span.classes:
            return self._footnote(span)
        if "term" in span.classes and not self.is_in_link:
            return inserts.render_term(span, self.ids, self.inline)
        return [self._element(span)]

    def _element(self, element: Element) -> Element:
        """Return the same element with its content rendered and its id set apart."""
        rendered = element.with_children(self.flow(element.children))
        rendered.attrs.pop("data-pinyin", None)
        rendered.attrs.pop("data-gloss", None)
        if "id" in rendered.attrs:
            rendered.attrs["id"] = self.ids.of(rendered.attrs["id"])
        return rendered

    def _heading(self, heading: Element) -> Element:
        title = plain(heading.children)
        rendered = self._element(heading)
        identifier = rendered.attrs.get("id") or self.ids.of_heading(title)
        rendered.attrs = {"id": identifier, **rendered.attrs}
        self.outline.append({"id": identifier, "title": title, "level": _HEADINGS[heading.tag]})
        return rendered

    def _footnote(self, span: Element) -> list[Node]:
        was_in_link, self.is_in_link = self.is_in_link, False
        link = self.footnotes.add(self.inline(span.children))
        self.is_in_link = was_in_link
        if self.is_in_link:
            self.deferred.append(link)
            return []
        return [link]

    def _link(self, link: Element) -> list[Node]:
        """Return a link; the number of a note inside, a link itself, moves behind it."""
        self.is_in_link = True
        rendered = self._element(link)
        self.is_in_link = False
        target = link.attrs.get("href", "")
        if target.startswith(f"#{ID_PREFIX}"):
            rendered.attrs["href"] = f"#{self.ids.of(target[1:])}"
        moved, self.deferred = self.deferred, []
        return [rendered, *moved]

    def _ranking(self, block: Element) -> list[Node]:
        ranking = self._element(block)
        for item in ranking.elements():
            for part in item.elements():
                if part.tag == "p" and "class" not in part.attrs:
                    part.attrs["class"] = "soft"
        return [ranking]

    def _table(self, block: Element) -> list[Node]:
        """Return a table in a box that scrolls, also with the keyboard, and has its caption for a name."""
        table = self._element(block)
        caption = next((part for part in table.elements() if part.tag == "caption"), None)
        if caption is None:
            return [build("div", table, class_="table", role="region", aria_label=gettext("Table"), tabindex="0")]
        caption.attrs["id"] = self.ids.next("cap")
        return [build("div", table, class_="table", role="region", aria_labelledby=caption.attrs["id"], tabindex="0")]


def _ruby(ruby: Element) -> Element:
    """Return characters with readings, each in its language."""
    base = text_of(child for child in ruby.children if isinstance(child, str))
    language = ruby.attrs.get("lang") or (han_language(base) if language_runs(base) else None)
    reading = None if language == "ja" else PINYIN
    children: list[Node] = [
        child if isinstance(child, str) else build("rt", *child.children, lang=child.attrs.get("lang") or reading)
        for child in ruby.children
    ]
    return build("ruby", *children, lang=language)
