"""A trial, codes, taxes and language: what Checkout is told besides the price."""

import pytest

from billing.models import CheckoutAttempt, Price, SellingRules, Subscription
from tests.factories import make_subscription
from tests.sandbox.conftest import wire_problems  # noqa: F401 - holds every request against Stripe's types


def rule(**fields):
    row = SellingRules.load()
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()


def session_of(till, user):
    return till.stripe.object(till.session_of(user))


def days_of(till, user):
    return till.stripe.account.store.notes(till.session_of(user))["subscription_data"].get("trial_period_days") or 0


@pytest.fixture
def trial(month):
    month.trial_days = 14
    month.save()
    return month


def test_the_first_subscription_begins_with_the_free_days(till, as_reader, reader, trial):
    theirs = till.subscribe(as_reader, reader, trial)
    assert theirs["status"] == "trialing"
    assert "Your trial ends on" in as_reader.get("/account/billing/").content.decode()


def test_a_trial_is_had_once_whatever_became_of_the_first(till, as_reader, reader, trial):
    theirs = till.subscribe(as_reader, reader, trial)
    till.stripe.account.save(theirs | {"status": "canceled", "ended_at": theirs["created"]})
    till.choose(as_reader, trial)
    assert days_of(till, reader) == 0


def test_who_ever_subscribed_has_no_trial_even_if_stripe_forgot_them(till, as_reader, reader, trial):
    make_subscription(reader, status="canceled")
    reader.customer.__class__.objects.update(stripe_id=None)
    till.choose(as_reader, trial)
    assert days_of(till, reader) == 0


def test_a_first_payment_that_never_came_takes_no_trial_away(till, as_reader, reader, trial):
    make_subscription(reader, status="incomplete_expired")
    reader.customer.__class__.objects.update(stripe_id=None)
    till.choose(as_reader, trial)
    assert days_of(till, reader) == 14


def test_two_tabs_have_one_trial(till, as_reader, reader, trial, year):
    till.choose(as_reader, trial)
    first = till.session_of(reader)
    till.choose(as_reader, trial)
    assert till.session_of(reader) == first
    till.stripe.complete_checkout(first)
    till.choose(as_reader, year)
    assert len(till.stripe.objects("subscription")) == 1


def test_an_open_session_with_a_trial_is_not_handed_out_once_the_trial_is_gone(till, as_reader, reader, trial):
    till.choose(as_reader, trial)
    first = till.session_of(reader)
    Price.objects.update(trial_days=0)
    till.choose(as_reader, trial)
    assert till.session_of(reader) != first
    assert till.stripe.object(first)["status"] == "expired"


def test_the_prices_tell_of_the_free_days(client, trial):
    assert "begins with 14 free days" in client.get("/subscribe/").content.decode()


def test_a_card_is_asked_for_before_the_trial_unless_the_editor_says_otherwise(till, as_reader, reader, trial):
    till.choose(as_reader, trial)
    assert session_of(till, reader)["payment_method_collection"] == "always"
    CheckoutAttempt.objects.all().delete()
    till.stripe.account.store.rows("DELETE FROM objects WHERE kind = 'checkout.session'")
    rule(asks_for_card=False)
    till.choose(as_reader, trial)
    assert session_of(till, reader)["payment_method_collection"] == "if_required"


def test_codes_are_a_switch(till, as_reader, reader, month, year):
    till.choose(as_reader, month)
    assert not session_of(till, reader)["allow_promotion_codes"]
    rule(takes_codes=True)
    till.choose(as_reader, year)
    assert session_of(till, reader)["allow_promotion_codes"]


def test_taxes_are_a_switch(till, as_reader, reader, month, year):
    till.choose(as_reader, month)
    assert not session_of(till, reader)["automatic_tax"]["enabled"]
    rule(collects_tax=True, tax_behavior="exclusive")
    till.choose(as_reader, year)
    assert session_of(till, reader)["automatic_tax"]["enabled"]
    assert till.stripe.objects("price")[0]["tax_behavior"] == "exclusive"


@pytest.mark.parametrize(("language", "locale"), [("zh-hans", "zh"), ("en", "en"), ("de", "de"), ("pt-br", "pt-BR"), ("gd", "auto")])
def test_checkout_speaks_the_readers_language(language, locale):
    from django.utils import translation

    from billing.languages import stripe_locale

    with translation.override(language):
        assert stripe_locale() == locale


def test_the_session_has_a_language(till, as_reader, reader, month):
    till.choose(as_reader, month)
    assert session_of(till, reader)["locale"] == "en"
    assert Subscription.objects.count() == 0
