"""How much is read, and what the paywall allows."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from articles.models.calls import DefaultWords
from magazine.one_row import OneRow

MAX_ALLOWANCE = 100


class DailyReads(models.Model):
    """How often an article was read on one day of the site's zone."""

    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="daily_reads")
    day = models.DateField(_("day"))
    reads = models.PositiveIntegerField(_("reads"), default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("reads a day")
        constraints = [models.UniqueConstraint(fields=["article", "day"], name="articles_dailyreads_once_a_day")]
        indexes = [models.Index(fields=["day"], name="articles_dailyreads_day")]

    def __str__(self) -> str:
        return f"{self.article_id} {self.day}: {self.reads}"


class PaywallSettings(DefaultWords, OneRow):
    """What the paywall says and allows."""

    anonymous_allowance = models.PositiveSmallIntegerField(
        _("metered reads a month without an account"), default=3, validators=[MaxValueValidator(MAX_ALLOWANCE)]
    )
    registered_allowance = models.PositiveSmallIntegerField(
        _("metered reads a month with an account"), default=5, validators=[MaxValueValidator(MAX_ALLOWANCE)]
    )
    new_meters_per_network = models.PositiveSmallIntegerField(
        _("new meters a day in one network"),
        default=30,
        help_text=_("How many browsers without an account may begin on one day from one network; the next are asked to sign in."),
    )
    opens_to_crawlers = models.BooleanField(
        _("verified crawlers get the whole text"),
        default=False,
        help_text=_("Google’s and Bing’s, verified by their names in DNS. Off, they index the preview."),
    )
    gifts_a_month = models.PositiveSmallIntegerField(_("gift links a month for a subscriber"), default=5)
    gift_opens = models.PositiveSmallIntegerField(
        _("opens of a gift link"),
        default=20,
        validators=[MinValueValidator(1)],
        help_text=_("In so many browsers one link opens its article."),
    )
    sign = models.CharField(
        _("sign"), max_length=12, blank=True, help_text=_("Characters set large beside the block, for example 未完待续.")
    )
    sign_note = models.CharField(_("line under the sign"), max_length=80, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("paywall")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
