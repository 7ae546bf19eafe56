"""A payment that a bank took back for good is the last: nobody is charged, and disputes, once more."""

import pytest
from django.core import mail

from billing import leaving, stripe_client
from billing.changing import change_price, preview_change
from billing.entitlements import entitlement_of
from billing.mails import send_queued_mail
from billing.models import Cancellation, Contribution, ContributionSettings, Group, Mail, Payment, Subscription
from billing.stripe_client import StripeCallError
from billing.synchronising import synchronise_customer
from tests.billing.test_contributions import given
from tests.billing.test_groups_buying import choose, pay
from tests.factories import make_group_plan, make_price


def is_open(user):
    return entitlement_of(user).opens_everything


def lose(till, user, *, which=0):
    """Let a bank take back a charge of a reader's, of which the newest is the first, and decide against us."""
    charge = till.stripe.objects("charge", customer=user.customer.stripe_id, status="succeeded")[which]
    till.stripe.close_dispute(till.stripe.dispute(charge["id"])["id"], won=False)


def told(user):
    return sorted(Mail.objects.filter(user=user).exclude(name__in=["receipt", "contribution"]).values_list("name", flat=True))


def body_of(letter):
    send_queued_mail(letter)
    return mail.outbox[-1].body


def at_stripe(till, found):
    return till.stripe.object(found["id"])


def test_it_ends_at_stripe_and_the_reader_and_the_newsroom_are_told_once(till, as_reader, reader, month, caplog):
    theirs = till.subscribe(as_reader, reader, month)
    lose(till, reader)
    for event in till.stripe.events("charge.dispute.closed"):
        assert till.deliver(event).status_code == 200
    assert at_stripe(till, theirs)["status"] == Subscription.objects.get().status == "canceled"
    assert not is_open(reader) and told(reader) == ["disputed"]
    left = Cancellation.objects.get()
    assert (left.outcome, left.user, left.subscription) == ("lost", reader, Subscription.objects.get())
    assert theirs["id"] in caplog.text and reader.email not in caplog.text
    assert synchronise_customer(reader.customer) == []
    assert (Cancellation.objects.count(), told(reader)) == (1, ["disputed"])
    with till.later(days=40):
        synchronise_customer(reader.customer)
        assert Payment.objects.count() == 1, "nothing is charged any more"


@pytest.mark.parametrize("won", [None, True])
def test_a_dispute_that_is_open_or_won_lets_it_run(till, as_reader, reader, month, won):
    theirs = till.subscribe(as_reader, reader, month)
    dispute = till.stripe.dispute(till.stripe.objects("charge")[0]["id"])
    if won:
        till.stripe.close_dispute(dispute["id"], won=True)
    synchronise_customer(reader.customer)
    assert at_stripe(till, theirs)["status"] == "active" and not at_stripe(till, theirs)["cancel_at"]
    assert told(reader) == []


def test_a_month_paid_since_stays_open_to_its_end_and_is_the_last(till, as_reader, reader, month):
    theirs = till.subscribe(as_reader, reader, month)
    with till.later(days=35):
        lose(till, reader, which=1)
        synchronise_customer(reader.customer)
        assert at_stripe(till, theirs)["status"] == "active" and at_stripe(till, theirs)["cancel_at_period_end"]
        assert is_open(reader) and Subscription.objects.get().is_ending
        synchronise_customer(reader.customer)
        assert told(reader) == ["disputed"], "they have not cancelled it themselves"
    with till.later(days=65):
        synchronise_customer(reader.customer)
        assert not is_open(reader) and Payment.objects.count() == 2


def test_who_takes_the_end_back_goes_on_and_hears_of_their_own_end_later(till, as_reader, reader, month):
    theirs = till.subscribe(as_reader, reader, month)
    with till.later(days=35):
        lose(till, reader, which=1)
        synchronise_customer(reader.customer)
        leaving.undo_cancel(reader)
        synchronise_customer(reader.customer)
        assert not at_stripe(till, theirs)["cancel_at"]
    with till.later(days=37):
        leaving.cancel(reader)
        assert told(reader) == ["cancelled", "disputed"]


def test_a_renewal_that_stripe_has_not_collected_yet_does_not_end_it_after_all(till, as_reader, reader, month, monkeypatch):
    theirs = till.subscribe(as_reader, reader, month)
    with till.later(days=35):
        lose(till, reader, which=1)
        synchronise_customer(reader.customer)
        leaving.undo_cancel(reader)
    with till.later(days=64):
        collected = stripe_client.list_invoices
        # For an hour Stripe keeps the invoice of a renewal open to changes.
        monkeypatch.setattr(stripe_client, "list_invoices", lambda customer: collected(customer)[1:])
        synchronise_customer(reader.customer)
        monkeypatch.undo()
        synchronise_customer(reader.customer)
        assert at_stripe(till, theirs)["status"] == "active" and is_open(reader) and Payment.objects.count() == 3


@pytest.mark.parametrize(("first", "then", "status"), [(1, 2, "active"), (2, 1, "active"), (1, 0, "canceled")])
def test_who_takes_the_end_back_and_disputes_another_payment_is_ended_once_more(till, as_reader, reader, month, first, then, status):
    theirs = till.subscribe(as_reader, reader, month)
    with till.later(days=65):
        lose(till, reader, which=first)
        synchronise_customer(reader.customer)
        leaving.undo_cancel(reader)
        lose(till, reader, which=then)
        synchronise_customer(reader.customer)
        assert at_stripe(till, theirs)["status"] == status and told(reader) == ["disputed", "disputed"]
        assert status == "canceled" or at_stripe(till, theirs)["cancel_at_period_end"]
        assert synchronise_customer(reader.customer) == []


def test_a_change_that_was_to_come_is_given_up(till, as_reader, reader, year, month):
    theirs = till.subscribe(as_reader, reader, year)
    with till.later(days=370):
        synchronise_customer(reader.customer)
        change_price(reader, month, preview_change(reader, month).token)
        lose(till, reader, which=1)
        synchronise_customer(reader.customer)
        found = at_stripe(till, theirs)
        assert found["cancel_at_period_end"] and found["schedule"] is None


def test_a_payment_that_fails_beside_it_earns_no_grace(till, as_reader, reader, month):
    theirs = till.subscribe(as_reader, reader, month, renewals="declines")
    with till.later(days=32):
        lose(till, reader)
        synchronise_customer(reader.customer)
        assert at_stripe(till, theirs)["status"] == "canceled" and not is_open(reader)


@pytest.mark.parametrize("call", ["mark_disputed", "cancel_subscription"])
def test_what_breaks_off_is_taken_up_again(till, as_reader, reader, month, monkeypatch, call):
    theirs = till.subscribe(as_reader, reader, month)
    lose(till, reader)

    def down(*args, **kwargs):
        raise StripeCallError("no answer")

    monkeypatch.setattr(stripe_client, call, down)
    with pytest.raises(StripeCallError):
        synchronise_customer(reader.customer)
    monkeypatch.undo()
    synchronise_customer(reader.customer)
    assert at_stripe(till, theirs)["status"] == "canceled" and told(reader) == ["disputed"]


def test_what_stripe_will_not_end_keeps_nobody_from_being_mirrored(till, as_reader, reader, month, monkeypatch, caplog):
    till.subscribe(as_reader, reader, month)
    lose(till, reader)

    def refuse(*args, **kwargs):
        raise StripeCallError("managed elsewhere", is_refused=True)

    monkeypatch.setattr(stripe_client, "cancel_subscription", refuse)
    synchronise_customer(reader.customer)
    assert Payment.objects.get().dispute == "lost" and "somebody must end it" in caplog.text


def test_a_monthly_contribution_stops_at_once(till, as_reader, reader):
    ContributionSettings.objects.update_or_create(pk=ContributionSettings.load().pk, defaults={"is_open": True})
    given(till, as_reader, reader, "month")
    with till.later(days=35):
        synchronise_customer(reader.customer)
        lose(till, reader, which=1)
        synchronise_customer(reader.customer)
        (theirs,) = till.stripe.objects("subscription")
        assert theirs["status"] == "canceled" and Contribution.objects.get().is_paid
        assert told(reader) == ["disputed"]
        assert "monthly contribution" in body_of(Mail.objects.get(name="disputed"))


def test_a_group_ends_with_its_seats(till, as_reader, reader, db):
    make_price(plan=make_group_plan(slug="together"), amount=300)
    choose(as_reader)
    till.come_back(as_reader, pay(till, reader))
    assert is_open(reader)
    lose(till, reader)
    synchronise_customer(reader.customer)
    assert Group.objects.get().subscription.status == "canceled" and not is_open(reader)
    assert told(reader) == ["disputed"]


def test_a_dry_run_ends_nothing(till, as_reader, reader, month):
    theirs = till.subscribe(as_reader, reader, month)
    lose(till, reader)
    assert synchronise_customer(reader.customer, is_dry_run=True)
    assert at_stripe(till, theirs)["status"] == "active"
