"""Draw words: hanzi and letters."""

from pathlib import Path

from PIL import ImageDraw, ImageFont

from demo.art.press import H, Plate, Scene, Sheet, W

SERIF_FACES = ("/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc", "/System/Library/Fonts/Songti.ttc")
SIMPLIFIED = 2  # the face for simplified Chinese within the collection


def words(sheet: Sheet) -> None:
    """Draw a word too large for the sheet, said twice."""
    red, black = sheet.plates
    if not _set(black, "搭", 1180, (-90, -430)) or not _set(red, "子", 1060, (600, -250)):
        red.disc(560, 520, 330, tone=110)
    red.fade((0, 700, W, H), 0, 120)
    black.line([(60, 930), (1540, 918)], 8)


def letter(sheet: Sheet) -> None:
    """Draw an open envelope and the one line that is in it."""
    red, black = sheet.plates
    red.fade((0, 0, W, H), 70, 190)
    for plate in sheet.plates:
        plate.poly([(330, 470), (800, 150), (1270, 470), (1270, 900), (330, 900)], 0)
    black.poly([(330, 470), (800, 150), (1270, 470), (800, 560)], 210)
    for plate in sheet.plates:
        plate.poly([(450, 60), (1150, 48), (1156, 700), (444, 700)], 0)
    black.line([(450, 60), (1150, 48), (1154, 640)], 5)
    black.line([(450, 60), (446, 640)], 5)
    for x in range(530, 1100, 90):
        red.line([(x, 100), (x + 2, 600)], 3, 200)
    for k in range(7):
        _mark(black, 1000, 112 + k * 66, kind=k)
    for plate in sheet.plates:
        plate.poly([(330, 470), (800, 690), (1270, 470), (1270, 900), (330, 900)], 0)
    black.line([(330, 470), (800, 690), (1270, 470), (1270, 900), (330, 900), (330, 470)], 9)
    black.line([(330, 900), (690, 640)], 6)
    black.line([(1270, 900), (910, 640)], 6)
    red.disc(800, 696, 74)
    black.fade((330, 905, 1270, 950), 190, 0)


def _mark(black: Plate, x: float, y: float, *, kind: int) -> None:
    """Draw what a character looks like from across the room."""
    black.line([(x, y + 14), (x + 50, y + 10)], 7)
    if kind % 2:
        black.line([(x + 26, y), (x + 24, y + 54)], 8)
        black.line([(x + 4, y + 34), (x + 46, y + 32)], 6)
    else:
        black.line([(x + 26, y), (x + 20, y + 28), (x + 2, y + 52)], 7)
        black.line([(x + 24, y + 26), (x + 50, y + 52)], 8)
    if kind % 3 == 0:
        black.line([(x + 8, y + 52), (x + 44, y + 50)], 6)


def _set(plate: Plate, text: str, size: int, at: tuple[int, int]) -> bool:
    """Set hanzi at the given place; return whether there is a face to set them in."""
    path = next((path for path in SERIF_FACES if Path(path).exists()), None)
    if path is None:
        return False
    face = ImageFont.truetype(path, size, index=SIMPLIFIED)
    ImageDraw.Draw(plate.image).text(at, text, font=face, fill=255)
    return True


SCENES: dict[str, Scene] = {"words": words, "letter": letter}
