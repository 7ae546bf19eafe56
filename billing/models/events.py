"""What Stripe told us."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# The wait doubles from a minute to six hours, so that the last attempt comes some three days after the first.
FIRST_WAIT_SECONDS = 60
LONGEST_WAIT_SECONDS = 6 * 3600
MAX_ATTEMPTS = 20


def wait_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts."""
    return timedelta(seconds=min(FIRST_WAIT_SECONDS * 2 ** min(attempts - 1, 16), LONGEST_WAIT_SECONDS))


class WebhookEventQuerySet(models.QuerySet["WebhookEvent"]):
    """Words for sets of events."""

    def waiting(self, *, at: datetime | None = None) -> Self:
        """Keep those whose turn has come."""
        return self.filter(status="waiting", next_attempt_at__lte=at or timezone.now())

    def dead(self) -> Self:
        """Keep those that were given up, for an editor to replay."""
        return self.filter(status="dead")

    def replay(self) -> int:
        """Put events back to the start of their life, whatever became of them; return how many."""
        return self.update(status="waiting", attempts=0, next_attempt_at=timezone.now(), last_error="", done_at=None)


class WebhookEvent(models.Model):
    """One event of Stripe's, kept until it is done: the row is the job."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        IGNORED = "ignored", _("ignored")
        DEAD = "dead", _("given up")

    stripe_id = models.CharField(_("id at Stripe"), max_length=255, unique=True)
    kind = models.CharField(_("type"), max_length=80)
    object_id = models.CharField(_("object"), max_length=255, blank=True)
    # Only what tells whom it concerns: no state is ever taken from it, and nobody's address or card lies about here.
    payload = models.JSONField(_("payload"))
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    last_error = models.TextField(_("last error"), blank=True)
    received_at = models.DateTimeField(_("received"), auto_now_add=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    objects = WebhookEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event from Stripe")
        verbose_name_plural = _("events from Stripe")
        ordering = ["-received_at"]
        indexes = [models.Index(fields=["next_attempt_at"], condition=Q(status="waiting"), name="billing_webhookevent_waiting")]

    def __str__(self) -> str:
        return f"{self.kind} {self.stripe_id}"

    def is_waiting(self, *, at: datetime | None = None) -> bool:
        """Say whether its turn has come; twin of `WebhookEventQuerySet.waiting`."""
        return self.status == self.Status.WAITING and self.next_attempt_at <= (at or timezone.now())

    def claim(self) -> bool:
        """Take the event for one attempt; False if somebody else has it, or it is done.

        The next attempt is set before this one begins, so that a worker that dies half-way loses nothing.
        """
        moment = timezone.now()
        rows = type(self).objects.waiting(at=moment).filter(pk=self.pk, attempts=self.attempts)
        if not rows.update(attempts=F("attempts") + 1, next_attempt_at=moment + wait_after(self.attempts + 1)):
            return False
        self.refresh_from_db()
        return True

    def finish(self, status: str, note: str = "") -> None:
        """Record that nothing is left to do."""
        self._record(status=status, last_error=note, done_at=timezone.now())

    def fail(self, reason: str) -> None:
        """Record that an attempt failed; the last one gives the event up."""
        is_last = self.attempts >= MAX_ATTEMPTS
        self._record(status=self.Status.DEAD if is_last else self.Status.WAITING, last_error=reason)

    def _record(self, **fields: object) -> None:
        # A replay that came in between wins.
        type(self).objects.filter(pk=self.pk, status=self.Status.WAITING, attempts=self.attempts).update(**fields)
        self.refresh_from_db()
