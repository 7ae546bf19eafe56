"""The only caller of Stripe: plain functions that take and return plain data, and raise one kind of fault."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache, wraps
from operator import attrgetter
from typing import Any, ParamSpec, TypeVar

import stripe
from django.conf import settings

JSON = dict[str, Any]
P = ParamSpec("P")
R = TypeVar("R")

TIMEOUT_SECONDS = (3.05, 8)
RETRIES = 2
PAGE_SIZE = 100
# What a subscription is mirrored with: whether it is paid, by which card, at what discount, and what it becomes.
SUBSCRIPTION_PARTS = ("latest_invoice", "default_payment_method", "discounts.source.coupon", "schedule")
PAYMENT_REQUIRED = 402
# How old a signed event may be, and how far our clock may be behind Stripe's.
TOLERANCE_SECONDS = 300


class StripeCallError(Exception):
    """Stripe did not do what we asked; `is_missing` says that what we named isn't there, `is_declined` that the bank said no."""

    def __init__(self, message: str, *, is_missing: bool = False, is_declined: bool = False) -> None:
        super().__init__(message)
        self.is_missing = is_missing
        self.is_declined = is_declined


class ForgedEventError(Exception):
    """A body that Stripe didn't sign, or not now."""


def client() -> stripe.StripeClient:
    """Return the client of the settings' account."""
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, settings.STRIPE_API_VERSION)


@cache
def _client(key: str, base: str, version: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": base},
        stripe_version=version,
        max_network_retries=RETRIES,
        http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
    )


def is_live() -> bool:
    """Say whether our key moves real money."""
    return settings.STRIPE_SECRET_KEY.startswith(("sk_live", "rk_live"))


def one_fault(call: Callable[P, R]) -> Callable[P, R]:
    """Raise `StripeCallError` for whatever the SDK raises; its message names no body, so that no personal data gets into a log."""

    @wraps(call)
    def translated(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return call(*args, **kwargs)
        except stripe.StripeError as error:
            what = error.user_message if isinstance(error, stripe.CardError) else (error.code or str(error.http_status or "no answer"))
            reason = f"{type(error).__name__} ({what}), request {error.request_id}"
            is_declined = error.http_status == PAYMENT_REQUIRED
            raise StripeCallError(reason, is_missing=error.code == "resource_missing", is_declined=is_declined) from error

    return translated


@one_fault
def create_customer(*, email: str, name: str, metadata: dict[str, str]) -> JSON:
    """Create a customer."""
    return _plain(client().v1.customers.create({"email": email, "name": name, "metadata": metadata}))


@one_fault
def customer_exists(customer_id: str) -> bool:
    """Say whether a customer is there and not deleted."""
    return _is_there(client().v1.customers.retrieve, customer_id)


def _is_there(retrieve: Callable[[str], Any], object_id: str) -> bool:
    try:
        return not _plain(retrieve(object_id)).get("deleted", False)
    except stripe.InvalidRequestError as error:
        if error.code == "resource_missing":
            return False
        raise


@one_fault
def delete_customer(customer_id: str) -> None:
    """Have Stripe forget a customer's name, address and cards; invoices and charges stay."""
    client().v1.customers.delete(customer_id)


@one_fault
def product_exists(product_id: str) -> bool:
    """Say whether a product is there."""
    return _is_there(client().v1.products.retrieve, product_id)


@one_fault
def create_product(*, name: str, metadata: dict[str, str]) -> JSON:
    """Create a product."""
    return _plain(client().v1.products.create({"name": name, "metadata": metadata}))


@one_fault
def create_price(*, product: str, amount: int, currency: str, interval: Any, tax_behavior: Any, metadata: dict[str, str]) -> JSON:
    """Create a recurring price; the amount is in minor units."""
    return _plain(
        client().v1.prices.create(
            {
                "product": product,
                "unit_amount": amount,
                "currency": currency.lower(),
                "recurring": {"interval": interval},
                "tax_behavior": tax_behavior,
                "metadata": metadata,
            }
        )
    )


@one_fault
def list_subscriptions(customer_id: str) -> list[JSON]:
    """Return all subscriptions of a customer, ended ones too, each with its latest invoice."""
    expand = [f"data.{path}" for path in SUBSCRIPTION_PARTS]
    params: Any = {"customer": customer_id, "status": "all", "limit": PAGE_SIZE, "expand": expand}
    return [_plain(found) for found in client().v1.subscriptions.list(params).auto_paging_iter()]


@one_fault
def get_subscription(subscription_id: str) -> JSON:
    """Return one subscription with its latest invoice."""
    return _plain(client().v1.subscriptions.retrieve(subscription_id, {"expand": list(SUBSCRIPTION_PARTS)}))


@one_fault
def stop_renewal(subscription_id: str) -> JSON:
    """Let a subscription end with the period that is paid."""
    return _plain(client().v1.subscriptions.update(subscription_id, {"cancel_at_period_end": True}))


@one_fault
def cancel_subscription(subscription_id: str) -> JSON:
    """End a subscription now; nothing is refunded."""
    return _plain(client().v1.subscriptions.cancel(subscription_id))


@one_fault
def list_invoices(customer_id: str) -> list[JSON]:
    """Return all invoices of a customer, paid and owed, each with the payments made on it."""
    params: Any = {"customer": customer_id, "limit": PAGE_SIZE, "expand": ["data.payments"]}
    return [_plain(found) for found in client().v1.invoices.list(params).auto_paging_iter()]


@one_fault
def list_charges(customer_id: str) -> list[JSON]:
    """Return everything a customer was ever charged, each with its refunds."""
    params: Any = {"customer": customer_id, "limit": PAGE_SIZE, "expand": ["data.refunds"]}
    return [_plain(found) for found in client().v1.charges.list(params).auto_paging_iter()]


@one_fault
def list_disputes(charge_id: str) -> list[JSON]:
    """Return the disputes about a charge."""
    params: Any = {"charge": charge_id, "limit": PAGE_SIZE}
    return [_plain(found) for found in client().v1.disputes.list(params).auto_paging_iter()]


@one_fault
def get_charge(charge_id: str) -> JSON:
    """Return a charge."""
    return _plain(client().v1.charges.retrieve(charge_id))


@one_fault
def get_price(price_id: str) -> JSON:
    """Return a price."""
    return _plain(client().v1.prices.retrieve(price_id))


@one_fault
def create_refund(*, charge: str, amount: int | None, reason: Any, metadata: dict[str, str], key: str) -> JSON:
    """Give back a charge, the rest of it if there is no amount; the same key never gives twice."""
    params: Any = {"charge": charge, "reason": reason, "metadata": metadata}
    if amount is not None:
        params["amount"] = amount
    return _plain(client().v1.refunds.create(params, {"idempotency_key": key}))


@one_fault
def mark_double(subscription_id: str, *, of: str) -> JSON:
    """Remember at Stripe, where nothing of it can get lost, that a subscription was bought beside another."""
    return _plain(client().v1.subscriptions.update(subscription_id, {"metadata": {"double_of": of}}))


@one_fault
def create_session(params: Any) -> JSON:
    """Open a Checkout session."""
    return _plain(client().v1.checkout.sessions.create(params))


@one_fault
def get_session(session_id: str) -> JSON:
    """Return a Checkout session."""
    return _plain(client().v1.checkout.sessions.retrieve(session_id))


@one_fault
def get_payment_intent(intent_id: str) -> JSON:
    """Return a payment."""
    return _plain(client().v1.payment_intents.retrieve(intent_id))


@one_fault
def list_open_sessions(customer_id: str) -> list[JSON]:
    """Return the Checkout sessions that a customer could pay now."""
    params: Any = {"customer": customer_id, "status": "open", "limit": PAGE_SIZE}
    return [_plain(found) for found in client().v1.checkout.sessions.list(params).auto_paging_iter()]


@one_fault
def expire_session(session_id: str) -> JSON:
    """Close a Checkout session, so that nobody can pay it any more."""
    return _plain(client().v1.checkout.sessions.expire(session_id))


@one_fault
def create_portal_session(*, customer_id: str, return_url: str, configuration: str, locale: Any) -> JSON:
    """Open the Customer Portal for a customer, as it is configured."""
    params: Any = {"customer": customer_id, "return_url": return_url, "configuration": configuration, "locale": locale}
    return _plain(client().v1.billing_portal.sessions.create(params))


@one_fault
def configure_portal(configuration_id: str | None, params: Any) -> JSON:
    """Make a configuration of the Customer Portal, or change the one there is."""
    configurations = client().v1.billing_portal.configurations
    return _plain(configurations.update(configuration_id, params) if configuration_id else configurations.create(params))


@one_fault
def preview_change(subscription_id: str, *, item: str, price: str, moment: int) -> JSON:
    """Return the invoice that a change of price would make, were it made at a moment, in seconds."""
    details: Any = {"items": [{"id": item, "price": price}], "proration_behavior": "always_invoice", "proration_date": moment}
    return _plain(client().v1.invoices.create_preview({"subscription": subscription_id, "subscription_details": details}))


@one_fault
def change_price_if_paid(subscription_id: str, *, item: str, price: str, moment: int) -> JSON:
    """Change the price at once and charge the difference; until that is paid, nothing changes but `pending_update`."""
    params: Any = {
        "items": [{"id": item, "price": price}],
        "proration_behavior": "always_invoice",
        "proration_date": moment,
        "payment_behavior": "pending_if_incomplete",
        "expand": ["latest_invoice"],
    }
    return _plain(client().v1.subscriptions.update(subscription_id, params))


@one_fault
def change_price_unreckoned(subscription_id: str, *, item: str, price: str) -> JSON:
    """Change the price from the next invoice on, without reckoning up what is left of this period."""
    params: Any = {"items": [{"id": item, "price": price}], "proration_behavior": "none"}
    return _plain(client().v1.subscriptions.update(subscription_id, params))


@one_fault
def create_schedule(subscription_id: str) -> JSON:
    """Put a subscription on a schedule, of one phase as yet: the period that runs."""
    return _plain(client().v1.subscription_schedules.create({"from_subscription": subscription_id}))


@one_fault
def set_phases(schedule_id: str, phases: Any) -> JSON:
    """Say what a subscription becomes, phase by phase; after the last it goes on by itself."""
    params: Any = {"phases": phases, "end_behavior": "release", "proration_behavior": "none"}
    return _plain(client().v1.subscription_schedules.update(schedule_id, params))


@one_fault
def release_schedule(schedule_id: str) -> JSON:
    """Leave a subscription as it is now, to itself."""
    return _plain(client().v1.subscription_schedules.release(schedule_id))


@one_fault
def end_with_period(subscription_id: str, *, feedback: str) -> JSON:
    """Let a subscription end with the period that is paid, and tell Stripe why."""
    params: Any = {"cancel_at_period_end": True}
    if feedback:
        params["cancellation_details"] = {"feedback": feedback}
    return _plain(client().v1.subscriptions.update(subscription_id, params))


@one_fault
def keep_renewing(subscription_id: str, *, has_own_date: bool) -> JSON:
    """Take back that a subscription ends, with its period or at a date of its own."""
    params: Any = {"cancel_at": ""} if has_own_date else {"cancel_at_period_end": False}
    return _plain(client().v1.subscriptions.update(subscription_id, params))


@one_fault
def add_discount(subscription_id: str, *, coupon: str, besides: list[str]) -> JSON:
    """Give a subscription a coupon besides the discounts it has."""
    discounts: Any = [*({"discount": held} for held in besides), {"coupon": coupon}]
    return _plain(client().v1.subscriptions.update(subscription_id, {"discounts": discounts}))


@one_fault
def coupon_of(coupon_id: str, *, percent: int, months: int, name: str, metadata: dict[str, str]) -> str:
    """Return the id of a coupon that takes so much off for so many months, made on first use."""
    try:
        client().v1.coupons.retrieve(coupon_id)
    except stripe.InvalidRequestError as error:
        if error.code != "resource_missing":
            raise
        params: Any = {"id": coupon_id, "percent_off": percent, "duration": "repeating", "duration_in_months": months}
        client().v1.coupons.create({**params, "name": name, "metadata": metadata})
    return coupon_id


@one_fault
def pause_payments(subscription_id: str, *, until: int) -> JSON:
    """Charge nothing until a moment, in seconds: invoices until then are void."""
    params: Any = {"pause_collection": {"behavior": "void", "resumes_at": until}}
    return _plain(client().v1.subscriptions.update(subscription_id, params))


@one_fault
def resume_payments(subscription_id: str, *, is_new_period: bool) -> JSON:
    """End a pause; with a new period, which is charged now or not begun at all."""
    params: Any = {"pause_collection": ""}
    if is_new_period:
        params |= {"billing_cycle_anchor": {"type": "now"}, "proration_behavior": "none", "payment_behavior": "error_if_incomplete"}
    return _plain(client().v1.subscriptions.update(subscription_id, params))


@one_fault
def void_invoice(invoice_id: str) -> JSON:
    """Ask for an invoice no longer."""
    return _plain(client().v1.invoices.void_invoice(invoice_id))


def every_subscription() -> Iterator[JSON]:
    """Yield all subscriptions of the account, ended ones too, fetching a page at a time; raises StripeCallError."""
    return _every("subscriptions", {"status": "all"})


def every_customer() -> Iterator[JSON]:
    """Yield all customers of the account that aren't deleted."""
    return _every("customers", {})


def every_session(*, since: int) -> Iterator[JSON]:
    """Yield the Checkout sessions opened since a moment."""
    return _every("checkout.sessions", {"created": {"gte": since}})


def every_charge(*, since: int) -> Iterator[JSON]:
    """Yield the charges made since a moment, each with its refunds."""
    return _every("charges", {"created": {"gte": since}, "expand": ["data.refunds"]})


def every_refund(*, since: int) -> Iterator[JSON]:
    """Yield the refunds made since a moment."""
    return _every("refunds", {"created": {"gte": since}})


def every_dispute(*, since: int) -> Iterator[JSON]:
    """Yield the disputes opened since a moment."""
    return _every("disputes", {"created": {"gte": since}})


def every_undelivered_event(*, since: int) -> Iterator[JSON]:
    """Yield the events since a moment that Stripe could not deliver to every endpoint."""
    return _every("events", {"delivery_success": False, "created": {"gte": since}})


def _every(resource: str, params: JSON) -> Iterator[JSON]:
    after: JSON = {}
    while True:
        page = _page(resource, {**params, **after, "limit": PAGE_SIZE})
        yield from page["data"]
        if not page["has_more"]:
            return
        after = {"starting_after": page["data"][-1]["id"]}


@one_fault
def _page(resource: str, params: JSON) -> JSON:
    return _plain(attrgetter(resource)(client().v1).list(params))


@one_fault
def list_webhook_endpoints() -> list[JSON]:
    """Return where Stripe sends events."""
    return [_plain(found) for found in client().v1.webhook_endpoints.list({"limit": PAGE_SIZE}).auto_paging_iter()]


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


@one_fault
def rename_product(product_id: str, *, name: str) -> JSON:
    """Change the name that receipts and Stripe's pages show."""
    return _plain(client().v1.products.update(product_id, {"name": name}))


@one_fault
def set_price_active(price_id: str, *, is_active: bool) -> JSON:
    """Archive a price, so that nobody buys it any more, or take it up again; who pays it goes on paying it."""
    return _plain(client().v1.prices.update(price_id, {"active": is_active}))


@one_fault
def preview_quantity(subscription_id: str, item_id: str, quantity: int, *, at: int) -> JSON:
    """Return the invoice that another quantity would cost at once, reckoned from a second on; nothing is changed."""
    details: Any = {"items": [{"id": item_id, "quantity": quantity}], "proration_behavior": "always_invoice", "proration_date": at}
    return _plain(client().v1.invoices.create_preview({"subscription": subscription_id, "subscription_details": details}))


@one_fault
def change_quantity(subscription_id: str, item_id: str, quantity: int, *, paid_from: int | None = None) -> JSON:
    """Change how many of something a subscription holds.

    Paid from a second on: the difference is charged now, and the change made once it is paid. Else nothing is charged or refunded.
    """
    params: Any = {"items": [{"id": item_id, "quantity": quantity}], "proration_behavior": "none", "expand": ["latest_invoice"]}
    if paid_from is not None:
        params |= {"proration_behavior": "always_invoice", "proration_date": paid_from, "payment_behavior": "pending_if_incomplete"}
    return _plain(client().v1.subscriptions.update(subscription_id, params))


def read_event(body: bytes, header: str) -> JSON:
    """Return the event of a request, verified byte for byte with every secret we have; raises ForgedEventError."""
    if not any(_is_signed(body, header, secret) for secret in settings.STRIPE_WEBHOOK_SECRETS):
        raise ForgedEventError("The signature is missing, wrong or not of this time.")
    try:
        event = json.loads(body)
    except ValueError as error:
        raise ForgedEventError("This is no JSON.") from error
    if not isinstance(event, dict) or event.get("object") != "event":
        raise ForgedEventError("This is no event.")
    return event


def _is_signed(body: bytes, header: str, secret: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(body, header, secret, TOLERANCE_SECONDS)
        moment = int(next(part for part in header.split(",") if part.startswith("t="))[2:])
    except (stripe.SignatureVerificationError, UnicodeDecodeError, TypeError):
        # TypeError: a signature that isn't ASCII can't be compared.
        return False
    # The SDK accepts any time to come.
    return moment <= time.time() + TOLERANCE_SECONDS


def _plain(found: stripe.StripeObject) -> JSON:
    return found.to_dict(for_json=True)
