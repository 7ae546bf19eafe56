"""What Stripe told us."""

from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class WebhookEventQuerySet(models.QuerySet["WebhookEvent"]):
    """Words for sets of events."""

    def waiting(self) -> Self:
        """Keep those whose turn has come."""
        return self.filter(status="waiting", next_attempt_at__lte=timezone.now())

    def dead(self) -> Self:
        """Keep those that were given up, for an editor to replay."""
        return self.filter(status="dead")


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
        indexes = [models.Index(fields=["next_attempt_at"], condition=models.Q(status="waiting"), name="billing_webhookevent_waiting")]

    def __str__(self) -> str:
        return f"{self.kind} {self.stripe_id}"
