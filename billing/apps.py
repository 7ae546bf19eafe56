"""What readers hold and what they pay."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    """Configure the app."""

    name = "billing"
    verbose_name = _("Subscriptions")

    def ready(self) -> None:
        """Register what billing holds of a reader."""
        from accounts.privacy import register_part
        from billing import privacy

        register_part("subscriptions", privacy.export, before_deletion=privacy.stop_charging, erase=privacy.erase)
