"""Colours from the one an editor chose, so that text stays readable on every paper (WCAG 2.2 AA)."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.urls import reverse

from magazine.models import DEFAULT_ACCENT, Identity

AA = 4.5
# The grounds of tokens.css on which accent text may stand: paper, low and high. Marked text stands on a wash of the accent.
LIGHT_GROUNDS = ("#faf7f0", "#f1ebdf", "#fffdf8")
DARK_GROUNDS = ("#1c1916", "#151210", "#26211d")
WASH_LIGHT = 0.16
WASH_DARK = 0.24
ON_FILL_LIGHT = "#fffaf2"
ON_FILL_DARK = "#1b1714"
STEPS = 256

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    """The accent tokens of tokens.css; text and wash differ between light and dark."""

    accent: str
    text_light: str
    text_dark: str
    wash_light: str
    wash_dark: str
    fill: str
    on_fill: str

    def stylesheet(self) -> str:
        """Return the rules that set the tokens, after those of the default theme."""
        return (
            f":root{{--accent:{self.accent};--accent-text:light-dark({self.text_light},{self.text_dark});"
            f"--accent-fill:{self.fill};--on-accent:{self.on_fill};--wash:light-dark({self.wash_light},{self.wash_dark})}}"
        )


def palette_for(accent: str) -> Palette:
    """Compute the tokens of an accent colour given as #rrggbb."""
    wash_light = mixed(LIGHT_GROUNDS[0], accent, WASH_LIGHT)
    wash_dark = mixed(DARK_GROUNDS[0], accent, WASH_DARK)
    on_fill = ON_FILL_DARK if contrast(ON_FILL_DARK, accent) > contrast(ON_FILL_LIGHT, accent) else ON_FILL_LIGHT
    return Palette(
        accent=accent.lower(),
        text_light=readable(accent, (*LIGHT_GROUNDS, wash_light), towards="#000000"),
        text_dark=readable(accent, (*DARK_GROUNDS, wash_dark), towards="#ffffff"),
        wash_light=wash_light,
        wash_dark=wash_dark,
        # A middling colour carries neither ink: it gives way until it does.
        fill=readable(accent, (on_fill,), towards="#ffffff" if on_fill == ON_FILL_DARK else "#000000"),
        on_fill=on_fill,
    )


def readable(colour: str, grounds: Iterable[str], *, towards: str) -> str:
    """Return the colour nearest to one given that has AA contrast on every ground, on the way towards black or white."""
    grounds = tuple(grounds)
    return nearest(colour, towards, lambda shade: all(contrast(shade, ground) >= AA for ground in grounds))


def nearest(colour: str, towards: str, is_good: Callable[[str], bool]) -> str:
    """Return the first good colour on the way from one to another; the other if none is."""
    for step in range(STEPS):
        shade = mixed(colour, towards, step / (STEPS - 1))
        if is_good(shade):
            return shade
    return towards


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, 0 to 1 (WCAG 2.2, "relative luminance")."""
    red, green, blue = (linear(channel / 255) for channel in channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def linear(value: float) -> float:
    """Undo the gamma of an sRGB channel between 0 and 1."""
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def mixed(one: str, other: str, share: float) -> str:
    """Mix two colours, with a share of the second between 0 and 1."""
    pairs = zip(channels(one), channels(other), strict=True)
    return "#" + "".join(f"{round(first + (second - first) * share):02x}" for first, second in pairs)


def channels(colour: str) -> Colour:
    """Return the three channels of #rrggbb."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def stylesheet_url(accent: str) -> str:
    """Return the address of the accent's stylesheet; empty for the default, which tokens.css already sets."""
    if accent.lower() == DEFAULT_ACCENT:
        return ""
    return reverse("magazine:theme", args=[accent.lower().lstrip("#"), version_of(palette_for(accent).stylesheet())])


def icon(identity: Identity) -> str:
    """Return the magazine's icon as SVG: its seal or the initial of its name on the accent."""
    from django.template.loader import render_to_string

    palette = palette_for(identity.accent)
    text = identity.seal or identity.name[:1]
    return render_to_string("magazine/icon.svg", {"lines": list(text[:2]), "palette": palette})


def icon_version(identity: Identity) -> str:
    """Return what changes whenever the icon does."""
    return version_of(f"{identity.seal or identity.name[:1]}{identity.accent}")


def version_of(text: str) -> str:
    """Return a short fingerprint for an address that is cached for ever."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]
