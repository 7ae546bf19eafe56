"""Draw the table: bowls, cups, herbs and steam."""

import math

from demo.art.press import H, Scene, Sheet, W, smoothed


def bowls(sheet: Sheet) -> None:
    """Draw breakfast seen from the ceiling."""
    yellow, red, green = sheet.plates
    yellow.fade((0, 0, W, H), 70, 130)
    for i in range(7):
        green.line([(-20, 70 + i * 160), (W + 20, 40 + i * 160)], 3, 110)
    for (cx, cy, radius), fill in (
        ((360, 330, 230), _broth),
        ((850, 620, 270), _noodles),
        ((1310, 300, 210), _buns),
        ((1330, 800, 150), _egg),
        ((250, 800, 160), _soy_milk),
        ((830, 150, 110), _dip),
    ):
        _bowl(sheet, cx, cy, radius)
        fill(sheet, cx, cy, radius)
    for dx in (0, 34):
        red.line([(1040 + dx, 330), (1130 + dx, 960)], 15)
        red.line([(60 + dx * 0.6, 520), (560 + dx, 640 - dx)], 13)


def _bowl(sheet: Sheet, cx: float, cy: float, radius: float) -> None:
    yellow, red, green = sheet.plates
    yellow.disc(cx + 14, cy + 18, radius + 4, tone=40)
    green.disc(cx + 14, cy + 18, radius + 4, tone=170)
    for plate in sheet.plates:
        plate.disc(cx, cy, radius, tone=0)
    for inset, tone in ((0, 255), (16, 0), (26, 255), (30, 0)):
        red.disc(cx, cy, radius - inset, tone=tone)


def _broth(sheet: Sheet, cx: float, cy: float, radius: float, *, chili: int = 255) -> None:
    yellow, red, green = sheet.plates
    red.disc(cx, cy, radius - 48, tone=chili)
    yellow.disc(cx, cy, radius - 48, tone=255)
    for _ in range(9):
        a, q = sheet.rnd.uniform(0, 6.3), sheet.rnd.uniform(0.1, 0.55) * radius
        x, y = cx + q * math.cos(a), cy + q * math.sin(a)
        green.disc(x, y, 19)
        green.disc(x, y, 9, tone=0)


def _noodles(sheet: Sheet, cx: float, cy: float, radius: float) -> None:
    _broth(sheet, cx, cy, radius, chili=120)
    for k in range(6):
        y = cy - 110 + k * 40
        strand = [(cx - 150 + 10 * k, y), (cx - 60, y + 24), (cx + 50, y - 12), (cx + 140 - 8 * k, y + 18)]
        sheet.plates[1].line(strand, 9)


def _buns(sheet: Sheet, cx: float, cy: float, radius: float) -> None:
    yellow, _, green = sheet.plates
    reach = radius * 0.44
    for k in range(4):
        x, y = cx + reach * math.cos(k * 1.57 + 0.4), cy + reach * math.sin(k * 1.57 + 0.4)
        yellow.disc(x, y, 64, tone=110)
        for j in range(7):
            green.line([(x, y), (x + 44 * math.cos(j * 0.9), y + 44 * math.sin(j * 0.9))], 3, 150)


def _egg(sheet: Sheet, cx: float, cy: float, radius: float) -> None:
    yellow, red, _ = sheet.plates
    yellow.disc(cx, cy, radius * 0.56)
    red.disc(cx - 10, cy, 40, tone=200)


def _soy_milk(sheet: Sheet, cx: float, cy: float, radius: float) -> None:
    yellow, _, green = sheet.plates
    green.disc(cx, cy, radius - 44, tone=200)
    yellow.disc(cx, cy, radius - 44, tone=180)


def _dip(sheet: Sheet, cx: float, cy: float, radius: float) -> None:
    _, red, green = sheet.plates
    red.disc(cx, cy, radius * 0.5)
    green.disc(cx, cy, radius * 0.5, tone=120)


def teahouse(sheet: Sheet) -> None:
    """Draw a lidded cup, larger than the afternoon."""
    yellow, red, green = sheet.plates
    yellow.fade((0, 0, W, H), 150, 40)
    for i in range(9):
        green.box(i * 190 - 30, 0, i * 190 + 34, 640, 120 if i % 2 else 70)
    green.box(0, 640, W, 676)
    red.box(0, 676, W, 1000, 200)
    yellow.box(0, 676, W, 1000, 120)
    cup = [(500, 470), (1100, 470), (1060, 620), (960, 730), (640, 730), (540, 620)]
    for pl in (yellow, red, green):
        pl.poly(cup, 0)
        pl.disc(800, 800, 380, 66, 0)
        pl.disc(800, 440, 270, 110, 0)
        pl.disc(800, 328, 54, 34, 0)
    green.fade((820, 470, 1100, 730), 0, 150, across=True)
    green.poly([(1100, 470), (1160, 470), (1160, 740), (960, 740), (1060, 620)], 0)
    red.disc(800, 800, 380, 66)
    red.disc(800, 790, 340, 50, 0)
    green.disc(800, 806, 220, 26, 150)
    red.poly([(500, 470), (1100, 470), (1094, 494), (506, 494)])
    red.disc(800, 440, 270, 104)
    red.disc(800, 452, 256, 92, 0)
    green.disc(800, 452, 252, 88, 60)
    red.disc(800, 328, 54, 34)
    red.disc(800, 600, 58)
    for i, x in enumerate((640, 800, 960)):
        pts = [(x + 46 * math.sin(k * 0.85 + i), 290 - k * 32) for k in range(9)]
        green.line(pts, 13, 230)
    for cx in (220, 1390):
        for pl in (yellow, red, green):
            pl.disc(cx, 840, 120, 44, 0)
        green.disc(cx, 840, 120, 44)
        yellow.disc(cx, 832, 96, 30)
        green.disc(cx, 832, 96, 30, 90)


def coriander(sheet: Sheet) -> None:
    """Draw one bunch of coriander and the line down the middle of the table."""
    yellow, red, green = sheet.plates
    yellow.box(0, 0, 800, H, 210)
    red.box(800, 0, W, H, 235)
    knot = (800.0, 760.0)
    for rank, (count, reach) in enumerate(((11, 640), (9, 500), (7, 350))):
        for k in range(count):
            a = math.radians(-90 + (k - (count - 1) / 2) * (132 - rank * 12) / count)
            length = reach + sheet.rnd.uniform(-30, 20)
            tip = (knot[0] + length * 1.12 * math.cos(a), knot[1] + length * math.sin(a))
            bend = (knot[0] + length * 0.42 * math.cos(a), knot[1] + length * 0.52 * math.sin(a))
            green.line([knot, bend, tip], 11)
            _sprig(sheet, *tip, size=104 - rank * 8)
    for k in range(15):
        green.line([knot, (800 + (k - 7) * 22, 980 + (k % 3) * 14)], 12)
    for plate in sheet.plates:
        plate.round(706, 726, 894, 800, 22, 0)
    yellow.round(706, 726, 894, 800, 22, 40)
    red.line([(716, 750), (884, 746)], 8)
    red.line([(716, 778), (884, 774)], 8)


def _sprig(sheet: Sheet, x: float, y: float, *, size: float) -> None:
    """Draw a leaf of three lobes, each of them scalloped, knocked out of whatever lies below."""
    turn = sheet.rnd.uniform(-0.5, 0.5)
    for lobe in (-1.15, 0.0, 1.15):
        a = -math.pi / 2 + lobe + turn
        cx, cy = x + size * 0.62 * math.cos(a), y + size * 0.62 * math.sin(a)
        outline = []
        for i in range(40):
            b = 2 * math.pi * i / 40
            reach = size * 0.52 * (1 + 0.16 * math.cos(5 * (b - a)))
            outline.append((cx + reach * math.cos(b), cy + reach * math.sin(b)))
        for plate in sheet.plates[:2]:
            plate.poly(outline, 0, 1)
        sheet.plates[2].poly(outline, 255, 1)
        sheet.plates[0].poly(outline, 150, 1)
        for plate in sheet.plates[2:]:
            plate.line([(x, y), (cx, cy)], 5, 0, 0.5)


def chili(sheet: Sheet) -> None:
    """Draw strings of chilies drying on a wall, a door between them."""
    yellow, red, green = sheet.plates
    yellow.fade((0, 0, W, H), 110, 200)
    for row in range(9):
        y = 20 + row * 112
        green.line([(0, y), (W, y + 6)], 3, 80)
        for i in range(9):
            x = i * 200 + (row % 2) * 100
            green.line([(x, y), (x, y + 112)], 3, 80)
    for plate in sheet.plates:
        plate.box(610, 170, 990, H, 0)
    green.box(610, 170, 990, H, 255)
    green.box(640, 204, 960, H, 170)
    green.box(794, 204, 806, H, 255)
    for cx in (716, 884):
        _diamond(sheet, cx, 430)
    for x, count in ((110, 11), (290, 13), (470, 10), (1130, 10), (1310, 13), (1490, 11)):
        _string_of_chilies(sheet, x, count)
    red.fade((0, 880, W, H), 0, 120)


def _diamond(sheet: Sheet, cx: float, cy: float) -> None:
    yellow, red, green = sheet.plates
    diamond = [(cx, cy - 92), (cx + 66, cy), (cx, cy + 92), (cx - 66, cy)]
    for plate, tone in ((green, 0), (red, 255), (yellow, 110)):
        plate.poly(diamond, tone)
    pepper = [(cx - 12, cy - 40), (cx + 18, cy - 36), (cx + 12, cy + 8), (cx - 20, cy + 50), (cx - 8, cy)]
    red.poly(smoothed(pepper), 0, 1)
    yellow.poly(smoothed(pepper), 255, 1)


def _string_of_chilies(sheet: Sheet, x: float, count: int) -> None:
    yellow, red, green = sheet.plates
    green.line([(x, 30), (x, 70 + count * 60)], 7)
    for k in range(count * 2):
        side = 1 if k % 2 else -1
        top, sway = 86 + k * 30, sheet.rnd.uniform(-14, 14)
        pod = [(x + side * 4, top), (x + side * 44, top + 6), (x + side * 66, top + 50 + sway)]
        pod += [(x + side * 58, top + 118 + sway), (x + side * 40, top + 60 + sway), (x + side * 10, top + 30)]
        for plate in sheet.plates:
            plate.poly(smoothed(pod), 0, 1)
        red.poly(smoothed(pod), 255 if k % 5 else 170, 1)
        yellow.poly(smoothed(pod), 255 if k % 3 == 0 else 60, 1)
        green.disc(x + side * 12, top + 8, 13, 10)


def steamer(sheet: Sheet) -> None:
    """Draw the breakfast shop before dawn: one lamp, a tower of baskets, the first steam."""
    yellow, red, green = sheet.plates
    green.fade((0, 0, W, H), 235, 200)
    red.fade((0, 0, W, H), 120, 40)
    yellow.glow(800, 300, 760, 255)
    light = [(680, 140), (920, 140), (1540, H), (60, H)]
    green.poly(light, 60)
    red.poly(light, 0)
    yellow.poly(light, 150)
    shade = [(690, 50), (910, 50), (990, 146), (610, 146)]
    for plate in sheet.plates:
        plate.poly(shade, 0)
        plate.disc(800, 152, 60, 48, 0)
    red.poly(shade)
    green.line([(800, 0), (800, 50)], 9)
    for plate in sheet.plates:
        plate.box(0, 850, W, H, 0)
    green.box(0, 850, W, H)
    red.box(0, 850, W, 884, 255)
    for x, stack in ((400, 2), (800, 3), (1200, 2)):
        for level in range(stack):
            _basket(sheet, x, 850 - level * 110)
        _steam(sheet, x, 850 - stack * 110 - 40)


def _basket(sheet: Sheet, cx: float, bottom: float) -> None:
    yellow, red, green = sheet.plates
    for plate in sheet.plates:
        plate.round(cx - 168, bottom - 106, cx + 168, bottom, 16, 0)
    yellow.round(cx - 168, bottom - 106, cx + 168, bottom, 16, 235)
    red.round(cx - 168, bottom - 106, cx + 168, bottom - 80, 12, 110)
    red.box(cx - 168, bottom - 26, cx + 168, bottom - 2, 110)
    for k in range(9):
        green.line([(cx - 150 + k * 37, bottom - 78), (cx - 150 + k * 37, bottom - 28)], 4, 255, 0.6)
    green.line([(cx - 168, bottom), (cx + 168, bottom)], 6)


def _steam(sheet: Sheet, cx: float, bottom: float) -> None:
    """Let steam rise as bare paper, wider and wider."""
    for i, dx in enumerate((-90, 0, 90)):
        curl = [(cx + dx + 30 * math.sin(k * 0.8 + i), bottom - k * 26) for k in range(6 + i % 2 * 2)]
        for plate in sheet.plates:
            plate.line(curl, 24, 0)
        sheet.plates[0].line(curl, 24, 30)


def thermos(sheet: Sheet) -> None:
    """Draw three flasks: a wedding present, an office one, one that tells the temperature."""
    yellow, red, green = sheet.plates
    yellow.fade((0, 0, W, 700), 30, 120)
    for i in range(0, W, 100):
        yellow.box(i, 0, i + 46, 690, 150)
    red.box(0, 690, W, H, 235)
    yellow.box(0, 690, W, H, 120)
    for cx, half, top in ((370, 150, 340), (820, 116, 340), (1230, 96, 340)):
        shadow = [(cx + half - 20, 860), (cx + half + 240, 800), (cx + half + 260, 840), (cx - half + 30, 900)]
        green.poly(shadow, 190)
        for plate in sheet.plates:
            plate.round(cx - half, top, cx + half, 880, 46, 0)
    for plate in sheet.plates:
        plate.poly([(220, 360), (296, 180), (444, 180), (520, 360)], 0)
        plate.round(310, 84, 430, 200, 20, 0)
        plate.round(728, 250, 912, 420, 22, 0)
    _wedding_flask(sheet, 370)
    _office_flask(sheet, 820)
    _clever_flask(sheet, 1230)


def _wedding_flask(sheet: Sheet, cx: float) -> None:
    yellow, red, green = sheet.plates
    red.round(cx - 150, 300, cx + 150, 880, 40)
    red.poly([(cx - 150, 330), (cx - 70, 190), (cx + 70, 190), (cx + 150, 330)])
    yellow.round(cx - 60, 120, cx + 60, 200, 20)
    for plate in (yellow, red):
        plate.round(cx - 50, 84, cx + 50, 150, 16, 200)
    for x, y, size in ((cx - 40, 520, 70), (cx + 50, 610, 56), (cx - 20, 690, 46)):
        for k in range(5):
            a = 2 * math.pi * k / 5
            red.disc(x + size * 0.6 * math.cos(a), y + size * 0.6 * math.sin(a), size * 0.52, tone=0)
            yellow.disc(x + size * 0.6 * math.cos(a), y + size * 0.6 * math.sin(a), size * 0.5, tone=90)
        red.disc(x, y, size * 0.3)
    green.line([(cx + 150, 380), (cx + 230, 420), (cx + 230, 640), (cx + 150, 680)], 26)
    for y in (352, 826):
        yellow.box(cx - 150, y, cx + 150, y + 18)


def _office_flask(sheet: Sheet, cx: float) -> None:
    yellow, red, green = sheet.plates
    green.round(cx - 116, 330, cx + 116, 880, 40)
    green.round(cx - 92, 250, cx + 92, 340, 22, 190)
    green.round(cx - 80, 420, cx - 44, 800, 18, 90)
    for plate, tone in ((green, 0), (yellow, 255), (red, 90)):
        plate.round(cx - 20, 560, cx + 90, 670, 10, tone)
    green.line([(cx, 600), (cx + 70, 598)], 7)
    green.line([(cx, 630), (cx + 46, 630)], 7)


def _clever_flask(sheet: Sheet, cx: float) -> None:
    yellow, red, green = sheet.plates
    yellow.round(cx - 96, 410, cx + 96, 880, 44, 70)
    green.round(cx - 96, 410, cx + 96, 880, 44, 40)
    green.round(cx - 96, 330, cx + 96, 424, 36, 255)
    red.disc(cx, 376, 34)
    green.disc(cx, 376, 34, tone=0)
    yellow.disc(cx, 376, 34)
    green.box(cx - 96, 424, cx + 96, 434)
    green.round(cx + 50, 460, cx + 72, 830, 11, 130)
    _steam(sheet, cx, 300)


def noodle(sheet: Sheet) -> None:
    """Draw one bowl and the strand that is still being pulled out of it."""
    yellow, red, green = sheet.plates
    red.fade((0, 0, W, H), 200, 235)
    yellow.disc(800, 330, 290)
    red.disc(800, 330, 290, tone=0)
    for k in range(9):
        _strand(sheet, 640 + k * 40, bow=k)
    for dx in (0, 54):
        for plate in sheet.plates:
            plate.line([(420, 60 + dx), (1400, 130 + dx * 0.4)], 26, 0)
        green.line([(420, 60 + dx), (1400, 130 + dx * 0.4)], 22)
    bowl = [(360, 600), (1240, 600), (1170, 780), (1000, 900), (600, 900), (430, 780)]
    for plate in sheet.plates:
        plate.poly(bowl, 0)
        plate.disc(800, 600, 446, 96, 0)
    green.poly(bowl, 255)
    green.disc(800, 600, 446, 96, 255)
    for plate, tone in ((green, 0), (red, 150), (yellow, 255)):
        plate.disc(800, 602, 404, 74, tone)
    for k in range(9):
        x = 640 + k * 40
        for plate, tone in ((red, 0), (yellow, 90)):
            plate.line([(x, 520), (x + 6, 606)], 20, tone)
    for x, y in ((500, 598), (560, 632), (1060, 590), (1120, 616), (990, 638)):
        green.disc(x, y, 20, 12)
        green.disc(x, y, 9, 5, 0)
    for k in range(13):
        yellow.disc(440 + k * 60, 720 + 26 * math.sin(k * 0.26 + 0.2), 16)
        green.disc(440 + k * 60, 720 + 26 * math.sin(k * 0.26 + 0.2), 16, tone=0)
    green.poly([(620, 900), (980, 900), (950, 950), (650, 950)])


def _strand(sheet: Sheet, x: float, *, bow: int) -> None:
    strand = [(x + 14 * math.sin(j * 0.7 + bow), 90 + j * 70) for j in range(8)]
    for plate in sheet.plates:
        plate.line(strand, 24, 0)
    sheet.plates[0].line(strand, 20, 90)


SCENES: dict[str, Scene] = {
    "bowls": bowls,
    "teahouse": teahouse,
    "coriander": coriander,
    "chili": chili,
    "steamer": steamer,
    "thermos": thermos,
    "noodle": noodle,
}
