"""Checkout sessions: what is bought, what it comes to, and what happens when the customer acts."""

from __future__ import annotations

from sandbox.stripe.account import Account
from sandbox.stripe.charging import confirm, new_intent
from sandbox.stripe.customers import add_customer
from sandbox.stripe.discounts import Offer, find_code, offer_from_json, redeem, reduction
from sandbox.stripe.errors import invalid
from sandbox.stripe.invoicing import intent_of
from sandbox.stripe.payment_methods import ASKS, DECLINES, DELAYED, SUCCEEDS, attach, make_default, new_method
from sandbox.stripe.store import JSON
from sandbox.stripe.subscribing import start_subscription

OUTCOMES = ("paid", "declined", "requires_action", "delayed")
DAY_SECONDS = 86400


def price_session(account: Account, session: JSON, offers: list[Offer]) -> JSON:
    """Work out the amounts of a session from its lines and offers, and keep them."""
    rows = account.store.notes(session["id"])["line_items"]
    budgets = [offer.coupon["amount_off"] for offer in offers]
    for row in rows:
        left = row["amount_subtotal"]
        for number, offer in enumerate(offers):
            off = reduction(account, offer.coupon, left, session["currency"], row["price"]["product"])
            if budgets[number] is not None:
                off = min(off, budgets[number])
                budgets[number] -= off
            left -= off
        row |= {"amount_discount": row["amount_subtotal"] - left, "amount_total": left}
    account.store.note(session["id"], line_items=rows, offers=[offer.to_json() for offer in offers])
    discount = sum(row["amount_discount"] for row in rows)
    session |= {
        "amount_subtotal": sum(row["amount_subtotal"] for row in rows),
        "amount_total": sum(row["amount_total"] for row in rows),
        "total_details": {"amount_discount": discount, "amount_shipping": 0, "amount_tax": 0},
        "discounts": [offer.to_json() for offer in offers],
    }
    return account.save(session)


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
    if outcome == "requires_action":
        _try(account, session, ASKS, email)
        return session
    if outcome == "declined":
        _try(account, session, DECLINES, email)
        return session
    return _complete(account, session, email, DELAYED if outcome == "delayed" else renewals)


def expire_session(account: Account, session: JSON) -> JSON:
    """Close an open session without a purchase."""
    _require_open(session)
    account.change(session, None, status="expired", url=None)
    return _tell(account, session, "expired")


def _complete(account: Account, session: JSON, email: str | None, behaviour: str) -> JSON:
    if session["customer"] is None and (session["mode"] == "subscription" or session["customer_creation"] == "always"):
        metadata = account.store.notes(session["id"]).get("customer_metadata", {})
        session["customer"] = add_customer(account, email=email, metadata=metadata)["id"]
    due, keeps_method = session["amount_total"], _keeps_method(account, session)
    method = new_method(account, behaviour, email=email) if due or keeps_method else None
    if method and session["customer"] and keeps_method:
        attach(account, method, session["customer"])
        make_default(account, session["customer"], method)
    session["status"], session["url"] = "complete", None
    session["customer_details"] = _customer_details(email)
    # The customer is present, so a card that will fail later passes today.
    today = DELAYED if behaviour == DELAYED else SUCCEEDS
    if session["mode"] == "subscription":
        _subscribe(account, session, method, today)
    elif due:
        _pay_once(account, session, method, today)
    _redeem_for_payment(account, session)
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
        fields=notes["subscription_data"].get("fields"),
    )
    session |= {"subscription": subscription["id"], "invoice": subscription["latest_invoice"]}
    intent = intent_of(account, account.get("invoice", subscription["latest_invoice"]))
    if intent:
        account.store.note(intent["id"], session=session["id"])


def _pay_once(account: Account, session: JSON, method: JSON | None, behaviour: str) -> None:
    intent = _intent(account, session)
    if session["customer"] and intent["customer"] is None:
        account.change(intent, None, customer=session["customer"])
    confirm(account, intent, method, behaviour=behaviour)


def _try(account: Account, session: JSON, behaviour: str, email: str | None) -> None:
    """Leave the traces of an attempt that went nowhere; a subscription has none before it is paid."""
    if session["mode"] == "payment" and session["amount_total"]:
        intent = _intent(account, session)
        confirm(account, intent, new_method(account, behaviour, email=email), behaviour=behaviour)
        account.save(session)


def _intent(account: Account, session: JSON) -> JSON:
    if session["payment_intent"]:
        return account.change(account.get("payment_intent", session["payment_intent"]), None, amount=session["amount_total"])
    data = account.store.notes(session["id"])["payment_intent_data"]
    intent = new_intent(
        account,
        amount=session["amount_total"],
        currency=session["currency"],
        customer=session["customer"],
        metadata=data.get("metadata") or {},
        description=data.get("description"),
    )
    account.change(intent, None, setup_future_usage=data.get("setup_future_usage"), receipt_email=data.get("receipt_email"))
    account.store.note(intent["id"], session=session["id"])
    session["payment_intent"] = intent["id"]
    return intent


def _redeem_for_payment(account: Account, session: JSON) -> None:
    if session["mode"] == "payment":
        for saved in account.store.notes(session["id"])["offers"]:
            offer = offer_from_json(account, saved)
            redeem(account, offer, customer=session["customer"], subscription=None, session=session["id"])


def _payment_status(account: Account, session: JSON) -> str:
    if session["mode"] == "subscription":
        invoice = account.get("invoice", session["invoice"])
        if invoice["amount_due"] == 0:
            return "no_payment_required"
        return "paid" if invoice["status"] == "paid" else "unpaid"
    if not session["amount_total"]:
        return "no_payment_required"
    return "paid" if account.get("payment_intent", session["payment_intent"])["status"] == "succeeded" else "unpaid"


def _keeps_method(account: Account, session: JSON) -> bool:
    """Tell whether the card is kept for later charges."""
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
