"""Groups that pay an old price for their seats are moved as readers are: their owner and managers are told, and all seats go along."""

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from billing import moving
from billing.models import Group, Mail, Membership, Price, PriceMigration, PriceMove
from billing.notices import remind
from billing.tasks import move_prices, send_mail
from tests.billing.test_groups_buying import group, join, seat  # noqa: F401 - fixtures
from tests.billing.test_moving import ADMIN, paid
from tests.factories import make_price


@pytest.fixture
def new(seat):  # noqa: F811 - the fixture
    return make_price(plan=seat.plan, amount=400, is_current=False)


@pytest.fixture
def migration(seat, new):  # noqa: F811 - the fixture
    Price.objects.filter(pk=seat.pk).update(is_current=False)
    Price.objects.filter(pk=new.pk).update(is_current=True)
    seat.refresh_from_db()
    new.refresh_from_db()
    return PriceMigration.objects.create(from_price=seat, to_price=new, notice_days=14)


def test_a_group_is_told_and_pays_more_for_every_seat_from_its_renewal(till, group, migration, editor, new):  # noqa: F811
    assert moving.counted(migration) == 1 and moving.start_migration(migration, by=editor) == 1
    with till.later(days=20):
        move_prices()
        assert Group.objects.get().subscription.price != new and len(paid(till)) == 1
    with till.later(days=29):
        move_prices()
        row = Group.objects.get().subscription
        assert (row.price, row.quantity) == (new, 5)
    with till.later(days=32):
        assert paid(till) == [1500, 2000]
        move_prices()
    assert PriceMove.objects.get().state == "done" and Group.objects.get().seats() == 5


def test_the_owner_and_the_managers_are_told_once_and_members_are_not(till, group, migration, editor, reader):  # noqa: F811
    manager, _member = join(group, 2)
    group.memberships.filter(user=manager).update(role=Membership.Role.MANAGER)
    moving.start_migration(migration, by=editor)
    move_prices()
    rows = Mail.objects.filter(key__startswith="price-move:")
    assert sorted(row.user.email for row in rows) == sorted([reader.email, manager.email])
    mail.outbox.clear()
    for row in rows:
        type(row).objects.filter(pk=row.pk).update(status="waiting")
        send_mail(row.pk)
    for letter in mail.outbox:
        assert "Editors" in letter.body and "€3 a month" in letter.body and "€4 a month" in letter.body
        assert "5 seats" in letter.body and f"/account/group/{group.pk}/" in letter.body and reader.name not in letter.body
    assert len(mail.outbox) == 2


def test_a_group_that_ends_is_left_alone_and_its_mails_are_taken_back(till, group, migration, editor):  # noqa: F811
    manager, _member = join(group, 2)
    group.memberships.filter(user=manager).update(role=Membership.Role.MANAGER)
    moving.start_migration(migration, by=editor)
    Mail.objects.filter(key__startswith="price-move:").update(status="waiting")
    from billing import stripe_client
    from billing.synchronising import synchronise_customer

    stripe_client.cancel_subscription(group.subscription.stripe_id)
    synchronise_customer(group.subscription.customer)
    move_prices()
    assert PriceMove.objects.get().state == "left"
    assert set(Mail.objects.filter(key__startswith="price-move:").values_list("status", flat=True)) == {"dropped"}


def test_the_renewal_of_a_year_is_announced_with_what_all_seats_will_cost(till, group, migration, editor, seat):  # noqa: F811
    Price.objects.filter(plan=seat.plan).update(interval="year")
    moving.start_migration(migration, by=editor)
    with till.later(days=17):
        PriceMove.objects.update(not_before=group.subscription.current_period_end)
        remind()
    assert Mail.objects.get(name="renewal").context["amount"] == "€20"


def test_readers_and_groups_are_never_moved_to_each_others_prices(seat, month, new):  # noqa: F811
    Price.objects.filter(pk__in=[seat.pk, month.pk]).update(is_current=False)
    for one, other in ((seat, month), (month, seat)):
        with pytest.raises(ValidationError):
            PriceMigration(from_price=Price.objects.get(pk=one.pk), to_price=other, notice_days=14).full_clean()


def test_the_newsroom_is_told_whom_the_mails_go_to(till, group, migration, as_editor):  # noqa: F811
    page = as_editor.get(f"{ADMIN}{migration.pk}/start/").content.decode()
    assert "its owner and its managers" in page
