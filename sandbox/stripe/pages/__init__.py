"""The pages a person clicks: Checkout, portal, payments, clock, events, faults."""

from __future__ import annotations

from sandbox.stripe.account import Account
from sandbox.stripe.pages import checkout, clock, control, invoices, payments, people, portal
from sandbox.web import Routes


def page_routes(account: Account) -> Routes:
    """Bind every page to one account."""
    routes = Routes()
    for part in (checkout, portal, invoices, payments, people, clock, control):
        routes.include(part.routes_for(account))
    return routes
