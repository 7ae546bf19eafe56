"""Draw the picture that stands for an article where its link is shared."""

import hashlib
import io
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont, ImageOps

from articles.body.scripts import HAN, KANA
from articles.models import Article
from magazine.models import Identity

CARD_SIZE = (1200, 630)
MARGIN = 72
PICTURE_WIDTH = 420
PAPER, INK, SOFT = "#faf7f0", "#1a1714", "#5f574e"
TITLE_SIZES = (84, 72, 62, 54, 46, 40)
LINE_HEIGHT = 1.12
WEIGHT = 500
TITLE_HEIGHT = 330
JPEG_QUALITY = 86
# In the order they are asked for a character; the magazine's own first.
OWN_FONTS = ("fonts/newsreader-latin.woff2", "fonts/newsreader-pinyin.woff2")
NO_CHARACTER = "\uffff"
# Where systems keep a serif for Han; without any, Han is left out.
HAN_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc",
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSerifCJK-Bold.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/System/Library/Fonts/Supplemental/Songti.ttc",
)

# A line may break before and after these.
BREAKABLE = re.compile(f"[{HAN}{KANA}]")


def card_version(article: Article) -> str:
    """Return a name that changes with whatever is drawn on the card."""
    identity = Identity.load()
    shown = [
        article.social_title or article.title,
        article.section.name if article.section else "",
        identity.name,
        identity.seal,
        identity.accent,
    ]
    shown += [str(article.social_image_id or article.lead_image_id or "")]
    return hashlib.sha256("\x1f".join(shown).encode()).hexdigest()[:12]


def card_path(article: Article) -> str:
    """Return the address of an article's card."""
    return f"{reverse('articles:card', args=[article.slug])}?v={card_version(article)}"


def open_card(article: Article) -> bytes:
    """Return the card of an article, drawing and keeping it the first time."""
    name = f"cards/{article.pk}-{card_version(article)}.jpg"
    if default_storage.exists(name):
        with default_storage.open(name, "rb") as file:
            return file.read()
    content = draw_card(article)
    default_storage.save(name, ContentFile(content))
    return content


def draw_card(article: Article) -> bytes:
    """Draw a card: the title in the magazine's type, its picture where there is one, and whose it is."""
    identity = Identity.load()
    card = Picture.new("RGB", CARD_SIZE, PAPER)
    picture = _picture(article)
    if picture is not None:
        card.paste(picture, (CARD_SIZE[0] - PICTURE_WIDTH, 0))
    width = CARD_SIZE[0] - 2 * MARGIN - (PICTURE_WIDTH if picture is not None else 0)
    draw = ImageDraw.Draw(card)
    draw.rectangle((0, 0, CARD_SIZE[0] - (PICTURE_WIDTH if picture is not None else 0), 14), fill=identity.accent)
    if article.section:
        _write(draw, (MARGIN, 64), article.section.name, 30, identity.accent)
    _write_title(draw, article.social_title or article.title, width)
    _write(draw, (MARGIN, CARD_SIZE[1] - 92), f"{identity.name} {identity.seal}".strip(), 38, SOFT)
    buffer = io.BytesIO()
    card.save(buffer, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return buffer.getvalue()


def _picture(article: Article) -> Picture.Image | None:
    """Return the article's picture cut to its place; a picture that can't be read is left out."""
    image = article.social_image or article.lead_image
    if image is None:
        return None
    try:
        with image.file.open("rb") as file, Picture.open(file) as opened:
            size, focus = (PICTURE_WIDTH, CARD_SIZE[1]), (image.focal_x / 100, image.focal_y / 100)
            return ImageOps.fit(opened.convert("RGB"), size, Picture.Resampling.LANCZOS, centering=focus)
    except (OSError, ValueError, Picture.DecompressionBombError):
        return None


def _write_title(draw: ImageDraw.ImageDraw, title: str, width: int) -> None:
    """Write the title as large as it fits; what doesn't fit the smallest size ends in an ellipsis."""
    size, lines = TITLE_SIZES[-1], [""]
    for size in TITLE_SIZES:
        lines = _wrap(title, size, width)
        if len(lines) * size * LINE_HEIGHT <= TITLE_HEIGHT:
            break
    most = int(TITLE_HEIGHT // (size * LINE_HEIGHT))
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1].rstrip(" ,.;:") + "…"]
    for number, line in enumerate(lines):
        _write(draw, (MARGIN, 122 + round(number * size * LINE_HEIGHT)), line, size, INK)


def _wrap(text: str, size: int, width: int) -> list[str]:
    """Break text into lines of a width: between words, and between Han characters."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line and _length(line + piece.rstrip(), size) > width:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
        while _length(line, size) > width and len(line) > 1:
            fitting = next(end for end in range(len(line) - 1, 0, -1) if end == 1 or _length(line[:end], size) <= width)
            lines.append(line[:fitting])
            line = line[fitting:]
    return [*lines, line.rstrip()] if line.strip() else lines or [""]


def _pieces(text: str) -> Iterator[str]:
    for word in text.split():
        latin = ""
        for character in word:
            if BREAKABLE.match(character):
                if latin:
                    yield latin
                    latin = ""
                yield character
            else:
                latin += character
        yield f"{latin} "


def _length(text: str, size: int) -> float:
    return sum(_font(path, size).getlength(run) for path, run in _runs(text))


def _write(draw: ImageDraw.ImageDraw, at: tuple[int, int], text: str, size: int, colour: str) -> None:
    left, baseline = float(at[0]), at[1] + size
    for path, run in _runs(text):
        font = _font(path, size)
        draw.text((left, baseline), run, font=font, fill=colour, anchor="ls")
        left += font.getlength(run)


def _runs(text: str) -> Iterator[tuple[str, str]]:
    """Split text where the font changes; a character that no font here has is left out."""
    for path, characters in groupby(text, _font_for):
        if path is not None:
            yield path, "".join(characters)


@lru_cache(maxsize=4096)
def _font_for(character: str) -> str | None:
    if character.isspace():
        return _fonts()[0]
    return next((path for path in _fonts() if _has(path, character)), None)


def _has(path: str, character: str) -> bool:
    font = _font(path, TITLE_SIZES[0])
    return bytes(font.getmask(character)) != bytes(font.getmask(NO_CHARACTER))


@lru_cache(maxsize=1)
def _fonts() -> list[str]:
    own = [str(path) for path in (finders.find(name) for name in OWN_FONTS) if path]
    return [*own, *(path for path in HAN_FONTS if Path(path).exists())][: len(own) + 1]


@lru_cache(maxsize=32)
def _font(path: str, size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(path, size)
    if path.endswith(OWN_FONTS):
        font.set_variation_by_axes([WEIGHT, min(72, max(16, size))])
    return font
