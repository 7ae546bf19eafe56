"""The magazine's identity."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MagazineConfig(AppConfig):
    """Configure the app."""

    name = "magazine"
    verbose_name = _("Magazine")
