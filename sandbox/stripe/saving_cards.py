"""Cards saved for later without a payment: setup intents."""

from __future__ import annotations

from sandbox.stripe.account import Account
from sandbox.stripe.payment_methods import ASKS
from sandbox.stripe.store import JSON


def new_setup_intent(account: Account, customer: str | None, data: JSON) -> JSON:
    """Create a setup intent that waits for a card."""
    id = account.new_id("seti")
    nulls = ("application", "automatic_payment_methods", "cancellation_reason", "last_setup_error", "latest_attempt", "mandate",
             "next_action", "on_behalf_of", "payment_method", "payment_method_configuration_details",
             "single_use_mandate")  # fmt: skip
    intent = dict.fromkeys(nulls) | {
        "id": id,
        "object": "setup_intent",
        "client_secret": f"{id}_secret_{account.new_id('s', 24)[2:]}",
        "created": account.now,
        "customer": customer,
        "description": data.get("description"),
        "flow_directions": None,
        "livemode": False,
        "metadata": data.get("metadata") or {},
        "payment_method_options": None,
        "payment_method_types": ["card", "sepa_debit"],
        "status": "requires_payment_method",
        "usage": "off_session",
    }
    return account.add(intent, "setup_intent.created")


def save_card(account: Account, session: JSON, method: JSON) -> None:
    """Finish a session that saves a card; what to do with it is the site's business."""
    intent = account.get("setup_intent", session["setup_intent"])
    changes = {"status": "succeeded", "payment_method": method["id"], "customer": session["customer"], "last_setup_error": None}
    account.change(intent, "setup_intent.succeeded", **changes, next_action=None)


def refuse_card(account: Account, session: JSON, behaviour: str) -> None:
    """Record that a card could not be saved, or that the bank asks first."""
    intent = account.get("setup_intent", session["setup_intent"])
    if behaviour == ASKS:
        url = f"{account.base_url}/pay/{session['id']}"
        action = {"type": "redirect_to_url", "redirect_to_url": {"return_url": None, "url": url}}
        account.change(intent, "setup_intent.requires_action", status="requires_action", next_action=action)
        return
    error = {"type": "card_error", "code": "card_declined", "decline_code": "generic_decline", "message": "Your card was declined."}
    changes = {"status": "requires_payment_method", "last_setup_error": error, "next_action": None}
    account.change(intent, "setup_intent.setup_failed", **changes)
