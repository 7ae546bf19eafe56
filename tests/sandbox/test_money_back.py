"""From a paid invoice to its charge and back: refunds, disputes, cards, and invoices a person can pay."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
import stripe

from sandbox.testing import Sandbox


def test_a_paid_invoice_leads_to_its_charge(client: Any, buy: Any):
    invoice = client.invoices.retrieve(buy().latest_invoice.id, {"expand": ["payments.data.payment.payment_intent.latest_charge"]})

    [payment] = invoice.payments.data
    charge = payment.payment.payment_intent.latest_charge
    assert (payment.status, charge.amount, charge.customer) == ("paid", 500, invoice.customer)
    assert client.invoice_payments.list({"invoice": invoice.id}).data[0].id == payment.id
    [found] = client.invoice_payments.list({"payment": {"type": "payment_intent", "payment_intent": charge.payment_intent}}).data
    assert found.invoice == invoice.id
    assert [c.id for c in client.charges.list({"customer": invoice.customer}).data] == [charge.id]
    assert len(client.payment_intents.list({"customer": invoice.customer}).data) == 1


def test_what_is_disputed_is_not_refunded_too(client: Any, sandbox: Sandbox, buy: Any):
    buy()
    [charge] = client.charges.list().data
    dispute = sandbox.dispute(charge.id)

    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.refunds.create({"charge": charge.id})

    assert caught.value.code == "charge_disputed"
    assert client.disputes.close(dispute["id"]).status == "lost"


def test_a_dispute_that_is_won_brings_the_money_back(client: Any, sandbox: Sandbox, buy: Any):
    buy()
    dispute = sandbox.dispute(client.charges.list().data[0].id)
    sandbox.close_dispute(dispute["id"], won=True)

    types = [event["type"].removeprefix("charge.dispute.") for event in sandbox.events() if "dispute" in event["type"]]
    assert types == ["created", "funds_withdrawn", "updated", "funds_reinstated", "closed"]


def test_what_was_won_can_be_refunded_and_stays_won(client: Any, sandbox: Sandbox, buy: Any):
    buy()
    charge = client.charges.list().data[0].id
    sandbox.close_dispute(sandbox.dispute(charge)["id"], won=True)
    assert client.refunds.create({"charge": charge}).status == "succeeded"
    assert client.disputes.list({"charge": charge}).data[0].status == "won"


def test_a_card_expires_and_is_refused_from_then_on(client: Any, sandbox: Sandbox, buy: Any):
    subscription = buy()
    soon = datetime.fromtimestamp(sandbox.account.now, UTC)
    sandbox.expire_card(subscription.customer, year=soon.year, month=soon.month)
    customer = client.customers.retrieve(subscription.customer, {"expand": ["invoice_settings.default_payment_method"]})
    card = customer.invoice_settings.default_payment_method
    assert (card.card.exp_year, card.card.exp_month) == (soon.year, soon.month)

    sandbox.advance(months=1)
    [intent] = [i for i in client.payment_intents.list().data if i.last_payment_error]
    assert (client.subscriptions.retrieve(subscription.id).status, intent.last_payment_error.code) == ("past_due", "expired_card")
    client.payment_methods.update(card.id, {"card": {"exp_year": soon.year + 3, "exp_month": 1}})
    sandbox.advance(days=4)

    assert client.subscriptions.retrieve(subscription.id).status == "active"


def test_one_item_gets_more_seats(client: Any, buy: Any):
    item = buy()["items"].data[0]

    changed = client.subscription_items.update(item.id, {"quantity": 4, "proration_behavior": "always_invoice"})

    assert (changed.quantity, client.subscription_items.retrieve(item.id).quantity) == (4, 4)
    assert client.invoices.list().data[0].amount_paid == 1500


def test_the_bank_asks_and_the_reader_confirms_on_the_invoice(client: Any, sandbox: Sandbox, buy: Any, press: Any):
    subscription = buy(renewals="requires_action")
    sandbox.advance(months=1)
    [asked] = sandbox.events("invoice.payment_action_required")
    path = urlsplit(asked["data"]["object"]["hosted_invoice_url"]).path
    assert "Your bank wants to know" in press(path)

    assert "The card was not confirmed. Nothing was paid" in press(path, {"action": "refuse"})
    assert "Your card was declined" in press(path, {"action": "decline"})
    press(path, {"action": "ask"})
    press(path, {"action": "confirm"})

    assert client.subscriptions.retrieve(subscription.id).status == "active"
    assert "Pay with" not in press(path)


def test_a_card_that_paid_an_invoice_is_used_from_then_on(client: Any, sandbox: Sandbox, buy: Any, press: Any):
    subscription = buy(renewals="declines")
    sandbox.advance(months=1)
    [invoice] = client.invoices.list({"status": "open"}).data

    press(urlsplit(invoice.hosted_invoice_url).path, {"action": "pay"})
    sandbox.advance(months=2)

    assert client.subscriptions.retrieve(subscription.id).status == "active"
    assert {i.status for i in client.invoices.list().data} == {"paid"}


def test_the_portal_offers_what_its_configuration_allows(client: Any, sandbox: Sandbox, buy: Any, yearly: Any, press: Any):
    subscription = buy()
    features = {
        "customer_update": {"enabled": True, "allowed_updates": ["name"]},
        "invoice_history": {"enabled": False},
        "payment_method_update": {"enabled": False},
        "subscription_cancel": {"enabled": True, "mode": "at_period_end", "cancellation_reason": {"enabled": True, "options": ["unused"]}},
        "subscription_update": {"enabled": False},
    }
    configuration = client.billing_portal.configurations.create({"features": features, "name": "The magazine"})
    portal = client.billing_portal.sessions.create({"customer": subscription.customer, "configuration": configuration.id})
    path, named = urlsplit(portal.url).path, {"subscription": subscription.id}

    page = press(path)
    assert all(word not in page for word in ("<h2>Card</h2>", "<h2>Invoices</h2>", "Another plan"))
    press(path, named | {"action": "card", "renewals": "declines"})
    press(path, named | {"action": "plan", "price": yearly.id})
    press(path, named | {"action": "details", "name": "Ada", "email": "other@example.com"})
    press(path, named | {"action": "cancel", "feedback": "unused"})

    after = client.subscriptions.retrieve(subscription.id, {"expand": ["customer"]})
    assert (after.cancel_at_period_end, after.cancellation_details.feedback) == (True, "unused")
    assert after["items"].data[0].price.unit_amount == 500
    assert (after.customer.name, after.customer.email) == ("Ada", "reader@example.com")
    assert client.payment_methods.retrieve(after.default_payment_method).card.last4 == "4242"


def test_the_portal_may_cancel_at_once_and_offer_named_plans(client: Any, sandbox: Sandbox, buy: Any, yearly: Any, press: Any):
    subscription = buy()
    features = {
        "subscription_cancel": {"enabled": True, "mode": "immediately"},
        "subscription_update": {
            "enabled": True,
            "default_allowed_updates": ["price"],
            "products": [{"product": yearly.product, "prices": [yearly.id]}],
            "proration_behavior": "always_invoice",
        },
    }
    configuration = client.billing_portal.configurations.create({"features": features})
    portal = client.billing_portal.sessions.create({"customer": subscription.customer, "configuration": configuration.id})
    path, named = urlsplit(portal.url).path, {"subscription": subscription.id}

    press(path, named | {"action": "plan", "price": yearly.id})
    assert client.subscriptions.retrieve(subscription.id)["items"].data[0].price.id == yearly.id
    press(path, named | {"action": "cancel"})

    assert client.subscriptions.retrieve(subscription.id).status == "canceled"
