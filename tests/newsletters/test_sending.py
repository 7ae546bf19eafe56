"""An issue reaches everybody who asked for it, once, whatever dies when."""

import smtplib
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.utils import timezone

from billing.models import Grant
from newsletters import sending
from newsletters.models import Delivery, Issue, Newsletter, Signup
from newsletters.optin import unsubscribe
from tests.factories import make_user

pytestmark = pytest.mark.django_db

BODY = '<p>Good morning from <a href="/about/">the stairwell</a>.</p><h2>Two</h2><p>More.</p><p>And more.</p><p>The end.</p>'


@pytest.fixture
def letter(db):
    return Newsletter.objects.create(name="The Landing", slug="the-landing", sender_email="landing@example.org")


def make_readers(letter, count, *, status=Signup.Status.CONFIRMED):
    return [Signup.objects.create(newsletter=letter, user=make_user(), status=status) for _ in range(count)]


def make_issue(letter, **fields):
    return Issue.objects.create(newsletter=letter, subject="Why nobody leaves", slug=fields.pop("slug", "why"), body=BODY, **fields)


def send(issue):
    sending.start(issue)
    sending.pump(issue.pk)
    issue.refresh_from_db()


def test_everybody_who_confirmed_gets_it_once(letter):
    readers = make_readers(letter, 5)
    make_readers(letter, 2, status=Signup.Status.PENDING)
    make_readers(letter, 2, status=Signup.Status.UNSUBSCRIBED)
    issue = make_issue(letter)
    send(issue)
    assert sorted(message.to[0] for message in mail.outbox) == sorted(signup.user.email for signup in readers)
    assert issue.status == Issue.Status.SENT


def test_starting_and_pumping_again_sends_nothing_more(letter):
    make_readers(letter, 3)
    issue = make_issue(letter)
    send(issue)
    assert not sending.start(issue)
    sending.pump(issue.pk)
    assert len(mail.outbox) == 3


def test_the_mail_has_what_one_click_unsubscribing_needs(letter):
    make_readers(letter, 1)
    send(make_issue(letter))
    message = mail.outbox[0]
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = message.extra_headers["List-Unsubscribe"].strip("<>")
    assert address.startswith("http://localhost:8000/newsletters/unsubscribe/")
    html = message.alternatives[0][0]
    assert address in html
    assert address in message.body
    assert "masthead.invalid" not in html + message.body
    assert 'href="http://localhost:8000/about/"' in html
    assert "the stairwell (http://localhost:8000/about/)" in message.body


def test_the_link_of_a_mail_stops_the_letter(letter, client):
    signup = make_readers(letter, 1)[0]
    send(make_issue(letter))
    client.post(mail.outbox[0].extra_headers["List-Unsubscribe"].strip("<>").removeprefix("http://localhost:8000"))
    signup.refresh_from_db()
    assert signup.status == Signup.Status.UNSUBSCRIBED


def test_the_subscribers_letter_goes_to_subscribers(letter, subscriber):
    letter.audience = Newsletter.Audience.SUBSCRIBERS
    letter.save()
    make_readers(letter, 2)
    given = make_user()
    Grant.objects.create(user=given)
    for user in (subscriber, given):
        Signup.objects.create(newsletter=letter, user=user, status=Signup.Status.CONFIRMED)
    issue = make_issue(letter)
    send(issue)
    assert {message.to[0] for message in mail.outbox} == {subscriber.email, given.email}
    assert issue.excluded_count == 2


def test_whoever_unsubscribes_between_preparing_and_sending_is_left_out(letter):
    first, second = make_readers(letter, 2)
    issue = make_issue(letter)
    sending.start(issue)
    sending.prepare(issue)
    unsubscribe(first)
    sending.pump(issue.pk)
    assert [message.to[0] for message in mail.outbox] == [second.user.email]
    assert Delivery.objects.get(signup=first).status == Delivery.Status.SKIPPED


@pytest.mark.parametrize("left", ["claimed", "not claimed"])
def test_whoever_stops_paying_between_preparing_and_sending_is_left_out(letter, subscriber, left):
    Newsletter.objects.update(audience=Newsletter.Audience.SUBSCRIBERS)
    given = make_user()
    grant = Grant.objects.create(user=given, starts_at=timezone.now() - timedelta(days=2))
    for user in (subscriber, given):
        Signup.objects.create(newsletter=letter, user=user, status=Signup.Status.CONFIRMED)
    issue = make_issue(letter)
    sending.start(issue)
    sending.prepare(issue)
    batch = sending.claim(Issue.objects.get(), "me") if left == "claimed" else []
    Grant.objects.filter(pk=grant.pk).update(ends_at=timezone.now() - timedelta(days=1))
    with mail.get_connection() as transport:
        for delivery in batch:
            sending.deliver(delivery, "me", transport)
    sending.pump(issue.pk)
    assert [message.to[0] for message in mail.outbox] == [subscriber.email]
    assert Delivery.objects.get(user=given).status == Delivery.Status.SKIPPED


def test_a_paused_issue_stops_and_resumes_without_doubles(letter):
    make_readers(letter, 4)
    issue = make_issue(letter)
    sending.start(issue)
    sending.prepare(issue)
    batch = sending.claim(Issue.objects.get(), "me")
    with mail.get_connection() as transport:
        sending.deliver(batch[0], "me", transport)
        assert sending.pause(issue)
        sending.deliver(batch[1], "me", transport)
    assert len(mail.outbox) == 1
    Delivery.objects.filter(status=Delivery.Status.CLAIMED).update(status=Delivery.Status.PENDING, leased_until=None)
    assert sending.resume(issue)
    sending.pump(issue.pk)
    assert len(mail.outbox) == len({message.to[0] for message in mail.outbox}) == 4


def test_a_claim_whose_sender_died_is_sent_by_another(letter):
    make_readers(letter, 2)
    issue = make_issue(letter)
    sending.start(issue)
    sending.prepare(issue)
    sending.claim(Issue.objects.get(), "dead")
    Delivery.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    sending.reclaim()
    sending.pump(issue.pk)
    assert len(mail.outbox) == 2


def test_an_attempt_whose_sender_died_is_unsure_and_never_sent_again_by_itself(letter):
    make_readers(letter, 1)
    issue = make_issue(letter)
    sending.start(issue)
    sending.prepare(issue)
    sending.claim(Issue.objects.get(), "dead")
    Delivery.objects.update(status=Delivery.Status.ATTEMPTING, leased_until=timezone.now() - timedelta(seconds=1))
    sending.reclaim()
    sending.pump(issue.pk)
    assert mail.outbox == []
    issue.refresh_from_db()
    assert issue.status == Issue.Status.NEEDS_REVIEW


def test_a_sender_whose_lease_ran_out_delivers_nothing(letter):
    make_readers(letter, 1)
    issue = make_issue(letter)
    sending.start(issue)
    sending.prepare(issue)
    batch = sending.claim(Issue.objects.get(), "slow")
    Delivery.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    with mail.get_connection() as transport:
        sending.deliver(batch[0], "slow", transport)
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (smtplib.SMTPRecipientsRefused({"x": (550, b"no such user")}), Delivery.Status.FAILED),
        (smtplib.SMTPRecipientsRefused({"x": (450, b"later")}), Delivery.Status.PENDING),
        (smtplib.SMTPDataError(554, b"no"), Delivery.Status.FAILED),
        (smtplib.SMTPServerDisconnected("gone"), Delivery.Status.UNCONFIRMED),
        (ConnectionResetError(), Delivery.Status.UNCONFIRMED),
    ],
)
def test_what_the_mail_server_says_decides(letter, monkeypatch, error, status):
    make_readers(letter, 1)
    issue = make_issue(letter)

    def refuse(self, messages):
        raise error

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    send(issue)
    assert Delivery.objects.get().status == status


def test_an_issue_prepared_stays_as_it_was(letter):
    make_readers(letter, 1)
    issue = make_issue(letter)
    sending.start(issue)
    sending.prepare(issue)
    Issue.objects.update(body="<p>Changed.</p>")
    sending.pump(issue.pk)
    assert "Changed." not in mail.outbox[0].body


def test_header_injection_in_a_subject_is_flattened(letter):
    make_readers(letter, 1)
    issue = make_issue(letter)
    Issue.objects.update(subject="Hello\r\nBcc: all@example.org")
    send(issue)
    assert mail.outbox[0].subject == "Hello Bcc: all@example.org"


def test_the_web_version_of_a_subscribers_letter_is_cut_for_others(letter, client, subscriber):
    letter.audience = Newsletter.Audience.SUBSCRIBERS
    letter.save()
    issue = make_issue(letter)
    assert client.get(issue.get_absolute_url()).status_code == 404
    send(issue)
    assert "The end." not in client.get(issue.get_absolute_url()).content.decode()
    client.force_login(subscriber)
    answer = client.get(issue.get_absolute_url())
    assert "The end." in answer.content.decode()
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_an_editor_sends_an_issue_from_the_newsroom(as_editor, letter, django_capture_on_commit_callbacks):
    make_readers(letter, 2)
    issue = make_issue(letter)
    page = f"/admin/newsletters/issue/{issue.pk}/send/"
    assert "2 readers have asked" in as_editor.get(page).content.decode()
    as_editor.post(page, {"do": "test"})
    assert mail.outbox.pop().subject.startswith("[Test]")
    with django_capture_on_commit_callbacks(execute=True):
        as_editor.post(page, {"do": "start"})
    assert len(mail.outbox) == 2


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_senders_in_parallel_send_nothing_twice():
    letter = Newsletter.objects.create(name="The Landing", slug="the-landing")
    make_readers(letter, 150)
    issue = make_issue(letter)
    sending.start(issue)

    def pump():
        try:
            sending.pump(issue.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=pump) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sending.pump(issue.pk)
    assert len(mail.outbox) == len({message.to[0] for message in mail.outbox}) == 150
