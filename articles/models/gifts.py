"""Links that open one article to whoever gets them."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from magazine.tokens import hash_of

GIFT_DAYS = 14


def last_moment() -> datetime:
    """Return when a gift that is made now expires."""
    return timezone.now() + timedelta(days=GIFT_DAYS)


class GiftLinkQuerySet(models.QuerySet["GiftLink"]):
    """Words for sets of gift links."""

    def of_token(self, token: str) -> Self:
        """Keep the gift of a token."""
        return self.filter(token_hash=hash_of(token))

    def in_force(self, *, at: datetime | None = None) -> Self:
        """Keep those that open their article to who has opened them; nobody new may be able to."""
        return self.filter(revoked_at__isnull=True, expires_at__gt=at or timezone.now())

    def unspent(self) -> Self:
        """Keep those that somebody new can open, as far as opens are concerned."""
        return self.filter(opens__lt=models.F("max_opens"))


class GiftLink(models.Model):
    """An article given away; the token itself is shown once, and only its hash is kept."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        SPENT = "spent", _("opened as often as it can be")
        EXPIRED = "expired", _("expired")
        REVOKED = "revoked", _("taken back")

    giver = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="gift_links", verbose_name=_("given by"))
    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="gift_links", verbose_name=_("article"))
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("given"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"), default=last_moment)
    max_opens = models.PositiveSmallIntegerField(_("opens at most"))
    opens = models.PositiveSmallIntegerField(_("opens"), default=0)
    revoked_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    objects = GiftLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("gift link")
        verbose_name_plural = _("gift links")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["giver", "-created_at"], name="articles_giftlink_of_giver")]
        constraints = [
            models.CheckConstraint(condition=models.Q(opens__lte=models.F("max_opens")), name="articles_giftlink_opens_are_capped"),
            models.CheckConstraint(condition=models.Q(expires_at__gt=models.F("created_at")), name="articles_giftlink_lasts"),
        ]

    def __str__(self) -> str:
        return f"{self.article} ({self.giver})"

    @property
    def is_in_force(self) -> bool:
        """Say whether it opens its article to who has opened it; twin of `GiftLinkQuerySet.in_force`."""
        return self.revoked_at is None and self.expires_at > timezone.now()

    @property
    def state(self) -> "GiftLink.State":
        """Return what somebody new who follows it meets."""
        if self.revoked_at is not None:
            return self.State.REVOKED
        if not self.is_in_force:
            return self.State.EXPIRED
        return self.State.OPEN if self.opens < self.max_opens else self.State.SPENT
