"""What was planned for a subscription and has not come about."""

from billing import stripe_client
from billing.stripe_client import JSON


def settle_plans(found: JSON) -> None:
    """Give up what was planned for a subscription: a change of price to come, or one that waits for payment."""
    if found["pending_update"] and found["latest_invoice"]["status"] == "open":
        stripe_client.void_invoice(found["latest_invoice"]["id"])
    if found["schedule"]:
        stripe_client.release_schedule(found["schedule"]["id"])
