"""Print the scenes and keep them as compressed pictures."""

import sys
from pathlib import Path

from PIL import Image, ImageFilter

from demo.art import home, screens, street, table, words, work
from demo.art.press import H, Scene, Sheet, W

PRINTS = Path(__file__).parent / "prints"
# Half a megabyte of dots would be the heaviest thing on a page; the first quality that fits the budget is taken.
BUDGET_BYTES = 150 * 1024
QUALITIES = (40, 34, 28, 24, 20, 16, 12)
SECTIONS: dict[str, dict[str, Scene]] = {
    "street": street.SCENES,
    "screens": screens.SCENES,
    "table": table.SCENES,
    "work": work.SCENES,
    "words": words.SCENES,
    "home": home.SCENES,
}
SCENES: dict[str, Scene] = {name: scene for scenes in SECTIONS.values() for name, scene in scenes.items()}
PALETTE_OF: dict[str, str] = {name: section for section, scenes in SECTIONS.items() for name in scenes}


def print_scene(name: str, *, width: int = W) -> Image.Image:
    """Return the named scene as a print of so many pixels across, in proportions of 8 to 5.

    Raises KeyError for a name that is not in SCENES.
    """
    sheet = Sheet(name, PALETTE_OF[name])
    SCENES[name](sheet)
    picture = sheet.pressed()
    if width == W:
        return picture
    return picture.resize((width, width * H // W), Image.Resampling.LANCZOS)


def keep(name: str) -> Path:
    """Print a scene and write it to its place among the prints, at the best quality that fits the budget."""
    path = PRINTS / f"{name}.webp"
    # A breath of blur takes the sharpest edge off the dots, which saves a third of the bytes and is not seen.
    picture = print_scene(name).filter(ImageFilter.GaussianBlur(0.9))
    for quality in QUALITIES:
        picture.save(path, quality=quality, method=6)
        if path.stat().st_size <= BUDGET_BYTES:
            break
    return path


def main(names: list[str]) -> None:
    """Print the named scenes, or all."""
    for name in names or SCENES:
        path = keep(name)
        sys.stdout.write(f"{path.name}: {path.stat().st_size // 1024} KB\n")


if __name__ == "__main__":
    main(sys.argv[1:])
