"""The wish to have everything that is held, as files: the row is the job."""

from datetime import datetime, timedelta
from typing import Self
from uuid import uuid4

from django.core.files.storage import Storage, storages
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.users import User

FOLDER = "exports"
DAYS_KEPT = 7
# Longer than making one takes: whoever claimed it and fell over loses it to the next sweep.
CLAIM = timedelta(minutes=10)


def private_storage() -> Storage:
    """Return where files are kept that no address leads to."""
    return storages["private"]


def private_name(export: "Export", filename: str) -> str:
    """Return a name for a file that tells nothing of its reader."""
    return f"{FOLDER}/{uuid4().hex}.zip"


class ExportQuerySet(models.QuerySet["Export"]):
    """Words for sets of exports."""

    def waiting(self, *, at: datetime | None = None) -> Self:
        """Keep those that nobody has made, nor is making."""
        free = models.Q(claimed_at=None) | models.Q(claimed_at__lte=(at or timezone.now()) - CLAIM)
        return self.filter(free, status=Export.Status.ASKED)

    def expired(self, *, at: datetime | None = None) -> Self:
        """Keep those whose link is too old."""
        return self.filter(expires_at__lte=at or timezone.now())


class Export(models.Model):
    """Everything held about a person, in one file: asked for, made by a task, told by mail, and thrown away."""

    class Status(models.TextChoices):
        ASKED = "asked", _("asked for")
        READY = "ready", _("ready")

    user = models.ForeignKey(User, models.CASCADE, related_name="exports", verbose_name=_("person"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ASKED)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(_("kept until"), null=True, blank=True)
    token_hash = models.CharField(max_length=64, null=True, blank=True, unique=True, editable=False)
    file = models.FileField(storage=private_storage, upload_to=private_name, blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=models.Q(status="asked"), name="accounts_export_one_asked_a_person"),
            models.CheckConstraint(
                condition=~models.Q(status="ready") | (~models.Q(file="") & models.Q(token_hash__isnull=False, expires_at__isnull=False)),
                name="accounts_export_ready_has_a_file_and_an_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.asked_at:%Y-%m-%d}"

    def is_waiting(self, *, at: datetime | None = None) -> bool:
        """Say whether nobody has made it, nor is making it; twin of `ExportQuerySet.waiting`."""
        is_free = self.claimed_at is None or self.claimed_at <= (at or timezone.now()) - CLAIM
        return is_free and self.status == self.Status.ASKED

    def is_expired(self, *, at: datetime | None = None) -> bool:
        """Say whether its link is too old; twin of `ExportQuerySet.expired`."""
        return self.expires_at is not None and self.expires_at <= (at or timezone.now())

    @property
    def is_ready(self) -> bool:
        """Say whether its link was sent."""
        return self.status == self.Status.READY
