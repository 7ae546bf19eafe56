"""Giving and accepting with many hands, on real connections."""

import pytest
from django.test import Client

from billing.gifts import link_of
from billing.models import CheckoutAttempt, Contribution, ContributionSettings, GiftSubscription, Grant, Mail, Payment
from tests.billing.conftest import Till
from tests.billing.test_concurrency import at_once, signed_in
from tests.factories import make_price, make_user

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
PEOPLE = 20


@pytest.fixture
def till(transactional_db, stripe):
    return Till(stripe, None)


def pay_for_a_gift(till, buyer):
    price = make_price(interval="year", amount=7000)
    wish = {"choice": f"{price.plan.slug}:12", "way": "mail", "recipient_email": "friend@example.com", "currency": "EUR"}
    assert signed_in(buyer).post("/subscribe/gift/", wish).status_code == 303
    attempt = CheckoutAttempt.objects.get()
    till.stripe.complete_checkout(attempt.stripe_session_id)
    return attempt


def test_twenty_people_at_once_get_one_grant(till):
    buyer = make_user()
    till.come_back(signed_in(buyer), pay_for_a_gift(till, buyer))
    path = "/" + link_of(GiftSubscription.objects.get()).split("/", 3)[3]
    people = [signed_in(make_user()) for _ in range(PEOPLE)]
    answers = [response.status_code for response in at_once(PEOPLE, lambda number: people[number].post(path))]
    assert sorted(answers) == [302] + [410] * (PEOPLE - 1)
    assert Grant.objects.get().user == GiftSubscription.objects.get().redeemed_by


def test_one_person_pressing_twenty_times_gets_one_grant(till):
    buyer, friend = make_user(), make_user()
    till.come_back(signed_in(buyer), pay_for_a_gift(till, buyer))
    path = "/" + link_of(GiftSubscription.objects.get()).split("/", 3)[3]
    tabs = [signed_in(friend) for _ in range(PEOPLE)]
    at_once(PEOPLE, lambda number: tabs[number].post(path))
    assert Grant.objects.count() == 1


def test_twenty_deliveries_and_returns_at_once_make_one_gift_and_one_mail_each(till):
    buyer = make_user()
    attempt = pay_for_a_gift(till, buyer)
    body, signature = till.stripe.signed(till.stripe.events("checkout.session.completed")[0])
    tabs = [signed_in(buyer) for _ in range(PEOPLE)]

    def act(number):
        if number % 2:
            return till.come_back(tabs[number], attempt)
        return Client().post("/webhooks/stripe/", body, content_type="application/json", headers={"Stripe-Signature": signature})

    assert {response.status_code for response in at_once(PEOPLE, act)} == {200}
    gift = GiftSubscription.objects.get()
    assert gift.is_redeemable() and gift.link_number == 1
    assert sorted(Mail.objects.values_list("name", flat=True)) == ["gift", "gift_bought"]


@pytest.mark.parametrize("every", ["once", "month"])
def test_twenty_deliveries_and_returns_at_once_make_one_contribution_and_one_mail(till, every):
    rules = ContributionSettings.load()
    rules.is_open = True
    rules.save()
    buyer = make_user()
    assert signed_in(buyer).post("/support/", {"every": every, "amount": "12"}).status_code == 303
    attempt = CheckoutAttempt.objects.get()
    till.stripe.complete_checkout(attempt.stripe_session_id)
    body, signature = till.stripe.signed(till.stripe.events("checkout.session.completed")[0])
    tabs = [signed_in(buyer) for _ in range(PEOPLE)]

    def act(number):
        if number % 2:
            return till.come_back(tabs[number], attempt)
        return Client().post("/webhooks/stripe/", body, content_type="application/json", headers={"Stripe-Signature": signature})

    assert {response.status_code for response in at_once(PEOPLE, act)} == {200}
    assert Contribution.objects.get().is_paid and Payment.objects.get().amount == 1200
    assert list(Mail.objects.values_list("name", flat=True)) == ["contribution"]
