"""Double opt-in: who asks for a letter gets one mail, and nothing more until they confirm from it."""

import hashlib
import hmac

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.emails import normalise_email
from accounts.models import User
from magazine.counting import count_up
from newsletters.models import Newsletter, Signup, Suppression

ASKS_AN_ADDRESS_A_DAY = 3
ASKS_A_NETWORK_AN_HOUR = 30
DAY_SECONDS = 24 * 3600
HOUR_SECONDS = 3600


def keyed_hash(text: str) -> str:
    """Return a hash that can't be turned back without the site's key."""
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


def sign_up(newsletter: Newsletter, *, email: str, network: str) -> None:
    """Note somebody's wish and ask them by mail to confirm it.

    The caller answers the same whatever happens here, so that nobody learns whose address is known. Whoever gets the letter already,
    is suppressed or was asked too often gets no mail.
    """
    address = normalise_email(email)
    if not _may_ask("address", address, ASKS_AN_ADDRESS_A_DAY, DAY_SECONDS) or not _may_ask(
        "network", network, ASKS_A_NETWORK_AN_HOUR, HOUR_SECONDS
    ):
        return
    if Suppression.objects.filter(address_hash=keyed_hash(address), reason="complaint").exists():
        return
    with transaction.atomic():
        user = User.objects.with_email(address).first() or User.objects.create_user(address)
        signup, _ = Signup.objects.get_or_create(newsletter=newsletter, user=user)
        asks_again = Q(status=Signup.Status.PENDING) | Q(status=Signup.Status.UNSUBSCRIBED)
        asked = Signup.objects.filter(asks_again, pk=signup.pk).update(status=Signup.Status.PENDING, asked_at=None)
        if asked:
            transaction.on_commit(lambda: _nudge(signup.pk))


def confirm(signup: Signup) -> bool:
    """Begin to send somebody a letter; return whether they get it now. Repeating it changes nothing."""
    Signup.objects.filter(pk=signup.pk, status=Signup.Status.PENDING).update(
        status=Signup.Status.CONFIRMED, confirmed_at=timezone.now(), unsubscribed_at=None
    )
    signup.refresh_from_db()
    return signup.is_confirmed


def unsubscribe(signup: Signup) -> None:
    """Stop a letter at once; deliveries that have not been handed over are left out."""
    Signup.objects.filter(pk=signup.pk).exclude(status=Signup.Status.UNSUBSCRIBED).update(
        status=Signup.Status.UNSUBSCRIBED, unsubscribed_at=timezone.now()
    )
    signup.refresh_from_db()


def _nudge(pk: int) -> None:
    from newsletters.tasks import ask_for_confirmation

    ask_for_confirmation.delay(pk)


def _may_ask(kind: str, value: str, limit: int, seconds: int) -> bool:
    """Count one more ask of an address or network, by hash; return whether it is within the limit."""
    return count_up(f"newsletters:asks:{kind}:{keyed_hash(value)}", seconds=seconds) <= limit
