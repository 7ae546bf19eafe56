"""Give money back from the newsroom."""

from typing import TYPE_CHECKING

from billing import stripe_client
from billing.models import Payment
from billing.synchronising import synchronise_customer

if TYPE_CHECKING:
    from accounts.models import User


def refund_payment(payment: Payment, *, amount: int, reason: str, by: "User", key: str, ends_subscription: bool = False) -> None:
    """Refund so many minor units of a payment and bring the mirror up to date; raises StripeCallError.

    The same key never gives twice, so that after a fault the same may be tried again. Who did it is written at Stripe, as a number.
    """
    stripe_client.create_refund(
        charge=str(payment.stripe_charge_id),
        amount=amount,
        reason=reason,
        metadata={"by": str(by.pk)},
        key=f"refund-{payment.pk}-{key}",
    )
    if ends_subscription and payment.subscription is not None and payment.subscription.is_live:
        stripe_client.cancel_subscription(payment.subscription.stripe_id)
    synchronise_customer(payment.customer)
