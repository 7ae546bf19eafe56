"""The wish to be forgotten."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.users import User

DAYS_TO_UNDO = 7


class DeletionQuerySet(models.QuerySet["Deletion"]):
    """Words for sets of deletions."""

    def due(self, *, at: datetime | None = None) -> Self:
        """Keep those that can no longer be undone."""
        return self.filter(due_at__lte=at or timezone.now())


def last_day_to_undo() -> datetime:
    """Return when a deletion that is asked for now is carried out."""
    return timezone.now() + timedelta(days=DAYS_TO_UNDO)


class Deletion(models.Model):
    """A person's wish to be forgotten, carried out when its days are over; deleting the row undoes it."""

    user = models.OneToOneField(User, models.CASCADE, related_name="deletion", verbose_name=_("person"))
    erases_comments = models.BooleanField(_("comments too"), default=False)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    due_at = models.DateTimeField(_("carried out"), default=last_day_to_undo)

    objects = DeletionQuerySet.as_manager()

    class Meta:
        verbose_name = _("deletion")
        verbose_name_plural = _("deletions")
        ordering = ["due_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(due_at__gt=models.F("asked_at")), name="accounts_deletion_leaves_time_to_undo")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.due_at:%Y-%m-%d}"

    def is_due(self, *, at: datetime | None = None) -> bool:
        """Say whether it can no longer be undone; twin of `DeletionQuerySet.due`."""
        return self.due_at <= (at or timezone.now())
