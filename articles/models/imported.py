"""What was imported already, so that a second run changes nothing."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportedItem(models.Model):
    """An item of another system and what became of it."""

    source_id = models.CharField(_("id at the source"), max_length=255, unique=True)
    digest = models.CharField(_("digest of what the source said"), max_length=64, blank=True)
    saved_digest = models.CharField(_("digest of what was saved"), max_length=64, blank=True)
    article = models.OneToOneField(
        "articles.Article", models.SET_NULL, null=True, blank=True, related_name="imported_item", verbose_name=_("article")
    )
    image = models.ForeignKey("articles.Image", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("picture"))
    address = models.CharField(_("address of the file"), max_length=500, blank=True, help_text=_("Of a sound or document."))
    imported_at = models.DateTimeField(_("imported"), auto_now=True)

    class Meta:
        verbose_name = _("imported item")
        verbose_name_plural = _("imported items")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.source_id
