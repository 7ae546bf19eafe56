"""What is sent out."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NewslettersConfig(AppConfig):
    """Configure the app."""

    name = "newsletters"
    verbose_name = _("Newsletters")
