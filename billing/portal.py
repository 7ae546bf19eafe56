"""Send readers to Stripe's Customer Portal, where they change their card, see invoices, and may stop.

The portal is configured by us. It changes no prices, which we preview and schedule ourselves; whoever cancels there instead of here
does the same, but for the reason, which Stripe then keeps.
"""

import hashlib
import json
from typing import TYPE_CHECKING, Any

from billing import stripe_client
from billing.languages import stripe_locale
from billing.models import Customer, SellingRules, SubscriptionSettings
from billing.stripe_client import StripeCallError
from magazine.addresses import whole_address
from magazine.holding import held

if TYPE_CHECKING:
    from accounts.models import User

# What the portal may do. An address changed there would not be proved to us, so emails aren't among it.
FEATURES: dict[str, Any] = {
    "payment_method_update": {"enabled": True},
    "invoice_history": {"enabled": True},
    "customer_update": {"enabled": True, "allowed_updates": ["address", "name", "tax_id"]},
    "subscription_cancel": {
        "enabled": True,
        "mode": "at_period_end",
        "cancellation_reason": {
            "enabled": True,
            "options": ["too_expensive", "unused", "low_quality", "missing_features", "switched_service", "customer_service", "other"],
        },
    },
    "subscription_update": {"enabled": False},
}


def portal_address(user: "User") -> str | None:
    """Return the address of a reader's own portal; None if they never paid. Raises StripeCallError."""
    customer = Customer.objects.at_stripe().filter(user=user).first()
    if customer is None or customer.stripe_id is None:
        return None
    back = f"{whole_address('billing:account')}?from=portal"
    try:
        return _address(customer.stripe_id, back)
    except StripeCallError as fault:
        if not fault.is_missing or not stripe_client.customer_exists(customer.stripe_id):
            raise
    # The configuration is gone: made at another account, perhaps.
    push_configuration(anew=True)
    return _address(customer.stripe_id, back)


def push_configuration(*, anew: bool = False) -> str:
    """Return the id of our portal's configuration, made or brought up to date at Stripe if need be; raises StripeCallError.

    Stripe is called under the lock of the row, since two readers at once would else make two.
    """
    params = {"features": FEATURES, "metadata": {"site": SubscriptionSettings.site()}}
    mark = hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()
    SellingRules.objects.get_or_create(pk=1)
    with held(SellingRules.objects.all(), 1) as rules:
        known = None if anew else rules.portal_configuration
        if known and rules.portal_mark == mark:
            return known
        rules.portal_configuration = stripe_client.configure_portal(known or None, params)["id"]
        rules.portal_mark = mark
        rules.save(update_fields=["portal_configuration", "portal_mark"])
    return rules.portal_configuration


def _address(customer_id: str, back: str) -> str:
    session = stripe_client.create_portal_session(
        customer_id=customer_id, return_url=back, configuration=push_configuration(), locale=stripe_locale()
    )
    return str(session["url"])
