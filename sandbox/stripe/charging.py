"""Take payments: a payment intent, and a charge for every attempt."""

from __future__ import annotations

from sandbox.stripe.account import Account
from sandbox.stripe.payment_methods import ASKS, DECLINES, DELAYED, behaviour_of, billing_details, is_expired
from sandbox.stripe.store import JSON

SETTLES_AFTER_SECONDS = 3 * 86400
SEPA_FIELDS = ("bank_code", "branch_code", "country", "fingerprint", "last4")
FAILURES = {
    "expired_card": "Your card has expired.",
    "payment_intent_authentication_failure": "The card was not confirmed.",
}
CARD_FIELDS = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4")


def new_intent(
    account: Account, *, amount: int, currency: str, customer: str | None, metadata: JSON, description: str | None = None
) -> JSON:
    """Create a payment intent that waits for a payment method."""
    id = account.new_id("pi")
    intent = {
        "id": id,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic",
        "client_secret": f"{id}_secret_{account.new_id('s', 24)[2:]}",
        "confirmation_method": "automatic",
        "created": account.now,
        "currency": currency,
        "customer": customer,
        "description": description,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": metadata,
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }
    return account.add(intent, "payment_intent.created")


def confirm(account: Account, intent: JSON, method: JSON | None, *, behaviour: str | None = None) -> JSON:
    """Try to take the money; the method's own behaviour decides unless another is given."""
    if method is None:
        return fail(account, intent, None, code="payment_intent_unexpected_state")
    behaviour = behaviour or behaviour_of(account, method)
    intent["payment_method_types"] = [method["type"]]
    if is_expired(account, method):
        return fail(account, intent, method, code="expired_card")
    if behaviour == DECLINES:
        return fail(account, intent, method)
    if behaviour == ASKS:
        return _ask(account, intent, method)
    if behaviour == DELAYED:
        return _wait(account, intent, method)
    return succeed(account, intent, method)


def succeed(account: Account, intent: JSON, method: JSON) -> JSON:
    """Record a payment that arrived."""
    charge = _charge(account, intent, method, status="succeeded")
    if intent["status"] == "processing":
        charge = account.get("charge", intent["latest_charge"])
        account.change(charge, "charge.succeeded", status="succeeded", paid=True)
    else:
        account.add(charge, "charge.succeeded")
    return account.change(
        intent,
        "payment_intent.succeeded",
        status="succeeded",
        amount_received=intent["amount"],
        latest_charge=charge["id"],
        payment_method=method["id"],
        last_payment_error=None,
        next_action=None,
    )


def fail(account: Account, intent: JSON, method: JSON | None, *, code: str = "card_declined") -> JSON:
    """Record a refused payment."""
    charge_id = intent["latest_charge"]
    if method is not None and intent["status"] == "processing":
        charge = account.get("charge", charge_id)
        account.change(charge, "charge.failed", status="failed", paid=False, failure_code=code)
    elif method is not None:
        charge = _charge(account, intent, method, status="failed", failure_code=code)
        charge_id = account.add(charge, "charge.failed")["id"]
    error = {
        "type": "card_error" if method else "invalid_request_error",
        "code": code,
        "decline_code": "generic_decline" if code == "card_declined" else None,
        "message": FAILURES.get(code, "Your card was declined.") if method else "There is no payment method to charge.",
        "charge": charge_id,
    }
    changes = {"status": "requires_payment_method", "last_payment_error": error, "latest_charge": charge_id}
    return account.change(intent, "payment_intent.payment_failed", **changes, payment_method=None, next_action=None)


def cancel_intent(account: Account, intent: JSON, reason: str = "void_invoice") -> JSON:
    """Cancel a payment intent unless it is over."""
    if intent["status"] in {"succeeded", "canceled"}:
        return intent
    changes = {"status": "canceled", "canceled_at": account.now, "cancellation_reason": reason}
    return account.change(intent, "payment_intent.canceled", **changes)


def _ask(account: Account, intent: JSON, method: JSON) -> JSON:
    action = {
        "type": "redirect_to_url",
        "redirect_to_url": {"return_url": None, "url": f"{account.base_url}/payments/{intent['id']}"},
    }
    changes = {"status": "requires_action", "payment_method": method["id"], "next_action": action}
    return account.change(intent, "payment_intent.requires_action", **changes)


def _wait(account: Account, intent: JSON, method: JSON) -> JSON:
    charge = account.add(_charge(account, intent, method, status="pending"), "charge.pending")
    changes = {"status": "processing", "payment_method": method["id"], "latest_charge": charge["id"]}
    account.change(intent, "payment_intent.processing", **changes)
    account.store.note(intent["id"], settles_at=account.now + SETTLES_AFTER_SECONDS)
    return intent


def _charge(account: Account, intent: JSON, method: JSON, *, status: str, failure_code: str | None = None) -> JSON:
    id = account.new_id("ch")
    email = method["billing_details"]["email"]
    return {
        "id": id,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0 if failure_code else intent["amount"],
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": billing_details(email),
        "calculated_statement_descriptor": "SANDBOX",
        "captured": status == "succeeded",
        "created": account.now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": failure_code,
        "failure_message": "Your card was declined." if failure_code else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "on_behalf_of": None,
        "outcome": _outcome(failure_code),
        "paid": status == "succeeded",
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": _details(method),
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": f"{account.base_url}/payments/{intent['id']}",
        "refunded": False,
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": status,
        "transfer_data": None,
        "transfer_group": None,
    }


def _details(method: JSON) -> JSON:
    if method["type"] == "sepa_debit":
        return {"type": "sepa_debit", "sepa_debit": {k: method["sepa_debit"][k] for k in SEPA_FIELDS} | {"mandate": None}}
    return {"type": "card", "card": {k: method["card"][k] for k in CARD_FIELDS} | {"network": "visa", "wallet": None}}


def _outcome(failure_code: str | None) -> JSON:
    return {
        "advice_code": "try_again_later" if failure_code else None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "declined_by_network" if failure_code else "approved_by_network",
        "reason": "generic_decline" if failure_code else None,
        "risk_level": "normal",
        "seller_message": "The bank declined the payment." if failure_code else "Payment complete.",
        "type": "issuer_declined" if failure_code else "authorized",
    }
