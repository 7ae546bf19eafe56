"""Pictures and the renditions made of them."""

from functools import cached_property
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

PERCENT = [MinValueValidator(0), MaxValueValidator(100)]


class Image(models.Model):
    """A picture as it was uploaded; readers get its renditions."""

    file = models.ImageField(_("file"), upload_to="originals/%Y/%m/", width_field="width", height_field="height")
    width = models.PositiveIntegerField(_("width in pixels"), editable=False, default=0)
    height = models.PositiveIntegerField(_("height in pixels"), editable=False, default=0)
    checksum = models.CharField(_("SHA-256"), max_length=64, blank=True, editable=False, db_index=True)
    title = models.CharField(_("title"), max_length=200, blank=True)
    alt = models.CharField(
        _("alternative text"), max_length=500, blank=True, help_text=_("What is to be seen, for those who can't see it.")
    )
    caption = models.TextField(_("caption"), blank=True)
    credit = models.CharField(_("credit"), max_length=200, blank=True)
    focal_x = models.PositiveSmallIntegerField(_("focal point from the left, per cent"), default=50, validators=PERCENT)
    focal_y = models.PositiveSmallIntegerField(_("focal point from the top, per cent"), default=50, validators=PERCENT)
    uploaded_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    source_id = models.CharField(_("id at the source of an import"), max_length=255, null=True, blank=True, unique=True)
    source_url = models.URLField(_("address at the source of an import"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.title or self.file.name or ""

    @cached_property
    def ready_renditions(self) -> list["Rendition"]:
        """Return the renditions made so far, narrowest first; one query unless prefetched."""
        return sorted(self.renditions.all(), key=lambda rendition: rendition.width)

    def set_renditions(self, objects: list[dict[str, Any]]) -> None:
        """Take the renditions from what the picture's row was read with, so that they need no query."""
        self.__dict__["ready_renditions"] = [Rendition(image=self, **values) for values in objects]

    @property
    def srcset(self) -> str:
        """Return the `srcset` of the renditions made so far; empty while there are none."""
        return ", ".join(f"{rendition.file.url} {rendition.width}w" for rendition in self.ready_renditions)

    @property
    def src(self) -> str:
        """Return the address for browsers that read no `srcset`: a middling rendition, else the original."""
        renditions = self.ready_renditions
        middling = next((rendition for rendition in renditions if rendition.width >= 800), renditions[-1] if renditions else None)
        return middling.file.url if middling else self.file.url


class Rendition(models.Model):
    """A picture at one width, in WebP; once twinned, its file has a smaller one in AVIF beside it if that saves anything."""

    image = models.ForeignKey(Image, models.CASCADE, related_name="renditions")
    width = models.PositiveIntegerField(_("width in pixels"))
    height = models.PositiveIntegerField(_("height in pixels"))
    file = models.FileField(_("file"), upload_to="renditions/")
    is_twinned = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("rendition")
        verbose_name_plural = _("renditions")
        constraints = [models.UniqueConstraint(fields=["image", "width"], name="articles_rendition_once_a_width")]

    def __str__(self) -> str:
        return f"{self.image} · {self.width}"
