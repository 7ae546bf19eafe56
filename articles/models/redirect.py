"""Old addresses that answer 301."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Redirect(models.Model):
    """An old address and where it leads now."""

    old_path = models.CharField(
        _("old address"), max_length=500, unique=True, help_text=_("Path with its query, for example /2014/05/old-name/ or /?p=12.")
    )
    article = models.ForeignKey(
        "articles.Article", models.CASCADE, null=True, blank=True, related_name="redirects", verbose_name=_("article")
    )
    new_path = models.CharField(_("new address"), max_length=500, blank=True, help_text=_("Unless it leads to an article."))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("redirect")
        verbose_name_plural = _("redirects")
        ordering = ["old_path"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(article__isnull=False, new_path="") | (models.Q(article__isnull=True) & ~models.Q(new_path="")),
                name="articles_redirect_leads_to_one_place",
            )
        ]

    def __str__(self) -> str:
        return self.old_path
