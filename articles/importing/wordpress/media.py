"""Bring pictures, sounds and documents over: from a folder, or from the site itself."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast
from urllib.parse import unquote

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import default_storage

from articles.images import store_image
from articles.importing.downloading import NotFetchedError, fetch
from articles.importing.report import Report
from articles.importing.wordpress.addresses import UPLOADS, file_stem, is_of_site, queried_item, split
from articles.importing.wordpress.catalogue import Catalogue, Row
from articles.importing.wordpress.markup import Picture
from articles.importing.wordpress.records import Site
from articles.models import Image, ImportedItem
from articles.slugs import latin_slug

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".png", ".gif", ".webp", ".avif"})
# What else is kept as a file, by suffix: the folder, and what such files begin with.
FILE_KINDS: dict[str, tuple[str, tuple[bytes, ...]]] = {
    ".mp3": ("audio", (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa")),
    ".m4a": ("audio", (b"\x00\x00\x00",)),
    ".ogg": ("audio", (b"OggS",)),
    ".oga": ("audio", (b"OggS",)),
    ".wav": ("audio", (b"RIFF",)),
    ".flac": ("audio", (b"fLaC",)),
    ".pdf": ("documents", (b"%PDF-",)),
}
MAX_FILE_BYTES = 400 * 1024 * 1024
MAX_FOLDER_FILES = 500_000
NOT_THERE = "its file is not here; give --media-dir or --download-media and run the import again"


class Media:
    """The files of an import's sites."""

    def __init__(self, catalogue: Catalogue, report: Report, *, folder: Path | None, may_download: bool, is_dry_run: bool) -> None:
        self.catalogue = catalogue
        self.report = report
        self.folder = folder.resolve() if folder else None
        self.may_download = may_download and not is_dry_run
        self.is_dry_run = is_dry_run
        self.hosts: dict[str, frozenset[str]] = {}
        catalogue.database.execute("CREATE TABLE folder (name TEXT NOT NULL, path TEXT PRIMARY KEY) WITHOUT ROWID")
        catalogue.database.execute("CREATE INDEX folder_by_name ON folder (name)")
        if self.folder:
            self._list_folder(self.folder)

    def _list_folder(self, folder: Path) -> None:
        """Remember what the folder holds, by name."""
        count = 0
        for directory, _, names in os.walk(folder):
            for name in names:
                count += 1
                if count > MAX_FOLDER_FILES:
                    self.report.gap(str(folder), f"only the first {MAX_FOLDER_FILES} files of the folder were looked at")
                    return
                path = Path(directory) / name
                self.catalogue.add("folder", name=name.lower(), path=str(path.relative_to(folder)))

    # Attachments -------------------------------------------------------------------------------------------------

    def settle(self, site: Site) -> None:
        """Bring the attachments of a site over; what can't be had is reported."""
        rows = self.catalogue.rows("SELECT * FROM items WHERE site = ? AND post_type = 'attachment'", [site.key])
        declared = self.catalogue.rows("SELECT address FROM items WHERE site = ? AND address != ''", [site.key])
        self.hosts[site.key] = site.hosts | {split(row["address"])[0] for row in declared}
        for row in rows:
            self._settle(site, row)

    def _settle(self, site: Site, row: Row) -> None:
        """Bring one attachment over."""
        source_id = f"wp:{site.key}:{row['post_id']}"
        known = ImportedItem.objects.filter(source_id=source_id).select_related("image").first()
        label = f"attachment {row['post_id']} ({row['title'] or row['address']})"
        if known is not None and (known.image or known.address):
            self.report.count("attachments", "unchanged")
            self._place(site, row["post_id"], known.image, known.address)
            return
        try:
            image, address = self._store(site, row["address"], source_id, _fields_of(row))
        except NotFetchedError as error:
            self.report.count("attachments", "missing")
            self.report.gap(label, str(error))
            return
        self.report.count("attachments", "created")
        if not self.is_dry_run:
            ImportedItem.objects.update_or_create(source_id=source_id, defaults={"image": image, "address": address})
        self._place(site, row["post_id"], image, address)

    def _place(self, site: Site, post_id: str, image: Image | None, address: str) -> None:
        """Write down where an attachment is now."""
        place: dict[str, Any] = {"file_address": address}
        if image is not None:
            place |= {"image": image.pk, "image_address": image.file.url}
        self.catalogue.set("items", {"site": site.key, "post_id": post_id}, **place)

    def _store(self, site: Site, address: str, source_id: str, fields: dict[str, str]) -> tuple[Image | None, str]:
        """Keep a file; return the picture, or the address of another kind of file. Raises NotFetchedError."""
        suffix = PurePosixPath(unquote(split(address)[1])).suffix.lower()
        is_picture = suffix in PICTURE_SUFFIXES or not suffix
        if not is_picture and suffix not in FILE_KINDS:
            raise NotFetchedError(f"files of the kind {suffix} are not kept; put it where you keep such files")
        with self._opened(site, address) as file:
            if self.is_dry_run:
                return None, ""
            if is_picture:
                return _store_picture(file, PurePosixPath(unquote(split(address)[1])).name, source_id, fields), ""
            return None, _store_file(file, address, suffix)

    @contextmanager
    def _opened(self, site: Site, address: str) -> Iterator[IO[bytes]]:
        """Open the file of an address, in the folder or at the site. Raises NotFetchedError."""
        path = self._in_folder(address)
        if path is not None:
            try:
                with path.open("rb") as file:
                    yield file
            except OSError as error:
                raise NotFetchedError(f"its file can't be read: {error.strerror}") from error
            return
        if not self.may_download:
            raise NotFetchedError(NOT_THERE)
        with fetch(address, hosts=self.hosts.get(site.key, frozenset())) as file:
            yield file

    def _in_folder(self, address: str) -> Path | None:
        """Return the file of an address in the folder: at its path below the uploads, else by a name that only one file has."""
        if self.folder is None:
            return None
        path = unquote(split(address)[1])
        found = UPLOADS.search(path)
        below = [found[1], f"wp-content/uploads/{found[1]}", f"uploads/{found[1]}"] if found else []
        for candidate in [*below, path.lstrip("/"), "/".join(path.split("/")[-3:])]:
            try:
                full = (self.folder / candidate).resolve()
                if full.is_relative_to(self.folder) and full.is_file():
                    return full
            except (OSError, ValueError):
                continue
        name = PurePosixPath(path).name.lower()
        rows = list(self.catalogue.rows("SELECT path FROM folder WHERE name = ? LIMIT 2", [name])) if name else []
        if len(rows) != 1:
            return None
        full = (self.folder / rows[0]["path"]).resolve()
        return full if full.is_relative_to(self.folder) and full.is_file() else None

    # What texts ask ----------------------------------------------------------------------------------------------

    def picture(self, site: Site, attachment: str, address: str) -> Picture | None:
        """Return a picture of a text by the id of its attachment, or by its address in any size; None when it can't be had."""
        row = self.catalogue.get("items", site=site.key, post_id=attachment) if attachment else None
        if row is not None and address and split(address)[0] and file_stem(row["address"]) != file_stem(address):
            # Ids of texts that were copied between sites mean other pictures here.
            row = None
        row = row or (self.catalogue.file_item(site.key, file_stem(address)) if address else None)
        if row is not None:
            return self._picture_of(row)
        return self._loose_picture(site, address) if address else None

    def _picture_of(self, row: Row) -> Picture | None:
        """Return the picture of an attachment."""
        if row["image"] is None:
            return None
        return Picture(row["image"], row["image_address"], row["alt"], row["caption"], row["credit"])

    def _loose_picture(self, site: Site, address: str) -> Picture | None:
        """Bring over a picture of a text that is no attachment."""
        if not is_of_site(address, site) and split(address)[0] not in self.hosts.get(site.key, frozenset()):
            return None
        source_id = f"wp:{site.key}:file:{hashlib.sha256(address.encode()).hexdigest()[:32]}"
        known = ImportedItem.objects.filter(source_id=source_id).select_related("image").first()
        image = known.image if known else None
        if image is None:
            try:
                image, _ = self._store(site, address, source_id, {"source_url": address[:500]})
            except NotFetchedError:
                return None
            if image is None:
                return None
            ImportedItem.objects.update_or_create(source_id=source_id, defaults={"image": image})
        return Picture(image.pk, image.file.url, image.alt)

    def file(self, site: Site, address: str) -> str | None:
        """Return where a sound or document of a text lies now."""
        number = queried_item(address)
        row = (
            self.catalogue.get("items", site=site.key, post_id=number) if number else self.catalogue.file_item(site.key, file_stem(address))
        )
        return (row["file_address"] or None) if row is not None else None


def _fields_of(row: Row) -> dict[str, str]:
    """Return what the library keeps of an attachment."""
    return {
        "title": row["title"][:200],
        "alt": row["alt"][:500],
        "caption": row["caption"],
        "credit": row["credit"][:200],
        "source_url": row["address"] if len(row["address"]) <= 500 else "",
    }


def _store_picture(file: IO[bytes], name: str, source_id: str, fields: dict[str, str]) -> Image:
    """Keep a picture. Raises NotFetchedError for what is none."""
    try:
        return store_image(cast(IO[bytes], File(file, name=name or "picture")), source_id=source_id, **fields)
    except ValidationError as error:
        raise NotFetchedError(f"its file is no picture that can be kept: {' '.join(error.messages)}") from error


def _store_file(file: IO[bytes], address: str, suffix: str) -> str:
    """Keep a sound or document under a name made of its bytes, so that it is kept once; return its address. Raises NotFetchedError."""
    folder, beginnings = FILE_KINDS[suffix]
    checksum, size = hashlib.sha256(), 0
    start = file.read(8)
    if not start.startswith(beginnings):
        raise NotFetchedError(f"its file is no {suffix.lstrip('.')}")
    file.seek(0)
    while chunk := file.read(1024 * 1024):
        checksum.update(chunk)
        size += len(chunk)
        if size > MAX_FILE_BYTES:
            raise NotFetchedError(f"it is larger than {MAX_FILE_BYTES // 1024 // 1024} MB")
    file.seek(0)
    stem = latin_slug(PurePosixPath(unquote(split(address)[1])).stem, max_length=60) or "file"
    name = f"{folder}/{stem}-{checksum.hexdigest()[:12]}{suffix}"
    if not default_storage.exists(name):
        name = default_storage.save(name, File(file))
    return default_storage.url(name)
