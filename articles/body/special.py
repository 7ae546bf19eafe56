"""Shape the elements of a body that are more than text: pictures, quotes, embeds, tables, notes and glosses."""

from articles.body import shaping
from articles.body.embeds import find_embed
from articles.body.tree import Element, Node, build, text_of, walk
from articles.body.vocabulary import safe_address, safe_language, safe_number, safe_slug, safe_source
from articles.body.words import plain

_IN_CELL = frozenset({"p", "ul", "ol"})
_MAX_SPAN = 50
_MAX_GLOSS = 600
_MAX_ALT = 1000


def is_picture(block: Element) -> bool:
    """Say whether a shaped block is the figure of a picture."""
    return block.tag == "figure" and any(child.tag == "img" for child in block.elements())


def shape_figure(figure: Element) -> list[Node]:
    """Return a figure of one of the known kinds, or what is in it."""
    caption = _caption(figure)
    if "data-embed" in figure.attrs:
        return shape_frame(figure.attrs["data-embed"], caption)
    inside = {element.tag: element for element in reversed(list(walk(figure.children)))}
    if "iframe" in inside:
        return shape_frame(inside["iframe"].attrs.get("src", ""), caption)
    if "audio" in inside:
        return shape_audio(inside["audio"], caption)
    if "blockquote" in inside and ("pull" in figure.classes or "wp-block-pullquote" in figure.classes):
        return _pull(figure, inside["blockquote"], caption)
    images = [element for element in walk(figure.children) if element.tag == "img"]
    if len(images) == 1:
        return shape_image(images[0], caption, figure)
    rest = [child for child in figure.children if not (isinstance(child, Element) and child.tag == "figcaption")]
    return [*shaping.paragraphs(shaping.flow(rest)), *shaping.paragraphs(caption)]


def _caption(figure: Element) -> list[Node]:
    captions = [child for child in walk(figure.children) if child.tag == "figcaption"]
    content = shaping.inline_of(node for caption in captions for node in shaping.flow(caption.children))
    return shaping.trimmed(content)


def _with_caption(figure: Element, caption: list[Node]) -> list[Node]:
    if not shaping.is_blank(caption):
        figure.children.append(Element("figcaption", {}, caption))
    return [figure]


def shape_image(image: Element, caption: list[Node], figure: Element | None = None) -> list[Node]:
    """Return a picture of the library, or of an address that an import has yet to fetch."""
    number = safe_number(image.attrs.get("data-image", ""), low=1, high=999_999_999)
    source = safe_source(image.attrs.get("src", ""))
    if not number and not source:
        return list(shaping.paragraphs(caption))
    alt = image.attrs.get("alt", "")[:_MAX_ALT]
    attrs = {"data-image": number, "src": source}
    picture = Element("img", {name: value for name, value in attrs.items() if value} | {"alt": alt})
    width = next((name for name in (figure.classes if figure else []) if name in {"wide", "breakout"}), None)
    frame = build("figure", picture, class_=width)
    if figure:
        frame.attrs |= shaping.attributes_of(figure, "id")
    return _with_caption(frame, caption)


def shape_frame(address: str, caption: list[Node]) -> list[Node]:
    """Return an embed of a known site; a link for any other; nothing for an empty frame."""
    if embed := find_embed(address):
        return _with_caption(build("figure", class_="embed", data_embed=embed.watch), caption)
    link = safe_address(address)
    if not link or not link.startswith(("http", "/")):
        return list(shaping.paragraphs(caption))
    label = text_of(caption).strip() or link
    return [build("p", build("a", label, href=link))]


def shape_audio(audio: Element, caption: list[Node]) -> list[Node]:
    """Return a sound with the first of its addresses that may be loaded; without one only its caption."""
    addresses = [audio.attrs.get("src", ""), *(child.attrs.get("src", "") for child in audio.elements() if child.tag == "source")]
    source = next((safe for address in addresses if (safe := safe_source(address))), None)
    if not source:
        return list(shaping.paragraphs(caption))
    return _with_caption(build("figure", build("audio", controls="", src=source), class_="audio"), caption)


def _pull(figure: Element, quote: Element, caption: list[Node]) -> list[Node]:
    sources = [child for child in quote.elements() if child.tag in {"cite", "footer"}]
    words = quote.with_children([child for child in quote.children if child not in sources])
    shaped = shaping.flow([words])
    if not caption:
        caption = shaping.trimmed(shaping.inline_of(shaping.flow(sources)))
    if not shaped:
        return list(shaping.paragraphs(caption))
    attrs = {"class": "pull", **shaping.attributes_of(figure)}
    return _with_caption(Element("figure", attrs, shaped), caption)


def shape_aside(aside: Element) -> list[Node]:
    """Return a card, an appeal or a gloss; any other aside is text like the rest."""
    kind = next((name for name in aside.classes if name in {"also", "appeal", "gloss"}), None)
    slug = safe_slug(aside.attrs.get("data-article", ""))
    if kind == "also" and slug:
        return [build("aside", class_="also", data_article=slug)]
    content = shaping.trimmed(shaping.inline_of(shaping.flow(aside.children)))
    if kind == "appeal":
        return [Element("aside", {"class": "appeal"}, content)]
    if kind == "gloss" and not shaping.is_blank(content):
        pinyin = aside.attrs.get("data-pinyin", "").strip()[:_MAX_GLOSS] or None
        return [build("aside", *content, class_="gloss", data_pinyin=pinyin)]
    return list(shaping.paragraphs(shaping.flow(aside.children)))


def shape_span(span: Element) -> list[Node]:
    """Return a note, a term, a currency, a credit or a change of language; any other span is its content."""
    content = shaping.flow(span.children)
    classes = span.classes
    attrs = shaping.attributes_of(span)
    if "footnote" in classes:
        note = shaping.trimmed(shaping.inline_of(_without_notes(content)))
        return [Element("span", {"class": "footnote", **attrs}, note)] if not shaping.is_blank(note) else []
    kind = next((name for name in ("term", "fx", "credit", "count") if name in classes), None)
    if kind == "term":
        return _term(span, content)
    if kind:
        attrs = {"class": "count num" if kind == "count" else kind, **attrs}
    if not attrs:
        return content
    return shaping.split_inline(content, lambda inline: Element("span", dict(attrs), inline) if text_of(inline) else None)


def _without_notes(nodes: list[Node]) -> list[Node]:
    """Return the nodes of a note; a note has no notes."""
    plain: list[Node] = []
    for node in nodes:
        if isinstance(node, Element):
            children = _without_notes(node.children)
            plain.extend(children if "footnote" in node.classes else [node.with_children(children)])
        else:
            plain.append(node)
    return plain


def _term(span: Element, content: list[Node]) -> list[Node]:
    """Return a word with its gloss; it will be a button, so it holds text only, and a note inside moves behind it."""
    glosses = _gloss_attributes(span)
    word = plain(content)
    if not glosses or not word:
        return content
    notes = [element for element in walk(content) if "footnote" in element.classes]
    return [Element("span", {"class": "term", **shaping.attributes_of(span), **glosses}, [word]), *notes]


def _gloss_attributes(span: Element) -> dict[str, str]:
    found = {name: span.attrs.get(name, "").strip()[:_MAX_GLOSS].strip() for name in ("data-pinyin", "data-gloss")}
    return {name: value for name, value in found.items() if value}


def shape_ruby(ruby: Element) -> list[Node]:
    """Return characters with their readings; a reading without a character is dropped."""
    content: list[Node] = []
    for child in ruby.children:
        if isinstance(child, Element) and child.tag == "rt":
            reading = text_of(child.children).strip()
            if reading and content:
                content.append(build("rt", reading, lang=safe_language(child.attrs.get("lang", ""))))
        elif text := text_of([child]).strip():
            content.append(text)
    if not any(isinstance(node, Element) for node in content):
        return content
    return [Element("ruby", shaping.attributes_of(ruby), content)]


def shape_table(table: Element) -> list[Node]:
    """Return a table of caption, head, rows and foot; one without cells is its text."""
    caption = shaping.trimmed(
        shaping.inline_of(node for part in table.elements() if part.tag == "caption" for node in shaping.flow(part.children))
    )
    groups = {name: _rows(table, name) for name in ("thead", "tbody", "tfoot")}
    groups["tbody"] += [row for part in table.elements() if part.tag == "tr" for row in _row(part)]
    if not any(groups.values()):
        loose = [child for child in table.children if isinstance(child, str) or child.tag not in {"colgroup", "col"}]
        return list(shaping.paragraphs(shaping.flow(loose)))
    parts: list[Node] = [Element("caption", {}, caption)] if not shaping.is_blank(caption) else []
    parts += [Element(name, {}, rows) for name, rows in groups.items() if rows]
    return [Element("table", shaping.attributes_of(table), parts)]


def _rows(table: Element, group: str) -> list[Node]:
    return [row for part in table.elements() if part.tag == group for child in part.elements() for row in _row(child)]


def _row(row: Element) -> list[Node]:
    cells = [_cell(cell) for cell in row.elements() if cell.tag in {"td", "th"}]
    return [Element("tr", {}, cells)] if row.tag == "tr" and cells else []


def _cell(cell: Element) -> Node:
    attrs = shaping.attributes_of(cell)
    if cell.tag == "th" and cell.attrs.get("scope") in {"row", "col", "rowgroup", "colgroup"}:
        attrs["scope"] = cell.attrs["scope"]
    if "num" in cell.classes:
        attrs["class"] = "num"
    for name in ("colspan", "rowspan"):
        if number := safe_number(cell.attrs.get(name, ""), low=2, high=_MAX_SPAN):
            attrs[name] = number
    return Element(cell.tag, attrs, shaping.within(shaping.flow(cell.children), _IN_CELL))
