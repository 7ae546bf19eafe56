"""Who the magazine is: name, look, addresses."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from magazine.one_row import OneRow

DEFAULT_ACCENT = "#c2311c"


class Identity(OneRow):
    """The magazine's name, look and addresses, as its editor-in-chief set them."""

    name = models.CharField(_("name"), max_length=80, default="Masthead")
    seal = models.CharField(
        _("seal"),
        max_length=4,
        blank=True,
        help_text=_("One to four characters set as a seal beside the name, for example 楼下. Leave empty for none."),
    )
    tagline = models.CharField(_("tagline"), max_length=160, blank=True)
    description = models.TextField(_("description"), blank=True, help_text=_("For search engines and feeds."))
    logo = models.ImageField(_("logo"), upload_to="identity/", blank=True)
    accent = models.CharField(
        _("accent colour"),
        max_length=7,
        default=DEFAULT_ACCENT,
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write the colour as #rrggbb."))],
    )
    shows_lunar_date = models.BooleanField(_("show the lunar date"), default=False)
    footer_sentence = models.TextField(_("sentence in the footer"), blank=True)
    imprint = models.CharField(
        _("imprint line"), max_length=200, blank=True, help_text=_("For example: Edited in Chengdu, Rotterdam and Penang.")
    )
    rights = models.CharField(_("rights line"), max_length=200, blank=True, help_text=_("Who to ask before republishing."))
    desk_email = models.EmailField(_("email of the desk"), blank=True)
    appeal = models.CharField(
        _("appeal sentence"), max_length=300, blank=True, help_text=_("Shown in appeal boxes that bring no sentence of their own.")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("site settings")

    def __str__(self) -> str:
        return self.name


class SocialLink(models.Model):
    """An address of the magazine elsewhere."""

    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="social_links", default=1)
    label = models.CharField(_("label"), max_length=40)
    url = models.URLField(_("address"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("social link")
        verbose_name_plural = _("social links")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.label
