"""Look after what no event told us of: compare with Stripe, repair, report."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from django.utils import timezone

from billing import stripe_client
from billing.checkout import finish_checkout
from billing.comparing import CHUNK, COMPARISONS, Comparison, batched
from billing.customers import tell_address
from billing.events import HANDLED_KINDS
from billing.models import CheckoutAttempt, Customer, Reconciliation, Subscription
from billing.stocktaking import take_stock
from billing.stripe_client import StripeCallError
from billing.synchronising import Drift, synchronise_customer
from billing.webhooks import keep_event

logger = logging.getLogger(__name__)

# After so many faults in a row Stripe is down, and the rest can wait for the next time.
FAULTS_TO_STOP = 3
# Stripe tries for three days to deliver an event, and lists it for thirty.
EVENT_DAYS = 4
KEPT_DAYS = 35
DRIFTS_KEPT = 500
ADDRESSES_AN_HOUR = 1000


@dataclass(slots=True)
class Report:
    """What a reconciliation found."""

    kind: str
    is_dry_run: bool = False
    started_at: datetime = field(default_factory=timezone.now)
    counts: Counter[str] = field(default_factory=Counter)
    drifts: list[Drift] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    was_stopped: bool = False
    faults_in_a_row: int = 0

    def attempt(self, what: str, act: Callable[[], object]) -> None:
        """Do one thing, unless Stripe was found to be down; note how it went."""
        if self.was_stopped:
            return
        try:
            act()
        except StripeCallError as fault:
            logger.warning("Reconciling with Stripe failed for %s: %s", what, fault)
            self.faults.append(f"{what}: {fault}")
            self.faults_in_a_row += 1
            self.was_stopped = self.faults_in_a_row >= FAULTS_TO_STOP
        except Exception as error:
            # A fault of ours with one of them must not keep the others from being looked after.
            logger.exception("Reconciling with Stripe broke for %s.", what)
            self.faults.append(f"{what}: {type(error).__name__}")
        else:
            self.faults_in_a_row = 0

    def keep(self) -> Reconciliation:
        """Write the report down for the newsroom."""
        drifts = [drift.as_json() for drift in self.drifts[:DRIFTS_KEPT]]
        return Reconciliation.objects.create(
            kind=self.kind,
            is_dry_run=self.is_dry_run,
            started_at=self.started_at,
            finished_at=timezone.now(),
            counts=dict(self.counts),
            drifts=drifts,
            drift_count=len(self.drifts),
            faults=self.faults,
            fault_count=len(self.faults),
            was_stopped=self.was_stopped,
        )


def reconcile_recent() -> Report:
    """Fetch the events that never reached us, finish open checkouts, tell new addresses, look after periods that ended unheard of."""
    report = Report(Reconciliation.Kind.HOURLY)
    report.attempt("events", partial(_keep_undelivered, report))
    _finish_open_checkouts(report)
    for customer in list(Customer.objects.readdressed().select_related("user")[:ADDRESSES_AN_HOUR]):
        report.attempt(f"address of customer {customer.pk}", partial(tell_address, customer))
    overdue = Subscription.objects.overdue(at=timezone.now()).values("customer")
    _synchronise(Customer.objects.filter(pk__in=overdue).values_list("pk", flat=True), report)
    report.keep()
    return report


def reconcile_all(*, kind: str = Reconciliation.Kind.BY_HAND, is_dry_run: bool = False) -> Report:
    """Compare everything with Stripe; unless it is a dry run, repair what differs."""
    report = Report(kind, is_dry_run=is_dry_run)
    if not is_dry_run:
        report.attempt("events", partial(_keep_undelivered, report))
        _finish_open_checkouts(report)
    comparison = Comparison(report.counts)
    for compare in COMPARISONS:
        report.attempt(compare.__name__.removeprefix("compare_"), partial(compare, comparison))
    report.attempt("what is sold", partial(_take_stock, report))
    for chunk in batched(sorted(filter(None, comparison.differing)), CHUNK):
        _synchronise(Customer.objects.filter(stripe_id__in=chunk).values_list("pk", flat=True), report)
    report.keep()
    return report


def forget_old_reports() -> int:
    """Delete the reports of long ago; return how many."""
    count, _by_model = Reconciliation.objects.filter(started_at__lt=timezone.now() - timedelta(days=KEPT_DAYS)).delete()
    return count


def _keep_undelivered(report: Report) -> None:
    """Keep the events that Stripe could not deliver and that we lack; they are worked on like any other."""
    since = int((timezone.now() - timedelta(days=EVENT_DAYS)).timestamp())
    for event in stripe_client.every_undelivered_event(since=since):
        if event["type"] in HANDLED_KINDS and event["livemode"] == stripe_client.is_live() and keep_event(event):
            report.counts["events"] += 1


def _finish_open_checkouts(report: Report) -> None:
    for attempt in CheckoutAttempt.objects.open().select_related("user").order_by("pk"):
        report.attempt(f"checkout {attempt.pk}", partial(finish_checkout, attempt))
        report.counts["checkouts"] += 1


def _take_stock(report: Report) -> None:
    report.drifts += take_stock(report.counts, is_dry_run=report.is_dry_run)


def _synchronise(customers: Iterable[int], report: Report) -> None:
    # The keys first: on SQLite an open cursor would keep the transactions from committing in time.
    for pk in list(customers):
        report.attempt(f"customer {pk}", partial(_synchronise_one, pk, report))


def _synchronise_one(pk: int, report: Report) -> None:
    customer = Customer.objects.select_related("user").get(pk=pk)
    report.drifts += synchronise_customer(customer, is_dry_run=report.is_dry_run)
    report.counts["synchronised"] += 1
