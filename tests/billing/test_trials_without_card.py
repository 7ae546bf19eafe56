"""A trial that needed no card, at its end: what Stripe makes of it, and what its reader holds and hears."""

import pytest

from billing import notices
from billing.entitlements import entitlement_of, holding_of
from billing.mails import send_queued_mail
from billing.models import Mail, Price, SellingRules, Subscription
from billing.synchronising import synchronise_customer
from sandbox.stripe.payment_methods import SUCCEEDS, attach, make_default, new_method


@pytest.fixture
def trial(till, as_reader, reader, month):
    """Fourteen days, begun without a card."""
    rules = SellingRules.load()
    rules.asks_for_card = False
    rules.save()
    Price.objects.filter(pk=month.pk).update(trial_days=14)
    return till.subscribe(as_reader, reader, Price.objects.get(pk=month.pk))


def ends_by(till, trial, behavior):
    till.stripe.account.save(trial | {"trial_settings": {"end_behavior": {"missing_payment_method": behavior}}})


def add_card(till, user):
    account, customer = till.stripe.account, user.customer.stripe_id
    make_default(account, customer, attach(account, new_method(account, SUCCEEDS), customer))


def told(user):
    return list(Mail.objects.filter(user=user).order_by("pk").values_list("name", flat=True))


def body_of(name, mailoutbox):
    send_queued_mail(Mail.objects.get(name=name))
    return mailoutbox[-1].body


def test_the_site_asks_that_it_ends_without_an_invoice(till, trial):
    assert trial["trial_settings"]["end_behavior"]["missing_payment_method"] == "cancel"
    assert trial["default_payment_method"] is None and trial["status"] == "trialing"


def test_the_reminder_asks_for_a_card_instead_of_announcing_a_charge(till, reader, trial, mailoutbox):
    with till.later(days=12):
        notices.remind()
        text = body_of("trial_ending", mailoutbox)
        assert "no card" in text and "is charged, and everything stays open" not in text


def test_the_reminder_announces_the_charge_once_a_card_is_there(till, reader, trial, mailoutbox):
    add_card(till, reader)
    with till.later(days=12):
        notices.remind()
        assert "€7 is charged" in body_of("trial_ending", mailoutbox)


def test_it_ends_unpaid_and_its_reader_is_told_once(till, reader, trial, mailoutbox):
    with till.later(days=15):
        for _ in range(2):
            synchronise_customer(reader.customer)
        assert Subscription.objects.get().status == "canceled" and len(till.stripe.objects("invoice")) == 1
        assert not entitlement_of(reader).opens_everything and told(reader) == ["lapsed"]
        assert "Nothing was charged" in body_of("lapsed", mailoutbox)


def test_a_card_added_in_time_lets_it_go_on(till, reader, trial):
    add_card(till, reader)
    with till.later(days=15):
        synchronise_customer(reader.customer)
        assert Subscription.objects.get().status == "active" and entitlement_of(reader).opens_everything
        assert told(reader) == ["receipt"]


def test_one_that_its_reader_cancelled_is_not_told_of_again(till, as_reader, reader, trial):
    as_reader.post("/account/billing/cancel/")
    with till.later(days=15):
        synchronise_customer(reader.customer)
        assert Subscription.objects.get().status == "canceled" and told(reader) == ["cancelled"]


def test_where_it_is_paused_instead_it_opens_nothing_and_says_why(till, reader, trial):
    ends_by(till, trial, "pause")
    with till.later(days=15):
        synchronise_customer(reader.customer)
        assert Subscription.objects.get().status == "paused" and len(till.stripe.objects("invoice")) == 1
        assert not entitlement_of(reader).opens_everything and holding_of(reader).state == "stopped"
    with till.later(days=60):
        assert len(till.stripe.objects("invoice")) == 1


def test_where_an_invoice_is_written_instead_it_is_dunned_like_any_other(till, reader, trial):
    ends_by(till, trial, "create_invoice")
    with till.later(days=15):
        synchronise_customer(reader.customer)
        row = Subscription.objects.get()
        assert row.status == "past_due" and told(reader) == ["payment_failed"]
        assert entitlement_of(reader).is_past_due
    with till.later(days=45):
        synchronise_customer(reader.customer)
        assert not entitlement_of(reader).opens_everything
