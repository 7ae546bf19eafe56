"""The project as an application: commands that concern the whole of it."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Hold the commands and checks that belong to no single app."""

    name = "config"
    verbose_name = "Masthead"

    def ready(self) -> None:
        """Let kept pages, masthead and footer follow what they show."""
        from django.db.models.signals import post_delete, post_save

        from articles.models import Article, Section
        from config.context_processors import forget_frame
        from config.public_rows import watch_public_rows
        from magazine.models import SocialLink
        from newsletters.models import Newsletter

        for model in (Article, Section, SocialLink, Newsletter):
            post_save.connect(forget_frame, sender=model, dispatch_uid=f"frame-saved-{model.__name__}")
            post_delete.connect(forget_frame, sender=model, dispatch_uid=f"frame-deleted-{model.__name__}")
        watch_public_rows()
