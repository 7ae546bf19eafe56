"""Check whether everything the site needs is there."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from config.doctor import examine


class Command(BaseCommand):
    """Print one line for each check, and exit 1 if one found a fault."""

    help = "Checks mail, Stripe, webhook, storage, broker, cache, database encoding and clock; exits 1 on a fault."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Examine, print, and exit."""
        is_well = True
        for name, finding in examine():
            mark = self.style.SUCCESS("ok   ") if finding.is_ok else self.style.ERROR("FAULT")
            self.stdout.write(f"{mark} {name}: {finding.words}")
            is_well &= finding.is_ok
        if not is_well:
            sys.exit(1)
