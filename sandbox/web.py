"""Requests, answers and routes: as much of a web framework as two stand-ins need."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sandbox.loopback import is_loopback_host

MAX_BODY_BYTES = 1_000_000


@dataclass
class Request:
    """One HTTP request, read whole."""

    method: str
    path: str
    query_string: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @classmethod
    def from_environ(cls, environ: dict[str, Any]) -> Request:
        """Read a request from WSGI."""
        length = min(int(environ.get("CONTENT_LENGTH") or 0), MAX_BODY_BYTES)
        headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
        headers["content-type"] = environ.get("CONTENT_TYPE", "")
        return cls(
            method=environ["REQUEST_METHOD"],
            path=environ.get("PATH_INFO", "/").encode("latin-1").decode("utf-8", "replace"),
            query_string=environ.get("QUERY_STRING", ""),
            headers=headers,
            body=environ["wsgi.input"].read(length) if length else b"",
        )

    @property
    def query(self) -> dict[str, str]:
        """Read the query string."""
        return _last_values(self.query_string)

    @property
    def form(self) -> dict[str, str]:
        """Read the posted fields, whether sent as a form or as a flat JSON object."""
        if self.headers.get("content-type", "").startswith("application/json"):
            try:
                fields = json.loads(self.body or b"{}")
            except ValueError:
                return {}
            return {key: _as_text(value) for key, value in fields.items()} if isinstance(fields, dict) else {}
        return _last_values(self.body.decode("utf-8", "replace"))

    @property
    def wants_json(self) -> bool:
        """Tell whether the caller asks for JSON."""
        return "application/json" in self.headers.get("accept", "")

    @property
    def is_foreign(self) -> bool:
        """Tell whether another site, or a name rebound to this machine, sends this request."""
        origin = self.headers.get("origin")
        if origin and not is_loopback_host(urlsplit(origin).netloc):
            return True
        return not is_loopback_host(self.headers.get("host", "localhost"))


@dataclass
class Response:
    """What goes back."""

    body: bytes | str = b""
    status: int = HTTPStatus.OK
    content_type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)

    def to_wsgi(self, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Send the answer."""
        body = self.body.encode() if isinstance(self.body, str) else self.body
        headers = {
            "Content-Type": self.content_type,
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
        }
        start_response(f"{int(self.status)} {HTTPStatus(self.status).phrase}", [*(headers | self.headers).items()])
        return [body]


def json_response(data: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Answer with JSON."""
    return Response(json.dumps(data), status, "application/json", headers or {})


def see_other(location: str) -> Response:
    """Send the browser on with a GET."""
    return Response(status=HTTPStatus.SEE_OTHER, headers={"Location": location})


Handler = Callable[..., Any]


class Routes:
    """A table of methods and paths; `{name}` in a path stands for one segment."""

    def __init__(self) -> None:
        self._routes: list[tuple[str, str, re.Pattern[str], Handler]] = []

    @property
    def operations(self) -> list[tuple[str, str]]:
        """List the methods and paths that are served."""
        return [(method, path) for method, path, _, _ in self._routes]

    def add(self, method: str, path: str) -> Callable[[Handler], Handler]:
        """Register a handler."""
        pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + r"\Z")

        def register(handler: Handler) -> Handler:
            self._routes.append((method, path, pattern, handler))
            return handler

        return register

    def include(self, other: Routes) -> None:
        """Take over the routes of another table."""
        self._routes.extend(other._routes)

    def match(self, method: str, path: str) -> tuple[Handler, dict[str, str]] | None:
        """Find the handler of a request and the values in its path."""
        for known_method, _, pattern, handler in self._routes:
            found = pattern.match(path)
            if found and known_method == method:
                return handler, found.groupdict()
        return None

    def operation_of(self, method: str, path: str) -> tuple[str, str] | None:
        """Tell which of the operations a request is."""
        for known_method, template, pattern, _ in self._routes:
            if known_method == method and pattern.match(path):
                return method, template
        return None


def _last_values(encoded: str) -> dict[str, str]:
    return {key: values[-1] for key, values in parse_qs(encoded, keep_blank_values=True).items()}


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else ""
    return "" if value is None else str(value)
