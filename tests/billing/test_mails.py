"""Mails about money: each once, none lost."""

import smtplib
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core import mail
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from billing import mails
from billing.admin.mails import SUBJECTS
from billing.mails import drop_mails, give_up_stranded, queue_mail, send_queued_mail
from billing.models import Mail
from billing.tasks import send_waiting_mails


@pytest.fixture(autouse=True)
def _sample(settings, tmp_path):
    folder = tmp_path / "billing" / "mail"
    folder.mkdir(parents=True)
    (folder / "sample.subject.txt").write_text("About {{ what }}")
    (folder / "sample.txt").write_text("Dear {{ recipient.name }}, on {{ at|date:'Y-m-d' }}: {{ what }}.")
    (engine,) = settings.TEMPLATES
    settings.TEMPLATES = [{**engine, "DIRS": [tmp_path, *engine["DIRS"]]}]


def queue(reader, key="sample:1", **kwargs) -> Mail:
    context = {"what": "money", "at": "2026-03-01T00:00:00+00:00"}
    return queue_mail("sample", key=key, to=reader, context=context, **kwargs)


def test_a_mail_goes_once_its_transaction_is_kept(reader, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        queue(reader)
        assert not mail.outbox
    assert [(m.subject, m.to, m.body) for m in mail.outbox] == [
        ("About money", ["reader@example.com"], "Dear Rhea Reader, on 2026-03-01: money.")
    ]
    assert Mail.objects.get().status == Mail.Status.SENT


def test_a_key_is_sent_once_however_often_it_is_queued_and_nudged(reader, django_capture_on_commit_callbacks):
    for _ in range(3):
        with django_capture_on_commit_callbacks(execute=True):
            queue(reader)
    send_queued_mail(Mail.objects.get())
    assert len(mail.outbox) == 1


def test_what_is_undone_sends_nothing(reader, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        queue(reader)
        transaction.set_rollback(True)
    assert not mail.outbox
    assert not Mail.objects.exists()


def test_a_lost_nudge_is_found_by_the_sweep_and_a_later_mail_waits(reader):
    queue(reader)
    queue(reader, key="sample:2", send_at=timezone.now() + timedelta(days=2))
    send_waiting_mails()
    assert [row.key for row in Mail.objects.filter(status=Mail.Status.SENT)] == ["sample:1"]


def test_the_address_is_the_one_the_reader_has_when_it_is_sent(reader):
    row = queue(reader)
    User.objects.filter(pk=reader.pk).update(email="new@example.com")
    send_queued_mail(Mail.objects.select_related("user").get(pk=row.pk))
    assert mail.outbox[0].to == ["new@example.com"]


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (smtplib.SMTPConnectError(421, b"busy"), Mail.Status.WAITING),
        (smtplib.SMTPDataError(451, b"later"), Mail.Status.WAITING),
        (smtplib.SMTPDataError(554, b"no such reader@example.com"), Mail.Status.FAILED),
        (smtplib.SMTPRecipientsRefused({"reader@example.com": (550, b"gone")}), Mail.Status.FAILED),
        (smtplib.SMTPRecipientsRefused({"reader@example.com": (451, b"greylisted")}), Mail.Status.WAITING),
        (smtplib.SMTPServerDisconnected("gone"), Mail.Status.UNSURE),
        (TimeoutError(), Mail.Status.UNSURE),
    ],
)
def test_a_fault_is_tried_again_only_where_the_mail_surely_did_not_go(reader, fault, status):
    row = queue(reader)
    with patch.object(mails, "send_letter", side_effect=fault):
        send_queued_mail(row)
    row.refresh_from_db()
    assert row.status == status
    assert "reader@example.com" not in row.last_error
    if status == Mail.Status.WAITING:
        assert not row.is_waiting()
        assert row.is_waiting(at=timezone.now() + timedelta(hours=1))


def test_it_is_given_up_after_the_last_attempt(reader):
    row = queue(reader)
    Mail.objects.update(attempts=mails.MAX_ATTEMPTS - 1)
    with patch.object(mails, "send_letter", side_effect=ConnectionRefusedError()):
        send_queued_mail(Mail.objects.get())
    row.refresh_from_db()
    assert row.status == Mail.Status.FAILED


def test_a_sender_that_died_leaves_a_mail_for_an_editor(reader):
    row = queue(reader)
    assert row.claim()
    Mail.objects.update(claimed_at=timezone.now() - timedelta(hours=1))
    assert list(Mail.objects.stranded()) == [row]
    give_up_stranded()
    assert list(Mail.objects.given_up()) == [row]
    send_waiting_mails()
    assert not mail.outbox


def test_a_mail_that_is_no_longer_true_is_taken_back(reader):
    queue(reader, send_at=timezone.now() + timedelta(days=2))
    assert drop_mails(key_prefix="sample:") == 1
    assert not Mail.objects.waiting(at=timezone.now() + timedelta(days=3)).exists()


def test_who_left_gets_none(reader):
    row = queue(reader)
    User.objects.filter(pk=reader.pk).update(is_active=False)
    send_queued_mail(Mail.objects.get(pk=row.pk))
    assert not mail.outbox
    assert Mail.objects.get().status == Mail.Status.DROPPED


def test_the_newsroom_has_words_for_every_mail():
    templates = Path(settings.BASE_DIR, "templates/billing/mail").glob("*.subject.txt")
    assert {path.name.removesuffix(".subject.txt") for path in templates} == set(SUBJECTS)
