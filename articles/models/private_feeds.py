"""The address of a reader's own feed, and from how many networks it is read."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PrivateFeed(models.Model):
    """A reader's own feed; the token in its address is shown once, and only its hash is kept."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="private_feed", verbose_name=_("person"))
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField(_("made"), default=timezone.now)

    class Meta:
        verbose_name = _("private feed")
        verbose_name_plural = _("private feeds")
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return str(self.user)


class PrivateFeedNetwork(models.Model):
    """A network that read a private feed in a month; known by a keyed hash that changes with the month."""

    feed = models.ForeignKey(PrivateFeed, models.CASCADE, related_name="networks", verbose_name=_("private feed"))
    network = models.CharField(_("network"), max_length=32)
    period = models.DateField(_("month"), db_index=True)

    class Meta:
        verbose_name = _("network of a private feed")
        verbose_name_plural = _("networks of private feeds")
        constraints = [models.UniqueConstraint(fields=["feed", "period", "network"], name="articles_privatefeednetwork_once")]

    def __str__(self) -> str:
        return f"{self.feed_id} {self.period:%Y-%m}"
