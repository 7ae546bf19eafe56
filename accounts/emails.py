"""Email addresses as names."""

import unicodedata


def normalise_email(address: str) -> str:
    """Return the one form in which an address is stored and looked up: NFKC, trimmed, case folded."""
    return unicodedata.normalize("NFKC", address).strip().casefold()
