"""What readers say back."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommentsConfig(AppConfig):
    """Configure the app."""

    name = "comments"
    verbose_name = _("Comments")

    def ready(self) -> None:
        """Register what comments holds of a reader."""
        from accounts.privacy import register_part
        from comments import privacy

        register_part("comments", privacy.export, erase=privacy.erase)
