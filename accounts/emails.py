"""Email addresses as names."""

import unicodedata

PUNYCODE_PREFIX = "xn--"


def normalise_email(address: str) -> str:
    """Return the one form in which an address is stored and looked up: NFKC, trimmed, case folded, the domain in its own script.

    Mail goes to this form only, so that two addresses that fold together can't be played against each other.
    """
    folded = unicodedata.normalize("NFKC", address).strip().casefold()
    name, at, domain = folded.rpartition("@")
    return f"{name}{at}{_in_its_script(domain)}"


def _in_its_script(domain: str) -> str:
    """Decode xn--… labels; a domain that doesn't come back the same when encoded again stays as it is."""
    if PUNYCODE_PREFIX not in domain:
        return domain
    try:
        decoded = domain.encode("ascii").decode("idna")
        return decoded if decoded.encode("idna").decode("ascii") == domain else domain
    except UnicodeError:
        return domain
