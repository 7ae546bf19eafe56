"""Where a request comes from, as far as our own proxies can be believed."""

from collections.abc import Mapping
from datetime import date
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

PREFIX_BITS = {4: 24, 6: 48}
UNKNOWN = "0.0.0.0"  # noqa: S104 - an address in an answer, none to listen on


def client_address(request: HttpRequest) -> str:
    """Return the address of the client of a request; see `address_in`."""
    return address_in(request.META)


def address_in(environ: Mapping[str, Any]) -> str:
    """Return the address of the client: the last one of `X-Forwarded-For` that isn't a trusted proxy, else the connection's own.

    What stands left of that was written by whoever sent the request, and means nothing.
    """
    address = _parsed(environ.get("REMOTE_ADDR", ""))
    hops = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while hops and _is_trusted(address):
        before = _parsed(hops.pop())
        if before is None:
            break
        address = before
    return str(address) if address is not None else UNKNOWN


def is_trusted_proxy(address: str) -> bool:
    """Say whether an address is that of a proxy of our own."""
    return _is_trusted(_parsed(address))


def network_of(address: str, day: date) -> str:
    """Return the keyed hash of an address's network (/24, /48), which tells nothing about it and changes daily."""
    parsed = ip_address(address)
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    prefix = ip_network((parsed, PREFIX_BITS[parsed.version]), strict=False)
    return salted_hmac("accounts.client_address.network", f"{prefix} {day}", algorithm="sha256").hexdigest()[:32]


def _is_trusted(address: IPv4Address | IPv6Address | None) -> bool:
    return address is not None and any(address in ip_network(proxy, strict=False) for proxy in settings.TRUSTED_PROXIES)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text.strip())
    except ValueError:
        return None
