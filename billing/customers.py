"""Make readers known to Stripe."""

from typing import TYPE_CHECKING

from billing import stripe_client
from billing.catalogue import refuse_another_account
from billing.models import Customer, SubscriptionSettings

if TYPE_CHECKING:
    from accounts.models import User


def customer_at_stripe(user: "User") -> Customer:
    """Return a reader's customer, made at Stripe if it isn't there (any more); raises StripeCallError.

    Stripe is called under the lock, since two tabs at once would make two customers. It is a transaction of its own, so that
    the id is kept whatever fails later.
    """
    with Customer.objects.held(user) as customer:
        if customer.stripe_id and stripe_client.customer_exists(customer.stripe_id):
            return customer
        if customer.stripe_id:
            refuse_another_account()
        made = stripe_client.create_customer(email=user.email, name=user.name, metadata=metadata_of(user))
        customer.stripe_id, customer.known_email = made["id"], user.email
        customer.save(update_fields=["stripe_id", "known_email"])
    return customer


def tell_address(customer: Customer) -> None:
    """Let Stripe write to the address that a reader has now; raises StripeCallError.

    Under the lock, so that of two changes the later one stays. A customer that Stripe has forgotten is made anew with the next purchase.
    """
    with Customer.objects.held(customer.user) as locked:
        if not locked.is_readdressed:
            return
        if stripe_client.customer_exists(str(locked.stripe_id)):
            stripe_client.change_address(str(locked.stripe_id), email=locked.user.email)
        locked.known_email = locked.user.email
        locked.save(update_fields=["known_email"])


def metadata_of(user: "User") -> dict[str, str]:
    """Return what marks an object at Stripe as this reader's, of this site."""
    return {"site": SubscriptionSettings.site(), "reader": str(user.pk)}


def is_foreign(metadata: dict[str, str] | None) -> bool:
    """Say whether an object at Stripe is marked as another site's; one without a mark isn't."""
    site = (metadata or {}).get("site")
    return site is not None and site != SubscriptionSettings.site()
