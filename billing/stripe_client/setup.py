"""How an account is set up, for the doctor."""

from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import stripe

from billing.stripe_client.calling import JSON, PAGE_SIZE, client, one_fault, plain


@one_fault
def list_webhook_endpoints() -> list[JSON]:
    """Return where Stripe sends events."""
    return [plain(found) for found in client().v1.webhook_endpoints.list({"limit": PAGE_SIZE}).auto_paging_iter()]


@one_fault
def server_time() -> datetime:
    """Return what Stripe's clock shows, to the second."""
    answer = client().v1.prices.list({"limit": 1}).last_response
    return parsedate_to_datetime(answer.headers["date"])  # type: ignore[union-attr]


@one_fault
def missing_permissions() -> list[str]:
    """Return what our key may not even read, of all that we use."""
    v1 = client().v1
    services: dict[str, Any] = {
        "products": v1.products,
        "prices": v1.prices,
        "customers": v1.customers,
        "checkout sessions": v1.checkout.sessions,
        "subscriptions": v1.subscriptions,
        "invoices": v1.invoices,
        "charges": v1.charges,
        "refunds": v1.refunds,
        "payment intents": v1.payment_intents,
        "disputes": v1.disputes,
        "events": v1.events,
        "coupons": v1.coupons,
        "portal configurations": v1.billing_portal.configurations,
        "webhook endpoints": v1.webhook_endpoints,
    }
    return [name for name, service in services.items() if not _may_read(service)]


def _may_read(service: Any) -> bool:
    try:
        service.list({"limit": 1})
    except stripe.PermissionError:
        return False
    return True
