"""Work that a browser proves before it asks for a code; who can't, for want of script, is let through less often."""

from datetime import timedelta
from typing import Any

import altcha
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.client_address import client_address, network_of
from magazine.counting import count_up

ALGORITHM = "PBKDF2/SHA-256"
# About 256 keys of so many rounds each: a second of a telephone's, a few milliseconds of ours to check.
COST = 5000
LIFETIME = timedelta(minutes=10)
PAYLOAD_MAX_LENGTH = 4096
HOUR_SECONDS = 3600
UNSOLVED_A_NETWORK_AN_HOUR = 5
UNSOLVED_BY_EVERYBODY_AN_HOUR = 200


def make_challenge() -> dict[str, Any]:
    """Return a new challenge; only its signature is ours, nothing is kept of who asked."""
    return altcha.create_challenge(ALGORITHM, COST, expires_at=timezone.now() + LIFETIME, hmac_secret=_secret()).to_dict()


def is_solved(payload: str) -> bool:
    """Say whether this is a challenge of ours with its solution, in time and for the first time; it is used up by that."""
    if not payload or len(payload) > PAYLOAD_MAX_LENGTH or not altcha.verify_solution(payload, _secret()).verified:
        return False
    # Of one challenge there are many solutions, and many ways to write each; the signature is the challenge's alone.
    signature = altcha.Payload.from_base64(payload).challenge.signature
    return cache.add(f"accounts:proof-of-work:{signature}", True, LIFETIME.total_seconds())


def is_one_unsolved_too_many(request: HttpRequest) -> bool:
    """Count one more code asked for without a solution, and say whether this network, or everybody together, asked too often."""
    network = network_of(client_address(request), timezone.localdate())
    # What a network is refused counts for nobody else: one robot alone can't use up everybody's share.
    return (
        count_up(f"accounts:unsolved:network:{network}", seconds=HOUR_SECONDS) > UNSOLVED_A_NETWORK_AN_HOUR
        or count_up("accounts:unsolved", seconds=HOUR_SECONDS) > UNSOLVED_BY_EVERYBODY_AN_HOUR
    )


def _secret() -> str:
    return salted_hmac("accounts.proof_of_work", "challenge", algorithm="sha256").hexdigest()
