"""What the magazine publishes, and who may read it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ArticlesConfig(AppConfig):
    """Configure the app."""

    name = "articles"
    verbose_name = _("Articles")

    def ready(self) -> None:
        """Count what was read and save what was chosen before signing in, and register what is held of a reader."""
        from allauth.account.signals import user_logged_in

        from accounts.privacy import register_part
        from articles import meter, privacy, saving

        user_logged_in.connect(meter.merge_at_sign_in, dispatch_uid="articles.meter")
        user_logged_in.connect(saving.save_at_sign_in, dispatch_uid="articles.saving")
        register_part("reading", privacy.export, erase=privacy.erase)
