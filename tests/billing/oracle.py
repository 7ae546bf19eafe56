"""What is owed to a reader, worked out from the stand-in's state alone and from nothing of billing's."""

from datetime import UTC, datetime
from typing import Any

from sandbox.testing import Sandbox

DAY = 86400
GRACE = 14 * DAY

JSON = dict[str, Any]


def is_owed(sandbox: Sandbox, customer_id: str) -> bool:
    """Tell whether a customer may read now: a subscription runs, and the money for this time was paid and stayed."""
    return any(_opens(sandbox, subscription) for subscription in sandbox.objects("subscription", customer=customer_id))


def _opens(sandbox: Sandbox, subscription: JSON) -> bool:
    now = sandbox.account.now
    invoices = sandbox.objects("invoice", parent__subscription_details__subscription=subscription["id"])
    first = invoices[-1]
    if first["status"] != "paid":
        return False
    paid = [invoice for invoice in invoices if invoice["status"] == "paid"]
    if subscription["status"] in {"active", "trialing"}:
        return any(
            _covers(invoice, now) and (_is_under_way(sandbox, invoice) or (invoice in paid and _stayed(sandbox, invoice)))
            for invoice in invoices
        )
    if subscription["status"] == "past_due":
        owed_since = min((invoice["created"] for invoice in invoices if invoice["status"] == "open"), default=now)
        return now < owed_since + GRACE and _stayed(sandbox, max(paid, key=_end))
    return False


def _covers(invoice: JSON, moment: int) -> bool:
    return any(line["period"]["start"] <= moment < line["period"]["end"] for line in invoice["lines"]["data"] if line["amount"] >= 0)


def _is_under_way(sandbox: Sandbox, invoice: JSON) -> bool:
    """Tell whether the bank has yet to pay a renewal: a debit takes days, and Stripe calls the subscription active meanwhile."""
    if invoice["status"] != "open" or invoice["billing_reason"] != "subscription_cycle":
        return False
    return any(
        sandbox.object(payment["payment"]["payment_intent"])["status"] == "processing"
        for payment in sandbox.objects("invoice_payment", invoice=invoice["id"])
    )


def _end(invoice: JSON) -> int:
    return max((line["period"]["end"] for line in invoice["lines"]["data"] if line["amount"] >= 0), default=0)


def _stayed(sandbox: Sandbox, invoice: JSON) -> bool:
    """Tell whether what an invoice brought is still there: not all refunded, and no dispute open or lost."""
    if not invoice["amount_paid"]:
        return True
    [payment] = sandbox.objects("invoice_payment", invoice=invoice["id"])
    intent = sandbox.object(payment["payment"]["payment_intent"])
    charge = sandbox.object(intent["latest_charge"])
    disputes = sandbox.objects("dispute", charge=charge["id"])
    return charge["amount_refunded"] < charge["amount"] and all(dispute["status"] == "won" for dispute in disputes)


def story_of(sandbox: Sandbox, customer_id: str) -> str:
    """Tell in lines what a customer has at the stand-in, for whoever has to find out why they hold what they shouldn't."""
    lines = [f"{customer_id} on {_day(sandbox.account.now)}"]
    for subscription in sandbox.objects("subscription", customer=customer_id):
        [item] = subscription["items"]["data"]
        period = (
            f"{_day(item['current_period_start'])} to {_day(item['current_period_end'])} by the {item['price']['recurring']['interval']}"
        )
        plans = {name: subscription[name] for name in ("cancel_at", "ended_at", "schedule", "pause_collection") if subscription[name]}
        lines.append(f"{subscription['id']} {subscription['status']} {period} {plans or ''}")
        for invoice in sandbox.objects("invoice", parent__subscription_details__subscription=subscription["id"]):
            state = f"{_day(invoice['created'])} {invoice['billing_reason']} {invoice['status']} {invoice['amount_paid']}"
            lines.append(
                f"  {state} for {[_line(line) for line in invoice['lines']['data']]} {'' if _stayed(sandbox, invoice) else 'went back'}"
            )
    return "\n".join(lines)


def _line(line: JSON) -> str:
    return f"{line['amount']}: {_day(line['period']['start'])} to {_day(line['period']['end'])}"


def _day(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M}"
