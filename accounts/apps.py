"""Who reads, pays, comments and edits."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Configure the app."""

    name = "accounts"
    verbose_name = _("People")
