"""Bring footnotes from the foot of a text to the places of their numbers."""

import json
import re

from articles.body.tree import Element, Node, text_of, walk

RETURN_ARROWS = re.compile(r"[\s↩↑⏎⮐︎^]*\Z")
NOTE_TAGS = frozenset({"li", "p", "div", "dd"})
# `((a note))`, as one plugin writes it: more than a word, so that code and smileys aren't meant.
DOUBLE_PARENTHESES = re.compile(
    r"(?<!\()\(\(([^()\s<>][^()<>]{0,1500}\s[^()<>]{0,1500}(?:\([^()<>]{0,300}\)[^()<>]{0,1500}){0,5})\)\)(?!\))"
)


def footnotes_of_blocks(meta: str) -> dict[str, str]:
    """Return the notes that the footnotes block keeps beside an article: HTML by id."""
    try:
        notes = json.loads(meta)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(notes, list):
        return {}
    return {str(note["id"]): str(note.get("content", "")) for note in notes if isinstance(note, dict) and "id" in note}


def mark_parentheses(text: str) -> str:
    """Return a text with notes in double parentheses as footnotes."""
    return DOUBLE_PARENTHESES.sub(r'<span class="footnote">\1</span>', text)


def inline_footnotes(nodes: list[Node]) -> list[Node]:
    """Return nodes with every note that a number leads to and that leads back put in the number's place."""
    notes = _notes(nodes)
    if not notes:
        return nodes
    used: set[int] = set()
    placed = _place(nodes, notes, {id(note) for note in notes.values()}, used)
    return _without(placed, used)


def _notes(nodes: list[Node]) -> dict[str, Element]:
    """Return the blocks that are notes by the ids that lead to them: list items and paragraphs with a link back up."""
    order = list(walk(nodes))
    places: dict[str, int] = {}
    for place, element in enumerate(order):
        for name in _names(element):
            places.setdefault(name, place)
    notes: dict[str, Element] = {}
    for place, element in enumerate(order):
        if element.tag not in NOTE_TAGS:
            continue
        inside = list(walk(element.children))
        if element.tag == "div" and any(child.tag in NOTE_TAGS for child in inside):
            continue
        targets = [child.attrs.get("href", "") for child in inside if child.tag == "a"]
        if any(target.startswith("#") and places.get(target[1:], place) < place for target in targets):
            for name in [name for child in [element, *inside] for name in _names(child)]:
                notes.setdefault(name, element)
    return notes


def _names(element: Element) -> list[str]:
    """Return the names by which links reach an element."""
    return [element.attrs[name] for name in ("id", "name") if element.attrs.get(name)]


def _place(nodes: list[Node], notes: dict[str, Element], known: set[int], used: set[int], within: int | None = None) -> list[Node]:
    """Return nodes with the links to notes replaced by the notes."""
    placed: list[Node] = []
    for node in nodes:
        if isinstance(node, str):
            placed.append(node)
            continue
        note = _note_of(node, notes)
        if note is not None and id(note) != within:
            used.add(id(note))
            placed.append(Element("span", {"class": "footnote"}, _words(note)))
            continue
        node.children = _place(node.children, notes, known, used, id(node) if id(node) in known else within)
        placed.append(node)
    return placed


def _note_of(node: Element, notes: dict[str, Element]) -> Element | None:
    """Return the note that a number leads to; the number is a link, alone in a raised text or by itself."""
    link = node
    if node.tag in {"sup", "span"}:
        links = [child for child in walk(node.children) if child.tag == "a"]
        if len(links) != 1 or text_of(node.children).strip() != text_of(links[0].children).strip():
            return None
        link = links[0]
    href = link.attrs.get("href", "")
    if link.tag != "a" or not href.startswith("#") or len(text_of(link.children).strip()) > 6:
        return None
    note = notes.get(href[1:])
    # A link that stands in its own note is the way back.
    return None if note is None or any(child is link for child in walk(note.children)) else note


def _words(note: Element) -> list[Node]:
    """Return the text of a note without the link back and the number."""
    words: list[Node] = []
    for node in note.children:
        if isinstance(node, Element):
            if node.tag in {"a", "sup", "span"} and _is_way_back(node):
                continue
            words.append(Element(node.tag, node.attrs, _words(node)))
        else:
            words.append(node)
    return words


def _is_way_back(node: Element) -> bool:
    """Say whether an element only leads back to the text."""
    links = [child for child in [node, *walk(node.children)] if child.tag == "a"]
    is_empty_anchor = node.tag == "a" and not node.attrs.get("href") and not text_of(node.children).strip()
    leads_up = bool(links) and all(link.attrs.get("href", "").startswith("#") for link in links)
    return is_empty_anchor or (leads_up and (len(text_of(node.children).strip()) <= 6 or bool(RETURN_ARROWS.match(text_of(node.children)))))


def _without(nodes: list[Node], used: set[int]) -> list[Node]:
    """Return nodes without the notes that were placed and the lists they leave empty."""
    kept: list[Node] = []
    for node in nodes:
        if isinstance(node, Element):
            if id(node) in used:
                continue
            had_children = bool(node.children)
            node.children = _without(node.children, used)
            if (
                had_children
                and node.tag in {"ol", "ul", "div", "section"}
                and not text_of(node.children).strip()
                and not list(node.elements())
            ):
                continue
        kept.append(node)
    return kept
