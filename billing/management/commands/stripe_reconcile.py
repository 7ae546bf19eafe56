"""Compare everything with Stripe."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.reconciling import reconcile_all


class Command(BaseCommand):
    """Compare with Stripe, repair, report."""

    help = "Compare all subscriptions, customers and recent payments with Stripe, repair what differs, and report it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Report only.")

    def handle(self, *args: Any, **options: Any) -> None:
        report = reconcile_all(is_dry_run=options["dry_run"])
        for drift in report.drifts:
            self.stdout.write(f"{drift.stripe_id}: {drift.field} was {drift.ours}, is {drift.theirs} at Stripe")
        looked_at = ", ".join(f"{count} {what}" for what, count in sorted(report.counts.items()))
        verb = "differ" if options["dry_run"] else "repaired"
        self.stdout.write(f"Looked at: {looked_at or 'nothing'}.")
        self.stdout.write(f"{len(report.drifts)} fields {verb}, {len(report.faults)} faults.")
        if report.was_stopped:
            raise CommandError("Stripe doesn't answer. What is above is done; run the command again for the rest.")
        if report.faults:
            raise CommandError("Some could not be compared: " + "; ".join(report.faults))
