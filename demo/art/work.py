"""Draw work: trains, waiting rooms, stamps."""

import math

from demo.art.press import H, Scene, Sheet, W, smoothed, turned


def train(sheet: Sheet) -> None:
    """Draw the 05:42, leaving."""
    orange, sky, blue = sheet.plates
    sky.fade((0, 0, W, 640), 170, 10)
    sky.disc(1210, 330, 190, tone=0)
    orange.disc(1210, 330, 190)
    blue.poly([(0, 560), (240, 430), (420, 500), (700, 360), (960, 520), (1240, 440), (1600, 540), (1600, 660), (0, 660)], 110)
    for i in range(5):
        x = 150 + i * 330
        blue.line([(x, 660), (x, 250)], 9)
        blue.line([(x, 300), (x + 120, 300)], 6)
    blue.line([(0, 262), (W, 238)], 4)
    nose = [(0, 500), (760, 500), (980, 520), (1180, 580), (1340, 670), (1420, 760), (1400, 800), (0, 800)]
    blue.poly(nose, 0)
    sky.poly(nose, 40)
    orange.poly(nose, 0)
    blue.poly([(0, 700), (1380, 716), (1420, 760), (1400, 800), (0, 800)])
    orange.poly([(0, 676), (1350, 690), (1380, 716), (0, 702)])
    blue.poly([(1010, 560), (1150, 592), (1240, 640), (1060, 636)])
    for i in range(8):
        blue.round(20 + i * 112, 560, 20 + i * 112 + 70, 622, 14)
        if i in (2, 5):
            orange.round(20 + i * 112, 560, 20 + i * 112 + 70, 622, 14)
            blue.round(20 + i * 112, 560, 20 + i * 112 + 70, 622, 14, 60)
    blue.box(0, 830, W, 852)
    sky.fade((0, 852, W, H), 200, 60)
    for i in range(22):
        blue.box(i * 76 - 10, 860, i * 76 + 26, 884, 200)
    for y, x, w in ((900, 200, 500), (930, 820, 620), (962, 90, 340)):
        blue.line([(x, y), (x + w, y - 4)], 7, 150)


def waiting(sheet: Sheet) -> None:
    """Draw a row of seats, a clock, one person who is paid to be here."""
    orange, sky, blue = sheet.plates
    sky.fade((0, 0, W, 700), 46, 120)
    orange.box(0, 700, W, H, 150)
    sky.disc(1180, 260, 172, tone=0)
    blue.disc(1180, 260, 176)
    blue.disc(1180, 260, 152, tone=0)
    for k in range(12):
        a = k * math.pi / 6
        blue.line(
            [(1180 + 122 * math.cos(a), 260 + 122 * math.sin(a)), (1180 + 138 * math.cos(a), 260 + 138 * math.sin(a))],
            8,
        )
    blue.line([(1180, 260), (1180, 158)], 11)
    blue.line([(1180, 260), (1110, 312)], 14)
    orange.disc(1180, 260, 18)
    for i in range(6):
        x = 90 + i * 246
        for plate in (sky, orange):
            plate.round(x, 470, x + 190, 640, 40, 255 if plate is orange else 0)
            plate.round(x - 6, 640, x + 200, 700, 26, 255 if plate is orange else 0)
        blue.box(x + 30, 700, x + 44, 820)
        blue.box(x + 146, 700, x + 160, 820)
    blue.box(40, 742, 1560, 758)
    for x, hue, lean in ((432, 255, 0), (678, 120, 16)):
        blue.disc(x + lean, 376, 56, 62, tone=hue)
        blue.poly([(x - 78, 690), (x - 62 + lean, 452), (x + 62 + lean, 452), (x + 78, 690)], hue)
        blue.poly(
            [
                (x - 78, 640),
                (x + 80, 640),
                (x + 96, 880),
                (x + 40, 880),
                (x + 18, 720),
                (x - 10, 720),
                (x - 20, 880),
                (x - 76, 880),
            ],
            hue,
        )
    orange.poly([(600, 560), (760, 540), (770, 600), (610, 620)])
    sky.box(500, 520, 596, 640)
    blue.box(120, 110, 520, 250)
    sky.box(120, 110, 520, 250, 0)
    for i in range(3):
        orange.box(150 + i * 122, 138, 240 + i * 122, 222)
        blue.box(150 + i * 122, 138, 240 + i * 122, 222, 0)
    blue.fade((0, 880, W, H), 20, 170)


def stamp(sheet: Sheet) -> None:
    """Draw a seal on its way down to the only empty square of a form."""
    orange, sky, blue = sheet.plates
    sky.fade((0, 0, W, H), 210, 90)
    form = turned([(270, 250), (1330, 250), (1330, 1100), (270, 1100)], (800, 600), -4)
    blue.poly([(x + 22, y + 26) for x, y in form], 200)
    for plate in sheet.plates:
        plate.poly(form, 0)
    for row in range(6):
        y = 360 + row * 74
        blue.line(turned([(350, y), (350 + (450, 380, 470, 300)[row % 4], y)], (800, 600), -4), 14, 150)
    blue.poly(turned([(350, 290), (760, 290), (760, 320), (350, 320)], (800, 600), -4))
    for x, y, turn in ((430, 890, 12), (590, 940, -20)):
        _impression(sheet, x, y, turn)
    frame = [(860, 690), (1240, 690), (1240, 960), (860, 960), (860, 690)]
    blue.line(frame, 7)
    blue.poly([(900, 720), (1200, 720), (1214, 800), (886, 800)], 120)
    for plate in sheet.plates:
        plate.round(890, 560, 1210, 690, 26, 0)
        plate.poly([(990, 570), (1000, 300), (1100, 300), (1110, 570)], 0)
        plate.disc(1050, 230, 118, 110, 0)
    orange.round(890, 560, 1210, 690, 26)
    orange.poly([(990, 570), (1000, 300), (1100, 300), (1110, 570)])
    orange.disc(1050, 230, 118, 110)
    blue.round(890, 640, 1210, 700, 16)
    blue.line([(1000, 390), (1100, 390)], 9)
    sky.disc(1012, 190, 26, 34, 0)


def _impression(sheet: Sheet, x: float, y: float, turn: float) -> None:
    orange = sheet.plates[0]
    for half, top, bottom, tone in ((62, -62, 62, 190), (44, -24, -9, 0), (44, 8, 23, 0)):
        bar = [(x - half, y + top), (x + half, y + top), (x + half, y + bottom), (x - half, y + bottom)]
        orange.poly(turned(bar, (x, y), turn), tone)


def cat(sheet: Sheet) -> None:
    """Draw the office cat on everybody's keyboard."""
    orange, sky, blue = sheet.plates
    sky.fade((0, 0, W, H), 60, 150)
    _keyboard(sheet)
    body = [(330, 760), (350, 560), (560, 420), (840, 380), (1100, 430), (1270, 600), (1240, 800), (800, 850)]
    tail = [(1180, 720), (1420, 720), (1480, 540), (1380, 420), (1340, 460), (1400, 560), (1360, 640), (1180, 640)]
    for shape in (tail, body):
        for plate in sheet.plates:
            plate.poly(smoothed(shape, 2), 0, 1)
        orange.poly(smoothed(shape, 2), 255, 1)
    for k in range(5):
        x, y = 700 + k * 112, 376 + abs(k - 1) * 15
        blue.poly([(x, y), (x + 44, y + 4), (x + 20, y + 140)], 190)
    _cat_head(sheet)
    blue.box(1010, 70, 1500, 310, 255)
    blue.box(1030, 90, 1480, 290, 60)
    for k in range(4):
        orange.line([(1060, 130 + k * 40), (1200 + (k * 67) % 220, 130 + k * 40)], 12)


def _keyboard(sheet: Sheet) -> None:
    orange, sky, blue = sheet.plates
    case = [(200, 620), (1400, 620), (1500, 940), (100, 940)]
    for plate in sheet.plates:
        plate.poly(case, 0)
    blue.poly(case)
    for row in range(5):
        left, y = 220 - row * 18, 640 + row * 58
        pitch = (W - 2 * left) / 15
        for k in range(15):
            x = left + k * pitch
            blue.box(x + 5, y, x + pitch - 5, y + 44, 0, 1)
            sky.box(x + 5, y, x + pitch - 5, y + 44, 40, 1)
    orange.box(1310, 872, 1444, 916)


def _cat_head(sheet: Sheet) -> None:
    orange, _, blue = sheet.plates
    head = [(226, 580), (216, 350), (330, 440), (450, 440), (566, 350), (556, 580), (500, 720), (390, 760), (280, 720)]
    for plate in sheet.plates:
        plate.poly([(390 + (x - 390) * 1.06, 570 + (y - 570) * 1.06) for x, y in head], 0, 1)
    orange.poly(head, 255, 1)
    for ear in ([(246, 410), (300, 452), (252, 500)], [(536, 410), (480, 452), (530, 500)]):
        orange.poly(ear, 120, 1)
    for k in range(3):
        blue.poly([(350 + k * 30, 442), (374 + k * 30, 442), (364 + k * 30, 500)], 190)
    for x in (310, 470):
        blue.line([(x - 36, 570), (x, 592), (x + 36, 570)], 9)
    blue.poly([(370, 634), (412, 634), (391, 660)])
    blue.line([(391, 660), (391, 684), (360, 700)], 5)
    blue.line([(391, 684), (422, 700)], 5)
    for side in (-1, 1):
        for drop in (0, 26):
            blue.line([(391 + side * 70, 652 + drop), (391 + side * 210, 636 + drop * 2)], 4)


SCENES: dict[str, Scene] = {"train": train, "waiting": waiting, "stamp": stamp, "cat": cat}
