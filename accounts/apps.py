"""Who reads, pays, comments and edits."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Configure the app."""

    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        """Register what accounts itself holds of a reader."""
        from accounts import deletion, privacy

        privacy.register_part("account", privacy.own_part, erase=deletion.erase_own_files, files=privacy.own_files)
