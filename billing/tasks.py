"""The nudges of billing; the rows are the jobs."""

from celery import shared_task

from billing import reconciling
from billing.events import process_kept_event
from billing.models import WebhookEvent

SWEEP_SIZE = 500


@shared_task
def process_event(event_id: int) -> None:
    """Act on one event of Stripe's."""
    event = WebhookEvent.objects.filter(pk=event_id).first()
    if event is not None:
        process_kept_event(event)


@shared_task
def process_waiting_events() -> None:
    """Pick up the events whose nudge got lost, and those whose wait is over."""
    for event_id in WebhookEvent.objects.waiting().order_by("next_attempt_at").values_list("pk", flat=True)[:SWEEP_SIZE]:
        process_event.delay(event_id)


@shared_task
def reconcile_recent() -> None:
    """Look after open checkouts and overdue subscriptions, without any event."""
    reconciling.reconcile_recent()
