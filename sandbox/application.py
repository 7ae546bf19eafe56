"""Put the stand-ins together into one WSGI application."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox import layout
from sandbox.mailbox.letters import Mailbox
from sandbox.mailbox.pages import mailbox_routes
from sandbox.stripe import api
from sandbox.stripe.account import Account
from sandbox.stripe.pages import page_routes
from sandbox.stripe.store import Store
from sandbox.stripe.timeline import advance_to
from sandbox.stripe.webhooks import Deliverer
from sandbox.web import Request, Response, Routes, json_response


@dataclass(frozen=True)
class Setup:
    """What the sandbox is started with."""

    site_url: str
    base_url: str
    state: Path
    webhook_secret: str
    mailbox: Path


class Application:
    """Serve the API, the pages and the mailbox."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.account = Account(
            Store(setup.state / "stripe.sqlite3"),
            site_url=setup.site_url,
            base_url=setup.base_url,
            webhook_secret=setup.webhook_secret,
        )
        self.deliverer = Deliverer(self.account, lambda: advance_to(self.account, self.account.now))
        self._routes = Routes()
        self._routes.include(page_routes(self.account))
        self._routes.include(mailbox_routes(Mailbox(setup.mailbox)))
        self._routes.add("GET", "/")(self._index)
        self._routes.add("GET", "/healthz")(lambda request: json_response({"status": "ok"}))

    def close(self) -> None:
        """Stop delivering and let go of the state."""
        if self.deliverer.is_alive():
            self.deliverer.stop()
        self.account.store.close()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Serve WSGI."""
        return self.respond(Request.from_environ(environ)).to_wsgi(start_response)

    def respond(self, request: Request) -> Response:
        """Answer one request."""
        if request.is_foreign:
            return Response("This sandbox answers this machine only.", 403, "text/plain; charset=utf-8")
        if request.path.startswith("/v1/"):
            return api.answer(self.account, request)
        method = "GET" if request.method == "HEAD" else request.method
        found = self._routes.match(method, request.path)
        if found is None:
            return layout.not_found()
        handler, arguments = found
        response: Response = handler(request, **arguments)
        return response

    def _index(self, request: Request) -> Response:
        site = self.account.site_url
        rows = "".join(f'<li><a href="{path}">{name}</a><div class="soft">{words}</div></li>' for path, name, words in DOORS)
        body = f'<p>The stand-ins for what is outside of <a href="{site}">{site}</a>.</p><ul class="list">{rows}</ul>'
        return layout.page("Sandbox", body)


DOORS = (
    ("/mailbox/", "Mailbox", "Every letter the site sends, with the codes to sign in."),
    ("/clock", "Clock", "Move time forward, and see renewals, failed payments and ends of trials happen."),
    ("/people", "People", "Who pays: give them a card that fails, end what they have, look at what they paid."),
    ("/payments", "Payments", "Let a delayed payment arrive or fail; refund; open and decide disputes."),
    ("/events", "Events", "What the site was told, whether it listened, and sending again."),
    ("/faults", "Faults", "Lose, double, delay and mix up webhooks; break the API."),
)
