"""Look after what no event told us of: compare with Stripe, repair, report."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils import timezone

from billing.checkout import finish_checkout
from billing.models import CheckoutAttempt, Customer, Subscription
from billing.stripe_client import StripeCallError
from billing.synchronising import Drift, synchronise_customer

logger = logging.getLogger(__name__)

# After so many faults in a row Stripe is down, and the rest can wait for the next time.
FAULTS_TO_STOP = 3


@dataclass(slots=True)
class Report:
    """What a reconciliation found."""

    customers: int = 0
    checkouts: int = 0
    drifts: list[Drift] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    was_stopped: bool = False


def reconcile_recent() -> Report:
    """Finish the checkouts that are open, and look after the subscriptions whose period ended unheard of."""
    report = Report()
    _finish_open_checkouts(report)
    overdue = Subscription.objects.overdue(at=timezone.now()).values("customer")
    _synchronise(Customer.objects.filter(pk__in=overdue), report, is_dry_run=False)
    return report


def reconcile_all(*, is_dry_run: bool = False) -> Report:
    """Compare every customer with Stripe; unless it is a dry run, repair what differs."""
    report = Report()
    if not is_dry_run:
        _finish_open_checkouts(report)
    everybody = Customer.objects.filter(Q(stripe_id__isnull=False) | Q(subscriptions__isnull=False)).distinct()
    _synchronise(everybody, report, is_dry_run=is_dry_run)
    return report


def _finish_open_checkouts(report: Report) -> None:
    for attempt in CheckoutAttempt.objects.open().select_related("user").order_by("pk"):
        if report.was_stopped:
            return
        try:
            finish_checkout(attempt)
        except StripeCallError as fault:
            _note_fault(report, f"checkout {attempt.pk}: {fault}")
        else:
            report.checkouts += 1


def _synchronise(customers: Iterable[Customer], report: Report, *, is_dry_run: bool) -> None:
    # The keys first: on SQLite an open cursor would keep the transactions from committing in time.
    for pk in [customer.pk for customer in customers]:
        if report.was_stopped:
            return
        try:
            report.drifts += synchronise_customer(Customer.objects.select_related("user").get(pk=pk), is_dry_run=is_dry_run)
        except StripeCallError as fault:
            _note_fault(report, f"customer {pk}: {fault}")
        else:
            report.customers += 1


def _note_fault(report: Report, what: str) -> None:
    logger.warning("Reconciling with Stripe failed for %s", what)
    report.faults.append(what)
    report.was_stopped = len(report.faults) >= FAULTS_TO_STOP
