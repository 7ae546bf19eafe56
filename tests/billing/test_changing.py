"""A reader changes what they pay."""

import re

import pytest
from django.urls import reverse

from billing.models import Mail, Price, Subscription
from tests.factories import make_price, make_subscription
from tests.sandbox.conftest import wire_problems  # noqa: F401 - holds every request against Stripe's types

CHOOSE = "/account/billing/change/"


@pytest.fixture
def dearer(plan):
    return make_price(amount=1500)


@pytest.fixture
def cheaper(plan):
    return make_price(amount=300)


def url_of(price):
    return reverse("billing:change_price", args=[price.pk])


def agree(client, price):
    """Look at what a change costs, and press the button."""
    page = client.get(url_of(price)).content.decode()
    token = re.search(r'name="token" value="([^"]+)"', page)[1]
    return client.post(url_of(price), {"token": token})


def text_of(client, url="/account/billing/"):
    return client.get(url).content.decode()


def test_the_choices_are_the_other_prices_of_the_same_currency(till, as_reader, reader, month, year, dearer, cheaper):
    make_price(amount=900, currency="USD")
    make_price(amount=5555, is_current=False)
    till.subscribe(as_reader, reader, month)
    text = text_of(as_reader, CHOOSE)
    assert "€70" in text and "€15" in text and "€3" in text
    assert "$9" not in text and "€55.55" not in text
    assert url_of(month) not in text


def test_a_dearer_price_is_previewed_to_the_cent_and_charged_as_previewed(till, as_reader, reader, month, dearer):
    till.subscribe(as_reader, reader, month)
    with till.later(days=10):
        page = text_of(as_reader, url_of(dearer))
        due = re.search(r"Change and pay €([\d.]+)", page)[1]
        token = re.search(r'name="token" value="([^"]+)"', page)[1]
    with till.later(days=10, minutes=20):
        assert as_reader.post(url_of(dearer), {"token": token}).status_code == 302
        newest = till.stripe.objects("invoice")[0]
    assert newest["amount_paid"] == round(float(due) * 100) > 0
    assert newest["billing_reason"] == "subscription_update"
    assert Subscription.objects.get().price == dearer


def test_pressing_twice_charges_once(till, as_reader, reader, month, dearer):
    till.subscribe(as_reader, reader, month)
    token = re.search(r'name="token" value="([^"]+)"', text_of(as_reader, url_of(dearer)))[1]
    for _ in range(2):
        assert as_reader.post(url_of(dearer), {"token": token}).headers["Location"] == "/account/billing/"
    assert len(till.stripe.objects("invoice")) == 2


def test_a_longer_price_begins_a_new_period_at_once(till, as_reader, reader, month, year):
    till.subscribe(as_reader, reader, month)
    with till.later(days=10):
        assert "Already taken off" in text_of(as_reader, url_of(year))
        agree(as_reader, year)
        row = Subscription.objects.get()
        assert row.price == year and (row.current_period_end - row.synchronised_at).days >= 364


@pytest.mark.parametrize("behaviour", ["declines", "requires_action"])
def test_an_unpaid_upgrade_changes_nothing_and_leads_to_the_hosted_invoice(till, as_reader, reader, month, dearer, behaviour):
    till.subscribe(as_reader, reader, month)
    till.stripe.use_card(reader.customer.stripe_id, behaviour)
    before = Subscription.objects.get().entitled_until
    response = agree(as_reader, dearer)
    invoice = till.stripe.objects("invoice")[0]
    assert (response.status_code, response.headers["Location"]) == (303, invoice["hosted_invoice_url"])
    row = Subscription.objects.get()
    assert (row.price, row.status, row.entitled_until) == (month, "active", before)
    assert "Your change waits for its payment" in text_of(as_reader)
    assert not Mail.objects.filter(name="payment_failed").exists(), "nothing is owed for what they hold"
    assert as_reader.post("/account/billing/change/pay/").headers["Location"] == invoice["hosted_invoice_url"]
    assert agree_again(as_reader, dearer) == 302, "nothing else can be changed meanwhile"
    assert len(till.stripe.objects("invoice")) == 2


def agree_again(client, price):
    return client.get(url_of(price)).status_code


def test_a_waiting_upgrade_is_made_once_its_invoice_is_paid(till, as_reader, reader, month, dearer):
    till.subscribe(as_reader, reader, month)
    till.stripe.use_card(reader.customer.stripe_id, "requires_action")
    agree(as_reader, dearer)
    invoice = till.stripe.objects("invoice")[0]
    (payment,) = till.stripe.objects("invoice_payment", invoice=invoice["id"])
    till.stripe.settle(payment["payment"]["payment_intent"], paid=True)
    with till.later(minutes=1):
        assert "€15 a month" in as_reader.get("/account/billing/", {"from": "portal"}).content.decode()
    assert Subscription.objects.get().change_waits_until is None


def test_a_waiting_upgrade_can_be_forgotten(till, as_reader, reader, month, dearer):
    till.subscribe(as_reader, reader, month)
    till.stripe.use_card(reader.customer.stripe_id, "declines")
    agree(as_reader, dearer)
    as_reader.post("/account/billing/change/keep/")
    row = Subscription.objects.get()
    assert row.is_settled and row.price == month
    assert till.stripe.objects("invoice")[0]["status"] == "void"
    assert row.is_entitling()


def test_a_cheaper_price_waits_for_the_periods_end_and_costs_nothing_now(till, as_reader, reader, month, cheaper):
    till.subscribe(as_reader, reader, month)
    text = text_of(as_reader, url_of(cheaper))
    assert "You pay today" in text and "Nothing" in text
    agree(as_reader, cheaper)
    row = Subscription.objects.get()
    assert (row.price, row.next_price) == (month, cheaper)
    assert "on you have" in text_of(as_reader)
    assert len(till.stripe.objects("invoice")) == 1
    with till.later(days=32):
        as_reader.get("/account/billing/", {"from": "portal"})
        assert Subscription.objects.get().price == cheaper
        assert till.stripe.objects("invoice")[0]["amount_paid"] == 300


def test_a_shorter_price_waits_for_the_periods_end_too(till, as_reader, reader, month, year):
    till.subscribe(as_reader, reader, year)
    agree(as_reader, month)
    assert Subscription.objects.get().next_price == month


def test_a_change_to_come_can_be_taken_back(till, as_reader, reader, month, cheaper):
    till.subscribe(as_reader, reader, month)
    agree(as_reader, cheaper)
    as_reader.post("/account/billing/change/keep/")
    assert Subscription.objects.get().next_price is None
    with till.later(days=32):
        assert till.stripe.objects("invoice")[0]["amount_paid"] == 700


def test_after_a_cheaper_price_has_come_it_can_be_changed_and_cancelled(till, as_reader, reader, month, cheaper, dearer):
    till.subscribe(as_reader, reader, month)
    agree(as_reader, cheaper)
    with till.later(days=32):
        as_reader.get("/account/billing/", {"from": "portal"})
        agree(as_reader, dearer)
        assert Subscription.objects.get().price == dearer
        as_reader.post("/account/billing/cancel/")
        assert Subscription.objects.get().is_ending


@pytest.fixture
def on_trial(till, as_reader, reader, month):
    """A trial of fourteen days."""
    Price.objects.filter(pk=month.pk).update(trial_days=14)
    return till.subscribe(as_reader, reader, Price.objects.get(pk=month.pk))


def test_in_a_trial_a_price_that_begins_with_one_costs_nothing_and_keeps_it(till, as_reader, on_trial, dearer):
    Price.objects.filter(pk=dearer.pk).update(trial_days=7)
    assert "ends your trial" not in text_of(as_reader, CHOOSE)
    agree(as_reader, dearer)
    row = Subscription.objects.get()
    assert (row.price, row.status, row.trial_end.timestamp()) == (dearer, "trialing", on_trial["trial_end"])
    assert len(till.stripe.objects("charge")) == 0


@pytest.mark.parametrize("interval", ["month", "year"])
def test_no_trial_is_carried_to_a_price_that_begins_with_none(till, as_reader, on_trial, interval):
    other = make_price(amount=1500, interval=interval)
    assert "At once, and ends your trial" in text_of(as_reader, CHOOSE)
    with till.later(days=3):
        page = text_of(as_reader, url_of(other))
        assert "your trial ends with the change" in page and "Change and pay €15<" in page and "Already taken off" not in page
        assert Subscription.objects.get().status == "trialing", "looking ends nothing"
        agree(as_reader, other)
        row = Subscription.objects.get()
        assert (row.price, row.status, row.entitled_until > row.current_period_end) == (other, "active", True)
        assert (row.current_period_end - row.synchronised_at).days >= (27 if interval == "month" else 364)
        assert [charge["amount"] for charge in till.stripe.objects("charge")] == [1500]


def test_a_trial_goes_on_while_the_dearer_price_waits_for_its_payment(till, as_reader, reader, on_trial, dearer):
    till.stripe.use_card(reader.customer.stripe_id, "requires_action")
    with till.later(days=3):
        response = agree(as_reader, dearer)
        invoice = till.stripe.objects("invoice")[0]
        assert response.headers["Location"] == invoice["hosted_invoice_url"]
        row = Subscription.objects.get()
        assert row.status == "trialing" and row.price != dearer and row.change_waits_until
        (payment,) = till.stripe.objects("invoice_payment", invoice=invoice["id"])
        till.stripe.settle(payment["payment"]["payment_intent"], paid=True)
    with till.later(days=3, minutes=1):
        as_reader.get("/account/billing/", {"from": "portal"})
        row.refresh_from_db()
        assert (row.status, row.price, row.change_waits_until) == ("active", dearer, None)


def test_a_trial_that_the_editor_takes_off_a_price_makes_a_preview_worthless(till, as_reader, on_trial, dearer):
    Price.objects.filter(pk=dearer.pk).update(trial_days=7)
    token = re.search(r'name="token" value="([^"]+)"', text_of(as_reader, url_of(dearer)))[1]
    Price.objects.filter(pk=dearer.pk).update(trial_days=0)
    assert as_reader.post(url_of(dearer), {"token": token}).headers["Location"] == url_of(dearer)
    assert Subscription.objects.get().price != dearer and len(till.stripe.objects("charge")) == 0


@pytest.mark.parametrize("token", ["", "forged", "another"])
def test_nothing_is_changed_without_the_preview_of_this_very_change(till, as_reader, reader, month, dearer, cheaper, token):
    till.subscribe(as_reader, reader, month)
    if token == "another":
        token = re.search(r'name="token" value="([^"]+)"', text_of(as_reader, url_of(cheaper)))[1]
    response = as_reader.post(url_of(dearer), {"token": token, "amount": "1"})
    assert response.headers["Location"] == url_of(dearer)
    assert Subscription.objects.get().price == month and len(till.stripe.objects("invoice")) == 1


def test_a_preview_does_not_outlive_its_half_hour(till, as_reader, reader, month, dearer):
    till.subscribe(as_reader, reader, month)
    token = re.search(r'name="token" value="([^"]+)"', text_of(as_reader, url_of(dearer)))[1]
    with till.later(minutes=31):
        assert as_reader.post(url_of(dearer), {"token": token}).headers["Location"] == url_of(dearer)
    assert Subscription.objects.get().price == month


def test_what_is_not_for_sale_or_not_for_this_reader_is_not_found(till, as_reader, reader, month, dearer):
    dollars = make_price(amount=900, currency="USD")
    old = make_price(amount=5555, is_current=False)
    assert as_reader.get(url_of(dearer)).status_code == as_reader.get(CHOOSE).status_code == 404, "there is no subscription yet"
    make_subscription()
    assert as_reader.get(CHOOSE).status_code == 404, "and another's is not theirs"
    till.subscribe(as_reader, reader, month)
    assert [as_reader.get(url_of(price)).status_code for price in (dollars, old)] == [404, 404]
    assert as_reader.get(url_of(month)).headers["Location"] == "/account/billing/"
    assert as_reader.post(url_of(dollars), {"token": ""}).status_code == 404
    assert Subscription.objects.get(user=reader).price == month


@pytest.mark.parametrize("path", ["", "keep/", "pay/", "1/"])
def test_a_stranger_signs_in_first(client, db, path):
    assert client.post(CHOOSE + path).status_code in (302, 405)
    assert client.get(CHOOSE + path).status_code in (302, 405)


@pytest.mark.parametrize("fault", ["error", "error_after"])
def test_when_stripe_fails_the_reader_is_told_and_a_second_try_charges_once(till, as_reader, reader, month, dearer, fault):
    till.subscribe(as_reader, reader, month)
    page = text_of(as_reader, url_of(dearer))
    token = re.search(r'name="token" value="([^"]+)"', page)[1]
    till.stripe.set_faults(api=fault)
    response = as_reader.post(url_of(dearer), {"token": token})
    assert response.status_code == 503 and "nothing is done or charged twice" in response.content.decode()
    till.stripe.set_faults()
    assert as_reader.post(url_of(dearer), {"token": token}).headers["Location"] == "/account/billing/"
    assert Subscription.objects.get().price == dearer
    assert len(till.stripe.objects("invoice")) == 2


def test_a_change_whose_answer_was_lost_is_found_done(till, as_reader, reader, month, dearer, monkeypatch):
    from billing import stripe_client

    make = stripe_client.change_price_if_paid

    def unanswered(*args, **kwargs):
        make(*args, **kwargs)
        raise stripe_client.StripeCallError("no answer")

    till.subscribe(as_reader, reader, month)
    monkeypatch.setattr(stripe_client, "change_price_if_paid", unanswered)
    assert agree(as_reader, dearer).status_code == 503
    monkeypatch.undo()
    token = "whatever"
    with till.later(minutes=1):
        assert as_reader.post(url_of(dearer), {"token": token}).status_code == 302
        as_reader.get("/account/billing/", {"from": "portal"})
    assert Subscription.objects.get().price == dearer
    assert len(till.stripe.objects("invoice")) == 2


def test_looking_too_often_is_refused(till, as_reader, reader, month, cheaper, monkeypatch):
    monkeypatch.setattr("billing.limits.PREVIEWS_A_READER_AN_HOUR", 2)
    till.subscribe(as_reader, reader, month)
    assert [as_reader.get(url_of(cheaper)).status_code for _ in range(3)] == [200, 200, 429]


def test_the_number_of_queries_does_not_grow_with_the_prices(till, as_reader, reader, month, dearer, count_queries):
    till.subscribe(as_reader, reader, month)
    as_reader.get(CHOOSE)
    with count_queries() as few:
        as_reader.get(CHOOSE)
    for _ in range(5):
        make_price()
    with count_queries() as many:
        as_reader.get(CHOOSE)
    assert len(many) == len(few) and Price.objects.count() > 5
