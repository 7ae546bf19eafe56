"""Who reads, pays, comments and edits."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Configure the app."""

    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        """Register what accounts itself holds of a reader."""
        from accounts.exporting import erase_exports
        from accounts.privacy import own_part, register_part

        register_part("account", own_part, erase=lambda user, words_too: erase_exports(user))
