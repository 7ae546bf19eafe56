"""Who reads for an institution: from one of its networks, or with a proved address at one of its domains."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts.client_address import address_in, is_trusted_proxy
from accounts.models import User
from articles.models import Institution
from articles.polled import Polled


@dataclass(frozen=True, slots=True)
class Opening:
    """What one institution opens by, and when."""

    starts_at: datetime
    ends_at: datetime | None
    networks: tuple[IPv4Network | IPv6Network, ...]
    domains: frozenset[str]

    def is_in_force(self, moment: datetime) -> bool:
        """Say whether it is its time."""
        return self.starts_at <= moment and (self.ends_at is None or self.ends_at > moment)


def _load() -> tuple[Opening, ...]:
    institutions = Institution.objects.not_over().prefetch_related("networks", "domains")
    return tuple(
        Opening(
            starts_at=institution.starts_at,
            ends_at=institution.ends_at,
            networks=tuple(ip_network(row.network) for row in institution.networks.all()),
            domains=frozenset(row.domain for row in institution.domains.all()),
        )
        for institution in institutions
    )


OPENINGS: Polled[tuple[Opening, ...]] = Polled("articles:institutions", _load, without=())


def is_personal_address(environ: Mapping[str, Any]) -> bool:
    """Say whether a request comes from an institution's network, so that no shared page may answer it.

    For the page cache: a clock and a comparison while there are no institutions, never more than a query a process and five minutes.
    """
    openings = _now_open()
    if not openings:
        return False
    text = address_in(environ)
    # A proxy of our own is nobody's reader: the address behind it was missing or garbled.
    if is_trusted_proxy(text):
        return False
    address = _plain(ip_address(text))
    return any(address in network for opening in openings for network in opening.networks)


def is_of_an_institution(user: User) -> bool:
    """Say whether a person has proved an email address at an institution's domain."""
    openings = _now_open()
    if not openings:
        return False
    domains = frozenset[str]().union(*(opening.domains for opening in openings))
    if not domains.intersection(_domains_of(user.email)):
        return False
    return EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True).exists()


def _now_open() -> list[Opening]:
    if not (known := OPENINGS.current()):
        return []
    now = timezone.now()
    return [opening for opening in known if opening.is_in_force(now)]


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 one stands for, else itself."""
    return getattr(address, "ipv4_mapped", None) or address


def _domains_of(email: str) -> Iterable[str]:
    """Return the domain of an address and those above it: a.b.example, b.example, example."""
    labels = email.rpartition("@")[2].lower().split(".")
    return (".".join(labels[start:]) for start in range(len(labels)))
