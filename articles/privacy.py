"""What articles hold of a reader."""

from typing import Any

from accounts.models import User
from articles.models import GiftLink, MeteredRead, PrivateFeed, SavedArticle


def export(user: User) -> dict[str, Any]:
    """Return what a reader opened on the meter, saved and gave away."""
    opened = MeteredRead.objects.filter(user=user).order_by("read_at").values("article__title", "article__slug", "read_at")
    gifts = GiftLink.objects.filter(giver=user).values("article__title", "article__slug", "created_at", "expires_at", "opens", "revoked_at")
    feed = PrivateFeed.objects.filter(user=user).values("made_at").first()
    saved = SavedArticle.objects.filter(user=user).newest_first().values("article__title", "article__slug", "saved_at")
    return {"opened_on_the_meter": list(opened), "gifts": list(gifts), "private_feed": feed, "saved": list(saved)}


def erase(user: User, words_too: bool) -> None:
    """Forget what a reader read and close what they gave away; of who paid a row stays, and these would hang on it."""
    MeteredRead.objects.filter(user=user).delete()
    SavedArticle.objects.filter(user=user).delete()
    GiftLink.objects.filter(giver=user).delete()
    PrivateFeed.objects.filter(user=user).delete()
