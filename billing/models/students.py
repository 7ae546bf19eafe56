"""Who studies, and how they showed it."""

import secrets
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Self

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

PROOF_DAYS = 365


def private_storage() -> Storage:
    """Return where files are kept that no address leads to."""
    return storages["private"]


def evidence_path(proof: "StudentProof", name: str) -> str:
    """Return a name that says nothing of the reader."""
    return f"students/{secrets.token_hex(16)}{PurePosixPath(name).suffix.lower()}"


class StudentProofQuerySet(models.QuerySet["StudentProof"]):
    """Words for sets of proofs."""

    def waiting(self) -> Self:
        """Keep those that the newsroom has to decide on."""
        return self.filter(state="waiting")

    def in_force(self, *, at: datetime | None = None) -> Self:
        """Keep those that prove something at a moment."""
        return self.filter(state="accepted", valid_until__gt=at or timezone.now())


class StudentProof(models.Model):
    """One proof that a reader studies; it holds for a year."""

    class Kind(models.TextChoices):
        ADDRESS = "address", _("address of a university")
        EVIDENCE = "evidence", _("document")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="student_proofs", verbose_name=_("person"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    # A card or certificate; erased as soon as it is decided on.
    evidence = models.FileField(_("document"), storage=private_storage, upload_to=evidence_path, blank=True)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+", verbose_name=_("decided by")
    )
    valid_until = models.DateTimeField(_("holds until"), null=True, blank=True)

    objects = StudentProofQuerySet.as_manager()

    class Meta:
        verbose_name = _("proof of a student")
        verbose_name_plural = _("students")
        ordering = ["-asked_at"]
        indexes = [models.Index(fields=["user", "valid_until"], name="billing_studentproof_in_force")]
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(state="waiting"), name="billing_studentproof_one_waits"),
            models.CheckConstraint(condition=~Q(state="accepted") | Q(valid_until__isnull=False), name="billing_studentproof_ends"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_state_display()}"

    @property
    def is_waiting(self) -> bool:
        """Say whether the newsroom has to decide on it; twin of `StudentProofQuerySet.waiting`."""
        return self.state == self.State.WAITING

    def is_in_force(self, *, at: datetime | None = None) -> bool:
        """Say whether it proves something at a moment; twin of `StudentProofQuerySet.in_force`."""
        return self.state == self.State.ACCEPTED and self.valid_until is not None and self.valid_until > (at or timezone.now())

    def settle(self, state: str, *, by: object = None) -> bool:
        """Decide on a proof that waits; False if somebody was faster."""
        moment = timezone.now()
        fields = {"state": state, "decided_at": moment, "decided_by": by}
        if state == self.State.ACCEPTED:
            fields["valid_until"] = moment + timedelta(days=PROOF_DAYS)
        is_ours = bool(type(self).objects.waiting().filter(pk=self.pk).update(**fields))
        self.refresh_from_db()
        return is_ours
