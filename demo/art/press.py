"""Press scenes drawn as plates into a print of two or three inks.

A plate is a greyscale image (0 = bare paper, 255 = solid ink). Tones become halftone dots at the ink's own angle,
solids are mottled like a drum that is running dry, every plate is laid a few pixels out of register, and inks
multiply on the paper. A name always gives the same print.
"""

# ruff: noqa: PLR0917 (a pen takes coordinates)

import math
import random
from collections.abc import Callable, Sequence
from functools import cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Point = tuple[float, float]

W, H = 1600, 1000
PAPER = (243, 236, 222)
INKS = {
    "blue": (38, 62, 112),
    "night": (32, 44, 78),
    "yellow": (240, 178, 52),
    "red": (214, 66, 42),
    "teal": (20, 118, 122),
    "pink": (240, 104, 122),
    "green": (54, 116, 78),
    "orange": (238, 126, 48),
    "black": (44, 38, 36),
    "plum": (98, 54, 96),
    "mint": (118, 182, 150),
    "sky": (112, 168, 204),
}
# Lightest ink first: a scene unpacks its plates in this order.
PALETTES = {
    "street": ("yellow", "red", "night"),
    "screens": ("pink", "yellow", "teal"),
    "table": ("yellow", "red", "green"),
    "work": ("orange", "sky", "blue"),
    "words": ("red", "black"),
    "home": ("mint", "orange", "plum"),
}
# Periods and angles differ by plate, so that overprinted screens make a rosette instead of a moiré.
SCREENS = ((11, 15), (12, 75), (10, 45))
# The press eats this much of every side when a plate lies out of register.
TRIM = (16, 10)


class Plate:
    """One ink's plate, drawn with a slightly unsteady hand."""

    def __init__(self, rnd: random.Random) -> None:
        self.image = Image.new("L", (W, H))
        self.rnd = rnd

    @property
    def _pen(self) -> ImageDraw.ImageDraw:
        return ImageDraw.Draw(self.image)

    def _by_hand(self, points: Sequence[Point], wobble: float, *, closed: bool = True) -> list[Point]:
        """Return the outline with a point about every 46 pixels, each a little off."""
        drawn: list[Point] = []
        ends = [*points[1:], points[0]] if closed else points[1:]
        for (x0, y0), (x1, y1) in zip(points, ends, strict=False):
            steps = max(1, int(math.hypot(x1 - x0, y1 - y0) / 46))
            for step in range(steps):
                x, y = x0 + (x1 - x0) * step / steps, y0 + (y1 - y0) * step / steps
                drawn.append((x + self.rnd.uniform(-wobble, wobble), y + self.rnd.uniform(-wobble, wobble)))
        return drawn if closed else [*drawn, points[-1]]

    def poly(self, points: Sequence[Point], tone: int = 255, wobble: float = 2.2) -> None:
        """Fill an outline whose points stray by so many pixels."""
        self._pen.polygon(self._by_hand(points, wobble), fill=tone)

    def box(self, x0: float, y0: float, x1: float, y1: float, tone: int = 255, wobble: float = 2.2, *, turn: float = 0) -> None:
        """Fill a rectangle, turned by so many degrees about its centre."""
        corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
        self.poly(turned(corners, ((x0 + x1) / 2, (y0 + y1) / 2), turn), tone, wobble)

    def round(self, x0: float, y0: float, x1: float, y1: float, radius: float, tone: int = 255) -> None:
        """Fill a rectangle with round corners."""
        self._pen.rounded_rectangle((x0, y0, x1, y1), radius, fill=tone)

    def disc(self, cx: float, cy: float, rx: float, ry: float | None = None, tone: int = 255, wobble: float = 0.012) -> None:
        """Fill an ellipse whose outline swells and shrinks by the given share of its radius."""
        ry = ry or rx
        phase, phase2 = self.rnd.uniform(0, 6), self.rnd.uniform(0, 6)
        outline = []
        for i in range(72):
            a = 2 * math.pi * i / 72
            k = 1 + wobble * math.sin(2 * a + phase) + wobble * 0.6 * math.sin(3 * a + phase2)
            outline.append((cx + rx * k * math.cos(a), cy + ry * k * math.sin(a)))
        self._pen.polygon(outline, fill=tone)

    def line(self, points: Sequence[Point], width: int, tone: int = 255, wobble: float = 1.5) -> None:
        """Draw a line with round ends."""
        drawn = self._by_hand(points, wobble, closed=False)
        pen = self._pen
        pen.line(drawn, fill=tone, width=width, joint="curve")
        for x, y in (drawn[0], drawn[-1]):
            pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=tone)

    def fade(self, box: tuple[float, float, float, float], start: int, end: int, *, across: bool = False) -> None:
        """Lay a tone that runs from start to end over whatever is lighter inside the box."""
        x0, y0, x1, y1 = (int(edge) for edge in box)
        ramp = Image.linear_gradient("L").point(lambda v: int(start + (end - start) * v / 255))
        ramp = (ramp.rotate(90) if across else ramp).resize((x1 - x0, y1 - y0))
        self.image.paste(ImageChops.lighter(self.image.crop((x0, y0, x1, y1)), ramp), (x0, y0))

    def glow(self, cx: int, cy: int, radius: int, tone: int) -> None:
        """Lay a tone that falls off from a centre."""
        halo = ImageChops.invert(Image.radial_gradient("L")).point(lambda v: int(max(0, v - 74) * tone / 181))
        sheet = Image.new("L", (W, H))
        sheet.paste(halo.resize((2 * radius, 2 * radius)), (cx - radius, cy - radius))
        self.image = ImageChops.lighter(self.image, sheet)

    def knock_out(self, other: "Plate") -> None:
        """Leave bare what another plate prints, so that its ink stays pure."""
        self.image.paste(0, (0, 0), other.image)


class Sheet:
    """A sheet of paper with one plate for each ink of its palette."""

    def __init__(self, name: str, palette: str) -> None:
        self.rnd = random.Random(name)  # noqa: S311 (the same name, the same hand)
        self.inks = PALETTES[palette]
        self.plates = [Plate(self.rnd) for _ in self.inks]

    def pressed(self) -> Image.Image:
        """Return the print: all plates pulled through the press, trimmed to the sheet."""
        sheet = Image.new("RGB", (W, H), PAPER)
        for ink, plate, screen in zip(self.inks, self.plates, SCREENS, strict=False):
            inked = ImageChops.multiply(sheet, Image.new("RGB", (W, H), INKS[ink]))
            sheet = Image.composite(inked, sheet, self._mask(plate, *screen))
        trimmed = sheet.crop((TRIM[0], TRIM[1], W - TRIM[0], H - TRIM[1]))
        return trimmed.resize((W, H), Image.Resampling.BICUBIC)

    def _mask(self, plate: Plate, period: int, angle: int) -> Image.Image:
        """Return where the plate leaves ink: halftone, grain, mottle and a careless register."""
        tone = plate.image.filter(ImageFilter.GaussianBlur(0.8))
        dots = ImageChops.subtract(tone, _halftone(period, angle)).point(lambda v: min(255, v * 20))
        grain = self._noise((W // 2, H // 2)).filter(ImageFilter.GaussianBlur(0.8)).point(_speck)
        mottle = self._noise((W // 90, H // 90)).point(lambda v: 222 + min(33, v // 5))
        for texture in (grain, mottle):
            dots = ImageChops.multiply(dots, texture.resize((W, H), Image.Resampling.BICUBIC))
        shift = (self.rnd.randint(-5, 5), self.rnd.randint(-4, 4))
        return dots.rotate(self.rnd.uniform(-0.22, 0.22), Image.Resampling.BICUBIC, translate=shift)

    def _noise(self, size: tuple[int, int]) -> Image.Image:
        return Image.frombytes("L", size, self.rnd.randbytes(size[0] * size[1]))


Scene = Callable[[Sheet], None]


def turned(points: Sequence[Point], centre: Point, degrees: float) -> list[Point]:
    """Return points turned about a centre."""
    (cx, cy), a = centre, math.radians(degrees)
    return [(cx + (x - cx) * math.cos(a) - (y - cy) * math.sin(a), cy + (x - cx) * math.sin(a) + (y - cy) * math.cos(a)) for x, y in points]


def smoothed(points: Sequence[Point], rounds: int = 3) -> list[Point]:
    """Return the closed outline with its corners cut, so that it curves."""
    for _ in range(rounds):
        cut: list[Point] = []
        for (x0, y0), (x1, y1) in zip(points, [*points[1:], points[0]], strict=True):
            cut += [(x0 * 0.75 + x1 * 0.25, y0 * 0.75 + y1 * 0.25), (x0 * 0.25 + x1 * 0.75, y0 * 0.25 + y1 * 0.75)]
        points = cut
    return list(points)


def _speck(value: int) -> int:
    return 255 if value > 78 else 196


@cache
def _halftone(period: int, angle: int) -> Image.Image:
    """Return a halftone threshold screen, its values spread evenly over 1 to 241, so that solid ink has no pinholes."""
    wave = [math.cos(2 * math.pi * x / period) + math.cos(2 * math.pi * y / period) for y in range(period) for x in range(period)]
    darkest_first = sorted(range(period * period), key=lambda i: -wave[i])
    tile = Image.new("L", (period, period))
    for rank, i in enumerate(darkest_first):
        tile.putpixel((i % period, i // period), 1 + rank * 240 // (period * period - 1))
    # Larger than the sheet by the corners that the turn cuts off.
    screen = Image.new("L", (2200, 2200))
    for y in range(0, 2200, period):
        for x in range(0, 2200, period):
            screen.paste(tile, (x, y))
    return screen.rotate(angle, Image.Resampling.BICUBIC).crop((300, 600, 300 + W, 600 + H))
