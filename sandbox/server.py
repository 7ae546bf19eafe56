"""Run the sandbox on this machine, and nowhere else."""

from __future__ import annotations

import threading
from dataclasses import replace
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from sandbox.application import Application, Setup
from sandbox.loopback import is_loopback_url

HOST = "127.0.0.1"
LIVE_KEY_PREFIXES = ("sk_live", "rk_live", "pk_live")


class ThreadingServer(ThreadingMixIn, WSGIServer):
    """Answer each request in a thread of its own."""

    daemon_threads = True
    request_queue_size = 64


class QuietHandler(WSGIRequestHandler):
    """Log nothing: a request's path may hold a token."""

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""
        pass

    def address_string(self) -> str:
        """Write the client’s address without looking up its name."""
        # The default looks the client's name up, which can take seconds.
        return str(self.client_address[0])


def refuse_danger(*, site_url: str, secret_key: str) -> None:
    """Stop unless nothing here can touch real money or another machine; raises SystemExit."""
    if secret_key.startswith(LIVE_KEY_PREFIXES):
        raise SystemExit("The sandbox doesn't start beside a live Stripe key; unset STRIPE_SECRET_KEY.")
    if not is_loopback_url(site_url):
        raise SystemExit(f"The sandbox serves a site on this machine only, not {site_url}.")


class Running:
    """A sandbox that serves from threads until it is closed."""

    def __init__(self, setup: Setup, port: int = 0) -> None:
        self.server = ThreadingServer((HOST, port), QuietHandler)
        self.base_url = setup.base_url or f"http://{HOST}:{self.server.server_port}"
        self.application = Application(replace(setup, base_url=self.base_url))
        self.server.set_app(self.application)
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), name="sandbox", daemon=True)

    def start(self, *, delivers: bool = True) -> None:
        """Serve, and deliver webhooks unless told not to."""
        if delivers:
            self.application.deliverer.start()
        self._thread.start()

    def wait(self) -> None:
        """Wait until it stops serving."""
        self._thread.join()

    def close(self) -> None:
        """Stop serving."""
        self.server.shutdown()
        self.server.server_close()
        self.application.close()
