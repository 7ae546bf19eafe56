"""What was opened on the meter: by whom who has an account, how much by who has none."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class MeteredRead(models.Model):
    """An article that somebody with an account opened in one calendar month of the site's zone; `period` is its first day."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="metered_reads", verbose_name=_("person"))
    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="+", verbose_name=_("article"))
    period = models.DateField(_("month"))
    read_at = models.DateTimeField(_("opened"), default=timezone.now)

    class Meta:
        verbose_name = _("metered read")
        verbose_name_plural = _("metered reads")
        constraints = [models.UniqueConstraint(fields=["user", "period", "article"], name="articles_meteredread_once_a_month")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.period:%Y-%m}: {self.article_id}"


class AnonymousMeter(models.Model):
    """How much one browser without an account opened in a month; which articles, only its cookie knows.

    With the count here, a cookie that is sent again and again opens no more than one that is replaced as it should be.
    """

    key = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    period = models.DateField(_("month"), db_index=True)
    spent = models.PositiveSmallIntegerField(_("opened"), default=0)

    class Meta:
        verbose_name = _("meter without an account")
        verbose_name_plural = _("meters without an account")

    def __str__(self) -> str:
        return f"{self.period:%Y-%m}: {self.spent}"


class MeterNetwork(models.Model):
    """How many new anonymous meters one network began on a day of the site's zone; the network is known by a keyed hash of the day."""

    network = models.CharField(_("network"), max_length=32)
    day = models.DateField(_("day"), db_index=True)
    meters = models.PositiveIntegerField(_("new meters"), default=0)

    class Meta:
        verbose_name = _("network of new meters")
        verbose_name_plural = _("networks of new meters")
        constraints = [models.UniqueConstraint(fields=["network", "day"], name="articles_meternetwork_once_a_day")]

    def __str__(self) -> str:
        return f"{self.day}: {self.meters}"
