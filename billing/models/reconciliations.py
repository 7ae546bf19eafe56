"""What comparing with Stripe found."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ReconciliationQuerySet(models.QuerySet["Reconciliation"]):
    """Words for sets of reconciliations."""

    def with_findings(self) -> Self:
        """Keep those that found our mirror wrong, or could not look everywhere."""
        return self.exclude(drift_count=0, fault_count=0)

    def unseen(self) -> Self:
        """Keep those whose findings nobody in the newsroom has looked at."""
        return self.with_findings().filter(seen_at=None)


class Reconciliation(models.Model):
    """One comparison of our mirror with Stripe: how much was looked at, what differed, what failed."""

    class Kind(models.TextChoices):
        HOURLY = "hourly", _("hourly")
        NIGHTLY = "nightly", _("nightly")
        BY_HAND = "by_hand", _("by hand")
        EVENT = "event", _("by an event")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    is_dry_run = models.BooleanField(_("only looked"), default=False)
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"))
    # How many of each were looked at, by the name of what they are.
    counts = models.JSONField(_("looked at"), default=dict)
    # {"id": …, "field": …, "ours": …, "theirs": …}, the first of them; Stripe's ids, no one's name.
    drifts = models.JSONField(_("differences"), default=list)
    drift_count = models.PositiveIntegerField(_("differences"), default=0)
    faults = models.JSONField(_("faults"), default=list)
    fault_count = models.PositiveIntegerField(_("faults"), default=0)
    was_stopped = models.BooleanField(_("stopped early"), default=False)
    seen_at = models.DateTimeField(_("seen"), null=True, blank=True)

    objects = ReconciliationQuerySet.as_manager()

    class Meta:
        verbose_name = _("comparison with Stripe")
        verbose_name_plural = _("comparisons with Stripe")
        ordering = ["-started_at"]
        indexes = [
            models.Index(fields=["-started_at"], name="billing_reconciliation_newest"),
            models.Index(
                fields=["started_at"],
                condition=Q(seen_at=None) & (Q(drift_count__gt=0) | Q(fault_count__gt=0)),
                name="billing_reconciliation_unseen",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def has_findings(self) -> bool:
        """Say whether it found anything; twin of `ReconciliationQuerySet.with_findings`."""
        return bool(self.drift_count or self.fault_count)

    @property
    def is_unseen(self) -> bool:
        """Say whether nobody has looked at its findings; twin of `ReconciliationQuerySet.unseen`."""
        return self.has_findings and self.seen_at is None
