"""Take pictures in, and make what readers get of them.

Whatever is uploaded is decoded and written anew: no location, no camera, no foreign bytes after the picture, and nothing
that isn't a picture. Readers get WebP renditions; the original is kept for the day a better format comes.
"""

import hashlib
import io
from itertools import islice
from pathlib import PurePath
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image as Picture
from PIL import ImageOps, ImageSequence

from articles.models import Image, Rendition
from articles.slugs import latin_slug
from magazine.pictures import BROKEN_PICTURE, SUFFIXES, damaged, in_srgb, open_picture, read_upload

MAX_BYTES = 40 * 1024 * 1024
# Of the checksum, in a picture’s address: 64 bits, so that what stands behind the wall can’t be guessed from its name.
NAME_DIGITS = 16
# All frames of an animation together.
MAX_ANIMATED_PIXELS = 200_000_000
ORIGINAL_QUALITY = 95
RENDITION_WIDTHS = (400, 800, 1200, 1600)
RENDITION_QUALITY = 78
TWIN_SUFFIX = ".avif"
TWIN_QUALITY = 50
TWIN_SPEED = 7
SWEEP_LIMIT = 50


def store_image(file: IO[bytes], **fields: Any) -> Image:
    """Keep an uploaded picture and have its renditions made; the same bytes twice give the same picture.

    `fields` are those of the model (title, alt, caption, credit …). Raises ValidationError for what isn't a picture we take.
    """
    content = read_upload(file, max_bytes=MAX_BYTES)
    checksum = hashlib.sha256(content).hexdigest()
    known = Image.objects.filter(checksum=checksum).order_by("pk").first()
    if known is not None:
        return known
    cleaned, suffix = clean_picture(content)
    stem = latin_slug(PurePath(getattr(file, "name", None) or "").stem, max_length=60) or "picture"
    image = Image(checksum=checksum, **fields)
    image.file.save(f"{stem}-{checksum[:NAME_DIGITS]}{suffix}", ContentFile(cleaned), save=False)
    # Django reads the size from the first bytes, which is not enough for every WebP.
    image.width, image.height = open_picture(cleaned).size
    image.save()
    _nudge(image)
    return image


def clean_picture(content: bytes) -> tuple[bytes, str]:
    """Return a picture's bytes turned upright and stripped of metadata, and the suffix of its format."""
    picture = open_picture(content)
    try:
        if getattr(picture, "is_animated", False) and picture.format != "MPO":
            return _rewrite_animation(picture), SUFFIXES[str(picture.format)]
        return _rewrite(picture)
    except (*BROKEN_PICTURE, Picture.DecompressionBombError) as error:
        raise damaged() from error


def make_renditions(image: Image) -> list[Rendition]:
    """Make the renditions of a picture that don't exist yet, none wider than the picture."""
    existing = set(image.renditions.values_list("width", flat=True))
    wanted = [width for width in _widths(image.width) if width not in existing]
    if wanted:
        with image.file.open("rb") as file:
            picture = in_srgb(open_picture(file.read()))
        drawn = [_draw_rendition(image, picture, width) for width in wanted]
        # All or none, so that the sweep needs to look for none only. When another worker was faster, its rows stand.
        Rendition.objects.bulk_create(drawn, ignore_conflicts=True)
        image.__dict__.pop("ready_renditions", None)
    return list(image.renditions.order_by("width"))


def make_lighter_twins(image: Image) -> None:
    """Put an AVIF beside each rendition of a picture; `config.media` serves it to browsers that read it.

    Grainy prints and photographs become about half as large. It takes a second or two, which is why nobody waits for it.
    """
    renditions = list(image.renditions.filter(is_twinned=False))
    if not renditions:
        return
    with image.file.open("rb") as file:
        picture = in_srgb(open_picture(file.read()))
    for rendition in renditions:
        buffer = io.BytesIO()
        _resized(picture, rendition.width).save(buffer, "AVIF", quality=TWIN_QUALITY, speed=TWIN_SPEED)
        name = f"{rendition.file.name}{TWIN_SUFFIX}"
        if buffer.tell() < rendition.file.size and not rendition.file.storage.exists(name):
            rendition.file.storage.save(name, ContentFile(buffer.getvalue()))
        Rendition.objects.filter(pk=rendition.pk).update(is_twinned=True)


def images_without_twins() -> list[Image]:
    """Return pictures with renditions that have no lighter twin yet, the newest first, as many as one sweep takes."""
    return list(Image.objects.filter(renditions__is_twinned=False).distinct().order_by("-pk")[:SWEEP_LIMIT])


def images_without_renditions() -> list[Image]:
    """Return pictures whose renditions were never made, the newest first, as many as one sweep takes."""
    return list(Image.objects.filter(renditions=None).order_by("-pk")[:SWEEP_LIMIT])


def _nudge(image: Image) -> None:
    from articles.tasks import make_renditions_of

    transaction.on_commit(lambda: make_renditions_of.delay(image.pk))


def _rewrite(picture: Picture.Image) -> tuple[bytes, str]:
    """Write a still picture anew; a JPEG that stands upright keeps its own quantisation."""
    picture_format = "JPEG" if picture.format == "MPO" else str(picture.format)
    options: dict[str, Any] = {"quality": ORIGINAL_QUALITY} if picture_format != "PNG" else {"optimize": False}
    upright = ImageOps.exif_transpose(picture)
    if picture.format == "JPEG" and picture.getexif().get(0x0112, 1) == 1:
        upright, options = picture, {"quality": "keep"}
    if profile := picture.info.get("icc_profile"):
        options["icc_profile"] = profile
    buffer = io.BytesIO()
    upright.info = {key: upright.info[key] for key in ("transparency",) if key in upright.info}
    upright.save(buffer, picture_format, exif=b"", **options)
    return buffer.getvalue(), SUFFIXES[picture_format]


def _rewrite_animation(picture: Picture.Image) -> bytes:
    """Write an animation anew, frame by frame."""
    frame_count = getattr(picture, "n_frames", 1)
    if frame_count * picture.width * picture.height > MAX_ANIMATED_PIXELS:
        raise ValidationError(_("This animation is too long. Use a film instead."))
    frames = [frame.copy() for frame in ImageSequence.Iterator(picture)]
    durations = [frame.info.get("duration", 100) for frame in frames]
    for frame in frames:
        frame.info = {key: frame.info[key] for key in ("transparency",) if key in frame.info}
    buffer = io.BytesIO()
    frames[0].save(
        buffer,
        str(picture.format),
        save_all=True,
        append_images=islice(frames, 1, None),
        duration=durations,
        loop=picture.info.get("loop", 0),
    )
    return buffer.getvalue()


def _widths(width: int) -> list[int]:
    """Return the widths worth making: the standing ones, and the picture's own where it is narrower than the widest."""
    widths = [standing for standing in RENDITION_WIDTHS if standing < width]
    return [*widths, min(width, RENDITION_WIDTHS[-1])] if width > 0 else []


def _resized(picture: Picture.Image, width: int) -> Picture.Image:
    """Return a picture at a width, without anything but its pixels."""
    height = max(1, round(picture.height * width / picture.width))
    resized = picture.copy() if width == picture.width else picture.resize((width, height), Picture.Resampling.LANCZOS)
    resized.info = {}
    return resized


def _draw_rendition(image: Image, picture: Picture.Image, width: int) -> Rendition:
    """Return an unsaved rendition of a picture at a width, its file stored."""
    resized = _resized(picture, width)
    buffer = io.BytesIO()
    resized.save(buffer, "WEBP", quality=RENDITION_QUALITY, method=4)
    rendition = Rendition(image=image, width=width, height=resized.height)
    rendition.file.save(f"{image.pk}-{PurePath(str(image.file.name)).stem}-{width}.webp", ContentFile(buffer.getvalue()), save=False)
    return rendition
