"""What the magazine publishes, and who may read it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ArticlesConfig(AppConfig):
    """Configure the app."""

    name = "articles"
    verbose_name = _("Articles")
