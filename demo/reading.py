"""Read the demo's content from its files."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from articles.models import Image

CONTENT = Path(__file__).parent / "content"
PRINTS = Path(__file__).parent / "art" / "prints"
FENCE = "+++\n"
PRINT = re.compile(r'data-print="([\w-]+)"')


@dataclass(frozen=True, slots=True)
class Piece:
    """One file: its name, its front matter, and its text in the stored form of docs/body.md."""

    slug: str
    matter: dict[str, Any]
    body: str


def read_pieces(folder: str) -> Iterator[Piece]:
    """Yield the pieces of one folder of the content, by name."""
    for path in sorted((CONTENT / folder).glob("*.html")):
        _, matter, body = path.read_text(encoding="utf-8").split(FENCE, 2)
        yield Piece(path.stem, tomllib.loads(matter), body.strip())


def read_data(name: str) -> dict[str, Any]:
    """Return what a TOML file of the content holds."""
    return tomllib.loads((CONTENT / f"{name}.toml").read_text(encoding="utf-8"))


def with_images(body: str, images: dict[str, Image]) -> str:
    """Return a body whose prints are the pictures they were stored as."""
    return PRINT.sub(lambda match: f'data-image="{images[match[1]].pk}"', body)
