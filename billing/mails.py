"""Send the mails about money: each once, none lost, to the address a reader has by then.

A mail is written as `templates/billing/mail/<name>.{subject.txt,txt}`; its HTML part is made of the text.
"""

import logging
import smtplib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.letters import send_letter
from accounts.models import User
from billing.models import Mail

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
FIRST_WAIT_MINUTES = 5
LONGEST_WAIT_MINUTES = 12 * 60
REFUSED_FOR_GOOD = 500

# What some mails are told only when they are sent, by name; see `register_context`.
contexts: dict[str, Callable[[Mail], dict[str, Any] | None]] = {}


def register_context(name: str, late_context: Callable[[Mail], dict[str, Any] | None]) -> None:
    """Say what a mail is told when it is sent, such as a secret that no row may keep; None says that it is no longer needed."""
    contexts[name] = late_context


def queue_mail(
    name: str, *, key: str, to: User | str, context: dict[str, Any] | None = None, send_at: datetime | None = None, language: str = ""
) -> Mail | None:
    """Have a mail sent once the transaction is kept, or later; None if there was one of that key already.

    The context is plain JSON: amounts as they are shown, moments as ISO 8601, and addresses without a reader's name in them. The
    language is for whom none is known; whoever chose one is written to in theirs.
    """
    from billing.tasks import send_mail

    recipient: dict[str, Any] = {"address": to} if isinstance(to, str) else {"user": to}
    defaults = {"name": name, "context": context or {}, "language": language, "send_at": send_at or timezone.now(), **recipient}
    with transaction.atomic():
        mail, is_new = Mail.objects.get_or_create(key=key, defaults=defaults)
        if is_new and mail.is_waiting():
            # Robust: a broker that is down must not undo what happened; the sweep finds the row.
            transaction.on_commit(lambda: send_mail.delay(mail.pk), robust=True)
    return mail if is_new else None


def drop_mails(*, key_prefix: str) -> int:
    """Take back mails that wait and are no longer true; return how many."""
    return Mail.objects.filter(key__startswith=key_prefix, status=Mail.Status.WAITING).update(status=Mail.Status.DROPPED)


def send_queued_mail(mail: Mail) -> None:
    """Hand one mail over, if it is its turn; a doubled nudge changes nothing."""
    if not mail.claim():
        return
    try:
        status = _hand_over(mail)
    except (smtplib.SMTPConnectError, smtplib.SMTPHeloError, smtplib.SMTPAuthenticationError, ConnectionRefusedError) as error:
        _try_later(mail, error)
    except smtplib.SMTPResponseException as error:
        if error.smtp_code >= REFUSED_FOR_GOOD:
            mail.settle(Mail.Status.FAILED, error=_named(error))
        else:
            _try_later(mail, error)
    except smtplib.SMTPRecipientsRefused as error:
        if all(code >= REFUSED_FOR_GOOD for code, _answer in error.recipients.values()):
            mail.settle(Mail.Status.FAILED, error=type(error).__name__)
        else:
            _try_later(mail, error)
    except (smtplib.SMTPException, OSError) as error:
        # The connection broke: whether before or behind the final dot, nobody can say.
        mail.settle(Mail.Status.UNSURE, error=_named(error))
    except Exception as error:
        # A fault of ours, before anything was handed over.
        _try_later(mail, error)
        raise
    else:
        mail.settle(status)


def _hand_over(mail: Mail) -> str:
    """Give a mail to the mail server, unless nobody needs it any more; return what it is then."""
    recipient, context = mail.user, context_of(mail)
    if context is None or (recipient is not None and not recipient.is_active):
        return Mail.Status.DROPPED
    to = recipient.email if recipient else mail.address
    known = recipient or User.objects.with_email(to).filter(is_active=True).first()
    send_letter(f"billing/mail/{mail.name}", to=to, context=context, language=(known.language if known else "") or mail.language)
    return Mail.Status.SENT


def context_of(mail: Mail) -> dict[str, Any] | None:
    """Return what the templates of a mail see: its context, moments read back, and to whom it goes; None if it is needed no more."""
    late: dict[str, Any] | None = contexts[mail.name](mail) if mail.name in contexts else {}
    if late is None:
        return None
    return {name: _read(value) for name, value in mail.context.items()} | late | {"recipient": mail.user}


def give_up_stranded() -> int:
    """Mark mails whose sender died half-way: perhaps they went out, so that only an editor sends them again."""
    return Mail.objects.stranded().update(status=Mail.Status.UNSURE, last_error="The worker stopped while it was being sent.")


def _read(value: object) -> object:
    if isinstance(value, str) and value[4:5] == "-" and "T" in value:
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return value
    return value


def _try_later(mail: Mail, error: Exception) -> None:
    if mail.attempts >= MAX_ATTEMPTS:
        mail.settle(Mail.Status.FAILED, error=_named(error))
        return
    minutes = min(FIRST_WAIT_MINUTES * 2 ** (mail.attempts - 1), LONGEST_WAIT_MINUTES)
    mail.settle(Mail.Status.WAITING, error=_named(error), send_at=timezone.now() + timedelta(minutes=minutes))


def _named(error: Exception) -> str:
    """Name a fault without quoting it: a mail server's answer may hold the address."""
    code = getattr(error, "smtp_code", "")
    return f"{type(error).__name__} {code}".strip()
