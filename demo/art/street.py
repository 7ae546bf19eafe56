"""Draw the street: towers, crossings, riders, lockers."""

import math

from demo.art.press import H, Point, Scene, Sheet, W, smoothed, turned


def tower(sheet: Sheet) -> None:
    """Draw the block at night, and the shop that is still open downstairs."""
    yellow, red, night = sheet.plates
    r = sheet.rnd
    night.fade((0, 0, W, 820), 210, 70)
    yellow.disc(300, 250, 128)
    night.knock_out(yellow)
    for x0, top, x1 in ((-40, 520, 220), (230, 430, 470), (1270, 380, 1480), (1490, 500, 1660)):
        night.box(x0, top, x1, 1000, 178)
    night.box(560, 90, 1190, 1000)
    night.box(640, 40, 800, 100)
    for row in range(9):
        for col in range(7):
            x, y = 600 + col * 82, 140 + row * 76
            lit = r.random()
            night.box(x, y, x + 54, y + 48, 0 if lit < 0.62 else 200, 1.4)
            if lit < 0.46:
                yellow.box(x - 3, y - 3, x + 56, y + 50, 255 if lit < 0.34 else 140, 1.4)
            if lit < 0.1:
                red.box(x, y + 22, x + 54, y + 48, 255, 1.4)
            if 0.1 < lit < 0.22:
                night.disc(x + 28, y + 24, 8, tone=255)
                night.box(x + 15, y + 32, x + 41, y + 49, 255, 1)
    night.box(0, 960, W, 1000)
    night.box(600, 836, 1150, 962, 0)
    yellow.box(596, 838, 1154, 960)
    for i in range(10):
        x = 566 + i * 62
        if i % 2 == 0:
            red.poly([(x, 800), (x + 62, 800), (x + 56, 872), (x - 6, 872)])
            night.poly([(x, 800), (x + 62, 800), (x + 56, 872), (x - 6, 872)], 0)
        else:
            night.poly([(x, 800), (x + 62, 800), (x + 62, 872), (x, 872)], 0)
            yellow.poly([(x, 800), (x + 62, 800), (x + 62, 872), (x, 872)], 90)
    for x, s in ((700, 1), (752, 0.8), (930, 1), (1060, 0.9)):
        night.disc(x, 900 - 6 * s, 15 * s)
        night.poly([(x - 20 * s, 962), (x - 16 * s, 918 - 4 * s), (x + 16 * s, 918 - 4 * s), (x + 20 * s, 962)])
    yellow.glow(875, 960, 420, 120)


def exam(sheet: Sheet) -> None:
    """Draw a hall of desks; one chair is still empty."""
    yellow, red, night = sheet.plates
    yellow.fade((0, 0, W, H), 40, 110)
    for row in range(6):
        for col in range(8):
            x = 40 + col * 200 + (row % 2) * 14
            y = 30 + row * 168
            empty = (row, col) == (3, 5)
            night.box(x + 10, y + 14, x + 156, y + 92, 90)
            for pl in (night, yellow):
                pl.box(x, y, x + 146, y + 80, 0)
            night.box(x, y, x + 146, y + 80, 60)
            night.box(x + 36, y + 10, x + 96, y + 66, 0, 1)
            if empty:
                red.box(x, y, x + 146, y + 80)
                night.box(x, y, x + 146, y + 80, 0)
                red.disc(x + 74, y + 124, 34, 22, 130)
            else:
                coat = red if (row * 5 + col * 3) % 7 == 0 else yellow
                for plate in (night, yellow):
                    plate.disc(x + 74, y + 128, 62, 30, 0)
                coat.disc(x + 74, y + 128, 62, 30, 255 if (row * 3 + col) % 4 else 120)
                night.disc(x + 74, y + 116, 27, 29)
                night.line([(x + 112, y + 84), (x + 90, y + 44)], 7)
    red.fade((0, 0, W, 300), 90, 0)


def rider(sheet: Sheet) -> None:
    """Draw a delivery in the rain."""
    yellow, red, night = sheet.plates
    r = sheet.rnd
    night.fade((0, 0, W, 760), 190, 60)
    for _ in range(70):
        x, y = r.randint(-100, W), r.randint(-80, 820)
        ln = r.randint(50, 150)
        night.line([(x, y), (x - ln * 0.32, y + ln)], 3, 255, 0.4)
    yellow.poly([(930, 560), (1600, 420), (1600, 820), (930, 640)], 190)
    night.poly([(940, 570), (1600, 440), (1600, 800), (940, 634)], 0)
    night.box(0, 820, W, 1000)
    for cx in (500, 930):
        night.disc(cx, 770, 96)
        night.disc(cx, 770, 56, tone=90)
        yellow.disc(cx, 770, 24)
    night.poly([(470, 720), (860, 730), (900, 640), (850, 560), (800, 660), (620, 670), (470, 660)])
    night.line([(860, 600), (930, 770)], 24)
    night.line([(850, 570), (920, 520)], 16)
    for pl in (night, red):
        pl.box(380, 420, 610, 650, 0, turn=-3)
    yellow.box(380, 420, 610, 650, turn=-3)
    red.box(380, 516, 610, 560, turn=-3)
    body = [
        (620, 670),
        (640, 470),
        (740, 400),
        (800, 440),
        (790, 520),
        (880, 545),
        (872, 580),
        (760, 570),
        (740, 640),
        (800, 690),
        (780, 760),
        (700, 700),
    ]
    night.poly(body, 0)
    red.poly(body)
    night.disc(790, 350, 62, tone=0)
    yellow.disc(790, 350, 66)
    night.box(800, 336, 860, 370)
    for i, y in enumerate((860, 900, 944)):
        yellow.line([(360 - i * 60, y), (1080 + i * 160, y + 4)], 12 - i * 2, 200)
        night.line([(360 - i * 60, y), (1080 + i * 160, y + 4)], 12 - i * 2, 90)


def umbrellas(sheet: Sheet) -> None:
    """Draw a crossing in the rain, from the ninth floor."""
    yellow, red, night = sheet.plates
    r = sheet.rnd
    night.fade((0, 0, W, H), 150, 215)
    for i in range(8):
        shape = [(60 + i * 210, 0), (180 + i * 210, 0), (60 + i * 210 - 40, H), (-60 + i * 210 - 40, H)]
        night.poly(shape, 34)
    spots = [
        (240, 230, 150),
        (640, 180, 126),
        (1020, 300, 168),
        (1400, 190, 140),
        (420, 580, 172),
        (830, 640, 134),
        (1240, 640, 158),
        (180, 860, 128),
        (620, 900, 140),
        (1040, 930, 122),
        (1480, 880, 150),
    ]
    for i, (cx, cy, rad) in enumerate(spots):
        a0 = r.uniform(0, 1)
        night.disc(cx + 22, cy + 30, rad, tone=255)
        pts = [(cx + rad * math.cos(a0 + k * math.pi / 4), cy + rad * math.sin(a0 + k * math.pi / 4)) for k in range(8)]
        for pl in (night, red, yellow):
            pl.poly(pts, 0)
        ink = (red, yellow, night)[i % 3] if i != 5 else red
        for k in range(8):
            tri = [(cx, cy), pts[k], pts[(k + 1) % 8]]
            ink.poly(tri, 255 if k % 2 else (120 if ink is not night else 60), 0.6)
            if i == 5:
                yellow.poly(tri, 255, 0.6)
        night.disc(cx, cy, 9)


def lockers(sheet: Sheet) -> None:
    """Draw a wall of parcel lockers at night, one door open and lit."""
    yellow, red, night = sheet.plates
    night.fade((0, 0, W, H), 235, 150)
    for plate in sheet.plates:
        plate.box(110, 110, 1490, 880, 0)
    night.box(110, 110, 1490, 880, 255)
    night.poly([(80, 112), (1520, 112), (1560, 60), (40, 60)])
    red.box(110, 112, 1490, 130)
    heights = (92, 92, 150, 92, 212)
    for column in range(8):
        x, y = 134 + column * 168, 146
        order = heights[column % 5 :] + heights[: column % 5]
        for row, height in enumerate(order):
            if column == 3:
                break
            _door(sheet, x, y, height, marked=(column * 3 + row * 2) % 7 == 0)
            y += height + 18
    _terminal(sheet, 638)
    _open_door(sheet)
    night.box(0, 920, W, H)
    yellow.poly([(960, 920), (1180, 920), (1420, H), (720, H)], 255)
    night.poly([(960, 920), (1180, 920), (1420, H), (720, H)], 60)


def _door(sheet: Sheet, x: float, y: float, height: float, *, marked: bool) -> None:
    yellow, red, night = sheet.plates
    ink, tone = (red, 255) if marked else (yellow, 235)
    night.box(x, y, x + 150, y + height, 0, 1)
    ink.box(x, y, x + 150, y + height, tone, 1)
    night.box(x + 14, y + height / 2 - 4, x + 40, y + height / 2 + 4, 255, 0.6)


def _terminal(sheet: Sheet, x: float) -> None:
    yellow, red, night = sheet.plates
    night.box(x, 146, x + 150, 856, 110)
    night.round(x + 16, 230, x + 134, 420, 8, 0)
    yellow.round(x + 16, 230, x + 134, 420, 8, 60)
    for k in range(9):
        night.box(x + 32 + k % 3 * 30, 260 + k // 3 * 34, x + 54 + k % 3 * 30, 284 + k // 3 * 34, 255, 0.8)
    red.round(x + 32, 372, x + 118, 402, 6)
    night.round(x + 30, 480, x + 120, 500, 4, 255)


def _open_door(sheet: Sheet) -> None:
    """Draw the compartment that stands open, a parcel inside, and its door swung towards the reader."""
    yellow, red, night = sheet.plates
    for plate in sheet.plates:
        plate.box(974, 400, 1124, 700, 0)
    yellow.box(974, 400, 1124, 700)
    for plate in (yellow, night):
        plate.box(1000, 560, 1100, 700, 0)
    red.box(1000, 560, 1100, 700, 190)
    yellow.box(1000, 560, 1100, 700, 90)
    red.box(1040, 560, 1058, 700)
    swung = [(1128, 396), (1270, 350), (1270, 760), (1128, 704)]
    for plate in sheet.plates:
        plate.poly(swung, 0)
    red.poly(swung)
    night.poly([(1150, 540), (1172, 536), (1172, 566), (1150, 566)])


def carpark(sheet: Sheet) -> None:
    """Draw a car park full of cars that have all come to the same pot."""
    yellow, red, night = sheet.plates
    night.fade((0, 0, W, H), 130, 190)
    cx, cy = 800.0, 500.0
    for ring, (radius, count) in enumerate(((390, 16), (560, 24), (740, 32), (920, 40))):
        for k in range(count):
            angle = 360 * k / count + ring * 6
            x, y = cx + radius * math.cos(math.radians(angle)), cy + radius * math.sin(math.radians(angle))
            if not (-90 < x < W + 90 and -90 < y < H + 90):
                continue
            _car(sheet, x, y, angle, kind=(k * 5 + ring * 3) % 7)
    for plate in sheet.plates:
        plate.disc(cx, cy, 280, tone=0)
    night.disc(cx, cy, 280)
    night.disc(cx, cy, 254, tone=0)
    red.disc(cx, cy, 250)
    yellow.disc(cx, cy, 250, tone=120)
    bare = [(cx + 60 * math.sin(k * math.pi / 10), cy - 246 + k * 49.2) for k in range(11)]
    half = [*bare, *[(cx - 248 * math.sin(math.pi * k / 10), cy + 246 * math.cos(math.pi * k / 10)) for k in range(11)]]
    red.poly(half, 0, 0.8)
    yellow.poly(half, 200, 0.8)
    night.line(bare, 12)
    for x, y, size in ((900, 380, 26), (960, 520, 34), (900, 610, 22), (700, 420, 26), (640, 560, 30), (730, 640, 20)):
        night.disc(x, y, size, tone=0)
        for plate, tone in ((red, 0), (yellow, 40)):
            plate.disc(x, y, size, tone=tone)


def _car(sheet: Sheet, x: float, y: float, angle: float, *, kind: int) -> None:
    yellow, red, night = sheet.plates

    def placed(x0: float, y0: float, x1: float, y1: float) -> list[Point]:
        corners = [(x + x0, y + y0), (x + x1, y + y0), (x + x1, y + y1), (x + x0, y + y1)]
        return turned(corners, (x, y), angle)

    shape = smoothed(placed(-70, -36, 70, 36), 2)
    night.poly([(px + 8, py + 10) for px, py in shape], 255, 0.8)
    for plate in sheet.plates:
        plate.poly(shape, 0, 0.8)
    if kind < 3:
        red.poly(shape, 255, 0.8)
    elif kind < 5:
        yellow.poly(shape, 255, 0.8)
    elif kind == 5:
        night.poly(shape, 90, 0.8)
    for window in (placed(-34, -24, -16, 24), placed(16, -24, 40, 24)):
        night.poly(window, 255, 0.6)


def bus(sheet: Sheet) -> None:
    """Draw the rain from a driver's seat, and one umbrella crossing."""
    yellow, red, night = sheet.plates
    night.fade((0, 0, W, 800), 190, 110)
    for x, top, width in ((40, 240, 220), (290, 330, 170), (1120, 200, 210), (1370, 310, 210)):
        night.box(x, top, x + width, 800, 210)
        for k in range(3):
            yellow.box(x + 30 + k * 50, top + 50 + k % 2 * 60, x + 62 + k * 50, top + 96 + k % 2 * 60, 255)
            night.box(x + 30 + k * 50, top + 50 + k % 2 * 60, x + 62 + k * 50, top + 96 + k % 2 * 60, 0)
    for _ in range(140):
        x, y = sheet.rnd.randint(0, W), sheet.rnd.randint(-40, 780)
        night.line([(x, y), (x - 12, y + sheet.rnd.randint(20, 70))], 5, 255, 0.4)
    pivot = (800.0, 850.0)
    arc = [(pivot[0] + 730 * math.cos(a / 20), pivot[1] - 730 * math.sin(a / 20)) for a in range(11, 53, 2)]
    for plate in sheet.plates:
        plate.poly([pivot, *arc], 0, 0.8)
    yellow.poly([pivot, *arc], 70, 0.8)
    for k in range(6):
        night.poly([(330 + k * 170, 700), (430 + k * 170, 700), (410 + k * 176, 790), (290 + k * 176, 790)], 60)
    _walker(sheet, 830, 430)
    night.line([pivot, arc[-1]], 20)
    night.line([(pivot[0], 830), (pivot[0] - 40, 850)], 30)
    for plate in sheet.plates:
        plate.box(0, 800, W, H, 0)
    night.box(0, 800, W, H)
    for plate, tone in ((night, 0), (red, 255)):
        plate.disc(620, 1090, 330, 250, tone)
    red.disc(620, 1090, 270, 196, 0)
    night.disc(620, 1090, 274, 200)
    red.disc(620, 1090, 84, 60)
    for plate, tone in ((night, 0), (yellow, 255)):
        for x in (1080, 1190, 1300):
            plate.disc(x, 890, 34, tone=tone)


def _walker(sheet: Sheet, x: float, y: float) -> None:
    yellow, red, night = sheet.plates
    canopy = [(x + 190 * math.cos(math.pi * k / 12), y - 150 * math.sin(math.pi * k / 12)) for k in range(13)]
    for plate in sheet.plates:
        plate.poly(canopy, 0, 0.8)
    red.poly(canopy, 255, 0.8)
    for left, right in ((-120, -40), (40, 120)):
        yellow.poly([(x, y - 150), (x + left, y), (x + right, y)], 255, 0.8)
    night.line([(x, y - 172), (x, y + 150)], 9)
    night.disc(x - 44, y + 54, 42, 46)
    night.poly([(x - 104, y + 290), (x - 84, y + 100), (x - 4, y + 100), (x + 16, y + 290)])
    night.line([(x - 20, y + 130), (x, y + 120)], 20)
    for foot in (-74, -14):
        night.line([(x + foot, y + 280), (x + foot, y + 340)], 24)


SCENES: dict[str, Scene] = {
    "tower": tower,
    "exam": exam,
    "rider": rider,
    "umbrellas": umbrellas,
    "lockers": lockers,
    "carpark": carpark,
    "bus": bus,
}
