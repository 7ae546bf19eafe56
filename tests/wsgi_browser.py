"""Ask a WSGI application as a web server would, and read what comes over the wire."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import brotli
from django.core.signals import request_finished, request_started
from django.db import close_old_connections


class Answer:
    """What came over the wire."""

    def __init__(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status = int(status.split()[0])
        self.headers = {name.lower(): value for name, value in headers}
        self.body = body
        coding = self.headers.get("content-encoding")
        plain = brotli.decompress(body) if coding == "br" and body else gzip.decompress(body) if coding == "gzip" and body else body
        self.text = plain.decode(errors="replace")

    @property
    def cache(self) -> str:
        return self.headers["x-cache"]


class Browser:
    """Asks a WSGI application as a web server would."""

    def __init__(self, application: Any) -> None:
        self.application = application

    def get(self, address: str, *, method: str = "GET", remote_addr: str = "203.0.113.1", **headers: str) -> Answer:
        path_info, _, query = address.partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path_info,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost:8000",
            "REMOTE_ADDR": remote_addr,
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(),
            "wsgi.errors": BytesIO(),
        }
        environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        said: list[Any] = []
        with connections_left_open():
            body = self.application(environ, lambda *arguments: said.append(arguments))
            content = b"".join(body)
            if close := getattr(body, "close", None):
                close()
        return Answer(said[0][0], said[0][1], content)


@contextmanager
def connections_left_open() -> Iterator[None]:
    """Keep the end of a request from closing the connection that holds the test's transaction, as Django's own test client does."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    try:
        yield
    finally:
        request_started.connect(close_old_connections)
        request_finished.connect(close_old_connections)
