"""Checkout: what each button does."""

from typing import Any

import pytest
import stripe

from sandbox.stripe.errors import ApiError
from sandbox.testing import Sandbox
from tests.sandbox.conftest import open_session


def test_paying_makes_the_customer_the_subscription_and_a_paid_invoice(client: Any, sandbox: Sandbox, monthly: Any):
    session = open_session(client, monthly.id, client_reference_id="7", subscription_data={"metadata": {"reader": "7"}})

    sandbox.complete_checkout(session.id, email="reader@example.com")

    done = client.checkout.sessions.retrieve(session.id, {"expand": ["customer", "subscription", "invoice", "line_items"]})
    assert (done.status, done.payment_status, done.client_reference_id) == ("complete", "paid", "7")
    assert done.customer.email == "reader@example.com"
    assert (done.subscription.status, done.subscription.metadata["reader"]) == ("active", "7")
    assert done.subscription["items"].data[0].current_period_end > done.created + 27 * 86400
    assert (done.invoice.status, done.invoice.amount_paid, done.invoice.billing_reason) == ("paid", 500, "subscription_create")
    assert done.invoice.parent.subscription_details.subscription == done.subscription.id
    assert done.line_items.data[0].price.id == monthly.id


def test_a_declined_card_leaves_the_session_open_and_no_subscription(client: Any, sandbox: Sandbox, monthly: Any):
    session = open_session(client, monthly.id)

    sandbox.complete_checkout(session.id, "declined")

    assert client.checkout.sessions.retrieve(session.id).status == "open"
    assert client.subscriptions.list({"status": "all"}).data == []


def test_a_delayed_payment_completes_unpaid_and_arrives_days_later(client: Any, sandbox: Sandbox, buy: Any):
    subscription = buy("delayed")
    [session] = client.checkout.sessions.list({"subscription": subscription.id}).data
    assert (session.status, session.payment_status, subscription.status) == ("complete", "unpaid", "incomplete")

    sandbox.advance(days=4)

    assert client.checkout.sessions.retrieve(session.id).payment_status == "paid"
    assert client.subscriptions.retrieve(subscription.id).status == "active"
    assert len(sandbox.events("checkout.session.async_payment_succeeded")) == 1


def test_a_delayed_payment_can_fail(client: Any, sandbox: Sandbox, buy: Any):
    subscription = buy("delayed")
    [intent] = client.payment_intents.list().data

    sandbox.settle(intent.id, paid=False)

    assert client.subscriptions.retrieve(subscription.id).status == "incomplete"
    assert len(sandbox.events("checkout.session.async_payment_failed")) == 1
    sandbox.advance(days=1)
    assert client.subscriptions.retrieve(subscription.id).status == "incomplete_expired"


def test_a_donation_is_one_payment_with_its_metadata(client: Any, sandbox: Sandbox):
    session = client.checkout.sessions.create(
        {
            "mode": "payment",
            "submit_type": "donate",
            "line_items": [{"price_data": {"currency": "jpy", "unit_amount": 1500, "product_data": {"name": "Gift"}}, "quantity": 2}],
            "success_url": "http://localhost:9/",
            "payment_intent_data": {"metadata": {"kind": "donation"}},
        }
    )
    sandbox.complete_checkout(session.id, "declined")
    sandbox.complete_checkout(session.id, email="giver@example.com")

    done = client.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
    assert (done.payment_status, done.amount_total, done.customer) == ("paid", 3000, None)
    assert done.payment_intent.metadata["kind"] == "donation"
    assert done.payment_intent.latest_charge.status == "succeeded"
    assert [c["status"] for c in sandbox.objects("charge")] == ["succeeded", "failed"]


def test_a_trial_needs_no_payment_today(client: Any, sandbox: Sandbox, buy: Any):
    subscription = buy(subscription_data={"trial_period_days": 14})
    [session] = client.checkout.sessions.list({"subscription": subscription.id}).data

    assert (session.payment_status, session.amount_total, subscription.status) == ("no_payment_required", 0, "trialing")


def test_a_code_takes_its_share_off_the_first_payment_only(client: Any, sandbox: Sandbox, buy: Any):
    coupon = client.coupons.create({"percent_off": 20, "duration": "once"})
    code = client.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "SPRING"})

    subscription = buy(discounts=[{"promotion_code": code.id}])
    sandbox.advance(months=1)

    assert [i.total for i in client.invoices.list({"subscription": subscription.id}).data] == [500, 400]
    assert client.coupons.retrieve(coupon.id).times_redeemed == 1


def test_an_archived_price_is_not_for_sale(client: Any, monthly: Any):
    client.prices.update(monthly.id, {"active": False})

    with pytest.raises(stripe.InvalidRequestError, match="inactive"):
        open_session(client, monthly.id)


def test_a_session_expires_by_itself_and_can_not_be_paid_then(client: Any, sandbox: Sandbox, monthly: Any):
    session = open_session(client, monthly.id)

    sandbox.advance(days=1)

    assert client.checkout.sessions.retrieve(session.id).status == "expired"
    assert len(sandbox.events("checkout.session.expired")) == 1
    with pytest.raises(ApiError, match="expired"):
        sandbox.complete_checkout(session.id)


def test_a_session_is_paid_once(sandbox: Sandbox, client: Any, monthly: Any):
    session = open_session(client, monthly.id)
    sandbox.complete_checkout(session.id)

    with pytest.raises(ApiError, match="complete"):
        sandbox.complete_checkout(session.id)
    assert len(sandbox.objects("subscription")) == 1
