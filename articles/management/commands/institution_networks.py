"""Name institutions' networks to a cache in front of the site."""

from typing import Any

from django.core.management.base import BaseCommand

from articles.models import Institution


class Command(BaseCommand):
    """Print the networks of all institutions that aren't over, as lines of an nginx `geo` block."""

    help = "Print institutions' networks as lines of an nginx geo block; for deploy/nginx.conf."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line a network; one that hasn't begun is there already, because the site decides by the date."""
        networks = Institution.objects.not_over().values_list("networks__network", flat=True)
        for network in sorted({network for network in networks if network}):
            self.stdout.write(f"{network} 1;")
