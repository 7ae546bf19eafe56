"""Gift subscriptions: accepted once, after what is held, and ended when the money goes back."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from billing.entitlements import entitlement_of
from billing.lining_up import local_months_after
from billing.models import GiftSubscription, Grant, Mail, Subscription
from tests.billing.gifting import FRIEND, bought, buy, charge_of, lasts, path_of
from tests.factories import make_group, make_subscription, make_user

# Accepting -------------------------------------------------------------------------------------------------------


def test_it_is_accepted_after_signing_in_with_any_address_and_opens_everything(till, as_reader, reader, year, as_friend, friend):
    gift = bought(till, as_reader, reader, year)
    stranger = Client()
    page = stranger.get(path_of(gift))
    assert "One year of" in page.content.decode() and "Read this" in page.content.decode()
    assert page.headers["Referrer-Policy"] == "same-origin" and "no-store" in page.headers["Cache-Control"]
    assert stranger.post(path_of(gift)).status_code == 302 and not Grant.objects.exists()
    assert as_friend.post(path_of(gift)).headers["Location"] == "/account/billing/"
    gift.refresh_from_db()
    assert gift.state == "redeemed" and gift.redeemed_by == friend and lasts(gift, 365)
    assert entitlement_of(friend).opens_everything and not entitlement_of(reader).opens_everything
    assert "until" in as_friend.get("/account/billing/").content.decode()
    # The address was for the delivery, which is over.
    assert gift.recipient_email == "" and not Mail.objects.filter(address=FRIEND).exists()


def test_it_is_accepted_once(till, as_reader, reader, year, as_friend, subscriber):
    gift = bought(till, as_reader, reader, year)
    as_friend.post(path_of(gift))
    again = as_friend.post(path_of(gift))
    assert again.headers["Location"] == "/account/billing/"
    other = Client()
    other.force_login(make_user())
    assert other.post(path_of(gift)).status_code == 410 and "has been accepted" in other.get(path_of(gift)).content.decode()
    assert Grant.objects.count() == 1


def test_the_buyer_may_accept_it_themselves(till, as_reader, reader, month):
    gift = bought(till, as_reader, reader, month, months=1)
    as_reader.post(path_of(gift))
    assert entitlement_of(reader).opens_everything


def test_a_second_gift_follows_the_first(till, as_reader, reader, month, year, as_friend, friend):
    first, second = bought(till, as_reader, reader, year), bought(till, as_reader, reader, month, months=1)
    as_friend.post(path_of(first))
    assert "after what you hold already" in as_friend.get(path_of(second)).content.decode()
    as_friend.post(path_of(second))
    first.refresh_from_db(), second.refresh_from_db()
    assert second.starts_at == first.ends_at and lasts(second, 31)
    text = as_friend.get("/account/billing/").content.decode()
    assert "as a gift" in text and "A gift begins on" in text


def test_a_subscription_that_ends_is_followed_by_the_gift(till, as_reader, reader, year, as_friend, friend):
    ends = timezone.now() + timedelta(days=20)
    make_subscription(friend, cancel_at=ends, current_period_end=ends, entitled_until=ends + timedelta(minutes=10))
    gift = bought(till, as_reader, reader, year)
    as_friend.post(path_of(gift))
    gift.refresh_from_db()
    assert gift.starts_at == ends


def test_a_subscriber_keeps_the_link_or_ends_their_renewal_for_it(till, as_reader, reader, month, year, as_friend, friend):
    gift = bought(till, as_reader, reader, year)
    till.subscribe(as_friend, friend, month)
    page = as_friend.post(path_of(gift))
    assert page.status_code == 409 and "Keep it for later" in page.content.decode() and not Grant.objects.exists()
    assert not Subscription.objects.get().is_ending
    as_friend.post(path_of(gift), {"although": "renews"})
    gift.refresh_from_db()
    subscription = Subscription.objects.get()
    assert subscription.is_ending and gift.starts_at == subscription.cancel_at
    with till.later(days=60):
        assert entitlement_of(friend).opens_everything
        assert len(till.stripe.objects("charge", customer=friend.customer.stripe_id)) == 1


def test_when_stripe_does_not_answer_a_subscriber_keeps_both(till, as_reader, reader, month, year, as_friend, friend):
    gift = bought(till, as_reader, reader, year)
    till.subscribe(as_friend, friend, month)
    till.stripe.set_faults(api="error")
    assert as_friend.post(path_of(gift), {"although": "renews"}).status_code == 503
    gift.refresh_from_db()
    assert gift.state == "open" and not Grant.objects.exists() and entitlement_of(friend).opens_everything


@pytest.mark.parametrize(("status", "words"), [("past_due", "is overdue"), (None, "without an end")])
def test_what_would_be_lost_is_not_accepted(till, as_reader, reader, year, as_friend, friend, status, words):
    if status:
        make_subscription(friend, status=status)
    else:
        Grant.objects.create(user=friend, reason="An author")
    gift = bought(till, as_reader, reader, year)
    page = as_friend.post(path_of(gift), {"although": "renews"})
    assert page.status_code == 409 and words in page.content.decode()
    gift.refresh_from_db()
    assert gift.state == "open"


def test_who_has_a_seat_in_a_group_keeps_the_link_or_accepts_all_the_same(till, as_reader, reader, year, as_friend, friend):
    make_group(members=(friend,))
    gift = bought(till, as_reader, reader, year)
    page = as_friend.post(path_of(gift))
    assert page.status_code == 409 and "seat in a group" in page.content.decode() and not Grant.objects.exists()
    as_friend.post(path_of(gift), {"although": "seated"})
    gift.refresh_from_db()
    assert gift.state == "redeemed" and gift.starts_at <= timezone.now()


def test_a_link_that_is_wrong_or_too_old_gives_nothing(till, as_reader, reader, year, as_friend):
    gift = bought(till, as_reader, reader, year)
    assert as_friend.get("/subscribe/gift/" + "x" * 43 + "/").status_code == 404
    with time_machine.travel(gift.expires_at + timedelta(days=1)):
        assert as_friend.post(path_of(gift)).status_code == 410
    assert not Grant.objects.exists()


def test_another_site_makes_nobody_accept(till, as_reader, reader, year, as_friend):
    gift = bought(till, as_reader, reader, year)
    assert as_friend.post(path_of(gift), headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert not Grant.objects.exists()


def test_months_keep_their_day():
    at = timezone.now().replace(year=2027, month=1, day=31, hour=3)
    assert [timezone.localtime(local_months_after(at, months)).strftime("%m-%d") for months in (1, 3, 12)] == ["02-28", "04-30", "01-31"]


# Money gone back -------------------------------------------------------------------------------------------------


def test_a_refund_before_it_is_accepted_closes_the_link_and_stops_the_mail(till, as_reader, reader, year, as_friend):
    day = timezone.localdate() + timedelta(days=5)
    gift = bought(till, as_reader, reader, year, deliver_on=day.isoformat())
    till.stripe.refund(charge_of(till, reader)["id"])
    till.deliver(till.stripe.events("charge.refunded")[-1])
    gift.refresh_from_db()
    assert gift.state == "revoked" and gift.mail.status == Mail.Status.DROPPED
    assert as_friend.post(path_of(gift)).status_code in (404, 410) and not Grant.objects.exists()


def test_a_partial_refund_keeps_it(till, as_reader, reader, year, as_friend, friend):
    gift = bought(till, as_reader, reader, year)
    as_friend.post(path_of(gift))
    till.stripe.refund(charge_of(till, reader)["id"], 100)
    till.deliver(till.stripe.events("charge.refunded")[-1])
    gift.refresh_from_db()
    assert gift.state == "redeemed" and entitlement_of(friend).opens_everything


def test_a_dispute_suspends_what_was_accepted_and_won_gives_it_back(till, as_reader, reader, year, as_friend, friend):
    gift = bought(till, as_reader, reader, year)
    as_friend.post(path_of(gift))
    dispute = till.stripe.dispute(charge_of(till, reader)["id"])
    till.deliver(till.stripe.events("charge.dispute.created")[-1])
    assert not entitlement_of(friend).opens_everything
    till.stripe.close_dispute(dispute["id"], won=True)
    till.deliver(till.stripe.events("charge.dispute.closed")[-1])
    gift.refresh_from_db()
    assert gift.state == "redeemed" and entitlement_of(friend).until == gift.ends_at


@pytest.mark.parametrize("read_for", [0, 10])
def test_while_a_dispute_lasts_nothing_of_a_gift_is_used_up(till, as_reader, reader, month, as_friend, friend, read_for):
    gift = bought(till, as_reader, reader, month, months=1)
    as_friend.post(path_of(gift))
    with till.later(days=read_for):
        dispute = till.stripe.dispute(charge_of(till, reader)["id"])
        till.deliver(till.stripe.events("charge.dispute.created")[-1])
    with till.later(days=70):
        assert not entitlement_of(friend).opens_everything
        till.stripe.close_dispute(dispute["id"], won=True)
        till.deliver(till.stripe.events("charge.dispute.closed")[-1])
        left = entitlement_of(friend).until - timezone.now()
        assert abs(left - timedelta(days=30 - read_for)) < timedelta(days=1, hours=2)


def test_one_that_had_not_begun_when_a_dispute_came_is_whole_when_it_is_won_after_its_time(
    till, as_reader, reader, month, year, as_friend, friend
):
    first, second = bought(till, as_reader, reader, month, months=1), bought(till, as_reader, reader, year)
    as_friend.post(path_of(first))
    as_friend.post(path_of(second))
    dispute = till.stripe.dispute(till.stripe.object(second_intent(second))["latest_charge"])
    till.deliver(till.stripe.events("charge.dispute.created")[-1])
    with till.later(days=70):
        till.stripe.close_dispute(dispute["id"], won=True)
        till.deliver(till.stripe.events("charge.dispute.closed")[-1])
        assert abs(entitlement_of(friend).until - timezone.now() - timedelta(days=365)) < timedelta(days=1, hours=2)


def test_a_refund_in_full_cuts_what_was_accepted(till, as_reader, reader, year, as_friend, friend):
    gift = bought(till, as_reader, reader, year)
    as_friend.post(path_of(gift))
    till.stripe.refund(charge_of(till, reader)["id"])
    till.deliver(till.stripe.events("charge.refunded")[-1])
    assert not entitlement_of(friend).opens_everything


def test_one_that_has_not_begun_is_taken_back_whole_and_put_back_where_it_was(till, as_reader, reader, month, year, as_friend, friend):
    first, second = bought(till, as_reader, reader, month, months=1), bought(till, as_reader, reader, year)
    as_friend.post(path_of(first))
    as_friend.post(path_of(second))
    dispute = till.stripe.dispute(till.stripe.object(second_intent(second))["latest_charge"])
    till.deliver(till.stripe.events("charge.dispute.created")[-1])
    assert Grant.objects.filter(user=friend).count() == 1
    till.stripe.close_dispute(dispute["id"], won=True)
    till.deliver(till.stripe.events("charge.dispute.closed")[-1])
    second.refresh_from_db()
    assert second.grant is not None and second.grant.starts_at == second.starts_at


def second_intent(gift):
    gift.refresh_from_db()
    return gift.stripe_payment_intent_id


def test_a_refund_we_hear_of_before_the_purchase_gives_nothing(till, as_reader, reader, year):
    attempt = buy(till, as_reader, reader, year)
    till.stripe.refund(charge_of(till, reader)["id"])
    till.come_back(as_reader, attempt)
    assert GiftSubscription.objects.get().state == "revoked"
