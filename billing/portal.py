"""Send readers to Stripe's Customer Portal, where they change card and plan, see invoices and stop."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from billing import stripe_client
from billing.models import Customer

if TYPE_CHECKING:
    from accounts.models import User


def portal_address(user: "User") -> str | None:
    """Return the address of a reader's own portal; None if they never paid. Raises StripeCallError."""
    customer = Customer.objects.at_stripe().filter(user=user).first()
    if customer is None or customer.stripe_id is None:
        return None
    back = f"{settings.SITE_URL}{reverse('billing:account')}?from=portal"
    return str(stripe_client.create_portal_session(customer_id=customer.stripe_id, return_url=back)["url"])
