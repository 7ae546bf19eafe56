"""The colours of a magazine: readable, whatever its editor chooses."""

import pytest
from django.core.cache import cache
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from magazine import theme
from magazine.models import DEFAULT_ACCENT, Identity

colours = st.integers(min_value=0, max_value=0xFFFFFF).map(lambda number: f"#{number:06x}")


def set_identity(**fields: object) -> None:
    Identity.load()
    Identity.objects.update(**fields)
    cache.clear()


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#ffffff", "#777777", 4.48), ("#c2311c", "#c2311c", 1.0)],
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert theme.contrast(one, other) == pytest.approx(ratio, abs=0.005)


@settings(max_examples=400)
@given(colours)
def test_text_in_any_accent_is_readable_on_every_paper(accent):
    palette = theme.palette_for(accent)
    for ground in (*theme.LIGHT_GROUNDS, palette.wash_light):
        assert theme.contrast(palette.text_light, ground) >= theme.AA
    for ground in (*theme.DARK_GROUNDS, palette.wash_dark):
        assert theme.contrast(palette.text_dark, ground) >= theme.AA


@settings(max_examples=400)
@given(colours)
def test_what_stands_on_any_accent_is_readable(accent):
    palette = theme.palette_for(accent)
    assert theme.contrast(palette.on_fill, palette.fill) >= theme.AA


@settings(max_examples=200)
@given(colours)
def test_plain_text_on_any_wash_is_readable(accent):
    palette = theme.palette_for(accent)
    assert theme.contrast("#1b1714", palette.wash_light) >= theme.AA
    assert theme.contrast("#ece5d9", palette.wash_dark) >= theme.AA


def test_a_colour_that_is_readable_already_stays_as_it_was_chosen():
    assert theme.palette_for("#7a1f12").text_light == "#7a1f12"
    assert theme.palette_for("#7a1f12").fill == "#7a1f12"


def test_the_default_accent_needs_no_stylesheet_of_its_own(client: Client, db):
    assert theme.stylesheet_url(DEFAULT_ACCENT) == theme.stylesheet_url(DEFAULT_ACCENT.upper()) == ""
    assert "/theme-" not in client.get("/").content.decode()


def test_a_page_links_the_stylesheet_of_its_accent_which_is_kept_for_ever(client: Client, db):
    set_identity(accent="#00AA88")
    url = theme.stylesheet_url("#00AA88")
    assert f'<link rel="stylesheet" href="{url}">' in client.get("/").content.decode()
    response = client.get(url)
    assert response.headers["Content-Type"].startswith("text/css")
    assert "immutable" in response.headers["Cache-Control"]
    assert "--accent:#00aa88" in response.content.decode()


def test_a_stylesheet_is_made_for_colours_only(client: Client, db):
    assert client.get("/theme-red}*{x-12345678.css").status_code == 404


def test_the_icon_shows_the_seal_or_else_the_initial(client: Client, db):
    set_identity(name="Harbour", seal="楼下")
    assert "楼" in client.get("/favicon.ico", follow=True).content.decode()
    set_identity(name="<Harbour>", seal="")
    icon = client.get("/favicon.ico", follow=True)
    assert icon.headers["Content-Type"] == "image/svg+xml"
    assert "&lt;</text>" in icon.content.decode()


def test_the_manifest_names_the_magazine(client: Client, db):
    set_identity(name="Harbour")
    assert client.get("/manifest.webmanifest").json()["name"] == "Harbour"
