"""Readers of an old price are told of a new one, and pay it from a renewal on: never without notice, never in between."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from billing import moving
from billing.models import Mail, Price, PriceMigration, PriceMove, Subscription
from billing.tasks import move_prices
from tests.factories import make_price, make_subscription, make_user
from tests.sandbox.conftest import wire_problems  # noqa: F401 - holds every request against Stripe's types

ADMIN = "/admin/billing/pricemigration/"


@pytest.fixture
def new(plan, month):
    return make_price(plan=plan, amount=900, interval="month", is_current=False)


@pytest.fixture
def migration(month, new):
    def prepare(**fields):
        Price.objects.filter(pk=month.pk).update(is_current=False)
        Price.objects.filter(pk=new.pk).update(is_current=True)
        month.refresh_from_db()
        new.refresh_from_db()
        return PriceMigration.objects.create(from_price=month, to_price=new, **fields)

    return prepare


def look(client, user):
    client.force_login(user)
    return client.get("/account/billing/", {"from": "portal"}).content.decode()


def paid(till):
    return [invoice["amount_paid"] for invoice in reversed(till.stripe.objects("invoice"))]


def test_a_reader_is_told_and_pays_more_from_the_first_renewal_after_the_notice(till, as_reader, reader, editor, month, new, migration):
    till.subscribe(as_reader, reader, month)
    assert moving.start_migration(migration(), by=editor) == 1
    mail = Mail.objects.get(name="price_change")
    assert mail.user == reader and mail.context["old"] == "€7 a month" and mail.context["new"] == "€9 a month"
    for days in (27, 29, 33, 57, 59, 64, 90):
        with till.later(days=days):
            look(as_reader, reader)
            move_prices()
    first = next(invoice for invoice in reversed(till.stripe.objects("invoice")) if invoice["amount_paid"] == 900)
    assert abs(first["created"] - datetime.fromisoformat(mail.context["moves_at"]).timestamp()) < 3600
    assert paid(till) == sorted(paid(till)), "never back, and nothing in between"
    assert PriceMove.objects.get().state == "done"
    assert Mail.objects.filter(name="price_change").count() == 1


def test_nothing_is_changed_before_its_time_and_nothing_is_reckoned_up(till, as_reader, reader, editor, month, migration):
    till.subscribe(as_reader, reader, month)
    moving.start_migration(migration(notice_days=14), by=editor)
    with till.later(days=20):
        move_prices()
        assert Subscription.objects.get().price == month
    with till.later(days=29):
        look(as_reader, reader)
        move_prices()
        assert Subscription.objects.get().price != month
        assert len(till.stripe.objects("invoice")) == 1


def test_starting_twice_tells_once(till, as_reader, reader, editor, month, migration):
    till.subscribe(as_reader, reader, month)
    row = migration()
    assert [moving.start_migration(row, by=editor), moving.start_migration(row, by=editor)] == [1, 0]
    assert Mail.objects.filter(name="price_change").count() == PriceMove.objects.count() == 1


def test_who_cancels_in_between_is_left_alone(till, as_reader, reader, editor, month, migration):
    till.subscribe(as_reader, reader, month)
    moving.start_migration(migration(notice_days=14), by=editor)
    as_reader.post("/account/billing/cancel/")
    with till.later(days=29):
        move_prices()
        assert Subscription.objects.get().price == month and PriceMove.objects.get().is_waiting, "they may still take it back"
    with till.later(days=32):
        look(as_reader, reader)
        move_prices()
        assert PriceMove.objects.get().state == "left"


def test_who_changes_to_something_else_is_left_alone(till, as_reader, reader, editor, month, year, migration):
    till.subscribe(as_reader, reader, month)
    moving.start_migration(migration(notice_days=14), by=editor)
    Subscription.objects.update(price=year)
    theirs = till.subscription_of(reader)
    from billing.catalogue import price_at_stripe

    item = theirs["items"]["data"][0] | {"price": till.stripe.object(price_at_stripe(year))}
    till.stripe.account.save(theirs | {"items": theirs["items"] | {"data": [item]}})
    with till.later(days=29):
        move_prices()
    assert PriceMove.objects.get().state == "left"


def test_when_stripe_is_down_it_is_tried_again_and_done_once(till, as_reader, reader, editor, month, migration):
    till.subscribe(as_reader, reader, month)
    moving.start_migration(migration(notice_days=14), by=editor)
    with till.later(days=28):
        till.stripe.set_faults(api="error")
        move_prices()
        assert PriceMove.objects.get().is_waiting
        till.stripe.set_faults()
        for _ in range(2):
            move_prices()
    with till.later(days=32):
        assert paid(till) == [700, 900]


def test_a_renewal_that_slipped_by_is_charged_as_before_and_the_next_one_more(till, as_reader, reader, editor, month, migration):
    till.subscribe(as_reader, reader, month)
    moving.start_migration(migration(notice_days=14), by=editor)
    with till.later(days=33):
        look(as_reader, reader)
        move_prices()
        assert paid(till) == [700, 700]
        assert Subscription.objects.get().price == month


def test_who_came_at_the_old_price_after_the_start_is_told_too(reader, editor, month, migration):
    row = migration()
    moving.start_migration(row, by=editor)
    make_subscription(make_user(), price=month)
    assert moving.announce(row) == 1
    assert moving.announce(row) == 0


def test_those_who_leave_are_not_told(editor, month, migration):
    make_subscription(price=month, cancel_at=timezone.now() + timedelta(days=3))
    make_subscription(price=month, status="canceled")
    row = migration()
    assert moving.counted(row) == moving.start_migration(row, by=editor) == 0


def test_only_prices_that_renew_alike_and_are_off_sale_are_migrated(month, year, new):
    with pytest.raises(ValidationError, match="still on sale"):
        PriceMigration(from_price=month, to_price=new).full_clean()
    Price.objects.filter(pk=month.pk).update(is_current=False)
    month.refresh_from_db()
    with pytest.raises(ValidationError, match="as often"):
        PriceMigration(from_price=month, to_price=year).full_clean()


@pytest.mark.parametrize(("days", "renewals"), [(10, 0), (40, 1), (70, 2)])
def test_the_first_renewal_is_counted_in_whole_periods(month, days, renewals):
    end = timezone.now() + timedelta(days=20)
    row = make_subscription(price=month, current_period_end=end)
    found = moving.first_renewal(row, timezone.now() + timedelta(days=days))
    assert found >= timezone.now() + timedelta(days=days)
    assert round((found - end).days / 30) == renewals


def test_the_editor_sees_how_many_and_what_they_pay_before_anybody_is_told(as_editor, month, migration):
    for _ in range(3):
        make_subscription(price=month)
    row = migration()
    url = f"{ADMIN}{row.pk}/start/"
    text = as_editor.get(url).content.decode()
    assert "3 readers pay Reader, €7 a month, and will pay Reader, €9 a month" in text
    assert PriceMove.objects.count() == 0
    assert "3 readers are told" in as_editor.post(url, follow=True).content.decode()
    assert "started already" in as_editor.get(url, follow=True).content.decode()
    assert as_editor.get(f"{ADMIN}{row.pk}/change/").status_code == 200


def test_nobody_else_starts_one(client, month, migration):
    row = migration()
    client.force_login(make_user(is_staff=True))
    assert client.post(f"{ADMIN}{row.pk}/start/").status_code == 403
    assert not PriceMigration.objects.get().is_started


def test_the_words_and_the_predicates_agree(editor, month, new):
    row = make_subscription(price=month)
    for state in PriceMove.State:
        PriceMove.objects.create(subscription=row, from_price=month, to_price=new, not_before=timezone.now(), state=state)
    assert {move.pk for move in PriceMove.objects.all() if move.is_waiting} == set(PriceMove.objects.waiting().values_list("pk", flat=True))
    PriceMigration.objects.create(from_price=month, to_price=new)
    PriceMigration.objects.create(from_price=new, to_price=month, started_at=timezone.now())
    assert {found.pk for found in PriceMigration.objects.all() if found.is_started} == set(
        PriceMigration.objects.started().values_list("pk", flat=True)
    )


@pytest.mark.parametrize("url", [ADMIN, "/admin/billing/pricemove/"])
def test_the_number_of_queries_does_not_grow_with_the_rows(as_editor, month, new, count_queries, url):
    def more():
        old, row = make_price(plan=month.plan, amount=100, is_current=False), make_subscription(price=month)
        PriceMigration.objects.create(from_price=old, to_price=new)
        PriceMove.objects.create(subscription=row, from_price=old, to_price=new, not_before=timezone.now())

    more()
    as_editor.get(url)
    with count_queries() as few:
        as_editor.get(url)
    for _ in range(4):
        more()
    with count_queries() as many:
        as_editor.get(url)
    assert len(many) == len(few)


def test_what_is_due_is_due_for_the_set_and_the_row_alike(month, new):
    now = timezone.now()
    for days in (-1, 1, 2, 10):
        for notice in (-5, 1, 5):
            row = make_subscription(price=month, current_period_end=now + timedelta(days=days))
            PriceMove.objects.create(subscription=row, from_price=month, to_price=new, not_before=now + timedelta(days=notice))
    PriceMove.objects.create(subscription=make_subscription(price=month), from_price=month, to_price=new, not_before=now, state="done")
    within = now + moving.AHEAD
    due = {move.pk for move in PriceMove.objects.select_related("subscription") if move.is_due(at=now, within=within)}
    assert due == set(PriceMove.objects.due(at=now, within=within).values_list("pk", flat=True))
    assert len(due) == 4


def test_a_move_that_is_made_too_early_waits(till, as_reader, reader, editor, month, migration):
    till.subscribe(as_reader, reader, month)
    moving.start_migration(migration(notice_days=60), by=editor)
    moving.make_move(PriceMove.objects.get())
    assert PriceMove.objects.get().is_waiting
    assert Subscription.objects.get().price == month
