"""The picture of a reader: decoded and drawn anew, so that only its pixels are kept."""

import io
from typing import IO

from django.core.files.base import ContentFile
from django.db import transaction
from PIL import Image as Picture
from PIL import ImageOps

from accounts.models import User
from magazine.pictures import BROKEN_PICTURE, damaged, in_srgb, open_picture, read_upload
from magazine.public_pages import forget_public_pages_on_commit

MAX_BYTES = 10 * 1024 * 1024
SIDE = 256
QUALITY = 82


def draw(file: IO[bytes]) -> bytes:
    """Return an uploaded picture as a small square WebP. Raises ValidationError for what isn't a picture we take."""
    picture = open_picture(read_upload(file, max_bytes=MAX_BYTES))
    try:
        square = ImageOps.fit(in_srgb(picture), (SIDE, SIDE), Picture.Resampling.LANCZOS)
    except (*BROKEN_PICTURE, Picture.DecompressionBombError) as error:
        raise damaged() from error
    square.info = {}
    buffer = io.BytesIO()
    square.save(buffer, "WEBP", quality=QUALITY, method=4)
    return buffer.getvalue()


def keep_picture(user: User, content: bytes) -> None:
    """Give a person a picture that was drawn, in the place of the one before."""
    person = User.objects.get(pk=user.pk)
    before = str(person.picture.name or "")
    person.picture.save("", ContentFile(content), save=False)
    _replace(person, before)


def remove_picture(user: User) -> None:
    """Take a person's picture away."""
    person = User.objects.get(pk=user.pk)
    before = str(person.picture.name or "")
    person.picture = ""
    _replace(person, before)


@transaction.atomic
def _replace(person: User, before: str) -> None:
    """Note the new picture and throw the old file away; pages that show comments show it from then on."""
    storage = person.picture.storage
    User.objects.filter(pk=person.pk).update(picture=person.picture.name or "")
    if before:
        transaction.on_commit(lambda: storage.delete(before))
    forget_public_pages_on_commit()
