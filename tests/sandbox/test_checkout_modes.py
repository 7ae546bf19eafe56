"""Checkout for gifts, donations, seats, tax and saved cards."""

from typing import Any
from urllib.parse import urlsplit

import pytest
import stripe

from sandbox.testing import Sandbox
from tests.sandbox.conftest import open_session

ADDRESSES = {"success_url": "http://localhost:9/back?session={CHECKOUT_SESSION_ID}", "cancel_url": "http://localhost:9/"}


def donation(amount: int, **more: Any) -> dict[str, Any]:
    data = {"currency": "eur", "unit_amount": amount, "product_data": {"name": "A donation"}}
    return {"price_data": data | more, "quantity": 1}


def test_a_free_amount_is_donated_once(client: Any, sandbox: Sandbox):
    session = client.checkout.sessions.create(
        {
            "mode": "payment",
            "submit_type": "donate",
            "line_items": [donation(1234)],
            "payment_intent_data": {"metadata": {"kind": "donation"}, "description": "A donation"},
            "invoice_creation": {"enabled": True, "invoice_data": {"metadata": {"kind": "donation"}}},
            "customer_email": "giver@example.com",
            **ADDRESSES,
        }
    )
    sandbox.complete_checkout(session.id)

    done = client.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge", "invoice.payments", "customer"]})
    assert (done.payment_status, done.amount_total, done.customer.email) == ("paid", 1234, "giver@example.com")
    assert (done.payment_intent.metadata["kind"], done.payment_intent.latest_charge.paid) == ("donation", True)
    assert (done.invoice.status, done.invoice.billing_reason, done.invoice.metadata["kind"]) == ("paid", "manual", "donation")
    [payment] = done.invoice.payments.data
    assert payment.payment.payment_intent == done.payment_intent.id
    assert client.subscriptions.list({"status": "all"}).data == []


def test_a_gift_by_bank_debit_is_paid_and_invoiced_days_later(client: Any, sandbox: Sandbox):
    session = client.checkout.sessions.create(
        {"mode": "payment", "line_items": [donation(7000)], "invoice_creation": {"enabled": True}, **ADDRESSES}
    )
    sandbox.complete_checkout(session.id, "delayed", email="giver@example.com")
    assert (sandbox.object(session.id)["payment_status"], sandbox.objects("invoice")) == ("unpaid", [])

    sandbox.advance(days=4)

    done = client.checkout.sessions.retrieve(session.id, {"expand": ["invoice"]})
    assert (done.payment_status, done.invoice.amount_paid) == ("paid", 7000)
    assert sandbox.events("checkout.session.async_payment_succeeded")[0]["data"]["object"]["invoice"] == done.invoice.id


def test_a_gift_whose_debit_fails_is_never_paid(client: Any, sandbox: Sandbox):
    session = client.checkout.sessions.create({"mode": "payment", "line_items": [donation(7000)], **ADDRESSES})
    sandbox.complete_checkout(session.id, "delayed", email="giver@example.com")
    sandbox.settle(sandbox.object(session.id)["payment_intent"], paid=False)

    assert sandbox.object(session.id)["payment_status"] == "unpaid"
    assert len(sandbox.events("checkout.session.async_payment_failed")) == 1


def test_a_chosen_amount_renews_every_month(client: Any, sandbox: Sandbox):
    session = client.checkout.sessions.create(
        {
            "mode": "subscription",
            "submit_type": "donate",
            "line_items": [donation(900, recurring={"interval": "month"})],
            "subscription_data": {"metadata": {"kind": "donation"}},
            **ADDRESSES,
        }
    )
    sandbox.complete_checkout(session.id, email="giver@example.com")
    sandbox.advance(months=1)

    [subscription] = client.subscriptions.list({"expand": ["data.latest_invoice"]}).data
    assert (subscription.metadata["kind"], subscription.latest_invoice.amount_paid) == ("donation", 900)
    assert len(sandbox.objects("invoice")) == 2


def test_tax_is_added_to_what_a_price_says(client: Any, sandbox: Sandbox, monthly: Any):
    customer = client.customers.create({"email": "reader@example.com"})
    taxed = {"customer": customer.id, "automatic_tax": {"enabled": True}}
    with pytest.raises(stripe.InvalidRequestError, match="valid address"):
        open_session(client, monthly.id, **taxed)
    session = open_session(client, monthly.id, **taxed, customer_update={"address": "auto", "name": "auto"}, locale="de")
    assert (session.amount_subtotal, session.amount_total, session.total_details.amount_tax) == (500, 605, 105)

    sandbox.complete_checkout(session.id)
    sandbox.advance(months=1)

    subscription = client.subscriptions.retrieve(sandbox.object(session.id)["subscription"], {"expand": ["latest_invoice"]})
    assert subscription.automatic_tax.enabled
    invoice = subscription.latest_invoice
    assert (invoice.subtotal, invoice.total, invoice.amount_paid, invoice.total_excluding_tax) == (500, 605, 605, 500)
    assert (invoice.total_taxes[0].amount, invoice.lines.data[0].taxes[0].taxable_amount) == (105, 500)
    assert client.customers.retrieve(customer.id).address.country == "NL"


def test_tax_may_be_in_the_price(client: Any, sandbox: Sandbox):
    line = donation(1210, tax_behavior="inclusive")
    session = client.checkout.sessions.create(
        {"mode": "payment", "line_items": [line], "automatic_tax": {"enabled": True}, "invoice_creation": {"enabled": True}, **ADDRESSES}
    )
    assert (session.amount_subtotal, session.amount_total, session.total_details.amount_tax) == (1210, 1210, 210)

    sandbox.complete_checkout(session.id, email="giver@example.com")

    [invoice] = client.invoices.list().data
    assert (invoice.total, invoice.total_excluding_tax) == (1210, 1000)


def test_seats_are_chosen_at_checkout_within_limits(client: Any, sandbox: Sandbox, monthly: Any, press: Any):
    limits = {"enabled": True, "minimum": 2, "maximum": 20}
    session = open_session(client, monthly.id, line_items=[{"price": monthly.id, "quantity": 3, "adjustable_quantity": limits}])
    path = urlsplit(session.url).path

    assert "Choose from 2 to 20" in press(path, {"action": "quantity", "quantity": "21"})
    assert "EUR 25.00" in press(path, {"action": "quantity", "quantity": "5"})
    press(path, {"action": "paid", "email": "owner@example.com"})

    [subscription] = client.subscriptions.list().data
    assert (subscription["items"].data[0].quantity, client.invoices.list().data[0].amount_paid) == (5, 2500)


def test_a_card_is_saved_without_a_payment(client: Any, sandbox: Sandbox):
    customer = client.customers.create({"email": "reader@example.com"})
    session = client.checkout.sessions.create(
        {"mode": "setup", "currency": "eur", "customer": customer.id, "setup_intent_data": {"metadata": {"why": "new card"}}, **ADDRESSES}
    )
    sandbox.complete_checkout(session.id, "declined")
    assert client.setup_intents.retrieve(session.setup_intent).status == "requires_payment_method"
    sandbox.complete_checkout(session.id, "requires_action")
    assert client.setup_intents.retrieve(session.setup_intent).next_action.redirect_to_url.url == session.url

    sandbox.complete_checkout(session.id)

    done = client.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent.payment_method"]})
    assert (done.status, done.payment_status, done.amount_total) == ("complete", "no_payment_required", None)
    assert (done.setup_intent.status, done.setup_intent.payment_method.customer) == ("succeeded", customer.id)
    assert done.setup_intent.metadata["why"] == "new card"
    assert client.customers.retrieve(customer.id).invoice_settings.default_payment_method is None


def test_a_trial_asks_for_nothing_today_even_after_a_code(client: Any, sandbox: Sandbox, monthly: Any, press: Any):
    coupon = client.coupons.create({"percent_off": 20, "duration": "forever"})
    client.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "SPRING"})
    session = open_session(client, monthly.id, subscription_data={"trial_period_days": 14}, allow_promotion_codes=True)

    page = press(urlsplit(session.url).path, {"action": "code", "code": "spring"})

    assert ("EUR 0.00" in page, "14 days free" in page) == (True, True)
    assert client.checkout.sessions.retrieve(session.id).amount_total == 0


def test_an_open_session_expires_and_tells_so(client: Any, sandbox: Sandbox, monthly: Any, press: Any):
    session = open_session(client, monthly.id)

    sandbox.advance(days=2)

    assert sandbox.events("checkout.session.expired")[0]["data"]["object"]["id"] == session.id
    assert "has expired" in press(urlsplit(session.url).path, {"action": "paid", "email": "late@example.com"})
    assert sandbox.objects("subscription") == []


def test_every_kind_has_a_page_that_says_what_it_is(client: Any, monthly: Any, press: Any):
    gift = client.checkout.sessions.create({"mode": "payment", "line_items": [donation(7000)], **ADDRESSES})
    given = client.checkout.sessions.create({"mode": "payment", "submit_type": "donate", "line_items": [donation(5)], **ADDRESSES})
    card = client.checkout.sessions.create({"mode": "setup", "currency": "eur", **ADDRESSES})
    kinds = ((gift, "Checkout"), (given, "Donate"), (card, "Save a card"), (open_session(client, monthly.id), "Subscribe"))

    for session, title in kinds:
        page = press(urlsplit(session.url).path)
        assert f"<h1>{title}</h1>" in page
        assert ("later charges" in page) == (session.mode != "payment")
        assert "Your bank asks" in press(urlsplit(session.url).path, {"action": "requires_action", "email": "a@example.com"})
        refused = press(urlsplit(session.url).path, {"action": "declined", "email": "a@example.com", "asked": "yes"})
        assert "The card was not confirmed" in refused
