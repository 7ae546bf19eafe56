"""Who sits in a group: invited, by link, by domain; who looks after it; and who must not."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from billing import groups, invitations
from billing.entitlements import HoldingState, Source, entitled_user_ids, entitlement_of, holding_of
from billing.group_links import address_of, door_of, invitation_token, join_token
from billing.invitations import invite
from billing.mails import send_queued_mail
from billing.models import Grant, Group, Invitation, Mail, Membership, Subscription
from billing.seats import GroupRefused, allot_seats
from tests.billing.group_steps import do, page_of, path_of, proved, reads, seated
from tests.factories import make_article, make_group, make_user


@pytest.fixture
def group(reader):
    return make_group(reader, name="Editors")


@pytest.fixture
def friend(db):
    return make_user("friend@example.org", name="Fay Friend")


# One door --------------------------------------------------------------------------------------------------------


def test_a_seat_opens_everything_and_says_so(group, friend):
    Membership.objects.create(group=group, user=friend, has_seat=True)
    assert entitlement_of(friend).source == Source.SEAT
    assert holding_of(friend).state == HoldingState.SEATED
    assert "you have a seat in “Editors”" in seated(friend).get("/account/billing/").content.decode()


def test_a_seat_lets_the_last_paragraph_be_read(group, friend):
    article = make_article(access="premium")
    Membership.objects.create(group=group, user=friend, has_seat=True)
    assert b"Paragraph 6" in seated(friend).get(article.get_absolute_url()).content
    assert b"Paragraph 6" not in seated(make_user()).get(article.get_absolute_url()).content


def test_a_row_and_a_set_tell_the_same_of_seats(db):
    now = timezone.now()
    people = []
    for status in Subscription.Status:
        for days in (-3, 3):
            found = make_group(seats=2, members=(make_user(), make_user(), make_user(is_active=False)))
            Subscription.objects.filter(pk=found.subscription_id).update(status=status, entitled_until=now + timedelta(days=days))
            found.memberships.filter(has_seat=False).first()
            people += [member.user for member in found.memberships.all()]
    for at in (now, now + timedelta(days=10)):
        rows = Membership.objects.select_related("group__subscription")
        assert set(Membership.objects.in_force(at=at)) == {row for row in rows if row.is_in_force(at=at)}
        assert set(Group.objects.running(at=at)) == {row for row in Group.objects.all() if row.is_running(at=at)}
        assert set(entitled_user_ids(at=at)) == {user.pk for user in people if entitlement_of(user, at=at).opens_everything}
    assert 0 < Membership.objects.in_force().count() < Membership.objects.count()


def test_words_and_their_twins_agree(group, friend):
    moments = [timezone.now() + timedelta(days=days) for days in (-1, 1)]
    for number, (expires, accepted, revoked) in enumerate(
        (expires, accepted, revoked) for expires in moments for accepted, revoked in ((None, None), (moments[0], None), (None, moments[0]))
    ):
        fields = {"expires_at": expires, "accepted_at": accepted, "revoked_at": revoked}
        Invitation.objects.create(group=group, email=f"x{number}@example.com", **fields)
    assert {row.pk for row in Invitation.objects.open()} == {row.pk for row in Invitation.objects.all() if row.is_open()}
    assert Invitation.objects.open().count() == 1
    Membership.objects.create(group=group, user=friend, removed_at=moments[0])
    assert {row.pk for row in Membership.objects.present()} == {row.pk for row in Membership.objects.all() if row.is_present}


def test_one_subscriber_costs_no_more_queries_than_before(subscriber, count_queries):
    with count_queries() as queries:
        entitlement_of(subscriber)
    assert len(queries) == 1
    with count_queries() as queries:
        entitlement_of(make_user())
    assert len([query for query in queries if query["sql"].startswith("SELECT")]) <= 4


# Invitations -----------------------------------------------------------------------------------------------------


def test_an_invitation_by_mail_gives_a_seat_once(group, as_reader, reader, friend, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        do(as_reader, "group_invite", group.pk, addresses="Friend@Example.org, new@example.net")
    assert sorted(letter.to[0] for letter in mail.outbox) == ["friend@example.org", "new@example.net"]
    path = re.search(r"/subscribe/group/\S+/", mail.outbox[0].body)[0]
    assert "Rhea Reader invites you" in mail.outbox[0].body
    client = seated(friend)
    assert "Rhea Reader keeps a seat for you" in client.get(path).content.decode()
    assert not reads(friend)
    client.post(path)
    assert reads(friend)
    stranger = make_user()
    assert seated(stranger).get(path).status_code == 410
    assert seated(stranger).post(path).status_code == 410
    assert not reads(stranger)


def test_no_row_holds_the_link_of_an_invitation(group, reader):
    invite(group, reader, ["friend@example.org"])
    token = invitation_token(Invitation.objects.get().pk, 1)
    assert token not in str(Mail.objects.values()) + str(Invitation.objects.values())
    assert len(token.rpartition(".")[2]) == 43, "256 bits"


def test_who_is_not_signed_in_does_so_first_and_comes_back(group, reader, client):
    invite(group, reader, ["friend@example.org"])
    path = path_of(invitation_token(Invitation.objects.get().pk, 1))
    page = client.get(path)
    assert page.status_code == 200 and page.headers["Cache-Control"].count("no-store")
    assert "/accounts/login/" in client.post(path).headers["Location"]


def test_looking_at_an_invitation_uses_nothing_up(group, reader, client):
    invite(group, reader, ["friend@example.org"])
    client.get(path_of(invitation_token(Invitation.objects.get().pk, 1)))
    assert Invitation.objects.get().is_open()


def test_an_invitation_expires_is_sent_again_and_taken_back(group, as_reader, reader, friend):
    invite(group, reader, ["friend@example.org"])
    found = Invitation.objects.get()
    first = path_of(invitation_token(found.pk, 1))
    with time_machine.travel(timezone.now() + timedelta(days=15)):
        assert seated(friend).get(first).status_code == 410
    do(as_reader, "group_invitation", group.pk, found.pk, do="again")
    assert seated(friend).get(first).status_code == 404, "the link of the first mail is dead"
    second = path_of(invitation_token(found.pk, 2))
    assert seated(friend).get(second).status_code == 200
    assert Mail.objects.filter(name="group_invitation").count() == 2
    do(as_reader, "group_invitation", group.pk, found.pk, do="revoke")
    assert seated(friend).get(second).status_code == 410
    seated(friend).post(second)
    assert not reads(friend)
    assert set(Mail.objects.values_list("status", flat=True)) <= {"dropped", "sent"}


def test_nobody_gets_more_than_some_mails_about_one_invitation(group, reader):
    invite(group, reader, ["friend@example.org"])
    found = Invitation.objects.get()
    for _ in range(invitations.MOST_MAILS - 1):
        invitations.send_again(found)
    with pytest.raises(GroupRefused):
        invitations.send_again(found)


def test_mails_a_day_have_a_limit_whoever_is_invited(group, reader):
    with pytest.raises(GroupRefused, match="tomorrow"):
        for number in range(invitations.MAILS_A_DAY + 1):
            invite(group, reader, [f"{number}@example.org"])
            invitations.revoke(Invitation.objects.open().get())


def test_no_more_people_are_invited_than_seats_are_free(group, as_reader):
    do(as_reader, "group_invite", group.pk, addresses="\n".join(f"p{number}@example.org" for number in range(5)))
    assert not Invitation.objects.exists()
    do(as_reader, "group_invite", group.pk, addresses="\n".join(f"p{number}@example.org" for number in range(4)))
    assert Invitation.objects.count() == 4
    assert invitations.free_seats(group) == 0


def test_who_is_in_or_invited_already_is_asked_once(group, reader, friend):
    groups.admit(friend, group)
    assert invite(group, reader, ["friend@example.org", "x@example.org", "X@example.org "]) == 1
    assert invite(group, reader, ["x@example.org"]) == 0


@pytest.mark.parametrize("addresses", ["", "nobody", "a@example.org b@", "x@mailinator.com", "a@b@c.de"])
def test_what_is_no_address_is_named_on_the_page(group, as_reader, addresses):
    response = do(as_reader, "group_invite", group.pk, addresses=addresses)
    assert response.status_code == 422 and not Invitation.objects.exists()
    assert "error" in response.content.decode()


def test_an_invitation_of_the_same_address_twice_is_impossible(group):
    Invitation.objects.create(group=group, email="x@example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(group=group, email="x@example.org")


def test_addresses_of_who_never_came_are_forgotten(group, reader):
    invite(group, reader, ["friend@example.org"])
    assert invitations.forget(Invitation.objects.forgettable()) == 0
    with time_machine.travel(timezone.now() + timedelta(days=60)):
        assert invitations.forget(Invitation.objects.forgettable()) == 1
    assert not Invitation.objects.exists() and not Mail.objects.exists()


def test_an_invitation_to_a_full_group_stays_for_later(group, reader, friend):
    invite(group, reader, ["friend@example.org"])
    found = Invitation.objects.get()
    for _ in range(4):
        groups.admit(make_user(), group)
    with pytest.raises(GroupRefused):
        groups.accept_invitation(friend, found)
    assert Invitation.objects.get().is_open()


def test_every_mail_can_be_written(group, friend):
    group.tells_owner = True
    group.save()
    invite(group, group.owner, ["somebody@example.org"])
    groups.admit(friend, group)
    groups.offer_ownership(group, group.memberships.get(user=friend))
    Subscription.objects.update(quantity=1)
    allot_seats(Group.objects.locked(group.pk))
    for row in Mail.objects.waiting():
        send_queued_mail(row)
    assert {row.name for row in Mail.objects.filter(status="sent")} == {"group_invitation", "group_joined", "group_heir", "group_shrunk"}
    for letter in mail.outbox:
        assert "http" in letter.body and letter.subject and "{" not in letter.body


# Links and domains -----------------------------------------------------------------------------------------------


def test_the_join_link_lets_in_and_a_new_one_ends_it(group, as_reader, friend):
    do(as_reader, "group_link", group.pk, do="renew")
    group.refresh_from_db()
    token = join_token(group)
    assert address_of(token) in page_of(as_reader, group).content.decode()
    seated(friend).post(path_of(token))
    assert reads(friend)
    do(as_reader, "group_link", group.pk, do="renew")
    other = make_user()
    assert seated(other).get(path_of(token)).status_code == 404
    group.refresh_from_db()
    do(as_reader, "group_link", group.pk, do="close")
    assert seated(other).post(path_of(join_token(group))).status_code == 404
    assert not reads(other)


@pytest.mark.parametrize("change", [lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"), lambda token: "g1-1", lambda token: ""])
def test_a_forged_link_opens_nothing(group, change):
    group.has_link, group.link_generation = True, 1
    group.save()
    assert door_of(join_token(group)) == group
    assert door_of(change(join_token(group))) is None


def test_keys_that_roll_keep_the_links(group, settings):
    groups.renew_link(group)
    group.refresh_from_db()
    token = join_token(group)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-key" * 6
    assert door_of(token) == group


def test_people_of_a_domain_join_by_themselves(group, as_reader, reader, friend):
    proved(reader, "desk@example.org")
    proved(friend, friend.email)
    do(as_reader, "group_settings", group.pk, name="Editors", domain="Example.org")
    client = seated(friend)
    assert "Your address at example.org" in client.get("/account/group/").content.decode()
    do(client, "group_join", group.pk)
    assert reads(friend)


def test_an_address_that_is_not_proved_or_only_looks_alike_joins_nothing(group):
    Group.objects.update(domain="example.org")
    unproved = make_user("a@example.org")
    EmailAddress.objects.create(user=unproved, email=unproved.email, verified=False)
    for user in (unproved, proved(make_user(), "a@sub.example.org"), proved(make_user(), "a@notexample.org")):
        assert do(seated(user), "group_join", group.pk).status_code == 404
        assert not reads(user)


@pytest.mark.parametrize("domain", ["gmail.com", "elsewhere.org", "not a domain", "@"])
def test_a_domain_is_ones_own_and_no_public_mail_service(group, as_reader, reader, domain):
    for address in ("desk@example.org", "desk@gmail.com"):
        proved(reader, address)
    do(as_reader, "group_settings", group.pk, name="Editors", domain=domain)
    group.refresh_from_db()
    assert group.domain == ""


def test_no_way_in_leads_past_the_seats(group, reader, friend):
    for _ in range(4):
        groups.admit(make_user(), group)
    groups.renew_link(group)
    group.refresh_from_db()
    Group.objects.update(domain="example.org")
    proved(friend, friend.email)
    with pytest.raises(GroupRefused):
        groups.join_by_link(friend, group)
    with pytest.raises(GroupRefused):
        groups.join_by_domain(friend, group)
    assert "All its seats are taken" in seated(friend).get(path_of(join_token(group))).content.decode()


def test_nobody_joins_a_group_whose_subscription_does_not_run(group, friend):
    Subscription.objects.update(status="canceled")
    with pytest.raises(GroupRefused):
        groups.admit(friend, Group.objects.get())


# Leaving and removing --------------------------------------------------------------------------------------------


def test_who_leaves_reads_no_more_and_may_come_back(group, friend):
    groups.renew_link(group)
    group.refresh_from_db()
    groups.join_by_link(friend, group)
    do(seated(friend), "group_leave", group.pk)
    assert not reads(friend)
    groups.join_by_link(friend, group)
    assert reads(friend)


def test_who_is_removed_reads_no_more_at_once_and_comes_back_by_invitation_only(group, as_reader, reader, friend):
    groups.renew_link(group)
    group.refresh_from_db()
    seat = groups.join_by_link(friend, group)
    do(as_reader, "group_member", group.pk, seat.pk, do="remove")
    assert not reads(friend)
    with pytest.raises(GroupRefused):
        groups.join_by_link(friend, group)
    invite(group, reader, [friend.email])
    groups.accept_invitation(friend, Invitation.objects.get())
    assert reads(friend)


def test_a_removed_member_cannot_sit(group, friend):
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(group=group, user=friend, has_seat=True, removed_at=timezone.now())


def test_an_owner_without_a_seat_still_owns(group, as_reader, reader):
    do(as_reader, "group_leave", group.pk)
    assert not reads(reader)
    assert page_of(as_reader, group).status_code == 200


def test_a_seat_and_a_grant_are_two_things(group, friend):
    Grant.objects.create(user=friend)
    seat = groups.admit(friend, group)
    groups.remove_member(seat)
    assert entitlement_of(friend).source == Source.GRANT
