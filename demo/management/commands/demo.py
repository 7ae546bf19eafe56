"""Load the demo magazine."""

from typing import Any

from django.core.management import CommandError
from django.core.management.base import BaseCommand

from articles.models import Article


class Command(BaseCommand):
    """Load *Downstairs*, the demo magazine; idempotent."""

    help = "Load the demo magazine. Refuses on a database that holds other content."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load it, unless somebody's own articles are here."""
        from demo.loading import load_demo

        if Article.objects.exclude(source_id__startswith="demo:").exists():
            raise CommandError(
                "This magazine holds articles of its own. The demo is for an empty one: set DATABASE_URL to another database."
            )
        load_demo()
        if options["verbosity"]:
            self.stdout.write(f"Downstairs is loaded: {Article.objects.in_the_flow().count()} articles.")
