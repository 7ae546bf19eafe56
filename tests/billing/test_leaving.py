"""What becomes of a subscription when its reader deletes the account."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.deletion import ask_for_deletion, undo_deletion
from accounts.models import DAYS_TO_UNDO, Deletion, User
from accounts.privacy import DeletionRefused
from accounts.tasks import clear_expired
from billing import stripe_client
from billing.changing import change_price, preview_change
from billing.entitlements import HoldingState, entitlement_of, holding_of


def test_nothing_more_is_charged_and_all_stays_open_while_it_can_be_undone(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    ask_for_deletion(reader, erases_comments=False)
    theirs = till.subscription_of(reader)
    assert theirs["cancel_at_period_end"]
    assert theirs["status"] == "active"
    assert holding_of(reader).state == HoldingState.ENDING
    assert undo_deletion(reader)
    assert entitlement_of(reader).opens_everything


def test_a_change_of_price_that_was_to_come_keeps_nobody_here(till, as_reader, reader, year, month):
    till.subscribe(as_reader, reader, year)
    change_price(reader, month, preview_change(reader, month).token)
    ask_for_deletion(reader, erases_comments=False)
    assert till.subscription_of(reader)["cancel_at_period_end"] and not till.subscription_of(reader)["schedule"]


def test_at_the_end_the_subscription_ends_at_stripe_too(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    customer = reader.customer.stripe_id
    ask_for_deletion(reader, erases_comments=False)
    with time_machine.travel(timezone.now() + timedelta(days=DAYS_TO_UNDO, minutes=1)):
        clear_expired()
    assert till.stripe.objects("subscription", customer=customer)[0]["status"] == "canceled"
    assert customer not in [found["id"] for found in till.stripe.objects("customer") if not found.get("deleted")]
    left = User.objects.get(pk=reader.pk)
    assert left.email.endswith("@deleted.invalid")
    assert not entitlement_of(left).opens_everything


def test_an_account_whose_subscription_cannot_be_stopped_stays(till, as_reader, reader, month, settings):
    till.subscribe(as_reader, reader, month)
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    with pytest.raises(DeletionRefused, match="could not be stopped"):
        ask_for_deletion(reader, erases_comments=False)
    assert not Deletion.objects.exists()
    assert "could not be stopped" in as_reader.post("/account/delete/", {"comments": "keep", "is_certain": "on"}).content.decode()


def test_a_checkout_that_is_open_in_another_tab_can_be_paid_no_more(till, as_reader, reader, month):
    till.choose(as_reader, month)
    session = till.session_of(reader)
    ask_for_deletion(reader, erases_comments=False)
    assert till.stripe.object(session)["status"] == "expired"


def test_an_account_whose_customer_stripe_has_forgotten_already_can_still_be_deleted(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    stripe_client.delete_customer(reader.customer.stripe_id)
    ask_for_deletion(reader, erases_comments=False)
    with time_machine.travel(timezone.now() + timedelta(days=DAYS_TO_UNDO, minutes=1)):
        clear_expired()
    assert User.objects.get(pk=reader.pk).email.endswith("@deleted.invalid")


def test_what_waits_for_its_first_payment_ends_at_once(till, as_reader, reader, month):
    till.subscribe(as_reader, reader, month)
    till.stripe.account.save(till.subscription_of(reader) | {"status": "incomplete"})
    ask_for_deletion(reader, erases_comments=False)
    assert till.subscription_of(reader)["status"] == "canceled"
