"""Files to download that belong to an article."""

import uuid
from pathlib import PurePath
from typing import Any

from django.core.files.storage import Storage, storages
from django.core.validators import FileExtensionValidator
from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from articles.models.article import Article
from articles.slugs import latin_slug

FOLDER = "files"
# Nothing that a browser runs.
SUFFIXES = ("pdf", "epub", "docx", "odt", "xlsx", "ods", "pptx", "odp", "csv", "txt", "zip", "mp3", "m4a", "gpx", "ics")


def private_storage() -> Storage:
    """Return where files are kept that have no address of their own."""
    return storages["private"]


def private_name(file: "File", name: str) -> str:
    """Return where a file is kept: under its key, by a name that any address can hold."""
    path = PurePath(name)
    return f"{FOLDER}/{file.key}/{latin_slug(path.stem) or 'file'}{path.suffix.lower()}"


class File(models.Model):
    """A file of an article; whoever reads the whole article gets it, and nobody else."""

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    article = models.ForeignKey(Article, models.CASCADE, related_name="files", verbose_name=_("article"))
    file = models.FileField(
        _("file"), upload_to=private_name, storage=private_storage, max_length=200, validators=[FileExtensionValidator(SUFFIXES)]
    )
    uploaded_at = models.DateTimeField(_("uploaded"), auto_now_add=True)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address at which it is downloaded."""
        return reverse("articles:file", args=[self.key, self.name])

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete, what is kept too once that is certain."""
        storage, stored = self.file.storage, str(self.file.name)
        transaction.on_commit(lambda: storage.delete(stored))
        return super().delete(*args, **kwargs)

    @property
    def name(self) -> str:
        """Return the name under which it is downloaded."""
        return PurePath(self.file.name or "").name


def throw_away_files(articles: models.QuerySet[Article]) -> None:
    """Delete what is kept of articles that are about to be deleted, once that is certain; the rows go by themselves."""
    kept = [(file.file.storage, str(file.file.name)) for file in File.objects.filter(article__in=articles)]

    def throw_away() -> None:
        for storage, name in kept:
            storage.delete(name)

    transaction.on_commit(throw_away)
