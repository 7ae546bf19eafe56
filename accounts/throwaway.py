"""Addresses of services that lend a mailbox for minutes: nobody can be reached there tomorrow, nor come back in."""

from disposable_email_domains import blocklist
from django.conf import settings

from accounts.emails import normalise_email


def is_throwaway(address: str) -> bool:
    """Say whether an address, or a domain above it, belongs to a known throwaway service; the settings add and spare domains."""
    domain = normalise_email(address).rpartition("@")[2]
    labels = domain.split(".")
    names = {".".join(labels[start:]) for start in range(len(labels) - 1)}
    if names & set(settings.THROWAWAY_DOMAINS_SPARED):
        return False
    return bool(names & blocklist or names & set(settings.THROWAWAY_DOMAINS_ADDED))
