"""The people behind the articles. A person needs no account."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Person(models.Model):
    """Somebody who wrote, edited, translated, drew or photographed."""

    name = models.CharField(_("name"), max_length=120)
    native_name = models.CharField(_("name in another script"), max_length=120, blank=True)
    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    role_title = models.CharField(_("role at the magazine"), max_length=120, blank=True)
    bio = models.TextField(_("about"), blank=True)
    seal = models.CharField(_("character for the avatar"), max_length=2, blank=True)
    picture = models.ForeignKey("articles.Image", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("picture"))
    email = models.EmailField(_("public email"), blank=True)
    links = models.JSONField(
        _("links"), default=list, blank=True, help_text=_('A list such as [{"label": "Mastodon", "url": "https://…"}].')
    )
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="byline", verbose_name=_("account")
    )
    source_id = models.CharField(_("id at the source of an import"), max_length=255, null=True, blank=True, unique=True)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the person's page."""
        return reverse("articles:person", args=[self.slug])

    @property
    def initial(self) -> str:
        """Return the character for an avatar without a picture."""
        return self.seal or (self.native_name or self.name)[:1]
