"""Open pictures that strangers upload, without being hurt by what they hold."""

import io
import logging
from typing import IO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image as Picture
from PIL import ImageCms, ImageOps, UnidentifiedImageError

logger = logging.getLogger(__name__)

MAX_PIXELS = 50_000_000
SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif", "AVIF": ".avif"}
# Photographs with a second picture inside (depth, gain map) open as MPO by way of JPEG; the first is kept.
OPENED_FORMATS = list(SUFFIXES)
# What Pillow raises for files that aren't the pictures they claim to be.
BROKEN_PICTURE = (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, IndexError)


def read_upload(file: IO[bytes], *, max_bytes: int) -> bytes:
    """Return the content of an uploaded file. Raises ValidationError for one that is too large."""
    file.seek(0)
    content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise ValidationError(_("This file is larger than %(limit)s MB.") % {"limit": max_bytes // 1024**2})
    return content


def open_picture(content: bytes) -> Picture.Image:
    """Open a picture without decoding it yet. Raises ValidationError for what we don't take."""
    try:
        picture = Picture.open(io.BytesIO(content), formats=OPENED_FORMATS)
    except Picture.DecompressionBombError as error:
        raise _too_large() from error
    except BROKEN_PICTURE as error:
        raise ValidationError(_("Only JPEG, PNG, WebP, GIF and AVIF pictures can be uploaded.")) from error
    if picture.width * picture.height > MAX_PIXELS:
        raise _too_large()
    return picture


def damaged() -> ValidationError:
    """Return what is said of a picture that can't be decoded."""
    return ValidationError(_("This picture is damaged and can't be read."))


def in_srgb(picture: Picture.Image) -> Picture.Image:
    """Return a picture in the colours of the web, upright and decoded."""
    upright = ImageOps.exif_transpose(picture)
    has_alpha = "A" in upright.getbands() or "transparency" in upright.info
    profile = upright.info.get("icc_profile")
    if profile and upright.mode in ("RGB", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(upright, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            return converted or upright.convert("RGB")
        except (ImageCms.PyCMSError, OSError):
            logger.info("A picture's colour profile can't be read; its colours are taken as they are.")
    return upright.convert("RGBA" if has_alpha else "RGB")


def _too_large() -> ValidationError:
    return ValidationError(
        _("This picture has more than %(limit)s megapixels. Make it smaller first.") % {"limit": MAX_PIXELS // 1_000_000}
    )
