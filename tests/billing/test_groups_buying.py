"""Seats of a group: bought, added, given up, lost at Stripe, and handed over."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing.entitlements import Source, entitlement_of
from billing.models import CheckoutAttempt, Group, Kind, Mail, Membership, Plan, Price, SeatOrder, Subscription
from billing.synchronising import synchronise_customer
from tests.factories import make_price, make_user

ORDER = "/subscribe/group/order/"
pytestmark = pytest.mark.usefixtures("till")


@pytest.fixture
def seat(db):
    plan = Plan.objects.create(name="Together", slug="together", is_for_groups=True, max_seats=40)
    return make_price(plan=plan, amount=300)


def choose(client, seats=5, **fields):
    data = {"name": "Editors", "seats": seats, "offer": "together-month", "currency": "EUR", **fields}
    return client.post(ORDER, data)


def pay(till, user, outcome="paid"):
    attempt = CheckoutAttempt.objects.open().get(user=user)
    till.stripe.complete_checkout(attempt.stripe_session_id, outcome)
    return attempt


@pytest.fixture
def group(till, as_reader, reader, seat):
    """A group of five, paid a moment ago, in which its owner sits alone."""
    choose(as_reader)
    till.come_back(as_reader, pay(till, reader))
    return Group.objects.get()


def at_stripe(till, group):
    return till.stripe.object(group.subscription.stripe_id)


def set_at_stripe(till, group, quantity):
    """Change the seats in Stripe's dashboard, and let it tell us."""
    item = at_stripe(till, group)["items"]["data"][0]["id"]
    from billing import stripe_client

    stripe_client.change_quantity(group.subscription.stripe_id, item, quantity)
    synchronise_customer(group.subscription.customer)
    group.refresh_from_db()


def join(group, count):
    """Let people join one after the other, and return them."""
    from billing.groups import admit

    users = [make_user(f"member{number}@example.com") for number in range(count)]
    for user in users:
        admit(user, group)
    return users


def reads(user):
    return entitlement_of(user).opens_everything


def act(client, group, name, **data):
    return client.post(reverse(f"billing:{name}", args=[group.pk]), data, follow=True)


def test_a_group_is_bought_with_its_seats_and_the_owner_sits_in_one(till, as_reader, reader, seat):
    response = choose(as_reader, seats=7)
    assert response.status_code == 303
    attempt = pay(till, reader)
    assert not Group.objects.exists()
    text = till.come_back(as_reader, attempt).content.decode()
    assert "Your group is ready" in text
    group = Group.objects.get()
    assert (group.name, group.owner, group.seats()) == ("Editors", reader, 7)
    assert (group.subscription.kind, group.subscription.quantity) == (Kind.GROUP, 7)
    assert entitlement_of(reader).source == Source.SEAT
    assert SeatOrder.objects.get().status == "paid"
    assert at_stripe(till, group)["items"]["data"][0]["quantity"] == 7


@pytest.mark.parametrize("bring", ["webhook", "reconciler", "return"])
def test_whoever_brings_the_news_makes_one_group(till, as_reader, reader, seat, bring):
    from billing.reconciling import reconcile_recent

    choose(as_reader)
    attempt = pay(till, reader)
    if bring == "webhook":
        till.deliver(till.stripe.events("checkout.session.completed")[0])
    elif bring == "reconciler":
        reconcile_recent()
    for _ in range(2):
        till.come_back(as_reader, attempt)
    till.deliver(till.stripe.events("checkout.session.completed")[0])
    assert Group.objects.count() == Membership.objects.count() == Subscription.objects.count() == 1


def test_a_stranger_signs_in_first_and_finds_the_choice_again(client, seat):
    response = choose(client, seats=9)
    assert response.status_code == 302
    assert "/accounts/login/" in response.headers["Location"]
    text = client.get("/subscribe/group/", {"name": "Editors", "seats": 9, "offer": "together-month"}).content.decode()
    assert 'value="9"' in text and 'value="Editors"' in text


@pytest.mark.parametrize(
    "tampered", [{"seats": 1}, {"seats": 41}, {"seats": -3}, {"seats": "many"}, {"offer": "reader-month"}, {"offer": ""}, {"name": ""}]
)
def test_what_the_plan_does_not_sell_is_refused(as_reader, seat, month, tampered):
    response = choose(as_reader, **tampered)
    assert response.status_code == 422
    assert not SeatOrder.objects.exists() and not CheckoutAttempt.objects.exists()


def test_an_amount_or_a_quantity_from_the_browser_is_ignored(till, as_reader, reader, seat):
    choose(as_reader, amount=1, quantity=1000, price="price_free")
    session = till.stripe.object(till.session_of(reader))
    assert session["amount_total"] == 5 * 300


def test_a_group_plan_is_not_sold_to_one_reader(as_reader, seat):
    response = as_reader.post(reverse("billing:checkout", args=["together"]), {"interval": "month", "currency": "EUR"})
    assert response.status_code == 404
    assert "Together" not in as_reader.get("/subscribe/").content.decode()


def test_the_page_with_the_prices_leads_to_groups_if_there_is_a_plan_for_them(client, month, django_db_reset_sequences=None):
    assert "/subscribe/group/" not in client.get("/subscribe/").content.decode()
    make_price(plan=Plan.objects.create(name="Together", slug="together", is_for_groups=True))
    assert "/subscribe/group/" in client.get("/subscribe/").content.decode()


def test_a_subscriber_may_own_a_group_as_well(till, as_reader, reader, month, seat):
    till.subscribe(as_reader, reader, month)
    choose(as_reader)
    till.come_back(as_reader, pay(till, reader))
    assert Subscription.objects.filter(user=reader).count() == 2
    assert entitlement_of(reader).source == Source.SUBSCRIPTION


def test_another_choice_closes_the_session_of_the_first(till, as_reader, reader, seat):
    choose(as_reader, seats=5)
    first = till.session_of(reader)
    assert choose(as_reader, seats=5).headers["Location"] == till.stripe.object(first)["url"]
    choose(as_reader, seats=8)
    assert till.stripe.object(first)["status"] == "expired"
    assert len(till.stripe.objects("checkout.session", status="open")) == 1
    assert sorted(SeatOrder.objects.values_list("seats", "status")) == [(5, "dropped"), (8, "open")]


def test_a_choice_after_the_money_is_there_leads_to_the_group_and_buys_no_second(till, as_reader, reader, seat):
    choose(as_reader)
    pay(till, reader)
    assert "/subscribe/return/" in choose(as_reader, seats=9).headers["Location"]
    assert Group.objects.get().seats() == 5


def test_a_second_group_is_possible(till, as_reader, reader, group):
    choose(as_reader, name="Neighbours")
    till.come_back(as_reader, pay(till, reader))
    assert set(Group.objects.values_list("name", flat=True)) == {"Editors", "Neighbours"}


def test_a_payment_that_never_came_makes_no_group(till, as_reader, reader, seat):
    choose(as_reader)
    attempt = CheckoutAttempt.objects.get()
    with till.later(days=2):
        text = till.come_back(as_reader, attempt).content.decode()
    assert "Nothing was paid" in text
    assert not Group.objects.exists() and SeatOrder.objects.get().status == "dropped"


def test_when_stripe_is_down_nothing_is_sold_and_the_page_says_so(till, as_reader, seat):
    till.stripe.set_faults(api="error")
    assert choose(as_reader).status_code == 503
    till.stripe.set_faults()
    assert choose(as_reader).status_code == 303


# More and fewer --------------------------------------------------------------------------------------------------


def test_more_seats_come_at_once_for_the_price_that_was_shown(till, as_reader, group):
    with till.later(days=15):
        asked = act(as_reader, group, "group_seats", seats=10)
        amount = asked.context["amount"]
        assert f"Pay {amount}" in asked.content.decode()
        assert at_stripe(till, group)["items"]["data"][0]["quantity"] == 5
        done = act(as_reader, group, "group_seats", preview=asked.context["preview"])
        assert "You have 10 seats now." in done.content.decode()
        group.refresh_from_db()
        assert group.seats() == group.subscription.quantity == 10
        paid = till.stripe.objects("invoice")[0]["amount_paid"]
        assert f"€{paid / 100:.2f}" == amount and 600 < paid < 900


def test_seats_that_are_not_paid_are_not_given(till, as_reader, group):
    till.stripe.use_card(group.subscription.customer.stripe_id, "declines")
    asked = act(as_reader, group, "group_seats", seats=10)
    done = as_reader.post(reverse("billing:group_seats", args=[group.pk]), {"preview": asked.context["preview"]})
    assert done.status_code == 303
    group.refresh_from_db()
    assert group.seats() == 5


def test_the_price_shown_is_signed_for_one_group_and_a_short_time(till, as_reader, group):
    asked = act(as_reader, group, "group_seats", seats=10)
    token = asked.context["preview"]
    assert "some time old" in act(as_reader, group, "group_seats", preview=token[:-1] + "x").content.decode()
    with till.later(hours=1):
        assert "some time old" in act(as_reader, group, "group_seats", preview=token).content.decode()
    group.refresh_from_db()
    assert group.seats() == 5


def test_a_price_shown_for_other_seats_is_not_charged(till, as_reader, group):
    asked = act(as_reader, group, "group_seats", seats=10)
    set_at_stripe(till, group, 6)
    assert "have changed in the meantime" in act(as_reader, group, "group_seats", preview=asked.context["preview"]).content.decode()
    act(as_reader, group, "group_seats", preview=asked.context["preview"])
    group.refresh_from_db()
    assert group.seats() == 6


@pytest.mark.parametrize("seats", [0, 1, 41, "none"])
def test_seats_stay_within_what_the_plan_sells(as_reader, group, seats):
    act(as_reader, group, "group_seats", seats=seats, do="now")
    group.refresh_from_db()
    assert group.seats() == 5


def test_fewer_seats_at_the_end_leave_everybody_seated_until_then(till, as_reader, reader, group):
    first, second, third, _last = join(group, 4)
    warned = act(as_reader, group, "group_seats", seats=3)
    assert "The 2 people who came last" in warned.content.decode()
    act(as_reader, group, "group_seats", seats=3, do="at_end")
    group.refresh_from_db()
    assert group.seats() == 5 and at_stripe(till, group)["items"]["data"][0]["quantity"] == 3
    assert reads(third)
    assert "All 5 seats stay until" in as_reader.get(reverse("billing:group", args=[group.pk])).content.decode()
    with till.later(days=32):
        synchronise_customer(group.subscription.customer)
        assert [reads(user) for user in (reader, first, second, third)] == [True, True, True, False]
        assert till.stripe.objects("invoice")[0]["amount_paid"] == 900


def test_fewer_seats_can_be_taken_back_without_paying_twice(till, as_reader, group):
    act(as_reader, group, "group_seats", seats=3, do="at_end")
    act(as_reader, group, "group_seats", do="keep")
    group.refresh_from_db()
    assert at_stripe(till, group)["items"]["data"][0]["quantity"] == 5
    assert len(till.stripe.objects("invoice")) == 1
    assert group.seats_ending() is None


def test_fewer_seats_now_close_for_who_came_last(till, as_reader, group):
    *_, last = join(group, 4)
    act(as_reader, group, "group_seats", seats=3, do="now")
    group.refresh_from_db()
    assert group.seats() == 3 and not reads(last)
    assert not till.stripe.objects("refund")


def test_an_answer_that_got_lost_takes_no_seat_that_is_paid(till, as_reader, group, monkeypatch):
    from billing import seats, stripe_client

    *_, last = join(group, 4)
    change = stripe_client.change_quantity

    def change_and_lose_the_answer(*args, **kwargs):
        change(*args, **kwargs)
        raise stripe_client.StripeCallError("no answer")

    monkeypatch.setattr(seats.stripe_client, "change_quantity", change_and_lose_the_answer)
    assert act(as_reader, group, "group_seats", seats=3, do="at_end").status_code == 503
    synchronise_customer(group.subscription.customer)
    assert reads(last)


def test_fewer_seats_at_stripe_leave_who_came_last_waiting_and_tell_the_owner_once(till, as_reader, reader, group):
    users = join(group, 4)
    set_at_stripe(till, group, 3)
    assert [reads(user) for user in users] == [True, True, False, False]
    assert group.memberships.present().count() == 5
    text = as_reader.get(reverse("billing:group", args=[group.pk])).content.decode()
    assert text.count("Waiting for a seat") == 2
    synchronise_customer(group.subscription.customer)
    mail = Mail.objects.get(name="group_shrunk")
    assert mail.user == reader and mail.context["seats"] == 3
    set_at_stripe(till, group, 5)
    assert all(reads(user) for user in users)


def test_a_waiting_member_sits_when_somebody_leaves(till, group):
    users = join(group, 4)
    set_at_stripe(till, group, 4)
    assert not reads(users[3])
    Client().force_login(users[0])
    client = Client()
    client.force_login(users[0])
    act(client, group, "group_leave")
    assert reads(users[3]) and not reads(users[0])


# The owner's money, everybody's access ---------------------------------------------------------------------------


def test_members_read_through_the_grace_of_a_failed_payment_and_no_longer(till, group):
    (member,) = join(group, 1)
    till.stripe.use_card(group.subscription.customer.stripe_id, "declines")
    with till.later(days=32):
        synchronise_customer(group.subscription.customer)
        assert reads(member) and not entitlement_of(member).is_past_due
    with till.later(days=50):
        assert not reads(member)


def test_a_refund_in_full_closes_for_all(till, group):
    (member,) = join(group, 1)
    till.stripe.refund(till.stripe.objects("charge")[0]["id"])
    synchronise_customer(group.subscription.customer)
    assert not reads(member) and not reads(group.owner)


def test_the_owner_ends_it_and_lets_it_go_on(till, as_reader, group):
    act(as_reader, group, "group_renewal", do="end")
    group.refresh_from_db()
    assert group.subscription.is_ending
    assert "stays open until" in as_reader.get(reverse("billing:group", args=[group.pk])).content.decode()
    act(as_reader, group, "group_renewal", do="go_on")
    group.refresh_from_db()
    assert not group.subscription.is_ending


def test_an_ended_group_starts_again_with_all_its_members(till, as_reader, reader, group):
    from billing import stripe_client

    (member,) = join(group, 1)
    stripe_client.cancel_subscription(group.subscription.stripe_id)
    synchronise_customer(group.subscription.customer)
    assert not reads(member)
    page = as_reader.get(reverse("billing:group_order", args=[group.pk]))
    assert "Start “Editors” again" in page.content.decode()
    data = {"name": "Editors", "seats": 4, "offer": "together-month"}
    as_reader.post(reverse("billing:group_order", args=[group.pk]), data)
    till.come_back(as_reader, pay(till, reader))
    group.refresh_from_db()
    assert reads(member) and group.seats() == 4 and Group.objects.count() == 1


def test_a_running_group_is_not_sold_again_to_its_owner(as_reader, group):
    response = as_reader.post(reverse("billing:group_order", args=[group.pk]), {"name": "x", "seats": 4, "offer": "together-month"})
    assert response.headers["Location"] == reverse("billing:group", args=[group.pk])
    assert SeatOrder.objects.count() == 1


def test_a_group_is_handed_over_and_nobody_pays_the_same_time_twice(till, as_reader, reader, group):
    heir, other = join(group, 2)
    seat_of_heir = group.memberships.get(user=heir)
    as_reader.post(reverse("billing:group_member", args=[group.pk, seat_of_heir.pk]), {"do": "heir"})
    assert Mail.objects.get(name="group_heir").user == heir
    client = Client()
    client.force_login(heir)
    assert "would like to hand" in client.get("/account/group/").content.decode()
    before = group.subscription
    data = {"name": "Editors", "seats": 5, "offer": "together-month"}
    client.post(reverse("billing:group_order", args=[group.pk]), data)
    till.come_back(client, pay(till, heir))
    group.refresh_from_db()
    assert (group.owner, group.heir, group.subscription.user) == (heir, None, heir)
    assert group.subscription.status == "trialing"
    assert group.subscription.current_period_end == before.current_period_end
    assert till.stripe.object(before.stripe_id)["cancel_at_period_end"]
    assert sum(invoice["amount_paid"] for invoice in till.stripe.objects("invoice")) == 1500
    assert all(reads(user) for user in (reader, heir, other))
    assert as_reader.get(reverse("billing:group", args=[group.pk])).status_code == 404
    with till.later(days=33):
        synchronise_customer(group.subscription.customer)
        synchronise_customer(before.customer)
        assert till.stripe.object(before.stripe_id)["status"] == "canceled"
        assert all(reads(user) for user in (reader, heir, other))


def test_an_offer_that_was_withdrawn_can_be_paid_no_more(till, as_reader, group):
    (heir,) = join(group, 1)
    seat_of_heir = group.memberships.get(user=heir)
    as_reader.post(reverse("billing:group_member", args=[group.pk, seat_of_heir.pk]), {"do": "heir"})
    client = Client()
    client.force_login(heir)
    client.post(reverse("billing:group_order", args=[group.pk]), {"name": "Editors", "seats": 5, "offer": "together-month"})
    act(as_reader, group, "group_heir")
    assert till.stripe.object(till.session_of(heir))["status"] == "expired"
    assert client.get(reverse("billing:group_order", args=[group.pk])).status_code == 404


def test_an_heir_takes_over_no_more_than_is_paid_and_adds_seats_once_they_pay(till, as_reader, group):
    (heir,) = join(group, 1)
    dearer = make_price(plan=Plan.objects.create(name="All", slug="all", is_for_groups=True), amount=900)
    as_reader.post(reverse("billing:group_member", args=[group.pk, group.memberships.get(user=heir).pk]), {"do": "heir"})
    client = Client()
    client.force_login(heir)
    for data in ({"seats": 40, "offer": "together-month"}, {"seats": 5, "offer": f"{dearer.plan.slug}-month"}):
        client.post(reverse("billing:group_order", args=[group.pk]), {"name": "Editors", **data})
        assert SeatOrder.objects.filter(buyer=heir).count() == 0
    client.post(reverse("billing:group_order", args=[group.pk]), {"name": "Editors", "seats": 5, "offer": "together-month"})
    till.come_back(client, pay(till, heir))
    assert "from your first payment on" in act(client, group, "group_seats", seats=40).content.decode()
    group.refresh_from_db()
    assert group.seats() == 5


def test_an_heir_who_is_removed_can_pay_for_the_group_no_more(till, as_reader, reader, group):
    (heir,) = join(group, 1)
    address = reverse("billing:group_member", args=[group.pk, group.memberships.get(user=heir).pk])
    as_reader.post(address, {"do": "heir"})
    client = Client()
    client.force_login(heir)
    client.post(reverse("billing:group_order", args=[group.pk]), {"name": "Editors", "seats": 5, "offer": "together-month"})
    as_reader.post(address, {"do": "remove"})
    group.refresh_from_db()
    assert till.stripe.object(till.session_of(heir))["status"] == "expired"
    assert (group.owner, group.heir, group.memberships.present().count()) == (reader, None, 1)


def test_a_year_of_renewals_keeps_the_seats(till, group):
    (member,) = join(group, 1)
    with till.later(days=200):
        synchronise_customer(group.subscription.customer)
        assert reads(member)


def test_the_rate_card_names_what_a_seat_costs(client, seat):
    make_price(plan=seat.plan, interval=Price.Interval.YEAR, amount=3000)
    text = client.get("/subscribe/group/").content.decode()
    assert "€3 a seat, by the month" in text and "€30 a seat, by the year" in text


def test_an_old_order_of_a_group_does_not_bind_a_new_one(till, as_reader, reader, group):
    assert group.orders.get().created_at < timezone.now() + timedelta(seconds=1)
    choose(as_reader, name="Editors")
    assert CheckoutAttempt.objects.open().filter(user=reader).count() == 1
