"""Every operation of the stand-in once, held against Stripe's SDK: `python -m tests.stripe_operations` prints the list."""

import sys
import tempfile
from pathlib import Path
from typing import Any

import stripe

from sandbox.stripe.routing import api
from sandbox.testing import API_KEY, Sandbox, running_sandbox
from tests.sandbox.checking import Checked, wire_checked

BACK = {"success_url": "http://localhost:9/back", "cancel_url": "http://localhost:9/"}


def check_all(folder: Path) -> Checked:
    """Walk through all operations; returns what was checked."""
    with wire_checked() as checked, running_sandbox(folder) as sandbox:
        client = stripe.StripeClient(API_KEY, base_addresses={"api": sandbox.url}, max_network_retries=0).v1
        price = _catalogue(client)
        _offers(client)
        subscription = _sales(client, sandbox, price)
        _changes(client, subscription, price)
        _money(client, sandbox, subscription)
        _settings(client, sandbox, subscription["customer"])
    return checked


def unchecked(checked: Checked) -> list[tuple[str, str]]:
    """List the operations that were not checked."""
    return [operation for operation in api.operations if operation not in checked.operations]


def _catalogue(client: Any) -> Any:
    product = client.products.create({"name": "Reader", "metadata": {"site": "here"}})
    client.products.update(product.id, {"description": "Every article."})
    client.products.retrieve(product.id)
    client.products.list({"active": True})
    price = client.prices.create(
        {"product": product.id, "currency": "eur", "unit_amount": 500, "recurring": {"interval": "month"}, "lookup_key": "month"}
    )
    client.prices.update(price.id, {"nickname": "A month"})
    client.prices.list({"lookup_keys": ["month"]})
    return client.prices.retrieve(price.id, {"expand": ["currency_options", "product"]})


def _offers(client: Any) -> None:
    coupon = client.coupons.create({"id": "SPRING", "percent_off": 25, "duration": "once"})
    client.coupons.update(coupon.id, {"name": "Spring"})
    client.coupons.retrieve(coupon.id)
    client.coupons.list()
    code = client.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "HELLO"})
    client.promotion_codes.update(code.id, {"active": False})
    client.promotion_codes.retrieve(code.id, {"expand": ["promotion.coupon"]})
    client.promotion_codes.list({"code": "HELLO"})
    client.coupons.delete(coupon.id)


def _sales(client: Any, sandbox: Sandbox, price: Any) -> Any:
    customer = client.customers.create({"email": "reader@example.com", "metadata": {"reader": "7"}})
    client.customers.update(customer.id, {"name": "Ada"})
    client.customers.list({"email": "reader@example.com"})
    lines = [{"price": price.id, "quantity": 1}]
    bought = client.checkout.sessions.create({"mode": "subscription", "customer": customer.id, "line_items": lines, **BACK})
    sandbox.complete_checkout(bought.id)
    client.checkout.sessions.retrieve(bought.id, {"expand": ["subscription", "line_items", "invoice", "customer"]})
    client.checkout.sessions.line_items.list(bought.id)
    left = client.checkout.sessions.create({"mode": "setup", "customer": customer.id, "currency": "eur", **BACK})
    client.setup_intents.retrieve(left.setup_intent)
    client.setup_intents.list({"customer": customer.id})
    client.checkout.sessions.expire(left.id)
    client.checkout.sessions.list({"customer": customer.id})
    return client.subscriptions.list({"customer": customer.id, "status": "all", "expand": ["data.latest_invoice"]}).data[0]


def _changes(client: Any, subscription: Any, price: Any) -> None:
    client.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice.payments", "customer", "default_payment_method"]})
    client.subscriptions.update(subscription.id, {"cancel_at_period_end": True, "cancellation_details": {"feedback": "unused"}})
    client.subscriptions.update(subscription.id, {"cancel_at_period_end": False})
    [item] = client.subscription_items.list({"subscription": subscription.id}).data
    client.subscription_items.retrieve(item.id)
    client.subscription_items.update(item.id, {"quantity": 2, "proration_behavior": "always_invoice"})
    client.invoices.create_preview({"subscription": subscription.id, "subscription_details": {"items": [{"id": item.id, "quantity": 1}]}})
    schedule = client.subscription_schedules.create({"from_subscription": subscription.id})
    current = schedule.phases[0]
    phases = [
        {"start_date": current.start_date, "end_date": current.end_date, "items": [{"price": price.id, "quantity": 2}]},
        {"items": [{"price": price.id, "quantity": 1}]},
    ]
    client.subscription_schedules.update(schedule.id, {"phases": phases, "end_behavior": "release"})
    client.subscription_schedules.retrieve(schedule.id, {"expand": ["subscription"]})
    client.subscription_schedules.list({"customer": subscription.customer})
    client.subscription_schedules.release(schedule.id)
    client.subscriptions.pause(subscription.id, {"type": "subscription"})
    client.subscriptions.resume(subscription.id)
    other = client.subscriptions.create({"customer": subscription.customer, "items": [{"price": price.id}]})
    client.subscription_schedules.cancel(client.subscription_schedules.create({"from_subscription": other.id}).id)


def _money(client: Any, sandbox: Sandbox, subscription: Any) -> None:
    customer = subscription["customer"]
    invoice = client.invoices.retrieve(subscription.latest_invoice.id, {"expand": ["payments.data.payment.payment_intent"]})
    client.invoices.list({"subscription": subscription.id, "status": "paid"})
    client.invoice_payments.list({"invoice": invoice.id})
    intent = client.payment_intents.retrieve(invoice.payments.data[0].payment.payment_intent.id, {"expand": ["latest_charge"]})
    client.payment_intents.list({"customer": customer})
    charge = client.charges.retrieve(intent.latest_charge.id, {"expand": ["refunds"]})
    client.charges.list({"customer": customer})
    client.refunds.retrieve(client.refunds.create({"charge": charge.id, "amount": 100}).id)
    client.refunds.list({"charge": charge.id})
    for _ in range(3):
        client.subscriptions.create(
            {"customer": customer, "items": [{"price": subscription["items"].data[0].price.id}], "payment_behavior": "default_incomplete"}
        )
    first, second, third = client.invoices.list({"status": "open"}).data
    client.invoices.pay(first.id)
    client.invoices.void_invoice(second.id)
    client.invoices.mark_uncollectible(third.id)
    disputed = client.charges.list({"customer": customer}).data[0]
    client.disputes.retrieve(sandbox.dispute(disputed.id)["id"])
    client.disputes.close(client.disputes.list({"charge": disputed.id}).data[0].id)
    client.subscriptions.cancel(subscription.id)


def _settings(client: Any, sandbox: Sandbox, customer: str) -> None:
    method = client.payment_methods.attach("pm_card_visa", {"customer": customer})
    client.payment_methods.update(method.id, {"card": {"exp_month": 1, "exp_year": 2045}})
    client.payment_methods.retrieve(method.id)
    client.customers.payment_methods.list(customer, {"type": "card"})
    client.customers.retrieve(customer, {"expand": ["invoice_settings.default_payment_method"]})
    client.payment_methods.detach(method.id)
    configuration = client.billing_portal.configurations.create({"features": {"invoice_history": {"enabled": True}}})
    client.billing_portal.configurations.update(configuration.id, {"features": {"subscription_update": {"enabled": False}}})
    client.billing_portal.configurations.retrieve(configuration.id)
    client.billing_portal.configurations.list({"is_default": False})
    client.billing_portal.sessions.create({"customer": customer, "configuration": configuration.id})
    endpoint = client.webhook_endpoints.create({"url": "http://localhost:9/webhooks/stripe/", "enabled_events": ["invoice.paid"]})
    client.webhook_endpoints.update(endpoint.id, {"enabled_events": ["invoice.paid", "refund.created"]})
    client.webhook_endpoints.retrieve(endpoint.id)
    client.webhook_endpoints.list()
    client.webhook_endpoints.delete(endpoint.id)
    client.events.retrieve(client.events.list({"delivery_success": False}).data[0].id)
    clock = client.test_helpers.test_clocks.create({"frozen_time": sandbox.account.now + 60})
    client.test_helpers.test_clocks.advance(clock.id, {"frozen_time": clock.frozen_time + 60})
    client.test_helpers.test_clocks.retrieve(clock.id)
    client.test_helpers.test_clocks.list()
    client.test_helpers.test_clocks.delete(clock.id)
    client.customers.delete(customer)


def main() -> int:
    """Print each operation and whether it was checked; fails if one wasn't, or was wrong."""
    with tempfile.TemporaryDirectory() as folder:
        checked = check_all(Path(folder))
    missed = unchecked(checked)
    for method, path in sorted(api.operations, key=lambda operation: (operation[1], operation[0])):
        print(f"{'UNCHECKED' if (method, path) in missed else 'checked':10}{method:7}{path}")
    print(f"\n{len(api.operations)} operations against stripe {stripe.VERSION}, {stripe.api_version}; {len(missed)} unchecked")
    for problem in checked.problems:
        print(problem)
    return 1 if missed or checked.problems else 0


if __name__ == "__main__":
    sys.exit(main())
