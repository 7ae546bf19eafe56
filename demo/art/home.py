"""Draw home: rivers, balconies, benches."""

from collections.abc import Sequence

from demo.art.press import H, Plate, Point, Scene, Sheet, W, smoothed, turned


def river(sheet: Sheet) -> None:
    """Draw the river at night, with the last ferry."""
    mint, orange, plum = sheet.plates
    r = sheet.rnd
    plum.fade((0, 0, W, 470), 235, 110)
    orange.disc(1130, 210, 118)
    plum.disc(1130, 210, 118, tone=0)
    x = -20
    while x < W:
        w, h = r.randint(60, 150), r.randint(40, 210)
        plum.box(x, 470 - h, x + w, 474, 255)
        for _ in range(h // 34):
            wx, wy = x + r.randint(8, max(9, w - 22)), 470 - r.randint(14, h)
            plum.box(wx, wy, wx + 12, wy + 14, 0, 0.8)
            orange.box(wx - 2, wy - 2, wx + 13, wy + 15, 255, 0.8)
        x += w + r.randint(0, 26)
    mint.fade((0, 470, W, H), 220, 90)
    for i in range(30):
        y = 486 + i * 18 + i * i * 0.06
        plum.line([(r.randint(-60, 200), y), (r.randint(260, 760), y + r.randint(-4, 4))], 5 + i // 4, 210)
        plum.line([(r.randint(780, 1050), y + 6), (r.randint(1200, 1680), y + 6)], 4 + i // 5, 210)
        w = 40 + i * 5 + r.randint(-22, 26)
        orange.line([(1130 - w, y), (1130 + w, y + 2)], 6 + i // 5)
    plum.poly([(300, 690), (820, 690), (770, 762), (350, 762)])
    plum.box(390, 610, 720, 692)
    plum.box(560, 560, 600, 616)
    for i in range(6):
        plum.box(412 + i * 50, 632, 444 + i * 50, 668, 0, 1)
        orange.box(408 + i * 50, 628, 448 + i * 50, 672, 255, 1)
    for i in range(6):
        orange.line([(380 + i * 18, 800 + i * 26), (740 - i * 22, 802 + i * 26)], 8)


# What hangs on a line, drawn from the peg: shirt, trousers, towel, dress.
SHIRT = [(0, 0), (60, 8), (110, 8), (170, 0), (196, 60), (150, 76), (150, 170), (20, 170), (20, 76), (-26, 60)]
TROUSERS = [(0, 0), (130, 2), (150, 166), (86, 166), (66, 60), (46, 166), (-16, 166)]
TOWEL = [(-10, 0), (210, 4), (206, 156), (-4, 150)]
DRESS = [(20, 0), (120, 0), (170, 168), (-30, 168)]
LINES = (
    (SHIRT, TOWEL, TROUSERS, DRESS, SHIRT, TROUSERS),
    (TROUSERS, DRESS, SHIRT, TOWEL, TOWEL, SHIRT),
    (TOWEL, SHIRT, DRESS, TROUSERS, SHIRT, DRESS),
)


def laundry(sheet: Sheet) -> None:
    """Draw three balconies and everything that hangs from them."""
    mint, orange, plum = sheet.plates
    mint.fade((0, 0, W, H), 200, 90)
    for k, y in enumerate((60, 386, 712)):
        plum.box(0, y + 216, W, y + 268)
        for i in range(0, W, 42):
            plum.line([(i + k * 12, y + 190), (i + k * 12, y + 220)], 7, 255, 0.6)
        plum.box(0, y + 184, W, y + 194)
        plum.line([(0, y), (W, y + 14)], 6)
        for j, cut in enumerate(LINES[k]):
            colours = ((orange, 255), (plum, 140), (orange, 120))
            _hang(sheet, cut, (50 + k * 60 + j * 256, y + 8), *colours[(j + k) % 3])
    plum.fade((0, 300, W, 326), 120, 0)
    plum.fade((0, 626, W, 652), 120, 0)


def _hang(sheet: Sheet, cut: Sequence[Point], peg: Point, ink: Plate, tone: int) -> None:
    mint, _, plum = sheet.plates
    x, y = peg
    shape = [(x + dx, y + dy) for dx, dy in cut]
    mint.poly(shape, 0)
    ink.poly(shape, tone)
    if cut is TOWEL:
        for stripe in range(4):
            plum.line([(x, y + 30 + stripe * 32), (x + 200, y + 32 + stripe * 32)], 6)
    if cut is DRESS:
        for dot in range(3):
            mint.disc(x + 40 + dot * 34, y + 70 + (dot % 2) * 40, 13)


def key(sheet: Sheet) -> None:
    """Draw a lost key on a leaf on the compound wall, lit like a portrait."""
    mint, orange, plum = sheet.plates
    plum.fade((0, 0, W, 640), 235, 150)
    for row in range(3):
        y = 640 + row * 130
        for i in range(7):
            x = i * 290 - (row % 2) * 145 - 60
            plum.box(x, y, x + 276, y + 116, 150 if (i + row) % 3 else 110)
    leaf = [(250, 610), (420, 380), (720, 270), (1050, 290), (1370, 470), (1110, 650), (780, 720), (470, 700)]
    for plate in sheet.plates:
        plate.poly(smoothed(leaf), 0, 1)
    plum.poly(smoothed([(x + 20, y + 44) for x, y in leaf]), 255, 1)
    plum.poly(smoothed(leaf), 0, 1)
    mint.poly(smoothed(leaf), 255, 1)
    plum.line([(180, 640), (560, 540), (1000, 460), (1370, 470)], 8)
    for k in range(6):
        x, y = 420 + k * 140, 578 - k * 26
        plum.line([(x, y), (x + 70, y - 130 + k * 12)], 4, 200)
        plum.line([(x, y), (x + 120, y + 84 - k * 9)], 4, 200)
    _cut_key(orange, mint, plum)
    orange.disc(1340, 170, 96)
    plum.disc(1340, 170, 96, tone=0)


def _cut_key(orange: Plate, mint: Plate, plum: Plate) -> None:
    centre = (800.0, 480.0)
    shaft = [(640, 452), (1130, 452), (1130, 560), (1090, 560), (1090, 516), (1050, 516), (1050, 574), (1006, 574)]
    shaft += [(1006, 508), (640, 508)]
    for plate, tone, drop in ((plum, 255, 16), (plum, 0, 0), (mint, 0, 0), (orange, 255, 0)):
        moved = [(x + drop, y + drop) for x, y in turned(shaft, centre, -12)]
        (bx, by), (hx, hy) = turned([(540, 480), (500, 480)], centre, -12)
        plate.poly(moved, tone, 1)
        plate.disc(bx + drop, by + drop, 128, tone=tone)
        if not drop:
            hole = {id(plum): 0, id(mint): 255, id(orange): 0}[id(plate)]
            plate.disc(hx, hy, 44, tone=hole)


def grandson(sheet: Sheet) -> None:
    """Draw two hands, an old one and a hired one, and the phone between them."""
    mint, orange, plum = sheet.plates
    mint.fade((0, 0, W, H), 120, 210)
    for i in range(9):
        mint.box(i * 190, 0, i * 190 + 90, H, 60)
    for plate in sheet.plates:
        plate.round(560, 90, 1040, 930, 56, 0)
    plum.round(560, 90, 1040, 930, 56)
    plum.round(588, 130, 1012, 890, 26, 0)
    orange.round(588, 130, 1012, 890, 26, 60)
    plum.box(620, 176, 880, 226)
    for row, tone in enumerate((255, 150, 150)):
        y = 290 + row * 120
        orange.round(616, y, 984, y + 84, 42, tone)
        for plate, ink in ((orange, 0), (plum, 0)):
            plate.disc(942 if row == 0 else 658, y + 42, 32, tone=ink)
    plum.disc(800, 762, 84)
    plum.disc(800, 762, 62, tone=0)
    plum.line([(800, 762), (800, 712)], 12)
    plum.line([(800, 762), (838, 784)], 12)
    _hand(sheet, mirrored=False, sleeve=(plum, 255))
    _hand(sheet, mirrored=True, sleeve=(orange, 255))


def _hand(sheet: Sheet, *, mirrored: bool, sleeve: tuple[Plate, int]) -> None:
    """Draw a pointing hand that comes in from the left, or mirrored from the right."""
    skin = sheet.plates[1]
    palm = [(-40, 640), (190, 600), (330, 560), (420, 500), (600, 420), (640, 440), (630, 476), (470, 570)]
    palm += [(500, 620), (480, 700), (440, 770), (330, 820), (150, 850), (-40, 870)]
    cuff = [(-40, 600), (120, 572), (170, 880), (-40, 920)]
    if mirrored:
        palm = [(W - x + 10, y - 190) for x, y in palm]
        cuff = [(W - x + 10, y - 190) for x, y in cuff]
    for plate in sheet.plates:
        plate.poly(palm, 0, 1)
        plate.poly(cuff, 0, 1)
    skin.poly(smoothed(palm), 255 if mirrored else 130, 1)
    ink, tone = sleeve
    ink.poly(cuff, tone)
    if not mirrored:
        for k in range(3):
            sheet.plates[2].line([(400 + k * 22, 610 + k * 40), (440 + k * 12, 640 + k * 42)], 5)


def bench(sheet: Sheet) -> None:
    """Draw two people, three seats and a tree that has been listening."""
    mint, orange, plum = sheet.plates
    mint.fade((0, 0, W, 720), 40, 150)
    mint.box(0, 720, W, H, 255)
    plum.fade((0, 720, W, H), 30, 150)
    orange.disc(330, 250, 130)
    plum.poly([(1160, 760), (1200, 400), (1260, 400), (1300, 760)])
    for cx, cy, rad in ((1060, 250, 150), (1240, 160, 190), (1430, 270, 150), (1180, 330, 110)):
        mint.disc(cx, cy, rad)
        plum.disc(cx + 26, cy + 22, rad * 0.82, tone=110)
    for _ in range(24):
        x, y = sheet.rnd.randint(960, 1540), sheet.rnd.randint(60, 400)
        orange.disc(x, y, 13)
    for y in (560, 616):
        plum.box(220, y, 1120, y + 30)
    plum.box(200, 690, 1140, 724)
    for x in (270, 1050):
        plum.box(x, 720, x + 28, 850)
        plum.box(x, 540, x + 20, 700)
    _sitter(sheet, 420, orange, 255, lean=-16)
    _sitter(sheet, 920, plum, 150, lean=18)
    orange.round(600, 640, 700, 692, 14)
    plum.line([(616, 640), (650, 596), (684, 640)], 7)


def _sitter(sheet: Sheet, x: float, coat: Plate, tone: int, *, lean: int) -> None:
    mint, orange, plum = sheet.plates
    body = [(x - 90, 700), (x - 78 + lean, 470), (x - 30 + lean, 430), (x + 30 + lean, 430), (x + 78 + lean, 470)]
    body += [(x + 90, 700)]
    legs = [(x - 80, 690), (x + 80, 690), (x + 84, 860), (x + 30, 860), (x + 16, 740), (x - 16, 740), (x - 30, 860)]
    legs += [(x - 84, 860)]
    for plate in sheet.plates:
        plate.poly(body, 0)
        plate.disc(x + lean * 1.6, 372, 58, 64, 0)
    coat.poly(body, tone)
    plum.poly(legs)
    orange.disc(x + lean * 1.6, 376, 54, 60, 110)
    crown = x + lean * 1.6
    plum.poly([(crown - 62, 372), (crown - 50, 306), (crown + 50, 306), (crown + 62, 372)])
    mint.disc(x + lean * 1.6, 376, 54, 60, 0)


SCENES: dict[str, Scene] = {
    "river": river,
    "laundry": laundry,
    "key": key,
    "grandson": grandson,
    "bench": bench,
}
