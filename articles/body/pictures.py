"""Figures of the default theme: pictures, galleries, pull quotes and sound."""

from collections.abc import Callable, Sequence

from django.utils.translation import gettext

from articles.body.resolver import ResolvedImage, Resolver
from articles.body.tree import Element, Node, build

Inline = Callable[[Sequence[Node]], list[Node]]

# How wide a picture is shown, by the class of its figure.
_SIZES = {"": "(min-width: 64em) 50vw, 100vw", "wide": "(min-width: 64em) 75vw, 100vw", "breakout": "(min-width: 64em) 75vw, 100vw"}
_GALLERY_SIZES = "(min-width: 48em) 33vw, 100vw"


def image_element(image: ResolvedImage, *, sizes: str, alt: str) -> Element:
    """Return a picture that keeps its place before it is loaded."""
    return build(
        "img",
        src=image.src,
        srcset=image.srcset or None,
        sizes=sizes if image.srcset else None,
        width=str(image.width),
        height=str(image.height),
        alt=alt,
        loading="lazy",
    )


def render_picture(figure: Element, resolver: Resolver, inline: Inline, *, sizes: str = "") -> list[Node]:
    """Return a picture with its caption and credit; a link to one that isn't in the library; nothing when it is gone."""
    stored = next(child for child in figure.elements() if child.tag == "img")
    kind = next((name for name in figure.classes if name in _SIZES), "")
    image = resolver.image(int(stored.attrs["data-image"])) if "data-image" in stored.attrs else None
    if image is None:
        return _link_to_picture(stored)
    picture = image_element(image, sizes=sizes or _SIZES[kind], alt=stored.attrs.get("alt") or image.alt)
    classes = f"{kind} bleed" if kind else None
    return [build("figure", picture, _caption(figure, inline), class_=classes, id=figure.attrs.get("id"), lang=figure.attrs.get("lang"))]


def render_gallery(gallery: Element, resolver: Resolver, inline: Inline) -> list[Node]:
    """Return the pictures of a gallery that are still there."""
    figures = [part for figure in gallery.elements() for part in render_picture(figure, resolver, inline, sizes=_GALLERY_SIZES)]
    return [build("div", *figures, class_="gallery")] if figures else []


def render_pull(figure: Element, inline: Inline, blocks: Callable[[Sequence[Node]], list[Node]]) -> list[Node]:
    """Return a pull quote with who said it."""
    quotes = [child.with_children(blocks(child.children)) for child in figure.elements() if child.tag == "blockquote"]
    return [Element("figure", dict(figure.attrs), [*quotes, *_present(_caption(figure, inline))])]


def render_audio(figure: Element, inline: Inline) -> list[Node]:
    """Return a player that loads nothing before it is started."""
    stored = next((child for child in figure.elements() if child.tag == "audio"), None)
    if stored is None or not stored.attrs.get("src"):
        return []
    player = build("audio", controls="", preload="none", src=stored.attrs["src"])
    return [build("figure", player, _caption(figure, inline), class_="audio")]


def _link_to_picture(stored: Element) -> list[Node]:
    source = stored.attrs.get("src", "")
    if "data-image" in stored.attrs or not source:
        return []
    return [build("p", build("a", stored.attrs.get("alt") or gettext("Picture"), href=source))]


def _caption(figure: Element, inline: Inline) -> Element | None:
    """Return caption and credit, each in a span of its own."""
    stored = next((child for child in figure.elements() if child.tag == "figcaption"), None)
    if stored is None:
        return None
    credits = [child for child in stored.elements() if "credit" in child.classes]
    words = [child for child in stored.children if child not in credits]
    parts = [build("span", *_stripped(inline(words)))] if any(not isinstance(word, str) or word.strip() for word in words) else []
    parts += [build("span", *inline(credit.children), class_="credit", lang=credit.attrs.get("lang")) for credit in credits]
    return build("figcaption", *parts)


def _stripped(nodes: list[Node]) -> list[Node]:
    """Return nodes without the space before a credit that is now in a span of its own."""
    if nodes and isinstance(nodes[-1], str):
        nodes[-1] = nodes[-1].rstrip()
    return nodes


def _present(element: Element | None) -> list[Node]:
    return [element] if element else []
