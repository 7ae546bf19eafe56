"""Decide whether an address stays on this machine."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_loopback_host(host: str) -> bool:
    """Tell whether a host name or address, with or without a port, is this machine."""
    name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def is_loopback_url(url: str) -> bool:
    """Tell whether a URL is plain HTTP or HTTPS to this machine."""
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and is_loopback_host(parts.netloc.rpartition("@")[2])
