"""What an editor says on the page where the magazine is sold, and what ties this site to its objects at Stripe."""

import secrets
from typing import Self

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from magazine.one_row import OneRow


def new_site_reference() -> str:
    """Return a name that no other site of the same Stripe account has."""
    return secrets.token_hex(8)


class SubscriptionSettings(OneRow):
    """The words of the subscription page, and the mark by which our objects at Stripe are known."""

    headline = models.CharField(_("headline"), max_length=120, blank=True, help_text=_("Above the prices; left empty: Subscribe."))
    introduction = models.TextField(_("introduction"), blank=True, help_text=_("Who pays for the magazine, and why."))
    promises = models.TextField(_("promises"), blank=True, help_text=_("Beside the prices, one line each."))
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default="EUR",
        validators=[RegexValidator(r"^[A-Z]{3}$", _("Write three capital letters, such as EUR."))],
        help_text=_("The one shown first, as an ISO 4217 code."),
    )
    site_reference = models.CharField(max_length=16, default=new_site_reference, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("subscription page")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def site(cls) -> str:
        """Return the mark of this site, straight from the database: a stale one would make our own customers strangers."""
        row: Self
        row, _created = cls.objects.get_or_create(pk=1)
        return row.site_reference

    @property
    def promise_list(self) -> list[str]:
        """Return the promises, a line each."""
        return [line.strip() for line in self.promises.splitlines() if line.strip()]


class Question(models.Model):
    """What readers ask before they subscribe, and the answer."""

    settings = models.ForeignKey(SubscriptionSettings, models.CASCADE, related_name="questions", default=1, editable=False)
    question = models.CharField(_("question"), max_length=160)
    answer = models.TextField(_("answer"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.question
