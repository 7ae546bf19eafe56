"""What came in and what went back: invoices, charges, disputes, refunds."""

from typing import Any

from billing.stripe_client.calling import JSON, PAGE_SIZE, client, one_fault, plain


@one_fault
def list_invoices(customer_id: str) -> list[JSON]:
    """Return all invoices of a customer, paid and owed, each with the payments made on it."""
    params: Any = {"customer": customer_id, "limit": PAGE_SIZE, "expand": ["data.payments"]}
    return [plain(found) for found in client().v1.invoices.list(params).auto_paging_iter()]


@one_fault
def void_invoice(invoice_id: str) -> JSON:
    """Ask for an invoice no longer."""
    return plain(client().v1.invoices.void_invoice(invoice_id))


@one_fault
def list_charges(customer_id: str) -> list[JSON]:
    """Return everything a customer was ever charged, each with its refunds."""
    params: Any = {"customer": customer_id, "limit": PAGE_SIZE, "expand": ["data.refunds"]}
    return [plain(found) for found in client().v1.charges.list(params).auto_paging_iter()]


@one_fault
def list_disputes(charge_id: str) -> list[JSON]:
    """Return the disputes about a charge."""
    params: Any = {"charge": charge_id, "limit": PAGE_SIZE}
    return [plain(found) for found in client().v1.disputes.list(params).auto_paging_iter()]


@one_fault
def get_charge(charge_id: str) -> JSON:
    """Return a charge."""
    return plain(client().v1.charges.retrieve(charge_id))


@one_fault
def create_refund(*, charge: str, amount: int | None, reason: Any, metadata: dict[str, str], key: str) -> JSON:
    """Give back a charge, the rest of it if there is no amount; the same key never gives twice."""
    params: Any = {"charge": charge, "reason": reason, "metadata": metadata}
    if amount is not None:
        params["amount"] = amount
    return plain(client().v1.refunds.create(params, {"idempotency_key": key}))
