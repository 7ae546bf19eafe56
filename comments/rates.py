"""How fast somebody may comment; told by their account, else by their network."""

from django.http import HttpRequest
from django.utils import timezone

from accounts.client_address import client_address, network_of
from accounts.models import User
from magazine.counting import count_up

BURST = 2
BURST_SECONDS = 15
A_DAY = 60
DAY_SECONDS = 24 * 3600


def is_too_fast(request: HttpRequest, user: User | None) -> bool:
    """Count one more comment, and say whether it is one too many; the newsroom is never too fast."""
    if user is not None and user.is_staff:
        return False
    who = f"user:{user.pk}" if user else f"network:{network_of(client_address(request), timezone.localdate())}"
    in_a_burst = count_up(f"comments:burst:{who}", seconds=BURST_SECONDS)
    return count_up(f"comments:day:{who}", seconds=DAY_SECONDS) > A_DAY or in_a_burst > BURST
