"""Words for sets of sign-ups, issues and deliveries."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from newsletters.models import Delivery, Issue, Signup  # noqa: F401 - in the strings below


class SignupQuerySet(models.QuerySet["Signup"]):
    """Words for sets of sign-ups."""

    def confirmed(self) -> Self:
        """Keep those who asked for the letter and confirmed it."""
        return self.filter(status="confirmed")

    def unasked(self) -> Self:
        """Keep those whose confirmation mail has not gone out yet."""
        return self.filter(status="pending", asked_at=None)


class IssueQuerySet(models.QuerySet["Issue"]):
    """Words for sets of issues."""

    def published(self) -> Self:
        """Keep those that can be read on the web: on their way, or sent."""
        return self.filter(status__in=["sending", "paused", "sent", "needs_review"])

    def due(self) -> Self:
        """Keep scheduled issues whose hour has come."""
        return self.filter(status="scheduled", scheduled_at__lte=timezone.now())

    def unfinished(self) -> Self:
        """Keep those that a sender must look at."""
        return self.filter(status__in=["preparing", "sending"])


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Words for sets of deliveries."""

    def pending(self) -> Self:
        """Keep those nobody has taken on."""
        return self.filter(status="pending")

    def open(self) -> Self:
        """Keep those that are not settled."""
        return self.filter(status__in=["pending", "claimed", "attempting"])

    def expired(self) -> Self:
        """Keep those whose sender went silent."""
        return self.filter(status__in=["claimed", "attempting"], leased_until__lt=timezone.now())
