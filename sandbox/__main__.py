"""Start the sandbox: `python -m sandbox --port 8001 --site-url http://localhost:8000 --state var/sandbox`."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from pathlib import Path

from sandbox.application import Setup
from sandbox.server import Running, refuse_danger


def main() -> None:
    """Read the options and serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="Stand-ins for Stripe and for mail.")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--site-url", default=os.environ.get("SITE_URL", "http://localhost:8000"))
    parser.add_argument("--base-url", default="", help="the address a browser reaches the sandbox at")
    parser.add_argument("--state", type=Path, default=Path("var/sandbox"))
    parser.add_argument("--mailbox", type=Path, help="the folder of letters; STATE/mailbox unless given")
    parser.add_argument("--webhook-secret", default=os.environ.get("STRIPE_WEBHOOK_SECRET", ""))
    options = parser.parse_args()
    refuse_danger(site_url=options.site_url, secret_key=os.environ.get("STRIPE_SECRET_KEY", ""))
    if not options.webhook_secret:
        raise SystemExit("The sandbox needs a webhook secret: --webhook-secret or STRIPE_WEBHOOK_SECRET.")
    logging.basicConfig(level=logging.WARNING, format="sandbox: %(message)s")
    running = Running(
        Setup(
            site_url=options.site_url,
            base_url=options.base_url,
            state=options.state,
            # While a secret is being rolled the setting holds two; the first signs.
            webhook_secret=options.webhook_secret.partition(",")[0].strip(),
            mailbox=options.mailbox or options.state / "mailbox",
        ),
        options.port,
    )
    signal.signal(signal.SIGTERM, _stop)
    running.start()
    sys.stdout.write(f"Sandbox at {running.base_url}/\n")
    sys.stdout.flush()
    try:
        running.wait()
    except KeyboardInterrupt:
        pass
    finally:
        running.close()


def _stop(signum: int, frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
