"""Invoices and the payments made on them."""

from __future__ import annotations

from sandbox.stripe.account import Account
from sandbox.stripe.changing import PRORATIONS
from sandbox.stripe.discounts import read_offers
from sandbox.stripe.errors import declined, invalid
from sandbox.stripe.invoicing import close, collect, intent_of, subscription_id
from sandbox.stripe.listing import equal, found, paginate
from sandbox.stripe.params import Params
from sandbox.stripe.payment_methods import default_method, method_from
from sandbox.stripe.pending import expire_held, is_held_for
from sandbox.stripe.previewing import preview_change, upcoming_invoice
from sandbox.stripe.routing import api
from sandbox.stripe.store import JSON
from sandbox.stripe.subscribing import after_payment

BASE = "/v1/invoices"


@api.add("GET", BASE)
def list_all(account: Account, params: Params) -> JSON:
    """List invoices, newest first."""
    filters = equal(params, "customer", "status", "collection_method")
    if subscription := params.text("subscription"):
        filters["parent__subscription_details__subscription"] = subscription
    return paginate(account, params, found(account, params, "invoice", **filters), BASE)


@api.add("POST", BASE + "/create_preview")
def create_preview(account: Account, params: Params) -> JSON:
    """Preview the next invoice, or what a change would cost."""
    subscription = account.get("subscription", params.required("subscription"), "subscription")
    params.accept("customer")
    details = params.section("subscription_details")
    items = details.objects("items") if details else []
    params.choice("preview_mode", ("next",))
    offers = read_offers(account, params, subscription["customer"])
    if not items:
        return upcoming_invoice(account, subscription, offers)
    assert details is not None  # noqa: S101 - the items came from it
    proration = details.choice("proration_behavior", PRORATIONS, "create_prorations") or ""
    at, ends_trial = details.integer("proration_date"), details.choice("trial_end", ("now",)) is not None
    return preview_change(account, subscription, items, proration, offers=offers, at=at, ends_trial=ends_trial)


@api.add("GET", BASE + "/{id}")
def retrieve(account: Account, params: Params, id: str) -> JSON:
    """Fetch one invoice."""
    return account.get("invoice", id)


@api.add("POST", BASE + "/{id}/pay")
def pay(account: Account, params: Params, id: str) -> JSON:
    """Charge an open invoice now."""
    invoice = account.get("invoice", id)
    if invoice["status"] != "open":
        raise invalid(f"Invoice is {invoice['status']} and can't be paid.", "invoice", "invoice_not_editable")
    params.accept("off_session")
    method_id = params.text("payment_method")
    of = subscription_id(invoice)
    subscription = account.get("subscription", of) if of else None
    method = method_from(account, method_id) if method_id else default_method(account, invoice["customer"], subscription)
    after_payment(account, collect(account, invoice, method))
    invoice = account.get("invoice", id)
    intent = intent_of(account, invoice)
    if intent and intent["status"] in {"requires_payment_method", "requires_action"}:
        raise declined(intent["id"])
    return invoice


@api.add("POST", BASE + "/{id}/void")
def void(account: Account, params: Params, id: str) -> JSON:
    """Void an open invoice; a change that waited for its payment is given up with it."""
    invoice = close(account, account.get("invoice", id), "void")
    of = subscription_id(invoice)
    if of and is_held_for(account, account.get("subscription", of), invoice):
        expire_held(account, account.get("subscription", of))
    return invoice


@api.add("POST", BASE + "/{id}/mark_uncollectible")
def mark_uncollectible(account: Account, params: Params, id: str) -> JSON:
    """Give an invoice up."""
    return close(account, account.get("invoice", id), "uncollectible")


@api.add("GET", "/v1/invoice_payments")
def list_payments(account: Account, params: Params) -> JSON:
    """List the payments on invoices."""
    filters = equal(params, "invoice", "status")
    if payment := params.section("payment"):
        payment.choice("type", ("payment_intent",))
        filters["payment__payment_intent"] = payment.required("payment_intent")
    return paginate(account, params, account.store.find("invoice_payment", **filters), "/v1/invoice_payments")
