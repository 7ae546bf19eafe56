"""What is sent out."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NewslettersConfig(AppConfig):
    """Configure the app."""

    name = "newsletters"
    verbose_name = _("Newsletters")

    def ready(self) -> None:
        """Register what newsletters holds of a reader."""
        from accounts.privacy import register_part
        from newsletters import privacy

        register_part("newsletters", privacy.export, erase=privacy.erase)
