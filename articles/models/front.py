"""What the editor put on the front page."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class FrontSlot(models.Model):
    """An article's place on the front page; places left free fill themselves with the newest."""

    class Rank(models.TextChoices):
        LEAD = "lead", _("lead")
        ALSO = "also", _("under the lead")
        SECOND = "second", _("second rank")

    rank = models.CharField(_("rank"), max_length=8, choices=Rank, default=Rank.SECOND)
    article = models.OneToOneField("articles.Article", models.CASCADE, related_name="front_slot", verbose_name=_("article"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("place on the front page")
        verbose_name_plural = _("front page")
        ordering = ["rank", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["rank"], condition=models.Q(rank="lead"), name="articles_frontslot_one_lead")]

    def __str__(self) -> str:
        return f"{self.get_rank_display()}: {self.article}"
