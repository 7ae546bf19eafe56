"""Fetching files of another site without being led astray."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from articles.importing import downloading
from articles.importing.downloading import NotFetchedError, fetch, public_address

HOSTS = frozenset({"old.example"})


def resolve(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in addresses]
    monkeypatch.setattr(downloading.socket, "getaddrinfo", lambda *args, **kwargs: found)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.7",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "::1",
        "fd00::1",
        "fe80::1%eth0",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "224.0.0.1",
    ],
)
def test_private_addresses_are_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    resolve(monkeypatch, address)
    with pytest.raises(NotFetchedError, match="not on the public internet"):
        public_address("old.example", 80)


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve(monkeypatch, "8.8.8.8", "127.0.0.1")
    with pytest.raises(NotFetchedError):
        public_address("old.example", 80)


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "ftp://old.example/a",
        "http://old.example:8080/a",
        "http://other.example/a.jpg",
        "http://[broken",
        "//old.example/a",
        "http://old.example@127.0.0.1/",
    ],
)
def test_only_plain_addresses_of_the_sites_own_hosts_are_fetched(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    resolve(monkeypatch, "8.8.8.8")
    with pytest.raises(NotFetchedError):
        fetch(address, hosts=HOSTS)


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://inside.example/secret")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"x" * 5000 if self.path == "/large" else self.headers["Host"].encode())

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    server = HTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    pool = downloading.urllib3.HTTPConnectionPool
    monkeypatch.setattr(downloading, "public_address", lambda host, port: "127.0.0.1")
    monkeypatch.setattr(downloading.urllib3, "HTTPConnectionPool", lambda ip, port, **options: pool(ip, server.server_port, **options))
    yield
    server.shutdown()
    server.server_close()


def test_a_file_is_fetched_from_the_address_that_was_checked(site: None) -> None:
    with fetch("http://www.old.example/a.jpg", hosts=HOSTS) as file:
        assert file.read() == b"www.old.example"


def test_a_redirect_is_checked_anew(site: None) -> None:
    with pytest.raises(NotFetchedError, match=r"inside\.example is not a host"):
        fetch("http://old.example/away", hosts=HOSTS)


def test_a_file_that_is_too_large_is_given_up(site: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloading, "MAX_BYTES", 1000)
    with pytest.raises(NotFetchedError, match="larger"):
        fetch("http://old.example/large", hosts=HOSTS)
