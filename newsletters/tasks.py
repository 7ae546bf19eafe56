"""Nudges: each may be lost or doubled without harm."""

from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone

from magazine.addresses import whole_address
from magazine.models import Identity
from newsletters import sending
from newsletters.models import Issue, Signup
from newsletters.tokens import confirm_token


@shared_task
def ask_for_confirmation(signup_id: int) -> None:
    """Send the one mail that asks whether somebody wants a letter; at least once."""
    signup = Signup.objects.unasked().select_related("newsletter", "user").filter(pk=signup_id).first()
    if signup is None:
        return
    context = {
        "newsletter": signup.newsletter,
        "identity": Identity.load(),
        "confirm_url": whole_address("newsletters:confirm", confirm_token(signup)),
    }
    subject = " ".join(render_to_string("newsletters/mail/confirm.subject.txt", context).split())
    message = EmailMultiAlternatives(subject, render_to_string("newsletters/mail/confirm.txt", context), to=[signup.user.email])
    message.attach_alternative(render_to_string("newsletters/mail/confirm.html", context), "text/html")
    message.send()
    Signup.objects.filter(pk=signup.pk).update(asked_at=timezone.now())


@shared_task
def send_issue(issue_id: int) -> None:
    """Send for a while, and ring again while there is more."""
    if sending.pump(issue_id) and not settings.CELERY_TASK_ALWAYS_EAGER:
        send_issue.apply_async([issue_id], countdown=5)


@shared_task
def sweep() -> None:
    """Pick up what lost nudges and dead senders left."""
    sending.reclaim()
    for issue in Issue.objects.due():
        sending.start(issue)
    for pk in Issue.objects.unfinished().values_list("pk", flat=True):
        send_issue.delay(pk)
    for pk in Signup.objects.unasked().values_list("pk", flat=True)[:500]:
        ask_for_confirmation.delay(pk)
