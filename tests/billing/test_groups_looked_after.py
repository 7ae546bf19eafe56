"""Who may do what in a group, its lists, and what becomes of its people's data."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group as Rights
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.deletion import ask_for_deletion
from accounts.models import DAYS_TO_UNDO
from accounts.privacy import DeletionRefused, parts
from accounts.tasks import clear_expired
from billing import groups
from billing.invitations import invite
from billing.models import Invitation, Membership, Subscription
from tests.billing.group_steps import do, page_of, seated
from tests.factories import make_group, make_user


@pytest.fixture
def group(reader):
    return make_group(reader, name="Editors")


@pytest.fixture
def friend(db):
    return make_user("friend@example.org", name="Fay Friend")


# Who may do what -------------------------------------------------------------------------------------------------

OWNERS_ALONE = [("group_seats", {"seats": 3, "do": "now"}), ("group_renewal", {"do": "end"}), ("group_heir", {})]
DESK = [
    ("group_invite", {"addresses": "x@example.org"}),
    ("group_link", {"do": "renew"}),
    ("group_settings", {"name": "Mine", "domain": ""}),
]


def test_a_group_of_others_is_as_good_as_none(group, friend):
    seat = group.memberships.get()
    invitation = Invitation.objects.create(group=group, email="x@example.org")
    for user in (friend, groups.admit(make_user(), group).user):
        client = seated(user)
        assert page_of(client, group).status_code == 404
        for name, data in OWNERS_ALONE + DESK:
            assert do(client, name, group.pk, **data).status_code == 404, name
        assert do(client, "group_member", group.pk, seat.pk, do="remove").status_code == 404
        assert do(client, "group_invitation", group.pk, invitation.pk, do="revoke").status_code == 404
        assert client.get(reverse("billing:group_order", args=[group.pk])).status_code == 404
    assert do(seated(friend), "group_leave", group.pk).status_code == 404
    assert do(seated(friend), "group_join", group.pk).status_code == 404
    group.refresh_from_db()
    assert group.name == "Editors" and invitation.is_open()


def test_rows_of_another_group_are_out_of_reach(group, as_reader):
    other = make_group(members=(make_user(),))
    seat = other.memberships.last()
    invitation = Invitation.objects.create(group=other, email="x@example.org")
    assert do(as_reader, "group_member", group.pk, seat.pk, do="remove").status_code == 404
    assert do(as_reader, "group_invitation", group.pk, invitation.pk, do="revoke").status_code == 404
    assert other.memberships.present().count() == 2


def test_a_manager_looks_after_members_and_not_after_money_or_managers(group, as_reader, friend):
    seat = groups.admit(friend, group)
    do(as_reader, "group_member", group.pk, seat.pk, do="manager")
    second = groups.admit(make_user(), group)
    third = groups.admit(make_user(), group)
    groups.set_role(second, "manager")
    client = seated(friend)
    text = page_of(client, group).content.decode()
    assert "Send invitations" in text and "Seats and payment" not in text and "Make manager" not in text
    for name, data in DESK:
        assert do(client, name, group.pk, **data).status_code == 302, name
    for name, data in OWNERS_ALONE:
        assert do(client, name, group.pk, **data).status_code == 404, name
    assert do(client, "group_member", group.pk, second.pk, do="remove").status_code == 404
    assert do(client, "group_member", group.pk, group.memberships.get(user=group.owner).pk, do="remove").status_code == 404
    for what in ("manager", "heir"):
        assert do(client, "group_member", group.pk, third.pk, do=what).status_code == 404
    assert do(client, "group_member", group.pk, third.pk, do="remove").status_code == 302
    assert group.memberships.present().count() == 3


def test_strangers_sign_in_first_and_forms_need_their_token(group, client, reader):
    assert page_of(client, group).status_code == client.get("/account/group/").status_code == 302
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(reader)
    for name, data in OWNERS_ALONE + DESK:
        assert strict.post(reverse(f"billing:{name}", args=[group.pk]), data).status_code == 403


def test_pages_of_groups_are_never_public(group, as_reader):
    for path in ("/account/group/", reverse("billing:group", args=[group.pk])):
        assert "no-store" in as_reader.get(path).headers["Cache-Control"]


# Lists -----------------------------------------------------------------------------------------------------------


def count(count_queries, client, path):
    client.get(path)
    with count_queries() as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def fill(group, number):
    for _ in range(number):
        user = make_user()
        Membership.objects.create(group=group, user=user, has_seat=True)
        Invitation.objects.create(group=group, email=f"for-{user.email}", invited_by=group.owner)


def test_twice_the_members_cost_no_more_queries(group, as_reader, count_queries):
    Subscription.objects.update(quantity=100)
    fill(group, 5)
    before = count(count_queries, as_reader, reverse("billing:group", args=[group.pk]))
    fill(group, 5)
    assert count(count_queries, as_reader, reverse("billing:group", args=[group.pk])) == before


def test_twice_the_groups_cost_no_more_queries(reader, as_reader, count_queries):
    def more():
        make_group(reader)
        make_group(members=(reader,))
        make_group(heir=reader)

    more()
    before = count(count_queries, as_reader, "/account/group/")
    more()
    assert count(count_queries, as_reader, "/account/group/") == before


def test_the_newsroom_lists_groups_with_their_seats_at_a_fixed_cost(as_editor, group, count_queries):
    fill(group, 2)
    listed = "/admin/billing/group/"
    text = as_editor.get(listed).content.decode()
    assert "Editors" in text
    before = count(count_queries, as_editor, listed)
    fill(make_group(), 3)
    assert count(count_queries, as_editor, listed) == before
    detail = f"/admin/billing/group/{group.pk}/change/"
    before = count(count_queries, as_editor, detail)
    fill(group, 4)
    assert count(count_queries, as_editor, detail) == before


def test_who_looks_after_money_sees_groups_and_changes_none(client, group):
    user = make_user(is_staff=True)
    user.groups.add(Rights.objects.get(name="Money"))
    client.force_login(user)
    detail = f"/admin/billing/group/{group.pk}/change/"
    assert b"Editors" in client.get("/admin/billing/group/").content
    assert group.owner.email in client.get(detail).content.decode() or group.owner.name in client.get(detail).content.decode()
    assert client.post(detail, {"name": "Mine"}).status_code == 403


def test_many_members_come_in_pages(group, as_reader):
    Subscription.objects.update(quantity=100)
    fill(group, 60)
    assert "Page 1 of 2" in page_of(as_reader, group).content.decode()
    assert as_reader.get(reverse("billing:group", args=[group.pk]), {"page": "2"}).content.decode().count("since") == 11


# Privacy ---------------------------------------------------------------------------------------------------------


def test_everything_of_groups_is_in_the_export_and_nothing_of_others(group, reader, friend):
    groups.admit(friend, group)
    invite(group, reader, ["third@example.org"])
    held = parts["groups"].export(friend)
    assert held["seats"][0]["group__name"] == "Editors"
    assert "third@example.org" not in str(held) and reader.email not in str(held)
    assert parts["groups"].export(reader)["owned"][0]["name"] == "Editors"


def test_an_owner_whom_others_read_by_hands_over_or_ends_it_first(group, reader, friend):
    groups.admit(friend, group)
    with pytest.raises(DeletionRefused, match="Editors"):
        ask_for_deletion(reader, erases_comments=False)


def test_who_is_deleted_leaves_a_free_seat_and_no_address(group, reader, friend, settings):
    invite(group, reader, [friend.email])
    groups.accept_invitation(friend, Invitation.objects.get())
    ask_for_deletion(friend, erases_comments=False)
    with time_machine.travel(timezone.now() + timedelta(days=DAYS_TO_UNDO, minutes=1)):
        clear_expired()
    assert group.memberships.count() == 1
    assert not Invitation.objects.exists()


def test_no_address_gets_into_a_log(group, as_reader, friend, caplog):
    caplog.set_level("DEBUG", logger="billing")
    do(as_reader, "group_invite", group.pk, addresses="secret@example.org")
    seat = groups.admit(friend, group)
    do(as_reader, "group_member", group.pk, seat.pk, do="remove")
    assert "secret@" not in caplog.text and friend.email not in caplog.text
