"""Run the whole magazine on one machine."""

import hashlib
import os
import shutil
import socket
import sys
import time
import urllib.request
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand

from config.supervisor import Supervisor

READY_SECONDS = 60
WEB_WORKERS = "2"
WEB_THREADS = "4"


class Command(BaseCommand):
    """Migrate, load the demo the first time, and start web, worker, Stripe sandbox and mailbox."""

    help = "Run the whole magazine on this machine: web, worker, Stripe sandbox and mailbox. Ctrl-C stops everything."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="port of the site; the sandbox takes the next free one")
        parser.add_argument("--no-demo", action="store_true", help="begin with an empty magazine")
        parser.add_argument("--reset", action="store_true", help="throw var/ away first, and begin with a new demo")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until Ctrl-C or until a process dies."""
        port: int = options["port"]
        if not settings.SANDBOX:
            raise CommandError("quickstart is for one's own machine: unset SITE_URL, or set SANDBOX=on with a local SITE_URL.")
        if not is_free(port):
            raise CommandError(f"Port {port} is taken. Try another one: make run PORT={port + 1000}")
        if options["reset"]:
            self.reset()
        try:
            self.prepare(with_demo=not options["no_demo"])
        except KeyboardInterrupt:
            raise CommandError("Stopped before anything ran.", returncode=130) from None
        sys.exit(self.run(port, next_free(port + 1)))

    def reset(self) -> None:
        """Throw away the database, media and mailbox of this checkout."""
        var: Path = settings.VAR_DIR
        self.stdout.write("Throwing the old demo away …")
        for child in var.iterdir() if var.exists() else []:
            shutil.rmtree(child) if child.is_dir() else child.unlink()

    def prepare(self, *, with_demo: bool) -> None:
        """Bring database, static files and content up to date."""
        for folder in (settings.MEDIA_ROOT, settings.SANDBOX_MAILBOX_DIR, settings.BROKER_DIR / "queue", settings.BROKER_DIR / "control"):
            Path(folder).mkdir(parents=True, exist_ok=True)
        self.stdout.write("Preparing the database …")
        call_command("migrate", verbosity=0, interactive=False)
        collect_static_if_changed()
        from articles.models import Article

        if with_demo and not Article.objects.exists():
            self.stdout.write("Loading the demo magazine …")
            call_command("demo", verbosity=0)

    def run(self, port: int, sandbox_port: int) -> int:
        """Start the processes and watch them; return the exit code."""
        site_url, sandbox_url = f"http://localhost:{port}", f"http://localhost:{sandbox_port}"
        environment = {"SANDBOX": "on", "SITE_URL": site_url, "SANDBOX_URL": sandbox_url}
        supervisor = Supervisor(self.stdout.write)
        supervisor.catch_signals()
        python = sys.executable
        web = [python, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"]
        web += ["--workers", WEB_WORKERS, "--blocking-threads", WEB_THREADS, "--no-ws", "config.wsgi:application"]
        worker = [python, "-m", "celery", "-q", "-A", "config", "worker", "-B", "-P", "solo", "--loglevel", "WARNING"]
        worker += ["--schedule", str(settings.BROKER_DIR / "beat-schedule"), "--without-gossip", "--without-mingle"]
        sandbox = [python, "-m", "sandbox", "--port", str(sandbox_port), "--site-url", site_url, "--base-url", sandbox_url]
        sandbox += ["--state", str(settings.VAR_DIR / "sandbox"), "--mailbox", str(settings.SANDBOX_MAILBOX_DIR)]
        supervisor.start("sandbox", sandbox, environment | {"STRIPE_WEBHOOK_SECRET": settings.STRIPE_WEBHOOK_SECRETS[0]})
        supervisor.start("web", web, environment)
        supervisor.start("worker", worker, environment)
        try:
            if self.wait_until_ready(site_url, supervisor):
                self.tell(site_url, sandbox_url)
            return supervisor.watch()
        finally:
            supervisor.stop()

    def wait_until_ready(self, site_url: str, supervisor: Supervisor) -> bool:
        """Wait until the site answers; give up when a child dies, after a minute, or on Ctrl-C."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and not supervisor.is_stopping and supervisor.dead_child() is None:
            try:
                with urllib.request.urlopen(f"{site_url}/healthz", timeout=1) as answer:  # noqa: S310 - our own address
                    return bool(answer.status == 200)
            except OSError:
                time.sleep(0.1)
        return False

    def tell(self, site_url: str, sandbox_url: str) -> None:
        """Print the addresses and the demo accounts."""
        lines = [
            "",
            f"  The magazine        {site_url}/",
            f"  The newsroom        {site_url}/admin/",
            f"  The mailbox         {sandbox_url}/mailbox/",
            f"  The Stripe sandbox  {sandbox_url}/",
            "",
            *ways_in(),
            "",
            "  Ctrl-C stops everything.",
            "",
        ]
        self.stdout.write("\n".join(lines))
        self.stdout.flush()


def ways_in() -> list[str]:
    """Return the lines that say how to sign in: the demo's accounts, or how to make the first one."""
    from accounts.models import User
    from demo.accounts import DEMO_ACCOUNTS, DEMO_PASSWORD

    known = set(User.objects.filter(email__in=[account.email for account in DEMO_ACCOUNTS]).values_list("email", flat=True))
    if known:
        lines = [f"    {account.email:32} {account.what}" for account in DEMO_ACCOUNTS if account.email in known]
        return [f"  Sign in by a code from the mailbox, or with the password “{DEMO_PASSWORD}”:", *lines]
    if User.objects.filter(is_staff=True).exists():
        return ["  Sign in by a code from the mailbox."]
    return ["  Make yourself the editor-in-chief: .venv/bin/python manage.py createsuperuser"]


def is_free(port: int) -> bool:
    """Say whether a port of this machine can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def next_free(port: int) -> int:
    """Return the first free port from this one on."""
    return next(candidate for candidate in range(port, port + 100) if is_free(candidate))


def collect_static_if_changed() -> None:
    """Collect and compress the static files, unless they are the ones collected last."""
    base, root = settings.BASE_DIR, Path(settings.STATIC_ROOT)
    stamp, digest = root / ".digest", hashlib.sha256()
    for path in [*sorted(base.glob("static/**/*")), base / "requirements.lock", base / "config" / "staticfiles.py"]:
        digest.update(f"{path} {path.stat().st_mtime_ns}".encode())
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(digest.hexdigest())
