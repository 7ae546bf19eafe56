"""Pictures that are taken in, and what readers get of them."""

import hashlib
import io
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Picture
from PIL import features

from articles import images
from articles.images import make_renditions, store_image
from articles.models import Image
from articles.tasks import make_missing_renditions
from tests.factories import make_article

pytestmark = pytest.mark.django_db

ORIENTATION, GPS, MAKER = 0x0112, 0x8825, 0x010F


def upload(picture: Picture.Image, suffix: str = "jpg", **options: Any) -> SimpleUploadedFile:
    buffer = io.BytesIO()
    picture.save(buffer, {"jpg": "JPEG"}.get(suffix, suffix.upper()), **options)
    return SimpleUploadedFile(f"Ein Bild 重庆.{suffix}", buffer.getvalue())


def plain(width: int = 900, height: int = 600, colour: str = "#c2311c", mode: str = "RGB") -> Picture.Image:
    return Picture.new(mode, (width, height), colour)


def photograph(orientation: int = 1) -> SimpleUploadedFile:
    picture = plain(60, 40)
    exif = picture.getexif()
    exif[ORIENTATION] = orientation
    exif[MAKER] = "SECRETCAMERA"
    exif.get_ifd(GPS)[2] = (48.0, 51.0, 29.0)
    return upload(picture, exif=exif)


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "gif", "avif"])
def test_each_format_is_kept_in_its_own(suffix: str) -> None:
    image = store_image(upload(plain(50, 30), suffix), title="A picture")
    assert image.file.name.endswith(suffix)
    assert (image.width, image.height) == (50, 30)
    assert image.title == "A picture"
    with image.file.open() as file:
        assert Picture.open(file).format == {"jpg": "JPEG"}.get(suffix, suffix.upper())


def test_where_and_by_what_a_photograph_was_taken_is_forgotten() -> None:
    image = store_image(photograph())
    with image.file.open() as file:
        content = file.read()
    assert b"SECRETCAMERA" not in content
    assert not dict(Picture.open(io.BytesIO(content)).getexif())


def test_a_photograph_is_turned_upright() -> None:
    image = store_image(photograph(orientation=6))
    assert (image.width, image.height) == (40, 60)


def test_bytes_after_the_picture_are_forgotten() -> None:
    file = upload(plain(20, 20), "png")
    polyglot = SimpleUploadedFile("a.png", file.read() + b"<script>alert(1)</script>")
    with store_image(polyglot).file.open() as stored:
        assert b"<script>" not in stored.read()


def test_the_same_file_twice_is_one_picture() -> None:
    first, second = store_image(photograph()), store_image(photograph())
    assert first == second
    assert Image.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'),
        ("page.jpg", b"<html><script>alert(1)</script></html>"),
        ("empty.png", b""),
        ("short.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF"),
        ("paper.pdf", b"%PDF-1.4\n"),
        ("print.tiff", b"II*\x00\x08\x00\x00\x00"),
    ],
)
def test_what_is_no_picture_for_the_web_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(ValidationError):
        store_image(SimpleUploadedFile(name, content))
    assert not Image.objects.exists()


def test_a_truncated_picture_is_refused() -> None:
    content = upload(Picture.effect_noise((300, 300), 90).convert("RGB")).read()
    with pytest.raises(ValidationError):
        store_image(SimpleUploadedFile("cut.jpg", content[: len(content) // 2]))


def test_a_bomb_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = upload(Picture.new("1", (8000, 7000)), "png")
    monkeypatch.setattr(Picture.Image, "load", lambda self: pytest.fail("it was decoded"))
    with pytest.raises(ValidationError, match="50 megapixels"):
        store_image(bomb)


def test_a_giant_bomb_is_refused_too() -> None:
    with pytest.raises(ValidationError, match="50 megapixels"):
        store_image(upload(Picture.new("1", (30_000, 30_000)), "png"))


def test_too_large_a_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_BYTES", 100)
    with pytest.raises(ValidationError, match="larger than"):
        store_image(upload(plain()))


def test_an_animation_stays_one(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = [plain(20, 20, colour) for colour in ("red", "green", "blue")]
    animation = upload(frames[0], "gif", save_all=True, append_images=frames[1:], duration=120, loop=0)
    with store_image(animation).file.open() as file:
        assert Picture.open(file).n_frames == 3
    monkeypatch.setattr(images, "MAX_ANIMATED_PIXELS", 1000)
    frames = [plain(20, 20, colour) for colour in ("red", "green", "black")]
    with pytest.raises(ValidationError, match="too long"):
        store_image(upload(frames[0], "gif", save_all=True, append_images=frames[1:]))


@pytest.mark.parametrize(
    ("width", "widths"), [(2000, [400, 800, 1200, 1600]), (1600, [400, 800, 1200, 1600]), (1000, [400, 800, 1000]), (300, [300])]
)
def test_renditions_are_never_wider_than_the_picture(width: int, widths: list[int]) -> None:
    image = store_image(upload(plain(width, width // 2)))
    renditions = make_renditions(image)
    assert [rendition.width for rendition in renditions] == widths
    for rendition in renditions:
        with rendition.file.open() as file:
            picture = Picture.open(file)
            assert picture.format == "WEBP"
            assert picture.size == (rendition.width, rendition.height)


def test_renditions_are_made_once() -> None:
    image = store_image(upload(plain()))
    first = [(rendition.pk, rendition.file.name) for rendition in make_renditions(image)]
    assert [(rendition.pk, rendition.file.name) for rendition in make_renditions(image)] == first


@pytest.mark.parametrize("mode", ["RGBA", "L", "LA", "P", "1", "I;16"])
def test_every_mode_of_colour_has_renditions(mode: str) -> None:
    picture = Picture.new(mode, (500, 300))
    assert len(make_renditions(store_image(upload(picture, "png")))) == 2


def test_a_picture_for_print_has_renditions() -> None:
    assert len(make_renditions(store_image(upload(plain(500, 300, "#000000").convert("CMYK"))))) == 2


def test_the_sweep_makes_what_a_lost_nudge_left() -> None:
    image = store_image(upload(plain()))
    assert not image.renditions.exists()
    make_missing_renditions()
    assert image.renditions.count() == 3


def test_the_sweep_goes_on_after_a_picture_whose_file_is_gone() -> None:
    kept = store_image(upload(plain()))
    Image.objects.create(file="originals/gone.jpg", width=9, height=9)
    make_missing_renditions()
    assert kept.renditions.exists()


def test_a_text_shows_the_renditions_once_they_are_there(django_capture_on_commit_callbacks) -> None:
    image = Image.objects.get(pk=store_image(upload(plain())).pk)
    article = make_article(body=f'<figure><img data-image="{image.pk}" alt="Red"></figure><p>Text.</p>')
    assert "srcset" not in article.body_html
    make_missing_renditions()
    article.refresh_from_db()
    assert f"{image.pk}-" in article.body_html and "400w" in article.body_html


def test_pillow_reads_what_we_promise() -> None:
    assert features.check("webp") and features.check("avif")


def grainy(width: int = 500, height: int = 300) -> Picture.Image:
    return Picture.effect_noise((width, height), 60).convert("RGB")


def test_renditions_get_a_lighter_twin_once() -> None:
    image = store_image(upload(grainy(), "png"))
    make_renditions(image)
    images.make_lighter_twins(image)
    for rendition in image.renditions.all():
        storage, name = rendition.file.storage, f"{rendition.file.name}.avif"
        assert rendition.is_twinned
        assert storage.size(name) < rendition.file.size
        with storage.open(name) as file:
            assert (Picture.open(file).format, Picture.open(file).size) == ("AVIF", (rendition.width, rendition.height))
    assert images.images_without_twins() == []


def test_a_twin_that_would_save_nothing_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    image = store_image(upload(grainy(400, 240), "png"))
    make_renditions(image)
    monkeypatch.setattr(images, "TWIN_QUALITY", 100)
    images.make_lighter_twins(image)
    rendition = image.renditions.get()
    assert rendition.is_twinned
    assert not rendition.file.storage.exists(f"{rendition.file.name}.avif")


def test_the_sweep_makes_the_twins_that_a_lost_nudge_left() -> None:
    image = store_image(upload(grainy(), "png"))
    make_renditions(image)
    assert images.images_without_twins() == [image]
    make_missing_renditions()
    assert images.images_without_twins() == []


def test_the_address_of_a_picture_holds_64_bits_that_only_the_picture_tells() -> None:
    picture = photograph()
    digits = hashlib.sha256(picture.read()).hexdigest()[:16]
    image = store_image(picture)
    for file in (image.file, *(rendition.file for rendition in make_renditions(image))):
        assert digits in str(file.name)
