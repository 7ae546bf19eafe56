"""A whole site as `make run` starts it, on ports and in a folder of its own, for browser tests, screenshots and measurements."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.services import find, free_port

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 180
# Two busy cores run the site, its worker, the stand-ins and the browser.
PATIENCE_MS = 20_000
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# What the tests' own settings say must not reach the site.
OWN_SETTINGS = (
    "DJANGO_SETTINGS_MODULE",
    "DATABASE_URL",
    "CACHE_URL",
    "SITE_URL",
    "MEDIA_ROOT",
    "SECRET_KEY",
    "CELERY_TASK_ALWAYS_EAGER",
    "SOCIAL_LOGIN_GOOGLE_ID",
    "SOCIAL_LOGIN_GOOGLE_SECRET",
    "TIME_ZONE",
    "DJANGO_ALLOW_ASYNC_UNSAFE",
)


# What the quickstart does before anything is served, and the work it leaves to the worker: the lighter twins of the pictures.
FIRST_START = """
from articles.tasks import make_missing_renditions
from config.management.commands.quickstart import Command
Command().prepare(with_demo=True)
make_missing_renditions()
"""


@dataclass(frozen=True, slots=True)
class Site:
    """Where a running site and its stand-ins are."""

    url: str
    sandbox_url: str
    folder: Path


def settings_of_a_site(var: Path) -> dict[str, str]:
    """Return the environment of a process that belongs to a site."""
    inherited = {key: value for key, value in os.environ.items() if key not in OWN_SETTINGS}
    return inherited | {"VAR_DIR": str(var), "PYTHONUNBUFFERED": "1"}


def prepare_site(var: Path) -> None:
    """Make in a folder what the first start of a site with the demo makes, for many sites to begin with a copy."""
    subprocess.run([sys.executable, "manage.py", "shell", "-v", "0", "-c", FIRST_START], cwd=ROOT, env=settings_of_a_site(var), check=True)


@contextmanager
def running_site(*arguments: str, prepared: Path | None = None, **environment: str) -> Iterator[Site]:
    """Run the quickstart with some arguments until the block ends; what it prints is shown if it doesn't come up."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="masthead-site-") as name:
        folder, log = Path(name), Path(name) / "log"
        if prepared:
            shutil.copytree(prepared, folder / "var")
        settings = settings_of_a_site(folder / "var") | environment
        with log.open("wb") as output:
            command = [sys.executable, "manage.py", "quickstart", "--port", str(port), *arguments]
            process = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=output, stderr=subprocess.STDOUT)
        try:
            _wait(process, port, log)
            sandbox = re.search(r"(http://localhost:\d+)/mailbox/", log.read_text())
            assert sandbox, log.read_text()
            yield Site(f"http://localhost:{port}", sandbox[1], folder)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until the site answers and has told its addresses."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                if "/mailbox/" in log.read_text():
                    return
        except OSError:
            pass
        time.sleep(0.2)
    raise RuntimeError(f"The site did not come up:\n{log.read_text()}")


def chromium() -> str:
    """Return the browser's path."""
    found = os.environ.get("CHROMIUM") or find("chromium")
    if not found:
        raise RuntimeError("Chromium is not installed")
    return found
