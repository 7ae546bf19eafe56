"""Fetch files of another site, and nothing that isn't meant to be fetched.

An export is somebody else's text: an address in it may point at this machine or its neighbours. So a host must have been named
beforehand, every address it has must be public, the connection goes to exactly the address that was checked, and each redirect is
checked anew.
"""

import ipaddress
import socket
import time
from tempfile import SpooledTemporaryFile
from typing import IO
from urllib.parse import quote, urljoin, urlsplit

import urllib3

MAX_BYTES = 40 * 1024 * 1024
MAX_SECONDS = 60
MAX_REDIRECTS = 3
MEMORY_BYTES = 4 * 1024 * 1024
CHUNK_BYTES = 64 * 1024
PORTS = {"http": 80, "https": 443}
USER_AGENT = "Masthead import"


class NotFetchedError(Exception):
    """The file can't be had; the message says why."""


def fetch(address: str, *, hosts: frozenset[str]) -> IO[bytes]:
    """Return the file at an address as a temporary file, rewound. Raises NotFetchedError."""
    deadline = time.monotonic() + MAX_SECONDS
    for _ in range(MAX_REDIRECTS + 1):
        answer = _open(address, hosts, deadline)
        target = answer.get_redirect_location()
        if not target:
            return _read(answer, deadline)
        answer.release_conn()
        answer.close()
        try:
            address = urljoin(address, target)
        except ValueError as error:
            raise NotFetchedError("it is redirected to a broken address") from error
    raise NotFetchedError("it is redirected too often")


def public_address(host: str, port: int) -> str:
    """Return an address of a host, all of whose addresses are public. Raises NotFetchedError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotFetchedError(f"the host {host} is not known") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(_is_public(address) for address in addresses):
        raise NotFetchedError(f"the host {host} is not on the public internet")
    return addresses[0]


def _is_public(address: str) -> bool:
    """Say whether an IP address belongs to the public internet, also when it is an IPv4 address in the clothes of IPv6."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    if isinstance(ip, ipaddress.IPv6Address) and ip in ipaddress.ip_network("64:ff9b::/96"):
        mapped = ipaddress.ip_address(int(ip) & 0xFFFFFFFF)
    ip = mapped or ip
    return ip.is_global and not ip.is_multicast


def _open(address: str, hosts: frozenset[str], deadline: float) -> urllib3.BaseHTTPResponse:
    """Open an address after checking it."""
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise NotFetchedError("its address is broken") from error
    if parts.scheme not in PORTS or port not in (None, PORTS[parts.scheme]):
        raise NotFetchedError("only http and https on their own ports are fetched")
    if host.removeprefix("www.") not in hosts:
        raise NotFetchedError(f"{host or 'its address'} is not a host of this site's files")
    ip = public_address(host, PORTS[parts.scheme])
    timeout = urllib3.Timeout(connect=5, read=max(1, min(15, deadline - time.monotonic())))
    if parts.scheme == "https":
        pool: urllib3.HTTPConnectionPool = urllib3.HTTPSConnectionPool(
            ip, 443, timeout=timeout, retries=False, server_hostname=host, assert_hostname=host, cert_reqs="CERT_REQUIRED"
        )
    else:
        pool = urllib3.HTTPConnectionPool(ip, 80, timeout=timeout, retries=False)
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (f"?{parts.query}" if parts.query else "")
    try:
        return pool.request(
            "GET",
            path,
            headers={"Host": host, "User-Agent": USER_AGENT, "Accept": "*/*"},
            preload_content=False,
            redirect=False,
            decode_content=False,
        )
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise NotFetchedError(f"{host} does not answer") from error


def _read(answer: urllib3.BaseHTTPResponse, deadline: float) -> IO[bytes]:
    """Return the body of an answer within the bounds of size and time."""
    if answer.status != 200:
        raise NotFetchedError(f"the host answers {answer.status}")
    file: IO[bytes] = SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115 - the caller closes it
    size = 0
    try:
        for chunk in answer.stream(CHUNK_BYTES):
            size += len(chunk)
            if size > MAX_BYTES:
                raise NotFetchedError(f"it is larger than {MAX_BYTES // 1024 // 1024} MB")
            if time.monotonic() > deadline:
                raise NotFetchedError("it takes too long")
            file.write(chunk)
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise NotFetchedError("the connection broke off") from error
    finally:
        answer.close()
    file.seek(0)
    return file
