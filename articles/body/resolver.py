"""What the rendering of a body asks of the rest of the magazine."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class ResolvedImage:
    """A picture of the library: addresses, and the size of the largest rendition in pixels."""

    src: str
    srcset: str
    width: int
    height: int
    alt: str = ""


@dataclass(frozen=True)
class ResolvedCard:
    """A public article to link to."""

    url: str
    title: str
    image: ResolvedImage | None = None
    language: str = "en"


@dataclass(frozen=True)
class Button:
    """A link that looks like a button."""

    label: str
    url: str


@dataclass(frozen=True)
class Appeal:
    """The magazine's own request for support; the first button is the one that stands out."""

    text: str
    buttons: tuple[Button, ...] = ()
    seal: str = ""


class Resolver(Protocol):
    """Knows the pictures, the public articles and the settings of the magazine."""

    def image(self, id: int) -> ResolvedImage | None:
        """Return a picture, or None when it is gone."""

    def article(self, slug: str) -> ResolvedCard | None:
        """Return a card for an article that everybody may see listed, else None."""

    def appeal(self) -> Appeal | None:
        """Return the appeal of the site settings, or None when there is none."""
