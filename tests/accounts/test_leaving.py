from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import privacy
from accounts.deletion import ask_for_deletion, carry_out, undo_deletion
from accounts.models import DAYS_TO_UNDO, Deletion, User
from accounts.privacy import DeletionRefused, register_part
from accounts.tasks import UNUSED_DAYS, clear_expired
from articles.gifts import make_gift
from articles.meter import period_at
from articles.models import GiftLink, MeteredRead, PrivateFeed, SavedArticle
from articles.private_feeds import make_address
from articles.saving import save_article
from comments.models import Comment
from newsletters.models import Newsletter, Signup
from tests.factories import make_article, make_subscription, make_user

pytestmark = pytest.mark.django_db
LATER = timedelta(days=DAYS_TO_UNDO, minutes=1)


@pytest.fixture
def comment(reader):
    article = make_article()
    return Comment.objects.create(
        article=article, author=reader, name="Rhea", email=reader.email, body="I wrote this.", status="published", floor=1
    )


@pytest.fixture
def own_parts(monkeypatch):
    """A registry that a test may add to."""
    monkeypatch.setattr(privacy, "parts", dict(privacy.parts))


def ask(client, **choice):
    return client.post("/account/delete/", {"comments": "keep", "is_certain": "on"} | choice)


def sweep_after(delta):
    with time_machine.travel(timezone.now() + delta):
        clear_expired()


def test_a_deletion_has_to_be_meant(as_reader, reader):
    assert "accident" in as_reader.post("/account/delete/", {"comments": "keep"}).content.decode()
    assert as_reader.get("/account/delete/").status_code == 200
    assert not Deletion.objects.exists()


def test_asking_signs_out_everywhere_and_says_when_it_happens(as_reader, reader, django_capture_on_commit_callbacks):
    other = Client()
    other.force_login(reader)
    with django_capture_on_commit_callbacks(execute=True):
        assert ask(as_reader)["Location"] == "/account/deleted/"
    assert "Goodbye" in as_reader.get("/account/deleted/").content.decode()
    for browser in (as_reader, other):
        assert browser.get("/account/").status_code == 302
    letter = mail.outbox[0]
    assert letter.to == ["reader@example.com"]
    assert "/account/delete/" in letter.body
    assert "/account/delete/" in letter.alternatives[0].content


def test_within_seven_days_the_account_can_be_kept(client, reader, sign_in):
    ask_for_deletion(reader, erases_comments=False)
    sweep_after(timedelta(days=DAYS_TO_UNDO, minutes=-1))
    sign_in("reader@example.com")
    assert "Keep my account" in client.get("/account/").content.decode()
    assert client.post("/account/delete/undo/")["Location"] == "/account/"
    sweep_after(LATER)
    assert User.objects.filter(pk=reader.pk, is_active=True).exists()


def test_nothing_is_undone_by_a_get(as_reader, reader):
    Deletion.objects.create(user=reader)
    assert as_reader.get("/account/delete/undo/").status_code == 405
    assert Deletion.objects.exists()


def test_after_seven_days_the_person_is_gone_and_their_comments_name_nobody(reader, comment, django_capture_on_commit_callbacks):
    EmailAddress.objects.create(user=reader, email=reader.email, verified=True, primary=True)
    ask_for_deletion(reader, erases_comments=False)
    with django_capture_on_commit_callbacks(execute=True):
        sweep_after(LATER)
    assert not User.objects.exists()
    assert not EmailAddress.objects.exists()
    comment.refresh_from_db()
    assert (comment.author, comment.email, comment.body, comment.status) == (None, "", "I wrote this.", "published")
    assert "Rhea" not in comment.name
    assert mail.outbox[-1].to == ["reader@example.com"]
    assert "deleted" in mail.outbox[-1].subject


def test_comments_are_erased_where_the_reader_wants_it(as_reader, reader, comment):
    ask(as_reader, comments="erase")
    sweep_after(LATER)
    comment.refresh_from_db()
    assert (comment.body, comment.status, comment.email) == ("", "deleted", "")


def test_an_erased_comment_leaves_the_answers_of_others_readable(as_reader, reader, comment):
    answer = Comment.objects.create(
        article=comment.article, root=comment, parent=comment, name="Otto", body="I answered.", status="published", floor=2
    )
    ask(as_reader, comments="erase")
    sweep_after(LATER)
    page = Client().get(f"/{comment.article.slug}/comments/").content.decode()
    assert "I wrote this." not in page
    assert "The writer has erased this comment." in page
    assert answer.body in page


def test_who_paid_leaves_a_row_that_names_nobody(reader):
    row = make_subscription(reader, status="canceled")
    row.customer.stripe_id = None
    row.customer.save(update_fields=["stripe_id"])
    Signup.objects.create(newsletter=Newsletter.objects.create(name="The Landing", slug="the-landing"), user=reader)
    ask_for_deletion(reader, erases_comments=False)
    sweep_after(LATER)
    left = User.objects.get(pk=reader.pk)
    assert left.email == f"deleted-{reader.pk}@deleted.invalid"
    assert (left.name, left.is_active, left.has_usable_password()) == ("", False, False)
    assert not Signup.objects.exists()


def test_nothing_hangs_on_the_row_of_who_paid_but_what_the_books_need(reader):
    make_subscription(reader, status="active")
    article = make_article(access="metered")
    save_article(reader, article)
    MeteredRead.objects.create(user=reader, article=article, period=period_at())
    make_gift(reader, article)
    make_address(reader)
    reader.subscriptions.update(status="canceled")
    reader.customer.stripe_id = None
    reader.customer.save(update_fields=["stripe_id"])
    ask_for_deletion(reader, erases_comments=False)
    sweep_after(LATER)
    assert User.objects.filter(pk=reader.pk).exists()
    assert not any(model.objects.exists() for model in (SavedArticle, MeteredRead, GiftLink, PrivateFeed))


def test_a_part_that_refuses_stops_it_and_says_why(as_reader, reader, own_parts):
    def refuse(user, for_good):
        raise DeletionRefused("First give back the umbrella.")

    register_part("umbrellas", lambda user: [], before_deletion=refuse)
    assert "First give back the umbrella." in ask(as_reader).content.decode()
    assert not Deletion.objects.exists()
    assert as_reader.get("/account/").status_code == 200


def test_a_part_that_refuses_at_the_end_leaves_everything_for_the_next_sweep(reader, own_parts):
    refusals = ["not now"]

    def refuse(user, for_good):
        if for_good and refusals:
            raise DeletionRefused(refusals.pop())

    register_part("umbrellas", lambda user: [], before_deletion=refuse)
    ask_for_deletion(reader, erases_comments=False)
    sweep_after(LATER)
    assert User.objects.get().email == "reader@example.com"
    sweep_after(LATER)
    assert not User.objects.exists()


def test_an_error_half_way_leaves_the_person_whole(reader, comment, own_parts):
    def fail(user, words_too):
        raise RuntimeError

    register_part("zebras", lambda user: [], erase=fail)
    ask_for_deletion(reader, erases_comments=True)
    with pytest.raises(RuntimeError), time_machine.travel(timezone.now() + LATER):
        carry_out(Deletion.objects.get())
    comment.refresh_from_db()
    assert (comment.author, comment.body) == (reader, "I wrote this.")


def test_an_undone_deletion_is_not_carried_out_by_a_late_sweep(reader):
    deletion = ask_for_deletion(reader, erases_comments=False)
    assert undo_deletion(reader)
    with time_machine.travel(timezone.now() + LATER):
        assert not carry_out(deletion)
    assert User.objects.filter(pk=reader.pk).exists()


def test_the_only_editor_in_chief_cannot_leave(as_editor, editor):
    assert "somebody else" in ask(as_editor).content.decode()
    make_user("second@example.com", is_staff=True, is_superuser=True)
    assert ask(as_editor).status_code == 302


def test_due_in_a_set_and_of_one_agree(reader):
    deletion = ask_for_deletion(reader, erases_comments=False)
    for delta in (timedelta(0), LATER):
        at = timezone.now() + delta
        assert Deletion.objects.due(at=at).exists() == deletion.is_due(at=at) == (delta == LATER)


def test_accounts_that_nobody_ever_used_are_cleared():
    old = timezone.now() - timedelta(days=UNUSED_DAYS, minutes=1)
    make_user("unused@example.com", joined_at=old)
    kept = {
        make_user("young@example.com", joined_at=timezone.now() - timedelta(days=UNUSED_DAYS - 1)),
        make_user("came@example.com", joined_at=old, last_login=old),
        make_user("staff@example.com", joined_at=old, is_staff=True),
        make_user("proved@example.com", joined_at=old),
        make_user("letter@example.com", joined_at=old),
        make_user("payer@example.com", joined_at=old),
        make_user("writer@example.com", joined_at=old),
    }
    users = {user.email.partition("@")[0]: user for user in kept}
    EmailAddress.objects.create(user=users["proved"], email="proved@example.com", verified=True)
    Signup.objects.create(newsletter=Newsletter.objects.create(name="The Landing", slug="the-landing"), user=users["letter"])
    make_subscription(users["payer"])
    Comment.objects.create(article=make_article(), author=users["writer"], name="W", body="Words.")
    clear_expired()
    assert set(User.objects.all()) == kept


def test_expired_sessions_are_cleared(as_reader):
    from django.contrib.sessions.models import Session

    Session.objects.update(expire_date=timezone.now() - timedelta(days=1))
    clear_expired()
    assert not Session.objects.exists()
