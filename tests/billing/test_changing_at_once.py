"""Many tabs of one reader at once, on real connections: what can be done once is done once."""

import re

import pytest
from django.test import Client

from billing.catalogue import chosen_price
from billing.models import Cancellation, CheckoutAttempt, Price, PriceMove, SellingRules, Subscription
from billing.moving import make_move
from billing.students import decide, hand_in
from tests.billing.conftest import Till
from tests.factories import make_price, make_user
from tests.threads import at_once

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
TABS = 4


@pytest.fixture
def till(transactional_db, stripe):
    return Till(stripe, None)


@pytest.fixture
def buyer(transactional_db):
    return make_user("buyer@example.com")


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def subscribed(till, buyer):
    price = make_price()
    client = signed_in(buyer)
    till.subscribe(client, buyer, price)
    return price, client


def test_a_dearer_price_is_charged_once(till, buyer):
    subscribed(till, buyer)
    dearer = make_price(amount=1500)
    clients = [signed_in(buyer) for _ in range(TABS)]
    url = f"/account/billing/change/{dearer.pk}/"
    token = re.search(r'name="token" value="([^"]+)"', clients[0].get(url).content.decode())[1]
    answers = at_once(TABS, lambda number: clients[number].post(url, {"token": token}).headers["Location"])
    assert set(answers) == {"/account/billing/"}
    assert len(till.stripe.objects("invoice")) == 2


def test_a_cheaper_price_is_scheduled_once(till, buyer):
    subscribed(till, buyer)
    cheaper = make_price(amount=300)
    clients = [signed_in(buyer) for _ in range(TABS)]
    url = f"/account/billing/change/{cheaper.pk}/"
    token = re.search(r'name="token" value="([^"]+)"', clients[0].get(url).content.decode())[1]
    at_once(TABS, lambda number: clients[number].post(url, {"token": token}))
    assert len(till.stripe.objects("subscription_schedule")) == 1
    assert Subscription.objects.get().next_price == cheaper


def test_the_offer_to_stay_is_given_once(till, buyer):
    subscribed(till, buyer)
    rules = SellingRules.load()
    rules.offer_percent = 50
    rules.save()
    clients = [signed_in(buyer) for _ in range(TABS)]
    at_once(TABS, lambda number: clients[number].post("/account/billing/cancel/", {"stay": "1"}))
    assert len(till.subscription_of(buyer)["discounts"]) == Cancellation.objects.count() == 1


def test_cancelling_leaves_one_reason(till, buyer):
    subscribed(till, buyer)
    clients = [signed_in(buyer) for _ in range(TABS)]
    at_once(TABS, lambda number: clients[number].post("/account/billing/cancel/", {"reason": "unused"}))
    assert Cancellation.objects.count() == 1 and Subscription.objects.get().is_ending


def test_a_trial_is_had_once(till, buyer):
    first, second = make_price(trial_days=14), make_price(trial_days=14)
    clients = [signed_in(buyer) for _ in range(TABS)]
    at_once(TABS, lambda number: till.choose(clients[number], [first, second][number % 2]))
    assert len(till.stripe.objects("checkout.session", status="open")) == 1
    till.stripe.complete_checkout(CheckoutAttempt.objects.open().get().stripe_session_id)
    at_once(TABS, lambda number: till.choose(clients[number], [first, second][number % 2]))
    assert len(till.stripe.objects("subscription")) == 1


def test_one_amount_is_one_price(transactional_db):
    least = make_price(is_least=True, interval="year")
    found = at_once(TABS, lambda number: chosen_price(Price.objects.get(pk=least.pk), 9900).pk)
    assert len(set(found)) == 1


def test_a_move_is_made_once(till, buyer):
    price, _client = subscribed(till, buyer)
    dearer = make_price(amount=900, plan=price.plan, is_current=False)
    row = Subscription.objects.get()
    move = PriceMove.objects.create(subscription=row, from_price=price, to_price=dearer, not_before=row.current_period_end)
    at_once(TABS, lambda number: make_move(PriceMove.objects.select_related("subscription__user", "to_price__plan").get(pk=move.pk)))
    assert PriceMove.objects.get().state == "done" and Subscription.objects.get().price == dearer
    assert len(till.stripe.objects("invoice")) == 1


def test_a_proof_is_handed_in_and_decided_once(buyer, settings, tmp_path):
    from django.core.files.uploadedfile import SimpleUploadedFile

    from billing.models import StudentProof

    settings.STORAGES = settings.STORAGES | {
        "private": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    }
    assert sum(at_once(TABS, lambda number: hand_in(buyer, SimpleUploadedFile("card.pdf", b"%PDF-")))) == 1
    pk = StudentProof.objects.get().pk
    outcomes = at_once(TABS, lambda number: decide(StudentProof.objects.get(pk=pk), ["accepted", "refused"][number % 2]))
    assert sum(outcomes) == 1
