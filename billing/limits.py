"""How often somebody may go to pay: card testers try stolen cards by the thousand on any form that lets them."""

from django.http import HttpRequest
from django.utils import timezone

from accounts.client_address import client_address, network_of
from magazine.counting import count_up

HOUR_SECONDS = 3600
A_READER_AN_HOUR = 20
DOCUMENTS_A_READER_A_DAY = 10
PREVIEWS_A_READER_AN_HOUR = 60
A_NETWORK_AN_HOUR = 60
EVERYBODY_AN_HOUR = 2000


def is_one_too_many(request: HttpRequest) -> bool:
    """Count one more attempt to pay, and say whether this reader, their network, or everybody together, has made too many."""
    network = network_of(client_address(request), timezone.localdate())
    # Each of them counts, even where the first says no.
    too_many = [
        count_up(f"billing:attempts:reader:{request.user.pk}", seconds=HOUR_SECONDS) > A_READER_AN_HOUR,
        count_up(f"billing:attempts:network:{network}", seconds=HOUR_SECONDS) > A_NETWORK_AN_HOUR,
        count_up("billing:attempts", seconds=HOUR_SECONDS) > EVERYBODY_AN_HOUR,
    ]
    return any(too_many)


def is_one_preview_too_many(request: HttpRequest) -> bool:
    """Count one more look at what a change would cost, and say whether this reader made us ask Stripe too often."""
    return count_up(f"billing:previews:reader:{request.user.pk}", seconds=HOUR_SECONDS) > PREVIEWS_A_READER_AN_HOUR


def is_one_document_too_many(request: HttpRequest) -> bool:
    """Count one more proof that a reader hands in, and say whether they hand in too many."""
    return count_up(f"billing:documents:reader:{request.user.pk}", seconds=24 * HOUR_SECONDS) > DOCUMENTS_A_READER_A_DAY
