"""A web server over a database of the tests' own: several workers with the page cache on, and what they say over the wire."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import urllib3
from django.conf import settings
from django.db import connections

from config.management.commands.quickstart import WEB_THREADS, WEB_WORKERS
from tests.services import free_port, wait_for_port

ROOT = Path(__file__).resolve().parents[1]


class Visitor:
    """Somebody with a browser of their own: cookies that never change, and a new connection for each request, so that any worker answers."""

    def __init__(self, url: str, cookies: str = "") -> None:
        self.pool = urllib3.connection_from_url(url, maxsize=8, retries=False, timeout=20)
        self.cookies = cookies

    def ask(self, address: str, *, method: str = "GET", **headers: str) -> "Said":
        """Send a request; header names are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()} | {"Connection": "close"}
        if self.cookies and "Cookie" not in named:
            named["Cookie"] = self.cookies
        answer = self.pool.request(method, address, headers=named, redirect=False)
        return Said(answer.status, answer.headers, answer.data.decode(errors="replace"))


class Said:
    """What came over the wire."""

    def __init__(self, status: int, headers: urllib3.HTTPHeaderDict, text: str) -> None:
        self.status, self.headers, self.text = status, headers, text
        self.everything = "\n".join([*(f"{name}: {value}" for name, value in headers.items()), text])

    def cookie(self, name: str) -> str:
        """Return a cookie that was set, as it is sent back."""
        return next(part.split(";")[0] for part in self.headers.getlist("Set-Cookie") if part.startswith(f"{name}="))


@contextmanager
def planted_copy(folder: Path, plant: Callable[[], None]) -> Iterator[str]:
    """Copy the tests' database as it is, plant rows in the copy, and keep it until the block ends; yield its URL."""
    ours = connections["default"]
    copy = ours.copy()
    if ours.vendor == "sqlite":
        copy.settings_dict["NAME"] = str(folder / "served.sqlite3")
        with ours.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [copy.settings_dict["NAME"]])
        url = f"sqlite:///{copy.settings_dict['NAME']}"
    else:
        ours.close()
        ours.creation.clone_test_db("served", verbosity=0, autoclobber=True)
        copy.settings_dict |= ours.creation.get_test_db_clone_settings("served")
        url = "postgres://{USER}@{HOST}:{PORT}/{NAME}".format(**copy.settings_dict)
    connections["default"] = copy
    try:
        plant()
    finally:
        copy.close()
        connections["default"] = ours
    yield url
    if ours.vendor != "sqlite":
        with ours._nodb_cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute(f'DROP DATABASE "{copy.settings_dict["NAME"]}" WITH (FORCE)')


@contextmanager
def served(folder: Path, plant: Callable[[], None]) -> Iterator[str]:
    """Plant rows in a database of its own and serve it until the block ends, as the quickstart does; yield the address."""
    port = free_port()
    url = f"http://localhost:{port}"
    with planted_copy(folder, plant) as database_url:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.served_settings",
            "DATABASE_URL": database_url,
            "SECRET_KEY": settings.SECRET_KEY,
            "SITE_URL": url,
            "SANDBOX": "on",
            "CACHE_URL": "",
            "VAR_DIR": str(folder / "var"),
            "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        }
        command = [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "wsgi",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--log-level",
            "warning",
        ]
        command += ["--workers", WEB_WORKERS, "--blocking-threads", WEB_THREADS, "--no-ws", "config.wsgi:application"]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            wait_for_port(port, process)
            yield url
        finally:
            process.terminate()
            process.wait(20)
