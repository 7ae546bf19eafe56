"""Checkout sessions: what is bought, what it comes to, and what happens when the customer acts."""

from __future__ import annotations

from sandbox.stripe.account import Account
from sandbox.stripe.charging import confirm
from sandbox.stripe.customers import add_customer, keep_address
from sandbox.stripe.discounts import find_code, offer_from_json
from sandbox.stripe.errors import invalid
from sandbox.stripe.invoicing import intent_of
from sandbox.stripe.paying_once import intent_for, pay_once
from sandbox.stripe.payment_methods import ASKS, DECLINES, DELAYED, SUCCEEDS, attach, make_default, new_method
from sandbox.stripe.saving_cards import refuse_card, save_card
from sandbox.stripe.session_lines import price_session
from sandbox.stripe.store import JSON
from sandbox.stripe.subscribing import automatic_tax_json, start_subscription

OUTCOMES = ("paid", "declined", "requires_action", "delayed")
FAILING = {"declined": DECLINES, "requires_action": ASKS}
DAY_SECONDS = 86400


def apply_code(account: Account, session: JSON, text: str) -> JSON:
    """Use a promotion code that the customer typed in."""
    _require_open(session)
    if not session["allow_promotion_codes"]:
        raise invalid("This session takes no promotion codes.", "promotion_code")
    return price_session(account, session, [find_code(account, text, session["customer"])])


def submit(account: Account, session: JSON, outcome: str, *, email: str | None = None, renewals: str = SUCCEEDS) -> JSON:
    """Let the customer press the button; returns the session.

    `paid` pays, `declined` is refused by the bank, `delayed` pays by bank debit, and `requires_action` stops before
    the confirmation: submit again as `paid` or `declined`. `renewals` is how the card behaves afterwards.
    """
    _require_open(session)
    if outcome not in OUTCOMES:
        raise invalid(f"outcome must be one of {', '.join(OUTCOMES)}", "outcome")
    email = email or session["customer_email"] or _email_of(account, session["customer"])
    if outcome in FAILING:
        _try(account, session, FAILING[outcome], email)
        return session
    return _complete(account, session, email, DELAYED if outcome == "delayed" else renewals)


def expire_session(account: Account, session: JSON) -> JSON:
    """Close an open session without a purchase."""
    _require_open(session)
    account.change(session, None, status="expired", url=None)
    return _tell(account, session, "expired")


def _complete(account: Account, session: JSON, email: str | None, behaviour: str) -> JSON:
    notes = account.store.notes(session["id"])
    if session["customer"] is None and _makes_customer(session):
        session["customer"] = add_customer(account, email=email)["id"]
    if session["customer"] and (notes["customer_update"]["address"] == "auto" or session["automatic_tax"]["enabled"]):
        keep_address(account, session["customer"])
    due, keeps_method = session["amount_total"], _keeps_method(account, session)
    method = new_method(account, behaviour, email=email) if due or keeps_method else None
    if method and session["customer"] and keeps_method:
        attach(account, method, session["customer"])
        # A card that is only saved becomes the default when the site makes it so.
        if session["mode"] != "setup":
            make_default(account, session["customer"], method)
    session["status"], session["url"] = "complete", None
    session["customer_details"] = _customer_details(email)
    # The customer is present, so a card that will fail later passes today.
    today = DELAYED if behaviour == DELAYED else SUCCEEDS
    if session["mode"] == "subscription":
        _subscribe(account, session, method, today)
    elif session["mode"] == "setup" and method:
        save_card(account, session, method)
    elif session["mode"] == "payment":
        pay_once(account, session, method, today)
    session["payment_status"] = _payment_status(account, session)
    account.save(session)
    return _tell(account, session, "completed")


def _subscribe(account: Account, session: JSON, method: JSON | None, behaviour: str) -> None:
    notes = account.store.notes(session["id"])
    subscription = start_subscription(
        account,
        customer=account.get("customer", session["customer"]),
        items=[(row["price"], row["quantity"]) for row in notes["line_items"]],
        currency=session["currency"],
        trial_end=_trial_end(account, notes),
        offers=[offer_from_json(account, saved) for saved in notes["offers"]],
        metadata=notes["subscription_data"].get("metadata"),
        method=method,
        behaviour=behaviour,
        session=session["id"],
        fields=(notes["subscription_data"].get("fields") or {})
        | {"automatic_tax": automatic_tax_json(session["automatic_tax"]["enabled"])},
    )
    session |= {"subscription": subscription["id"], "invoice": subscription["latest_invoice"]}
    intent = intent_of(account, account.get("invoice", subscription["latest_invoice"]))
    if intent:
        account.store.note(intent["id"], session=session["id"])


def _try(account: Account, session: JSON, behaviour: str, email: str | None) -> None:
    """Leave the traces of an attempt that went nowhere; a subscription has none before it is paid."""
    if session["mode"] == "payment" and session["amount_total"]:
        intent = intent_for(account, session)
        confirm(account, intent, new_method(account, behaviour, email=email), behaviour=behaviour)
        account.save(session)
    elif session["mode"] == "setup":
        refuse_card(account, session, behaviour)


def _makes_customer(session: JSON) -> bool:
    makes_invoice = bool(session["invoice_creation"] and session["invoice_creation"]["enabled"])
    return session["mode"] == "subscription" or session["customer_creation"] == "always" or makes_invoice


def _payment_status(account: Account, session: JSON) -> str:
    if session["mode"] == "subscription":
        invoice = account.get("invoice", session["invoice"])
        if invoice["amount_due"] == 0:
            return "no_payment_required"
        return "paid" if invoice["status"] == "paid" else "unpaid"
    if session["mode"] == "setup" or not session["amount_total"]:
        return "no_payment_required"
    return "paid" if account.get("payment_intent", session["payment_intent"])["status"] == "succeeded" else "unpaid"


def _keeps_method(account: Account, session: JSON) -> bool:
    """Tell whether the card is kept for later charges."""
    if session["mode"] == "setup":
        return True
    if session["mode"] == "subscription":
        return bool(session["amount_total"]) or session["payment_method_collection"] != "if_required"
    return bool(account.store.notes(session["id"])["payment_intent_data"].get("setup_future_usage"))


def _trial_end(account: Account, notes: JSON) -> int | None:
    data = notes["subscription_data"]
    if days := data.get("trial_period_days"):
        return account.now + days * DAY_SECONDS
    return data.get("trial_end")


def _email_of(account: Account, customer: str | None) -> str | None:
    return (account.store.get(customer) or {}).get("email") if customer else None


def _customer_details(email: str | None) -> JSON:
    nulls = ("address", "business_name", "individual_name", "name", "phone")
    return dict.fromkeys(nulls) | {"email": email, "tax_exempt": "none", "tax_ids": []}


def _require_open(session: JSON) -> None:
    if session["status"] != "open":
        raise invalid(f"This Checkout Session is {session['status']}; only an open one can be used.", "session")


def _tell(account: Account, session: JSON, what: str) -> JSON:
    account.emit(f"checkout.session.{what}", session)
    return session
