"""Mails about money, each a row, so that none is lost and none is sent twice."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# How long a sender may hand one mail over before nobody can say any more whether it went out.
LEASE_MINUTES = 10


class MailQuerySet(models.QuerySet["Mail"]):
    """Words for sets of mails."""

    def waiting(self, *, at: datetime | None = None) -> Self:
        """Keep those whose turn has come."""
        return self.filter(status="waiting", send_at__lte=at or timezone.now())

    def stranded(self, *, at: datetime | None = None) -> Self:
        """Keep those whose sender died half-way."""
        return self.filter(status="sending", claimed_at__lte=(at or timezone.now()) - timedelta(minutes=LEASE_MINUTES))

    def given_up(self) -> Self:
        """Keep those that an editor has to decide on."""
        return self.filter(status__in=["unsure", "failed"])


class Mail(models.Model):
    """One mail to one address; its key says what it is about, and there is never a second of the same key."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        UNSURE = "unsure", _("perhaps sent")
        FAILED = "failed", _("given up")
        DROPPED = "dropped", _("no longer needed")

    key = models.CharField(_("key"), max_length=200, unique=True)
    name = models.CharField(_("mail"), max_length=40)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="billing_mails", verbose_name=_("person")
    )
    # Only for those who are no person of ours; a person's mail goes to the address they have when it is sent.
    address = models.EmailField(_("address"), blank=True)
    # For whom no language is known: that of the page where it was bought or written.
    language = models.CharField(max_length=16, blank=True, editable=False)
    context = models.JSONField(default=dict, editable=False)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    send_at = models.DateTimeField(_("to be sent"), default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail about money")
        verbose_name_plural = _("mails about money")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["send_at"], condition=Q(status="waiting"), name="billing_mail_waiting"),
            models.Index(fields=["claimed_at"], condition=Q(status="sending"), name="billing_mail_sending"),
        ]
        constraints = [models.CheckConstraint(condition=Q(user__isnull=False) ^ ~Q(address=""), name="billing_mail_has_one_recipient")]

    def __str__(self) -> str:
        return self.name

    def is_waiting(self, *, at: datetime | None = None) -> bool:
        """Say whether its turn has come; twin of `MailQuerySet.waiting`."""
        return self.status == self.Status.WAITING and self.send_at <= (at or timezone.now())

    def claim(self) -> bool:
        """Take the mail for one hand-over; False if somebody else has it, or its turn hasn't come."""
        moment = timezone.now()
        rows = type(self).objects.waiting(at=moment).filter(pk=self.pk)
        if not rows.update(status=self.Status.SENDING, claimed_at=moment, attempts=models.F("attempts") + 1):
            return False
        self.refresh_from_db()
        return True

    def settle(self, status: str, *, error: str = "", send_at: datetime | None = None) -> None:
        """Record how the hand-over went, if it is still ours."""
        fields: dict[str, object] = {"status": status, "last_error": error[:200]}
        if status == self.Status.SENT:
            fields["sent_at"] = timezone.now()
        if send_at is not None:
            fields["send_at"] = send_at
        type(self).objects.filter(pk=self.pk, status=self.Status.SENDING, attempts=self.attempts).update(**fields)
        self.refresh_from_db()
