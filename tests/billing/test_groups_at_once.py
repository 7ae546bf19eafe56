"""Many people at the door of one group, on real connections."""

import pytest

from billing import groups
from billing.models import Group, Invitation, Membership, Subscription
from billing.seats import GroupRefused, follow_subscription
from tests.billing.test_concurrency import at_once
from tests.factories import make_group, make_user

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def attempt(join, *args):
    try:
        join(*args)
    except GroupRefused:
        return False
    return True


def test_of_twenty_at_once_one_gets_the_last_seat(transactional_db):
    group = make_group(seats=3, members=(make_user(),))
    groups.renew_link(group)
    group.refresh_from_db()
    people = [make_user() for _ in range(20)]
    assert sum(at_once(20, lambda number: attempt(groups.join_by_link, people[number], group))) == 1
    assert Membership.objects.filter(group=group, has_seat=True).count() == group.memberships.count() == 3


def test_one_invitation_taken_by_ten_at_once_seats_one(transactional_db):
    group = make_group(seats=20)
    invitation = Invitation.objects.create(group=group, email="x@example.org")
    people = [make_user() for _ in range(10)]
    assert sum(at_once(10, lambda number: attempt(groups.accept_invitation, people[number], invitation))) == 1
    assert group.memberships.count() == 2


def test_one_person_ten_times_at_once_has_one_seat(transactional_db):
    group = make_group(seats=20)
    groups.renew_link(group)
    group.refresh_from_db()
    user = make_user()
    assert all(at_once(10, lambda number: attempt(groups.join_by_link, user, group)))
    assert group.memberships.count() == 2


def test_joining_while_seats_shrink_never_leaves_more_seated_than_seats(transactional_db):
    group = make_group(seats=8)
    groups.renew_link(group)
    group.refresh_from_db()
    people = [make_user() for _ in range(7)]

    def act(number):
        if number == 7:
            Subscription.objects.filter(pk=group.subscription_id).update(quantity=4)
            follow_subscription(Subscription.objects.get(pk=group.subscription_id))
            return True
        return attempt(groups.join_by_link, people[number], group)

    at_once(8, act)
    assert Membership.objects.filter(has_seat=True).count() == Group.objects.get().seats() == 4
