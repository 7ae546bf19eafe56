"""Start the servers that the tests need: private, on free ports, with their data in a temporary folder."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 60
DEBIAN_PACKAGES = {"initdb": "postgresql", "redis-server": "redis-server", "chromium": "chromium", "nginx": "nginx-light"}
OTHER_NAMES = {"chromium": ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")}
MAC_CHROME = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def find(program: str) -> str | None:
    """Return the path of a program, from PATH or from where PostgreSQL hides its own."""
    for name in OTHER_NAMES.get(program, (program,)):
        if found := shutil.which(name):
            return found
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: int(path.parts[-3]))
    if versions:
        return str(versions[-1])
    return str(MAC_CHROME) if program == "chromium" and MAC_CHROME.exists() else None


def require(*programs: str) -> None:
    """Install what is missing where we may, else say in one line what to install, and stop."""
    missing = [program for program in programs if find(program) is None]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        packages = [DEBIAN_PACKAGES[program] for program in missing]
        print(f"Installing {', '.join(packages)} …", flush=True)
        quiet = {"env": environment, "stdout": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], check=False, **quiet)
    missing = [program for program in programs if find(program) is None]
    if missing:
        sys.exit(f"The tests need {', '.join(DEBIAN_PACKAGES[program] for program in missing)}: please install it and run them again.")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until a server accepts connections; raise RuntimeError if it doesn't."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args} ended with {process.returncode}")
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"{process.args} did not start within {START_SECONDS} s")


def _as_postgres(folder: Path) -> dict[str, object]:
    """Return what makes a child process run as user postgres, since PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam("postgres")
    os.chown(folder, account.pw_uid, account.pw_gid)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": folder}


@contextmanager
def postgresql() -> Iterator[str]:
    """Run a PostgreSQL of our own; yield its URL."""
    found = find("initdb")
    assert found, "PostgreSQL is not installed"
    # The other programs lie beside the real one, wherever PATH has a link to it.
    programs = Path(found).resolve().parent
    with tempfile.TemporaryDirectory(prefix="masthead-postgresql-") as name:
        folder, port = Path(name), free_port()
        account = _as_postgres(folder)
        subprocess.run(
            [programs / "initdb", "-D", folder / "data", "-U", "masthead", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
            check=True, stdout=subprocess.DEVNULL, **account,
        )  # fmt: skip
        options = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": folder, "fsync": "off", "max_connections": 200}
        flags = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        command = [programs / "postgres", "-D", folder / "data", *flags]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, **account)
        try:
            wait_for_port(port, process)
            _wait_until_it_answers(programs / "pg_isready", port)
            yield f"postgres://masthead@127.0.0.1:{port}/postgres"
        finally:
            _end(process)


def _wait_until_it_answers(pg_isready: Path, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while subprocess.run([pg_isready, "-h", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL).returncode != 0:
        if time.monotonic() > deadline:
            raise RuntimeError("PostgreSQL did not come up")
        time.sleep(0.1)


@contextmanager
def redis_server() -> Iterator[str]:
    """Run a Redis of our own; yield its URL."""
    server, port = find("redis-server"), free_port()
    assert server, "Redis is not installed"
    with tempfile.TemporaryDirectory(prefix="masthead-redis-") as folder:
        process = subprocess.Popen(
            [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder],
            stdout=subprocess.DEVNULL,
        )
        try:
            wait_for_port(port, process)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
