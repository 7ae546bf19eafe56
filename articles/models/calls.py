"""What the block below a preview says to win a subscriber."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

# Where the words of the paywall's own settings stood when somebody subscribed.
DEFAULT_CALL = "paywall"


class WallWords(models.Model):
    """Words of the block; where one is left empty, the site's own stand."""

    heading = models.CharField(_("heading"), max_length=160, blank=True)
    text = models.TextField(_("text"), blank=True)
    benefits = models.TextField(_("what a subscription gives"), blank=True, help_text=_("One line each."))
    button = models.CharField(_("words on the button"), max_length=40, blank=True, help_text=_("Empty: Subscribe."))

    class Meta:
        abstract = True

    @property
    def benefit_list(self) -> list[str]:
        """Return the benefits, a line each."""
        return [line.strip() for line in self.benefits.splitlines() if line.strip()]


class CallToAction(WallWords):
    """Words of the block for some articles or sections; the slug says in the checkout which ones stood there."""

    name = models.CharField(_("name"), max_length=80, help_text=_("For the newsroom; readers don’t see it."))
    slug = models.SlugField(_("slug"), max_length=50, unique=True, help_text=_("Recorded when somebody subscribes from here."))
    plan = models.ForeignKey(
        "billing.Plan",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("plan"),
        help_text=_("Whose price is named and where the button leads. Empty: the recommended one."),
    )

    class Meta:
        verbose_name = _("call to action")
        verbose_name_plural = _("calls to action")
        ordering = ["name"]
        constraints = [models.CheckConstraint(condition=~models.Q(slug=DEFAULT_CALL), name="articles_calltoaction_is_not_the_default")]

    def __str__(self) -> str:
        return self.name


class DefaultWords(WallWords):
    """The words that stand where neither article nor section chose a call to action."""

    slug = DEFAULT_CALL
    plan: Any = None

    class Meta:
        abstract = True
