"""What newsletters hold of a reader, and what becomes of it when they leave."""

from typing import TYPE_CHECKING, Any

from newsletters.models import Delivery, Signup

if TYPE_CHECKING:
    from accounts.models import User


def export(user: "User") -> dict[str, Any]:
    """Return which letters a reader asked for and which issues went to them."""
    signups = Signup.objects.filter(user=user).values("newsletter__name", "status", "created_at", "confirmed_at", "unsubscribed_at")
    deliveries = Delivery.objects.filter(user=user).order_by("pk").values("issue__subject", "status", "settled_at")
    return {"letters": list(signups), "issues": list(deliveries)}


def erase(user: "User", words_too: bool) -> None:
    """Stop all letters."""
    Signup.objects.filter(user=user).delete()
