"""What readers are told of their subscription: each fact once, whatever order it is learnt in."""

import time
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from billing import stripe_client
from billing.models import Mail, PriceMove, Subscription
from billing.notices import remind
from billing.reconciling import reconcile_all
from billing.synchronising import synchronise_customer
from billing.tasks import send_waiting_mails
from tests.factories import make_price


def told():
    """Send what waits, and return the names of the mails in their order."""
    send_waiting_mails()
    return list(Mail.objects.order_by("pk").values_list("name", flat=True))


def change(till, user, **fields):
    till.stripe.account.save(till.subscription_of(user) | fields)
    synchronise_customer(user.customer)


def test_a_payment_is_receipted_once_with_the_way_to_the_invoice(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    for event in till.stripe.events():
        till.deliver(event)
        till.deliver(event)
    assert told() == ["receipt"]
    (letter,) = mail.outbox
    assert "€7" in letter.subject and letter.to == [reader.email]
    assert "/invoices/" in letter.body or "invoice" in letter.body


def test_each_renewal_has_its_own_receipt(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    with till.later(days=32):
        reconcile_all()
        assert told() == ["receipt", "receipt"]


def test_a_mirror_made_anew_writes_to_nobody(till, as_reader, reader, month):
    till.pay(as_reader, reader, month)
    with till.later(days=10):
        reconcile_all()
        assert told() == []


def test_a_failed_renewal_says_until_when_it_stays_open_and_where_to_pay(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month, renewals="declines")
    with till.later(days=32):
        for _ in range(3):
            reconcile_all()
        assert told() == ["receipt", "payment_failed"]
        letter = mail.outbox[-1]
        invoice = till.stripe.objects("invoice")[0]
        assert invoice["hosted_invoice_url"] in letter.body
        assert "Everything stays open to you until" in letter.body


def test_every_further_attempt_that_fails_is_told(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month, renewals="declines")
    with till.later(days=32):
        reconcile_all()
    with till.later(days=37):
        reconcile_all()
        assert told().count("payment_failed") == 2


def test_a_bank_that_asks_the_reader_leads_them_to_confirm(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month, renewals="requires_action")
    with till.later(days=32):
        reconcile_all()
        assert told() == ["receipt", "action_required"]


def test_stopping_is_confirmed_with_the_last_day_and_undone_in_time_it_is_not_sent(till, as_reader, reader, month):
    end = till.subscribe(as_reader, reader, month)["items"]["data"][0]["current_period_end"]
    told()
    change(till, reader, cancel_at_period_end=True, cancel_at=end)
    change(till, reader, cancel_at_period_end=False, cancel_at=None)
    assert len(mail.outbox) == 1, "a receipt alone"
    Mail.objects.filter(name="cancelled").delete()
    change(till, reader, cancel_at_period_end=True, cancel_at=end)
    synchronise_customer(reader.customer)
    told()
    assert [letter.subject for letter in mail.outbox[1:]] == [letter.subject for letter in mail.outbox if "ends on" in letter.subject]
    assert len(mail.outbox) == 2


def test_a_second_change_of_mind_is_confirmed_as_well(till, as_reader, reader, month):
    end, now = till.subscribe(as_reader, reader, month)["items"]["data"][0]["current_period_end"], int(time.time())
    for seconds in (0, 20):
        change(till, reader, cancel_at_period_end=True, cancel_at=end, canceled_at=now + seconds)
        synchronise_customer(reader.customer)
        change(till, reader, cancel_at_period_end=False, cancel_at=None, canceled_at=None)
    change(till, reader, cancel_at_period_end=True, cancel_at=end, canceled_at=now + 40)
    assert told().count("cancelled") == 3
    assert sum("ends on" in letter.subject for letter in mail.outbox) == 1, "what was taken back in time isn't sent"


def test_a_mirror_made_anew_confirms_no_end_of_long_ago(till, as_reader, reader, month):
    end = till.subscribe(as_reader, reader, month)["items"]["data"][0]["current_period_end"]
    Mail.objects.all().delete()
    decided = int((timezone.now() - timedelta(days=10)).timestamp())
    change(till, reader, cancel_at_period_end=True, cancel_at=end, canceled_at=decided)
    assert "cancelled" not in told()


def test_dunning_that_came_to_nothing_says_goodbye_once(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month, renewals="declines")
    for days in range(32, 80, 2):
        with till.later(days=days):
            reconcile_all()
            if Subscription.objects.get().status == "canceled":
                reconcile_all()
                assert told().count("ended") == 1
                return
    pytest.fail("It never ended.")


@pytest.fixture
def running(subscriber, monkeypatch):
    """A subscription that nobody bought at the stand-in; its next invoice is over €6.30."""
    monkeypatch.setattr(stripe_client, "has_payment_method", lambda stripe_id: True)
    monkeypatch.setattr(stripe_client, "preview_renewal", lambda stripe_id: {"amount_due": 630, "currency": "eur"})
    row = subscriber.subscriptions.select_related("price").get()
    Subscription.objects.filter(pk=row.pk).update(started_at=timezone.now() - timedelta(days=360))
    return row


def set_row(row, **fields):
    Subscription.objects.filter(pk=row.pk).update(**fields)


def test_a_trial_that_ends_is_told_three_days_ahead_and_once(running):
    ends = timezone.now() + timedelta(days=4)
    set_row(running, status="trialing", trial_end=ends)
    remind()
    assert told() == []
    set_row(running, trial_end=ends - timedelta(days=2))
    remind()
    remind()
    assert told() == ["trial_ending"]


def test_who_stopped_already_is_not_reminded(running):
    set_row(running, status="trialing", trial_end=timezone.now() + timedelta(days=2), cancel_at=timezone.now() + timedelta(days=2))
    remind()
    assert told() == []


def test_a_year_that_renews_is_told_a_fortnight_ahead_a_month_is_not(running):
    set_row(running, current_period_end=timezone.now() + timedelta(days=10))
    remind()
    assert told() == []
    running.price.interval = "year"
    running.price.save()
    remind()
    remind()
    assert told() == ["renewal"]


@pytest.fixture
def renewing(running):
    """A year that renews in ten days."""
    running.price.interval = "year"
    running.price.save()
    set_row(running, current_period_end=timezone.now() + timedelta(days=10))
    return running


def test_the_amount_of_a_renewal_is_what_stripe_would_charge_or_the_price_that_was_announced(renewing):
    remind()
    assert Mail.objects.get().context["amount"] == "€6.30"
    Mail.objects.all().delete()
    dearer = make_price(plan=renewing.price.plan, interval="year", amount=9900, currency="USD", is_current=False)
    PriceMove.objects.create(subscription=renewing, from_price=renewing.price, to_price=dearer, not_before=timezone.now())
    remind()
    assert Mail.objects.get().context["amount"] == "$99"


def test_a_year_bought_at_the_stand_in_is_announced_with_its_amount_once_stripe_answers(till, as_reader, reader, year):
    till.subscribe(as_reader, reader, year)
    told()
    with till.later(days=355):
        till.stripe.set_faults(api="error")
        remind()
        assert not Mail.objects.filter(name="renewal").exists()
        till.stripe.set_faults()
        remind()
        assert Mail.objects.get(name="renewal").context["amount"] == "€70"


def test_who_goes_on_by_the_month_is_told_of_no_other_year(renewing):
    set_row(renewing, next_price=make_price(plan=renewing.price.plan, currency="USD"))
    remind()
    assert told() == []


def test_a_card_that_expires_before_the_renewal_is_told(running):
    renews = timezone.now() + timedelta(days=20)
    set_row(running, current_period_end=renews, card_expires_at=renews + timedelta(days=1))
    remind()
    assert told() == []
    set_row(running, card_expires_at=renews - timedelta(days=5))
    row = Subscription.objects.get(pk=running.pk)
    assert row.is_expiring_before_renewal and Subscription.objects.expiring_before_renewal().exists()
    remind()
    remind()
    assert told() == ["card_expiring"]
    assert "expires in" in mail.outbox[0].body
