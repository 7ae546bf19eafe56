"""What is kept of a mail names nobody but whom it went to, and nobody at all who erased their account."""

from importlib import import_module

import pytest
from django.apps import apps
from django.core import mail

from accounts import privacy
from billing.groups import admit, offer_ownership
from billing.invitations import invite
from billing.models import Group, Mail
from tests.billing.gifting import FRIEND, bought, path_of
from tests.factories import make_group, make_user

migration = import_module("billing.migrations.0022_no_names_in_mails")


@pytest.fixture
def group(reader, django_capture_on_commit_callbacks):
    """A group with mails of every kind sent about it."""
    group = make_group(reader, tells_owner=True, name="Rhea and friends")
    member = make_user("jo@example.com", name="Jo Joiner")
    with django_capture_on_commit_callbacks(execute=True):
        invite(group, reader, ["guest@example.com"])
        offer_ownership(group, admit(member, Group.objects.get()))
    assert {row.status for row in Mail.objects.all()} == {"sent"} and Mail.objects.count() == 3
    return group


def erase(user):
    for part in privacy.parts.values():
        if part.erase is not None:
            part.erase(user, True)


def kept():
    return str(list(Mail.objects.values()))


def test_the_mails_say_who_although_no_row_does(group):
    texts = "".join(letter.subject + letter.body for letter in mail.outbox)
    assert "Jo Joiner has taken a seat" in texts and "Rhea Reader would like to hand" in texts and "Rhea Reader invites you" in texts
    assert "Jo" not in kept() and "Rhea" not in kept()


def test_who_joined_and_left_us_is_named_nowhere(group):
    erase(group.memberships.get(user__email="jo@example.com").user)
    assert "Jo" not in kept() and "jo@example.com" not in kept()


def test_who_was_invited_and_left_us_is_named_nowhere(group):
    assert "guest@example.com" in kept()
    erase(make_user("guest@example.com"))
    assert "guest@example.com" not in kept()


def test_an_owner_who_left_us_is_named_nowhere(group, reader):
    erase(reader)
    assert "Rhea" not in kept() and reader.email not in kept()


def test_a_giver_and_a_recipient_who_left_us_are_named_nowhere(till, as_reader, reader, year, as_friend, friend):
    gift = bought(till, as_reader, reader, year)
    as_friend.post(path_of(gift))
    erase(friend)
    erase(reader)
    assert not [word for word in ("Rhea", "Fay", FRIEND, reader.email, friend.email) if word in kept()]


def test_a_mail_that_is_true_no_more_is_not_sent(group, reader):
    mail.outbox.clear()
    Mail.objects.update(status="waiting")
    group.memberships.filter(user__email="jo@example.com").delete()
    Group.objects.update(heir=None)
    group.invitations.all().delete()
    from billing.tasks import send_mail

    for row in Mail.objects.all():
        send_mail(row.pk)
    assert {row.status for row in Mail.objects.all()} == {"dropped"} and not mail.outbox


def test_names_in_mails_of_before_are_taken_out(db, reader):
    Mail.objects.create(key="group-joined:7:1", name="group_joined", user=reader, context={"group": "G", "pk": 3, "who": "Jo"})
    Mail.objects.create(key="group-heir:3:1", name="group_heir", user=reader, context={"group": "G", "pk": 3, "owner": "Rhea"})
    old = {"group": "G", "by": "Rhea", "invitation": 5, "sent": 1, "expires_at": "2026-01-01T00:00:00+00:00"}
    Mail.objects.create(key="group-invitation:5:1", name="group_invitation", user=reader, context=old)
    migration.take_names_out(apps, None)
    assert [row.context for row in Mail.objects.order_by("pk")] == [{"member": 7}, {"pk": 3}, {"invitation": 5, "sent": 1}]
