"""The nudges of billing; the rows are the jobs."""

import logging

from celery import shared_task

from billing import contributions, gifts, invitations, lining_up, moving, notices, reconciling, students
from billing.customers import tell_address
from billing.events import process_kept_event
from billing.mails import give_up_stranded, send_queued_mail
from billing.models import Customer, Invitation, Mail, Reconciliation, WebhookEvent
from billing.stripe_client import StripeCallError

logger = logging.getLogger(__name__)

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
def remind_readers() -> None:
    """Tell readers what lies ahead."""
    notices.remind()


@shared_task
def tell_address_of(user_id: int) -> None:
    """Tell Stripe a reader's new address; where Stripe doesn't answer now, the hourly look finds it."""
    customer = Customer.objects.readdressed().select_related("user").filter(user=user_id).first()
    if customer is None:
        return
    try:
        tell_address(customer)
    except StripeCallError as fault:
        logger.warning("The new address of customer %s could not be told: %s", customer.pk, fault)


@shared_task
def reconcile_recent() -> None:
    """Look after lost events, open checkouts and overdue subscriptions."""
    reconciling.reconcile_recent()


@shared_task
def reconcile_all() -> None:
    """Compare everything with Stripe, and repair what differs."""
    reconciling.reconcile_all(kind=Reconciliation.Kind.NIGHTLY)
    reconciling.forget_old_reports()


@shared_task
def send_mail(mail_id: int) -> None:
    """Send one mail about money."""
    mail = Mail.objects.select_related("user").filter(pk=mail_id).first()
    if mail is not None:
        send_queued_mail(mail)


@shared_task
def send_waiting_mails() -> None:
    """Pick up the mails whose nudge got lost, and those whose time has come."""
    give_up_stranded()
    for mail_id in Mail.objects.waiting().order_by("send_at").values_list("pk", flat=True)[:SWEEP_SIZE]:
        send_mail.delay(mail_id)


@shared_task
def clear_old_giving() -> None:
    """Forget gifts and contributions that were never paid, and addresses that are needed no more."""
    gifts.clear_old()
    contributions.clear_old()


@shared_task
def forget_old_invitations() -> None:
    """Delete the addresses of those who were invited to a group and never came."""
    invitations.forget(Invitation.objects.forgettable())


@shared_task
def move_prices() -> None:
    """Move readers who renew soon to the prices that they were told of, and look after those who study."""
    students.look_after_students()
    moving.make_due_moves()


@shared_task
def line_up_gifts() -> None:
    """Let the gifts that wait begin when what their readers hold ends."""
    lining_up.line_up_everybody()


@shared_task
def line_up_gifts_of(user_id: int) -> None:
    """Do so for one reader, one of whose gifts was taken back or given again."""
    customer = Customer.objects.select_related("user").filter(user=user_id).first()
    if customer is not None:
        lining_up.line_up_for(customer)
