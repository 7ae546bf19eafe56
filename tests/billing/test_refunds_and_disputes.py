"""Nobody reads after their money came back, and nobody loses what they paid for."""

from datetime import timedelta

import pytest
from django.utils import timezone

from billing import stripe_client
from billing.catalogue import price_at_stripe
from billing.customers import metadata_of
from billing.entitlements import entitlement_of
from billing.kinds import Purchase, purchases
from billing.models import Payment, Subscription
from billing.synchronising import synchronise_customer
from sandbox.application import Application
from sandbox.stripe.charging import confirm, new_intent
from sandbox.stripe.payment_methods import SUCCEEDS, new_method


def is_open(user):
    return entitlement_of(user).opens_everything


def charges(till, user):
    """Charges of a reader, newest first."""
    return till.stripe.objects("charge", customer=user.customer.stripe_id)


def tell(till, *kinds):
    """Deliver the events of these kinds, the newest first, which is as good as any order."""
    for event in reversed(till.stripe.events(*kinds)):
        assert till.deliver(event).status_code == 200


def pay_once(till, user, amount=2500, **metadata):
    """Let a reader pay for something that is no subscription; returns the charge."""
    marked = {**metadata_of(user), **metadata}
    account = till.stripe.account
    intent = new_intent(account, amount=amount, currency="eur", customer=user.customer.stripe_id, metadata=marked)
    confirm(account, intent, new_method(account, SUCCEEDS, email=user.email))
    return charges(till, user)[0]


def test_a_payment_is_mirrored_with_all_that_a_reader_asks_of_it(till, as_reader, reader, month):
    theirs = till.subscribe(as_reader, reader, month)
    row = Payment.objects.get()
    (invoice,) = till.stripe.objects("invoice")
    item = theirs["items"]["data"][0]
    assert (row.amount, row.currency, row.amount_refunded, row.dispute) == (700, "EUR", 0, "none")
    assert (row.user, row.subscription, row.kind) == (reader, Subscription.objects.get(), "subscription")
    assert row.stripe_invoice_id == invoice["id"] and row.number == invoice["number"]
    assert row.stripe_charge_id.startswith("ch_") and row.stripe_payment_intent_id.startswith("pi_")
    assert row.hosted_invoice_url and row.invoice_pdf
    assert row.period_start.timestamp() == item["current_period_start"] and row.period_end.timestamp() == item["current_period_end"]
    assert row.is_standing and row.is_refundable


def test_a_synchronisation_costs_three_calls(till, as_reader, reader, month, monkeypatch):
    till.subscribe(as_reader, reader, month)
    calls = []
    respond = Application.respond
    monkeypatch.setattr(Application, "respond", lambda self, request: calls.append(request.path) or respond(self, request))
    synchronise_customer(reader.customer)
    assert sorted(calls) == ["/v1/charges", "/v1/invoices", "/v1/subscriptions"]


def test_every_renewal_is_a_payment_and_synchronising_again_changes_none(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    with till.later(days=95):
        synchronise_customer(reader.customer)
        assert Payment.objects.count() == 4
        assert synchronise_customer(reader.customer) == []
        assert Payment.objects.count() == 4


def test_a_refund_in_full_ends_what_it_paid_for(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    till.stripe.refund(charges(till, reader)[0]["id"])
    tell(till, "charge.refunded", "refund.created")
    row = Payment.objects.get()
    assert row.amount_refunded == 700 and not row.is_standing and not row.is_refundable
    assert Subscription.objects.get().status == "active" and not is_open(reader)


def test_a_refund_in_part_keeps_it(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    till.stripe.refund(charges(till, reader)[0]["id"], 699)
    tell(till, "charge.refunded")
    assert Payment.objects.get().amount_refunded == 699 and is_open(reader)
    till.stripe.refund(charges(till, reader)[0]["id"], 1)
    tell(till, "charge.refunded", "refund.created")
    assert not is_open(reader), "in parts it is full at last"


def test_a_refund_that_fails_at_the_bank_restores_it(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    refund = till.stripe.refund(charges(till, reader)[0]["id"])
    tell(till, "charge.refunded")
    assert not is_open(reader)
    till.stripe.fail_refund(refund["id"])
    tell(till, "refund.failed")
    assert Payment.objects.get().amount_refunded == 0 and is_open(reader)


def test_a_refund_of_the_current_period_ends_it_and_one_of_the_last_does_not(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    with till.later(days=35):
        newest, oldest = charges(till, reader)
        till.stripe.refund(oldest["id"])
        synchronise_customer(reader.customer)
        assert is_open(reader)
        till.stripe.refund(newest["id"])
        synchronise_customer(reader.customer)
        assert not is_open(reader)
    with till.later(days=65):
        synchronise_customer(reader.customer)
        assert is_open(reader), "the next month is paid, and nothing of it went back"


def test_after_a_refund_the_time_that_other_money_paid_for_stays_open(till, as_reader, reader, month, year):
    theirs = till.subscribe(as_reader, reader, month)
    item = theirs["items"]["data"][0]["id"]
    price_at_stripe(year)
    stripe_client.client().v1.subscriptions.update(
        theirs["id"], {"items": [{"id": item, "price": year.stripe_price_id}], "proration_behavior": "always_invoice"}
    )
    synchronise_customer(reader.customer)
    newest, oldest = Payment.objects.order_by("-period_end")
    assert newest.period_end > timezone.now() + timedelta(days=300)
    till.stripe.refund(newest.stripe_charge_id)
    synchronise_customer(reader.customer)
    assert Subscription.objects.get().entitled_until == oldest.period_end
    till.stripe.refund(oldest.stripe_charge_id)
    synchronise_customer(reader.customer)
    assert not is_open(reader)


@pytest.mark.parametrize("is_won", [True, False])
def test_an_open_dispute_suspends_and_its_end_decides(till, as_reader, reader, month, is_won):
    till.subscribe(as_reader, reader, month)
    dispute = till.stripe.dispute(charges(till, reader)[0]["id"])
    tell(till, "charge.dispute.created")
    assert Payment.objects.in_dispute().count() == 1 and not is_open(reader)
    till.stripe.close_dispute(dispute["id"], won=is_won)
    tell(till, "charge.dispute.updated", "charge.dispute.closed", "charge.dispute.created")
    assert Payment.objects.get().dispute == ("won" if is_won else "lost")
    assert is_open(reader) is is_won


def test_an_enquiry_of_the_bank_suspends_nothing(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    dispute = till.stripe.dispute(charges(till, reader)[0]["id"])
    till.stripe.account.save(dispute | {"status": "warning_needs_response"})
    tell(till, "charge.dispute.created")
    assert Payment.objects.get().dispute == "none" and is_open(reader)


def test_who_took_the_money_back_has_no_grace(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month, renewals="declines")
    till.stripe.dispute(charges(till, reader)[0]["id"])
    with till.later(days=32):
        synchronise_customer(reader.customer)
        assert Subscription.objects.get().status == "past_due" and not is_open(reader)


def test_a_refund_of_a_charge_we_never_heard_of_finds_its_reader_at_stripe(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    with till.later(days=32):
        till.stripe.refund(charges(till, reader)[0]["id"])
        assert Payment.objects.count() == 1
        tell(till, "refund.created")
        assert Payment.objects.count() == 2 and not is_open(reader)


def test_an_upgrade_refunded_leaves_the_plan_that_was_paid_before(till, as_reader, reader, month):
    theirs = till.subscribe(as_reader, reader, month)
    (invoice,) = till.stripe.objects("invoice")
    (payment,) = till.stripe.objects("invoice_payment")
    charge = pay_once(till, reader, amount=300)
    second = invoice | {"id": "in_upgrade", "billing_reason": "subscription_update", "amount_paid": 300}
    till.stripe.account.save(second)
    till.stripe.account.save(
        payment
        | {"id": "inpay_2", "invoice": "in_upgrade", "payment": {"type": "payment_intent", "payment_intent": charge["payment_intent"]}}
    )
    till.stripe.refund(charge["id"])
    synchronise_customer(reader.customer)
    assert sorted(Payment.objects.values_list("amount", "amount_refunded")) == [(300, 300), (700, 0)]
    assert is_open(reader) and theirs["status"] == "active"


def test_what_was_bought_once_is_a_payment_of_its_kind_and_opens_nothing(till, as_reader, reader, month):
    till.choose(as_reader, month)
    pay_once(till, reader, kind="contribution")
    synchronise_customer(reader.customer)
    row = Payment.objects.get()
    assert (row.kind, row.amount, row.subscription, row.period_end) == ("contribution", 2500, None, None)
    assert not is_open(reader)


@pytest.mark.parametrize("metadata", [{"kind": "tombola"}, {"kind": "gift", "site": "another"}, {}])
def test_what_is_not_marked_as_ours_is_no_payment_of_ours(till, as_reader, reader, month, metadata):
    till.choose(as_reader, month)
    pay_once(till, reader, **metadata)
    synchronise_customer(reader.customer)
    assert Payment.objects.count() == 0


def test_a_kind_follows_the_money_of_what_it_sold(till, as_reader, reader, month, monkeypatch):
    seen = []
    follow = lambda payment: seen.append(payment.is_standing)  # noqa: E731
    monkeypatch.setitem(purchases, "gift", Purchase(fulfil=None, thanks="", follow_money=follow))
    till.choose(as_reader, month)
    charge = pay_once(till, reader, kind="gift")
    synchronise_customer(reader.customer)
    dispute = till.stripe.dispute(charge["id"])
    tell(till, "charge.dispute.created")
    till.stripe.close_dispute(dispute["id"], won=True)
    tell(till, "charge.dispute.closed")
    assert seen == [True, False, True]


def test_a_free_trial_is_no_payment(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    Payment.objects.all().delete()
    (invoice,) = till.stripe.objects("invoice")
    till.stripe.account.save(invoice | {"amount_paid": 0, "amount_due": 0, "total": 0})
    synchronise_customer(reader.customer)
    assert Payment.objects.count() == 0 and is_open(reader)
