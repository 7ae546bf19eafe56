"""Give verified crawlers of search engines the whole text, where the paywall's switch says so.

Who calls itself a crawler is one if its address has a name in the search engine's domain (reverse DNS) and that name has this
address (forward DNS), as the engines describe it. Whatever fails on the way means preview.
"""

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

from django.core.cache import cache
from dns.exception import DNSException, Timeout
from dns.resolver import NoNameservers, Resolver

from accounts.client_address import UNKNOWN, address_in
from articles.models import PaywallSettings
from articles.polled import Polled
from magazine.counting import count_up

# A token of the user agent, and the domain in which its crawlers have their names.
CRAWLERS = {"googlebot": "googlebot.com", "bingbot": "search.msn.com"}
LOOKUP_SECONDS = 2.0
VERDICT_SECONDS = 24 * 3600
# After a name server didn't answer, which says nothing of the address.
FAILURE_SECONDS = 300
# Anybody can call themselves a crawler; so many addresses a minute are looked up.
MAX_LOOKUPS_A_MINUTE = 60
MAX_NAMES = 4

SWITCH: Polled[bool] = Polled("articles:crawlers", lambda: PaywallSettings.load().opens_to_crawlers, without=False)


def is_verified_crawler(environ: Mapping[str, Any]) -> bool:
    """Say whether a request comes from a search engine that may read everything; may ask name servers, within bounds.

    For the page cache: a clock and a comparison while the switch is off, and for whoever doesn't claim to be one.
    """
    if not SWITCH.current():
        return False
    agent = environ.get("HTTP_USER_AGENT", "").lower()
    domain = next((domain for token, domain in CRAWLERS.items() if token in agent), None)
    address = address_in(environ) if domain else UNKNOWN
    if domain is None or address == UNKNOWN:
        return False
    key = f"articles:crawler:{domain}:{address}"
    verdict = cache.get(key)
    if verdict is None:
        verdict, seconds = _verdict(address, domain)
        cache.set(key, verdict, seconds)
    return bool(verdict)


def _verdict(address: str, domain: str) -> tuple[bool, int]:
    """Return whether an address is a crawler's of a domain, and for how many seconds that holds."""
    if not _may_look_up():
        return False, 60
    try:
        return _has_name_in(domain, address), VERDICT_SECONDS
    except (Timeout, NoNameservers):
        return False, FAILURE_SECONDS
    except DNSException:
        return False, VERDICT_SECONDS


def _has_name_in(domain: str, address: str) -> bool:
    """Say whether an address has a name in a domain that leads back to it. Raises DNSException."""
    servers, wanted = resolver(), ip_address(address)
    names = [str(row.target).rstrip(".").lower() for row in servers.resolve_address(address, lifetime=LOOKUP_SECONDS)]
    for name in [name for name in names if name.endswith(f".{domain}")][:MAX_NAMES]:
        rows = servers.resolve(name, "A" if wanted.version == 4 else "AAAA", lifetime=LOOKUP_SECONDS, search=False)
        if any(ip_address(row.address) == wanted for row in rows):
            return True
    return False


def _may_look_up() -> bool:
    """Count a look-up, and say whether this minute allows it."""
    return count_up("articles:crawler-lookups", seconds=60) <= MAX_LOOKUPS_A_MINUTE


@lru_cache(maxsize=1)
def resolver() -> Resolver:
    """Return what asks the name servers of this machine."""
    return Resolver()
