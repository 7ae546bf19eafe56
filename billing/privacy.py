"""What billing holds of a reader, and what becomes of it when they leave."""

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from accounts.privacy import DeletionRefused
from billing import giving_privacy, stripe_client
from billing.models import Cancellation, CheckoutAttempt, Customer, Grant, Mail, Payment, PriceMove, StudentProof, Subscription
from billing.planned import settle_plans
from billing.stripe_client import StripeCallError
from billing.synchronising import synchronise_customer

if TYPE_CHECKING:
    from accounts.models import User


def export(user: "User") -> dict[str, Any]:
    """Return what was bought, paid and given."""
    price = ("price__plan__name", "price__amount", "price__currency", "price__interval")
    return giving_privacy.export(user) | {
        "customer_at_stripe": Customer.objects.filter(user=user).values_list("stripe_id", flat=True).first(),
        "subscriptions": list(
            Subscription.objects.filter(user=user).values("stripe_id", "status", "started_at", "current_period_end", "ended_at", *price)
        ),
        "payments": list(
            Payment.objects.filter(user=user).values(
                "kind", "currency", "amount", "amount_refunded", "dispute", "paid_at", "period_start", "period_end", "number"
            )
        ),
        "mails": list(Mail.objects.filter(user=user).values("name", "status", "created_at", "sent_at")),
        "student_proofs": list(StudentProof.objects.filter(user=user).values("kind", "state", "asked_at", "decided_at", "valid_until")),
        "price_moves": list(
            PriceMove.objects.filter(subscription__user=user).values(
                "from_price__amount", "to_price__amount", "state", "noticed_at", "not_before"
            )
        ),
        "cancellations": list(Cancellation.objects.filter(user=user).values("reason", "words", "outcome", "created_at")),
        "given": list(Grant.objects.filter(user=user).values("kind", "reason", "starts_at", "ends_at")),
        "checkouts": list(
            CheckoutAttempt.objects.filter(user=user).values("status", "created_at", "closed_at", "next_path", "came_from", *price)
        ),
    }


def stop_charging(user: "User", for_good: bool) -> None:
    """Let nothing more be charged; at the end of the days to undo, end what still runs and have Stripe forget who it was.

    Raises DeletionRefused.
    """
    customer = Customer.objects.at_stripe().select_related("user").filter(user=user).first()
    if customer is None:
        return
    try:
        if not stripe_client.customer_exists(str(customer.stripe_id)):
            synchronise_customer(customer)
            return
        # What waits to be paid in another tab would outlive the account.
        for session in stripe_client.list_open_sessions(str(customer.stripe_id)):
            stripe_client.expire_session(session["id"])
        synchronise_customer(customer)
        for subscription in customer.subscriptions.live():
            # One whose first payment is still to come has nothing paid to end with.
            if for_good or subscription.status == Subscription.Status.INCOMPLETE:
                stripe_client.cancel_subscription(subscription.stripe_id)
            elif not subscription.is_ending:
                # Stripe lets nothing end that is still to change.
                settle_plans(stripe_client.get_subscription(subscription.stripe_id))
                stripe_client.stop_renewal(subscription.stripe_id)
        synchronise_customer(customer)
        if for_good:
            stripe_client.delete_customer(str(customer.stripe_id))
    except StripeCallError as fault:
        raise DeletionRefused(_("Your subscription could not be stopped just now, so the account stays. Please try later.")) from fault


def erase(user: "User", words_too: bool) -> None:
    """Forget what no book has to keep."""
    giving_privacy.erase(user)
    CheckoutAttempt.objects.filter(user=user).delete()
    Mail.objects.filter(user=user).delete()
    Customer.objects.filter(user=user).update(known_email="")
    for proof in StudentProof.objects.filter(user=user):
        if proof.evidence:
            proof.evidence.delete(save=False)
        proof.delete()
    Cancellation.objects.filter(user=user).update(user=None, subscription=None, words="")
    Grant.objects.filter(user=user).delete()
    Customer.objects.filter(user=user, stripe_id=None, subscriptions=None).delete()
