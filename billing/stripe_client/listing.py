"""Everything of an account, page by page."""

from collections.abc import Iterator
from operator import attrgetter

from billing.stripe_client.calling import JSON, PAGE_SIZE, client, one_fault, plain


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


def every_product_on_sale() -> Iterator[JSON]:
    """Yield the products that are not archived."""
    return _every("products", {"active": True})


def every_price_on_sale() -> Iterator[JSON]:
    """Yield the prices that are not archived."""
    return _every("prices", {"active": True})


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
    return plain(attrgetter(resource)(client().v1).list(params))
