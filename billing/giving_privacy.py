"""What gifts and contributions tell of those who gave and got them."""

from typing import TYPE_CHECKING, Any

from billing.contributions import forget_totals
from billing.gifts import forget_recipient
from billing.models import Contribution, GiftSubscription

if TYPE_CHECKING:
    from accounts.models import User

CONTRIBUTED = ("interval", "currency", "amount", "name", "message", "is_public", "language", "created_at", "paid_at", "withdrawn_at")
GIVEN = ("plan__name", "months", "currency", "amount", "giver_name", "message", "language", "created_at", "paid_at", "redeemed_at")


def export(user: "User") -> dict[str, Any]:
    """Return what a person gave and was given; the other side of a gift is left out, but for the address that they typed."""
    accepted = ("plan__name", "months", "giver_name", "message", "redeemed_at", "starts_at", "ends_at")
    return {
        "gifts_bought": list(GiftSubscription.objects.filter(buyer=user).values(*GIVEN, "recipient_email", "deliver_at")),
        "contributions": list(Contribution.objects.filter(user=user).values(*CONTRIBUTED)),
        "gifts_accepted": list(GiftSubscription.objects.filter(redeemed_by=user).values(*accepted)),
    }


def erase(user: "User") -> None:
    """Forget the words and names of a giver; what they gave stays given."""
    bought = GiftSubscription.objects.filter(buyer=user)
    bought.filter(paid_at=None).delete()
    for gift in bought.exclude(recipient_email="").exclude(pk__in=GiftSubscription.objects.redeemable()):
        forget_recipient(gift)
    bought.filter(redeemed_at__isnull=False).update(giver_name="", message="")
    contributions = Contribution.objects.filter(user=user)
    contributions.filter(paid_at=None).delete()
    if contributions.update(name="", message="", is_public=False, is_approved=False):
        forget_totals()
