"""A reader pauses: nothing is charged, nothing is open, nobody pays for a day that is closed to them."""

import pytest

from billing.entitlements import entitlement_of
from billing.models import SellingRules, Subscription
from tests.factories import make_subscription
from tests.sandbox.conftest import wire_problems  # noqa: F401 - holds every request against Stripe's types

URL = "/account/billing/pause/"
RESUME = "/account/billing/resume/"


def look(client):
    return client.get("/account/billing/", {"from": "portal"}).content.decode()


def test_the_month_that_is_paid_stays_open_then_nothing_is_charged_and_nothing_open(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    assert as_reader.post(URL, {"months": "2"}).status_code == 302
    assert till.subscription_of(reader)["pause_collection"]["behavior"] == "void"
    assert entitlement_of(reader).opens_everything
    assert "A pause begins on" in look(as_reader)
    with till.later(days=33):
        assert "It is paused until" in look(as_reader)
        assert not entitlement_of(reader).opens_everything
        assert till.stripe.objects("invoice")[0]["status"] == "void"
    with till.later(days=65):
        as_reader.force_login(reader)
        assert "It is paused until" in look(as_reader)
        assert not entitlement_of(reader).opens_everything
    with till.later(days=95):
        as_reader.force_login(reader)
        assert "It renews on" in look(as_reader)
        assert entitlement_of(reader).opens_everything
        assert [invoice["status"] for invoice in till.stripe.objects("invoice")] == ["paid", "void", "void", "paid"]


def test_a_pause_that_has_not_begun_is_ended_for_nothing(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    as_reader.post(URL, {"months": "1"})
    assert "nothing is charged now" in as_reader.get(RESUME).content.decode()
    as_reader.post(RESUME)
    assert till.subscription_of(reader)["pause_collection"] is None
    assert len(till.stripe.objects("invoice")) == 1
    assert "It renews on" in look(as_reader)


def test_coming_back_early_pays_for_a_month_from_today(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    as_reader.post(URL, {"months": "3"})
    with till.later(days=40):
        look(as_reader)
        assert "You pay €7 now" in as_reader.get(RESUME).content.decode()
        for _ in range(2):
            as_reader.post(RESUME)
        row = Subscription.objects.get()
        assert (row.current_period_end - row.synchronised_at).days >= 27
        assert entitlement_of(reader).opens_everything
        assert [invoice["status"] for invoice in till.stripe.objects("invoice")] == ["paid", "void", "paid"]


def test_coming_back_with_a_bad_card_changes_nothing(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month, renewals="declines")
    as_reader.post(URL, {"months": "3"})
    with till.later(days=40):
        look(as_reader)
        response = as_reader.post(RESUME)
        assert response.status_code == 200 and "The payment failed" in response.content.decode()
        assert till.subscription_of(reader)["pause_collection"]
        look(as_reader)
        assert not entitlement_of(reader).opens_everything


def test_a_paused_subscription_can_be_cancelled(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    as_reader.post(URL, {"months": "1"})
    as_reader.post("/account/billing/cancel/")
    assert Subscription.objects.get().is_ending


@pytest.mark.parametrize("months", ["0", "4", "-1", "x", ""])
def test_no_other_length_is_taken(till, as_reader, reader, month, months):
    till.subscribe(as_reader, reader, month)
    assert as_reader.post(URL, {"months": months}).status_code == 200
    assert till.subscription_of(reader)["pause_collection"] is None


def test_the_editor_decides_whether_and_how_long(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    rules = SellingRules.load()
    rules.pause_months = 1
    rules.save()
    assert as_reader.post(URL, {"months": "2"}).status_code == 200
    rules.pause_months = 0
    rules.save()
    assert as_reader.post(URL, {"months": "1"}).status_code == 302
    assert till.subscription_of(reader)["pause_collection"] is None
    assert URL not in look(as_reader)


def test_a_year_is_not_paused(till, as_reader, reader, year):
    till.subscribe(as_reader, reader, year)
    assert as_reader.post(URL, {"months": "1"}).status_code == 302
    assert till.subscription_of(reader)["pause_collection"] is None


def test_who_has_no_subscription_finds_nothing_to_pause(as_reader):
    make_subscription()
    assert as_reader.get(URL).status_code == as_reader.post(RESUME).status_code == 404


def test_when_stripe_fails_it_says_so(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    till.stripe.set_faults(api="error")
    assert as_reader.post(URL, {"months": "1"}).status_code == 503
