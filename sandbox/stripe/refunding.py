"""Give money back: refunds, and disputes that a bank decides."""

from __future__ import annotations

from sandbox.stripe.account import Account
from sandbox.stripe.errors import invalid
from sandbox.stripe.store import JSON

RESPONSE_SECONDS = 10 * 86400


def refund(account: Account, charge: JSON, *, amount: int | None = None, reason: str | None = None, metadata: JSON | None = None) -> JSON:
    """Give back a charge, whole or in part."""
    left = charge["amount"] - charge["amount_refunded"]
    amount = left if amount is None else amount
    if charge["status"] != "succeeded":
        raise invalid(f"Charge {charge['id']} is {charge['status']} and can't be refunded.", "charge")
    if any(dispute["status"] != "won" for dispute in account.store.find("dispute", charge=charge["id"])):
        raise invalid(f"Charge {charge['id']} has been charged back; cannot issue a refund.", None, "charge_disputed")
    if left == 0:
        raise invalid(f"Charge {charge['id']} has already been refunded.", None, "charge_already_refunded")
    if not 0 < amount <= left:
        raise invalid(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left}).", "amount")
    entry = {
        "id": account.new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": account.now,
        "currency": charge["currency"],
        "destination_details": {"card": {"type": "refund"}, "type": "card"},
        "metadata": metadata or {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }
    account.save(entry)
    total = charge["amount_refunded"] + amount
    account.change(charge, "charge.refunded", amount_refunded=total, refunded=total == charge["amount"])
    account.emit("refund.created", entry)
    return entry


def fail_refund(account: Account, entry: JSON) -> JSON:
    """Let the bank send a refund back; the money stays with the magazine."""
    if entry["status"] != "succeeded":
        raise invalid(f"This refund is {entry['status']}.", "refund")
    charge = account.get("charge", entry["charge"])
    account.change(charge, None, amount_refunded=charge["amount_refunded"] - entry["amount"], refunded=False)
    account.change(entry, "refund.updated", status="failed", failure_reason="lost_or_stolen_card")
    account.emit("refund.failed", entry)
    return entry


def open_dispute(account: Account, charge: JSON, *, reason: str = "fraudulent") -> JSON:
    """Let the bank take a charge back for now."""
    if charge["status"] != "succeeded" or charge["disputed"]:
        raise invalid(f"Charge {charge['id']} can't be disputed.", "charge")
    dispute = {
        "id": account.new_id("du"),
        "object": "dispute",
        "amount": charge["amount"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": account.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": dict.fromkeys(EVIDENCE) | {"enhanced_evidence": {}},
        "evidence_details": {
            "submission_method": "not_submitted",
            "due_by": account.now + RESPONSE_SECONDS,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {"brand": "visa", "case_type": "chargeback", "network": "visa", "network_reason_code": "10.4"},
            "type": "card",
        },
        "reason": reason,
        "status": "needs_response",
    }
    account.change(charge, "charge.updated", disputed=True)
    account.add(dispute, "charge.dispute.created")
    account.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def close_dispute(account: Account, dispute: JSON, *, won: bool) -> JSON:
    """Decide a dispute, for the magazine if `won`."""
    if dispute["status"] != "needs_response":
        raise invalid(f"This dispute is already {dispute['status']}.", "dispute")
    account.change(dispute, "charge.dispute.updated", status="won" if won else "lost")
    if won:
        account.emit("charge.dispute.funds_reinstated", dispute)
    account.emit("charge.dispute.closed", dispute)
    return dispute


EVIDENCE = ("access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure",
            "cancellation_rebuttal", "customer_communication", "customer_email_address", "customer_name",
            "customer_purchase_ip", "customer_signature", "duplicate_charge_documentation",
            "duplicate_charge_explanation", "duplicate_charge_id", "product_description", "receipt", "refund_policy",
            "refund_policy_disclosure", "refund_refusal_explanation", "service_date", "service_documentation",
            "shipping_address", "shipping_carrier", "shipping_date", "shipping_documentation",
            "shipping_tracking_number", "uncategorized_file", "uncategorized_text")  # fmt: skip
