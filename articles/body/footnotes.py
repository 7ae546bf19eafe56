"""Notes under the text and the numbers that lead there and back, and the list of references."""

from collections.abc import Sequence

from django.utils.translation import gettext

from articles.body.identifiers import Identifiers
from articles.body.tree import Element, Node, build


class Footnotes:
    """Collects the notes of one rendering in the order of their numbers."""

    def __init__(self, ids: Identifiers) -> None:
        self._ids = ids
        self._notes: list[Sequence[Node]] = []

    def add(self, content: Sequence[Node]) -> Element:
        """Keep a note and return the link that stands at its place in the text."""
        number = len(self._notes) + 1
        self._notes.append(content)
        label = gettext("Note %(number)d") % {"number": number}
        here, there = self._ids.of(f"fnref{number}"), self._ids.of(f"fn{number}")
        return build("a", str(number), class_="fn", id=here, href=f"#{there}", aria_label=label)

    def section(self) -> list[Element]:
        """Return the list of all notes, empty without any."""
        items = [self._item(number, content) for number, content in enumerate(self._notes, start=1)]
        return [_section(gettext("Notes"), self._ids.of("notes-h"), build("ol", *items))] if items else []

    def _item(self, number: int, content: Sequence[Node]) -> Element:
        label = gettext("Back to the text, note %(number)d") % {"number": number}
        back = build("a", "↑", class_="back", href=f"#{self._ids.of(f'fnref{number}')}", aria_label=label)
        return build("li", *content, " ", back, id=self._ids.of(f"fn{number}"))


def references_section(items: Sequence[Node], ids: Identifiers) -> list[Element]:
    """Return the list of references, empty without any."""
    return [_section(gettext("References"), ids.of("refs-h"), build("ul", *items))] if items else []


def _section(title: str, heading: str, content: Element) -> Element:
    return build("section", build("h2", title, class_="label", id=heading), content, class_="endnotes soft", aria_labelledby=heading)
