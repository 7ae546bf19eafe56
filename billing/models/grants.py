"""What readers hold without paying for it themselves."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class GrantQuerySet(models.QuerySet["Grant"]):
    """Words for sets of grants."""

    def in_force(self, *, at: datetime | None = None) -> Self:
        """Keep those that open the articles at a moment."""
        moment = at or timezone.now()
        return self.filter(starts_at__lte=moment).filter(Q(ends_at=None) | Q(ends_at__gt=moment))


class Grant(models.Model):
    """Access given: a comp, a gift redeemed, a seat."""

    class Kind(models.TextChoices):
        COMP = "comp", _("complimentary")
        GIFT = "gift", _("gift")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="grants", verbose_name=_("person"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.COMP)
    plan = models.ForeignKey(
        "billing.Plan",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="grants",
        verbose_name=_("plan"),
        help_text=_("Opens what this plan opens. Empty: everything."),
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+", verbose_name=_("given by")
    )
    starts_at = models.DateTimeField(_("from"), default=timezone.now)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("complimentary access")
        verbose_name_plural = _("complimentary access")
        ordering = ["-starts_at"]
        indexes = [models.Index(fields=["user", "ends_at"], name="billing_grant_in_force")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=models.F("starts_at")), name="billing_grant_ends_after_it_starts"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_kind_display()}"

    def is_in_force(self, *, at: datetime | None = None) -> bool:
        """Say whether it opens the articles at a moment; twin of `GrantQuerySet.in_force`."""
        moment = at or timezone.now()
        return self.starts_at <= moment and (self.ends_at is None or self.ends_at > moment)
