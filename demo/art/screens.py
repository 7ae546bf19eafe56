"""Draw the screens: phones, ring lights, barrages."""

from demo.art.press import H, Scene, Sheet, W


def phones(sheet: Sheet) -> None:
    """Draw five upright pictures nobody turns sideways."""
    pink, yellow, teal = sheet.plates
    pink.fade((0, 0, W, H), 26, 90)
    for i in range(5):
        x, y = 90 + i * 296, (150, 96, 190, 120, 170)[i]
        teal.round(x, y, x + 236, y + 660, 34)
        teal.round(x + 14, y + 18, x + 222, y + 642, 22, 0)
        pink.round(x + 14, y + 18, x + 222, y + 642, 22, 0)
        cx = x + 118
        if i == 0:
            yellow.round(x + 14, y + 18, x + 222, y + 642, 22, 130)
            pink.disc(cx, y + 260, 82)
            teal.poly(
                [
                    (x + 14, y + 642),
                    (x + 14, y + 480),
                    (x + 90, y + 380),
                    (x + 150, y + 470),
                    (x + 222, y + 400),
                    (x + 222, y + 642),
                ],
                170,
            )
        elif i == 1:
            pink.round(x + 14, y + 18, x + 222, y + 642, 22, 255)
            teal.disc(cx, y + 330, 62, 74)
            teal.poly([(x + 30, y + 642), (x + 60, y + 430), (x + 176, y + 430), (x + 206, y + 642)])
        elif i == 2:
            teal.round(x + 14, y + 18, x + 222, y + 642, 22, 120)
            yellow.poly([(x + 74, y + 240), (x + 74, y + 420), (x + 190, y + 330)])
            pink.poly([(x + 74, y + 240), (x + 74, y + 420), (x + 190, y + 330)], 110)
        elif i == 3:
            yellow.round(x + 14, y + 18, x + 222, y + 642, 22, 255)
            for k in range(7):
                pink.round(
                    x + 34 + (k * 37) % 70,
                    y + 60 + k * 78,
                    x + 150 + (k * 53) % 60,
                    y + 104 + k * 78,
                    22,
                    255 if k % 2 else 120,
                )
        else:
            pink.round(x + 14, y + 18, x + 222, y + 642, 22, 70)
            for k in range(6):
                teal.disc(cx, y + 340, 100 - k * 17, tone=0 if k % 2 else 230)
    teal.fade((0, 850, W, H), 60, 200)
    pink.line([(0, 906), (W, 880)], 16)


def ring(sheet: Sheet) -> None:
    """Draw the ring light, the pomelo, the three-two-one."""
    pink, yellow, teal = sheet.plates
    teal.fade((0, 0, W, H), 225, 120)
    teal.disc(800, 430, 330, tone=0)
    teal.disc(800, 430, 250, tone=120)
    pink.glow(800, 430, 620, 150)
    yellow.disc(800, 430, 322)
    yellow.disc(800, 430, 258, tone=0)
    pink.disc(800, 430, 252, tone=90)
    teal.disc(800, 400, 96, 112, tone=255)
    teal.poly([(610, 700), (650, 540), (760, 500), (840, 500), (950, 540), (990, 700)], 255)
    pink.poly([(700, 520), (800, 560), (900, 520), (930, 690), (670, 690)])
    teal.poly([(700, 520), (800, 560), (900, 520), (930, 690), (670, 690)], 0)
    teal.box(788, 740, 812, 900)
    for pl in (teal, pink, yellow):
        pl.box(0, 760, W, 1000, 0)
    pink.box(0, 760, W, 1000, 160)
    for cx, rad in ((260, 108), (430, 84), (1180, 116), (1360, 92), (1500, 70)):
        pink.disc(cx, 800, rad, tone=0)
        yellow.disc(cx, 800, rad)
        teal.disc(cx + rad * 0.2, 800 + rad * 0.16, rad * 0.8, tone=70)
        yellow.disc(cx, 800, rad)
        teal.line([(cx, 800 - rad), (cx + 22, 800 - rad - 34)], 9)
    teal.round(690, 690, 910, 980, 22)
    teal.round(704, 706, 896, 964, 12, 0)
    pink.round(704, 706, 896, 964, 12, 0)
    pink.disc(800, 830, 60)


# Where a comment flies: left edge, height, length, whether in pink.
COMMENTS = (
    (130, 124, 440, True),
    (700, 116, 250, False),
    (1090, 132, 420, True),
    (-40, 222, 330, False),
    (420, 214, 700, True),
    (1240, 230, 400, False),
    (560, 312, 190, False),
    (1180, 322, 250, True),
    (640, 430, 500, False),
    (-30, 540, 280, True),
    (900, 548, 620, True),
    (460, 660, 380, False),
    (1150, 668, 250, False),
)


def barrage(sheet: Sheet) -> None:
    """Draw a film that can hardly be seen for the comments flying over it."""
    pink, yellow, teal = sheet.plates
    teal.box(0, 0, W, H, 235)
    for plate in sheet.plates:
        plate.round(70, 80, 1530, 830, 30, 0)
    teal.fade((76, 86, 1524, 824), 90, 20)
    for plate, tone in ((teal, 0), (pink, 90), (yellow, 255)):
        plate.disc(380, 430, 200, tone=tone)
    teal.poly([(76, 690), (340, 560), (620, 700), (980, 520), (1300, 660), (1524, 580), (1524, 824), (76, 824)], 150)
    _lover(sheet, 780, 1.25)
    _lover(sheet, 1060, 1.05)
    for x, y, length, loud in COMMENTS:
        _comment(sheet, x, y, length, loud=loud)
    for plate in sheet.plates:
        plate.box(0, 836, W, H, 0)
    teal.box(0, 836, W, H, 235)
    teal.line([(120, 900), (1480, 900)], 14, 0)
    pink.line([(120, 900), (1010, 900)], 14)
    teal.disc(1010, 900, 26, tone=0)
    yellow.disc(1010, 900, 26)


def _lover(sheet: Sheet, x: float, scale: float) -> None:
    teal = sheet.plates[2]
    teal.disc(x, 530 - 96 * scale, 62 * scale, 72 * scale)
    teal.poly([(x - 140 * scale, 824), (x - 96 * scale, 520), (x + 96 * scale, 520), (x + 140 * scale, 824)])


def _comment(sheet: Sheet, x: float, y: float, length: float, *, loud: bool) -> None:
    """Draw a comment as a row of blocks, each as wide as a character."""
    pink, yellow, teal = sheet.plates
    ink = pink if loud else yellow
    step = 62
    for k in range(int(length // step)):
        left = x + k * step
        if not 80 < left < 1524 - step:
            continue
        for plate in sheet.plates:
            plate.round(left - 5, y - 5, left + 57, y + 61, 10, 0)
        ink.round(left, y, left + 52, y + 56, 6)
        teal.box(left + 12, y + 16, left + 40, y + 22, 255, 0.8)
        teal.box(left + 12 + k % 3 * 4, y + 34, left + 40, y + 40, 255, 0.8)
        teal.box(left + 23 + k % 2 * 6, y + 10, left + 29 + k % 2 * 6, y + 48, 255, 0.8)


SCENES: dict[str, Scene] = {"phones": phones, "ring": ring, "barrage": barrage}
