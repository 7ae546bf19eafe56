"""Send an issue to everybody who asked for it: nobody twice, nobody after unsubscribing, nobody forgotten.

Every delivery is a row. It is claimed under a lease, marked `attempting` by an update that checks the wish and the issue once more,
handed to the mail server, and then `accepted`. A sender that dies before the mark leaves a claim that goes back to `pending`,
provably unsent; one that dies behind it leaves a delivery that becomes `unconfirmed` and is never sent again by itself.
"""

import secrets
import smtplib
import time
from datetime import timedelta
from email.utils import formataddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from billing.entitlements import entitled_user_ids
from magazine.addresses import whole_address
from magazine.public_pages import forget_public_pages_on_commit
from newsletters.models import Delivery, Issue, Newsletter, Signup
from newsletters.rendering import PREFERENCES_MARK, UNSUBSCRIBE_MARK, render_issue
from newsletters.tokens import manage_token

BATCH = 100
LEASE_SECONDS = 120
PUMP_SECONDS = 45
MAX_ATTEMPTS = 5
REFUSED_FOR_GOOD = 500


def start(issue: Issue) -> bool:
    """Begin to send a draft or scheduled issue; return whether this call did it."""
    started = Issue.objects.filter(pk=issue.pk, status__in=[Issue.Status.DRAFT, Issue.Status.SCHEDULED]).update(
        status=Issue.Status.PREPARING
    )
    if started:
        transaction.on_commit(lambda: _nudge(issue.pk))
    return bool(started)


def prepare(issue: Issue) -> None:
    """Freeze an issue's texts and write a delivery for everybody who should get it; may be repeated after a crash."""
    with transaction.atomic():
        locked = Issue.objects.select_for_update().select_related("newsletter").get(pk=issue.pk)
        if locked.status != Issue.Status.PREPARING:
            return
        render_issue(locked)
        wishes = Signup.objects.confirmed().filter(newsletter=locked.newsletter, user__is_active=True)
        recipients = wishes.filter(_may_get(locked.newsletter))
        rows = (Delivery(issue=locked, signup_id=pk, user_id=user) for pk, user in recipients.values_list("pk", "user_id").iterator(2000))
        while batch := [row for row, _ in zip(rows, range(2000), strict=False)]:
            Delivery.objects.bulk_create(batch, ignore_conflicts=True)
        locked.excluded_count = wishes.count() - locked.deliveries.count()
        locked.status, locked.sent_at = Issue.Status.SENDING, timezone.now()
        locked.save(update_fields=["body_html", "preview_html", "mail_html", "mail_text", "excluded_count", "status", "sent_at"])
        forget_public_pages_on_commit()


def pump(issue_id: int) -> bool:
    """Prepare and send for a while; return whether there is more to do. Several at once do no harm."""
    issue = Issue.objects.select_related("newsletter").get(pk=issue_id)
    prepare(issue)
    deadline, worker = time.monotonic() + PUMP_SECONDS, secrets.token_hex(8)
    issue.refresh_from_db()
    with get_connection() as transport:
        while issue.status == Issue.Status.SENDING and time.monotonic() < deadline:
            batch = claim(issue, worker)
            if not batch:
                break
            for delivery in batch:
                deliver(delivery, worker, transport)
            issue.refresh_from_db(fields=["status"])
    return not finish(issue)


def claim(issue: Issue, worker: str) -> list[Delivery]:
    """Take on up to a hundred deliveries under a lease; no two senders get the same."""
    with transaction.atomic():
        free = (
            Delivery.objects.pending().filter(issue=issue).filter(Q(leased_until=None) | Q(leased_until__lt=timezone.now())).order_by("pk")
        )
        if connection.features.has_select_for_update_skip_locked:
            free = free.select_for_update(skip_locked=True)
        ids = [delivery.pk for delivery in free[:BATCH]]
        lease = timezone.now() + timedelta(seconds=LEASE_SECONDS)
        Delivery.objects.pending().filter(pk__in=ids).update(status=Delivery.Status.CLAIMED, worker=worker, leased_until=lease)
    mine = Delivery.objects.filter(pk__in=ids, worker=worker, status=Delivery.Status.CLAIMED).order_by("pk")
    return list(mine.select_related("issue__newsletter", "signup", "user"))


def deliver(delivery: Delivery, worker: str, transport: BaseEmailBackend) -> None:
    """Hand one letter over, unless the person or the issue said stop in the meantime."""
    mine = Delivery.objects.filter(pk=delivery.pk, worker=worker)
    marked = mine.filter(
        _may_get(delivery.issue.newsletter),
        status=Delivery.Status.CLAIMED,
        leased_until__gt=timezone.now(),
        signup__status=Signup.Status.CONFIRMED,
        user__is_active=True,
        issue__status=Issue.Status.SENDING,
    ).update(status=Delivery.Status.ATTEMPTING, attempts=F("attempts") + 1)
    if not marked:
        _put_back(delivery, worker)
        return
    try:
        build_message(delivery, transport).send()
    except smtplib.SMTPException as error:
        _note_failure(delivery, worker, error)
    except OSError as error:
        # The connection broke: whether before or behind the final dot, nobody can say.
        _settle(delivery, worker, Delivery.Status.UNCONFIRMED, type(error).__name__)
    else:
        _settle(delivery, worker, Delivery.Status.ACCEPTED)


def build_message(delivery: Delivery, transport: BaseEmailBackend | None = None) -> EmailMultiAlternatives:
    """Return the mail of one delivery, with the headers that let a mailbox unsubscribe by one click (RFC 8058)."""
    issue, newsletter, host = delivery.issue, delivery.issue.newsletter, urlsplit(settings.SITE_URL).hostname
    token = manage_token(delivery.signup)
    unsubscribe = whole_address("newsletters:unsubscribe", token)
    preferences = whole_address("newsletters:preferences", token)

    def fill(text: str) -> str:
        return text.replace(UNSUBSCRIBE_MARK, unsubscribe).replace(PREFERENCES_MARK, preferences)

    message = EmailMultiAlternatives(
        subject=" ".join(issue.subject.split()),
        body=fill(issue.mail_text),
        from_email=formataddr((newsletter.sender_name or newsletter.name, newsletter.sender_email or settings.DEFAULT_FROM_EMAIL)),
        to=[delivery.user.email],
        connection=transport,
        headers={
            "Message-ID": f"<delivery.{delivery.pk}.{delivery.signup.key}@{host}>",
            "List-Unsubscribe": f"<{unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "List-Id": f"{newsletter.name} <{newsletter.slug}.{host}>".encode("ascii", "ignore").decode(),
            "Feedback-ID": f"{issue.pk}:{newsletter.slug}:masthead",
            "Precedence": "bulk",
        },
    )
    message.attach_alternative(fill(issue.mail_html), "text/html")
    return message


def send_test(issue: Issue, *, to: User) -> None:
    """Send an issue as it stands to an editor, marked as a test; it counts for nothing."""
    render_issue(issue)
    signup = Signup(newsletter=issue.newsletter, user=to)
    message = build_message(Delivery(issue=issue, signup=signup, user=to))
    message.subject = f"[Test] {message.subject}"
    message.send()


def reclaim() -> None:
    """Settle what silent senders left: claims are pending again, attempts are unsure for good."""
    expired = Delivery.objects.expired()
    expired.filter(status=Delivery.Status.CLAIMED).update(status=Delivery.Status.PENDING, worker="", leased_until=None)
    expired.filter(status=Delivery.Status.ATTEMPTING).update(status=Delivery.Status.UNCONFIRMED, settled_at=timezone.now())


def finish(issue: Issue) -> bool:
    """Close an issue that has nothing open; return whether there is nothing more to do now."""
    if issue.status != Issue.Status.SENDING:
        return True
    if issue.deliveries.open().exists():
        return False
    is_unsure = issue.deliveries.filter(status=Delivery.Status.UNCONFIRMED).exists()
    status = Issue.Status.NEEDS_REVIEW if is_unsure else Issue.Status.SENT
    Issue.objects.filter(pk=issue.pk, status=Issue.Status.SENDING).update(status=status)
    return True


def pause(issue: Issue) -> bool:
    """Stop sending after the message at hand; return whether it was being sent."""
    return bool(Issue.objects.filter(pk=issue.pk, status=Issue.Status.SENDING).update(status=Issue.Status.PAUSED))


def resume(issue: Issue) -> bool:
    """Go on with a paused issue; return whether it was paused."""
    resumed = Issue.objects.filter(pk=issue.pk, status=Issue.Status.PAUSED).update(status=Issue.Status.SENDING)
    if resumed:
        transaction.on_commit(lambda: _nudge(issue.pk))
    return bool(resumed)


def _may_get(newsletter: Newsletter) -> Q:
    """Return the condition on a signup or a delivery that its reader may read a newsletter in full at this moment."""
    return Q(user__in=entitled_user_ids(plan_ids=newsletter.plan_ids)) if newsletter.is_for_subscribers else Q()


def _put_back(delivery: Delivery, worker: str) -> None:
    """Leave a delivery out whose reader said stop, or may not read it any more; free one whose issue was paused."""
    may_get = _may_get(delivery.issue.newsletter)
    wants_it = Signup.objects.confirmed().filter(may_get, pk=delivery.signup_id, user__is_active=True).exists()
    claimed = Delivery.objects.filter(pk=delivery.pk, worker=worker, status=Delivery.Status.CLAIMED)
    if wants_it:
        claimed.update(status=Delivery.Status.PENDING, worker="", leased_until=None)
    else:
        claimed.update(status=Delivery.Status.SKIPPED, settled_at=timezone.now())


def _note_failure(delivery: Delivery, worker: str, error: smtplib.SMTPException) -> None:
    """Settle a refusal: for good when the server says so, else try again later. It said no, so nothing was delivered."""
    code = getattr(error, "smtp_code", None)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next(iter(error.recipients.values()))[0]
    if isinstance(error, smtplib.SMTPServerDisconnected) or code is None:
        _settle(delivery, worker, Delivery.Status.UNCONFIRMED, type(error).__name__)
    elif code >= REFUSED_FOR_GOOD or delivery.attempts + 1 >= MAX_ATTEMPTS:
        _settle(delivery, worker, Delivery.Status.FAILED, f"{code}")
    else:
        pause_until = timezone.now() + timedelta(seconds=60 * 2**delivery.attempts)
        Delivery.objects.filter(pk=delivery.pk, worker=worker).update(
            status=Delivery.Status.PENDING, worker="", leased_until=pause_until, last_error=f"{code}"
        )


def _settle(delivery: Delivery, worker: str, status: Delivery.Status, error: str = "") -> None:
    Delivery.objects.filter(pk=delivery.pk, worker=worker, status=Delivery.Status.ATTEMPTING).update(
        status=status, settled_at=timezone.now(), last_error=error
    )


def _nudge(issue_id: int) -> None:
    from newsletters.tasks import send_issue

    send_issue.delay(issue_id)
