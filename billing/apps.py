"""What readers hold and what they pay."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    """Configure the app."""

    name = "billing"
    verbose_name = _("Subscriptions")
