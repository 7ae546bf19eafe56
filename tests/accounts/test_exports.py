"""Everything held about a reader: asked for, made once, sent to them alone, thrown away."""

import io
import json
import re
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts import exporting, privacy
from accounts.deletion import ask_for_deletion
from accounts.models import DAYS_TO_UNDO, Export
from accounts.models.exports import CLAIM, DAYS_KEPT, FOLDER, private_storage
from accounts.tasks import clear_expired, make_export, make_waiting_exports
from comments.models import Comment
from newsletters.models import Newsletter, Signup
from tests.factories import make_article, make_subscription, make_user

pytestmark = pytest.mark.django_db
PAGE = "/account/export/"


@pytest.fixture
def comment(reader):
    return Comment.objects.create(article=make_article(), author=reader, name="Rhea", email=reader.email, body="I wrote this.")


@pytest.fixture
def ask(as_reader, django_capture_on_commit_callbacks):
    """Ask for an export as its reader, and let the task run."""

    def asking():
        with django_capture_on_commit_callbacks(execute=True):
            return as_reader.post(PAGE)

    return asking


def link():
    return re.search(r"http://\S+(/account/export/\S+/)", mail.outbox[-1].body)[1]


def files():
    storage = private_storage()
    return storage.listdir(FOLDER)[1] if storage.exists(FOLDER) else []


@pytest.fixture(autouse=True)
def _no_files_left():
    yield
    for name in files():
        private_storage().delete(f"{FOLDER}/{name}")


def unpacked(answer):
    archive = zipfile.ZipFile(io.BytesIO(answer.getvalue()))
    return {name: json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")}


def test_the_file_holds_what_every_app_knows_and_nothing_of_another(as_reader, ask, reader, comment):
    Signup.objects.create(newsletter=Newsletter.objects.create(name="The Landing", slug="the-landing"), user=reader, status="confirmed")
    make_subscription(reader)
    other = make_user("other@example.com", name="Otto Other")
    Comment.objects.create(article=comment.article, author=other, name="Otto", email=other.email, body="Not hers.")
    assert ask()["Location"] == PAGE
    answer = as_reader.get(link())
    assert answer["Content-Disposition"].startswith('attachment; filename="account-')
    held = unpacked(answer)
    assert {f"{name}.json" for name in privacy.parts} == set(held)
    assert held["account.json"]["email"] == "reader@example.com"
    assert held["comments.json"][0]["body"] == "I wrote this."
    assert held["newsletters.json"]["letters"][0]["newsletter__name"] == "The Landing"
    assert held["subscriptions.json"]["subscriptions"][0]["status"] == "active"
    text = json.dumps(held)
    for secret in ("Not hers.", "other@example.com", reader.password):
        assert secret not in text


def test_the_page_says_how_it_stands(as_reader, reader):
    assert "Put my data together" in as_reader.get(PAGE).content.decode()
    export = exporting.ask_for_export(reader)
    assert "We are putting it together." in as_reader.get(PAGE).content.decode()
    exporting.make(export)
    page = as_reader.get(PAGE).content.decode()
    assert "is ready" in page
    assert "Put together a new one" in page
    assert link() not in page, "the link goes to the mailbox only"
    with time_machine.travel(timezone.now() + timedelta(days=DAYS_KEPT, minutes=1)):
        as_reader.force_login(reader)
        assert "Put my data together" in as_reader.get(PAGE).content.decode()


def test_the_link_is_kept_as_a_hash_and_goes_to_the_readers_address_alone(ask, reader):
    ask()
    assert [letter.to for letter in mail.outbox] == [["reader@example.com"]]
    token = link().split("/")[-2]
    row = Export.objects.get()
    assert len(token) >= 40
    assert token not in (row.token_hash, row.file.name)
    assert row.is_ready


def test_the_link_asks_a_stranger_to_sign_in_and_gives_another_reader_nothing(ask):
    ask()
    assert Client().get(link())["Location"].startswith("/accounts/login/?next=")
    other = Client()
    other.force_login(make_user("other@example.com"))
    answer = other.get(link())
    assert answer.status_code == 410
    assert "Ask for a new one" in answer.content.decode()


def test_unknown_and_expired_links_say_what_to_do(as_reader, ask, reader):
    ask()
    assert as_reader.get("/account/export/none/").status_code == 410
    with time_machine.travel(timezone.now() + timedelta(days=DAYS_KEPT, minutes=1)):
        as_reader.force_login(reader)
        answer = as_reader.get(link())
    assert answer.status_code == 410
    assert "older than a week" in answer.content.decode()


def test_the_file_is_kept_by_nobody_on_the_way_and_lies_where_no_address_leads(as_reader, ask, settings):
    ask()
    answer = as_reader.get(link())
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert as_reader.get(f"/media/{Export.objects.get().file.name}").status_code == 404
    assert not Path(Export.objects.get().file.path).is_relative_to(settings.MEDIA_ROOT)


def test_asking_twice_while_it_is_made_makes_one(reader):
    assert exporting.ask_for_export(reader) == exporting.ask_for_export(reader)
    with pytest.raises(IntegrityError), transaction.atomic():
        Export.objects.create(user=reader)


def test_more_than_three_a_day_are_refused_with_a_sentence(as_reader, ask):
    for _ in range(exporting.A_DAY):
        ask()
    ask()
    assert Export.objects.count() == len(mail.outbox) == exporting.A_DAY
    assert "ask again tomorrow" in as_reader.get(PAGE).content.decode()


def test_a_lost_nudge_is_picked_up_and_a_doubled_one_does_nothing(reader):
    export = exporting.ask_for_export(reader)
    make_waiting_exports()
    make_export(export.pk)
    make_export(export.pk + 1)
    assert len(mail.outbox) == 1
    assert len(files()) == 1


def test_what_broke_off_is_made_again_and_leaves_one_file(reader, monkeypatch):
    export = exporting.ask_for_export(reader)
    real = exporting.send_letter
    monkeypatch.setattr(exporting, "send_letter", lambda *args, **kwargs: 1 / 0)
    make_waiting_exports()
    assert not Export.objects.get().is_ready
    monkeypatch.setattr(exporting, "send_letter", real)
    make_waiting_exports()
    assert mail.outbox == [], "somebody may still be at it"
    with time_machine.travel(timezone.now() + CLAIM):
        make_waiting_exports()
    export.refresh_from_db()
    assert export.is_ready
    assert len(mail.outbox) == len(files()) == 1


def test_one_that_fails_does_not_hold_the_others_up(reader, monkeypatch):
    other = make_user("other@example.com")
    for user in (reader, other):
        exporting.ask_for_export(user)
    real = privacy.parts["account"].export

    def fail_for_reader(user):
        return 1 / 0 if user == reader else real(user)

    monkeypatch.setitem(privacy.parts, "account", privacy.Part("account", fail_for_reader))
    make_waiting_exports()
    assert [letter.to for letter in mail.outbox] == [["other@example.com"]]


def test_words_for_a_set_and_for_one_agree(reader):
    now = timezone.now()
    for claimed_at in (None, now - CLAIM, now - CLAIM + timedelta(seconds=1)):
        for expires_at in (None, now, now + timedelta(seconds=1)):
            for status in ("asked", "ready"):
                if status == "ready" and expires_at is None:
                    continue
                Export.objects.all().delete()
                export = Export.objects.create(
                    user=reader, claimed_at=claimed_at, expires_at=expires_at, status=status, token_hash="0" * 64, file="exports/none.zip"
                )
                assert Export.objects.waiting(at=now).exists() == export.is_waiting(at=now)
                assert Export.objects.expired(at=now).exists() == export.is_expired(at=now)


def test_old_files_are_thrown_away_and_so_are_those_no_row_knows(ask, reader, django_capture_on_commit_callbacks):
    ask()
    private_storage().save(f"{FOLDER}/orphan.zip", io.BytesIO(b"x"))
    with django_capture_on_commit_callbacks(execute=True):
        clear_expired()
    assert len(files()) == 2, "what is young may belong to somebody at work"
    with time_machine.travel(timezone.now() + timedelta(days=DAYS_KEPT, minutes=1)), django_capture_on_commit_callbacks(execute=True):
        clear_expired()
    assert files() == []
    assert not Export.objects.exists()


def test_deleting_the_account_erases_the_file(ask, reader, django_capture_on_commit_callbacks):
    ask()
    ask_for_deletion(reader, erases_comments=False)
    with time_machine.travel(timezone.now() + timedelta(days=DAYS_TO_UNDO - 1)):
        exporting.ask_for_export(reader)
        make_waiting_exports()
    with (
        time_machine.travel(timezone.now() + timedelta(days=DAYS_TO_UNDO, minutes=1)),
        django_capture_on_commit_callbacks(execute=True),
    ):
        clear_expired()
    assert files() == []
