"""Processes in the foreground: one that dies is reported, and nothing stays behind."""

import os
import sys
import time
from pathlib import Path

import pytest

from config.supervisor import Supervisor

WAIT_SECONDS = 10
# A parent that starts a child, writes the child's id to a file, and waits: like a server with its workers.
PARENT = """
import pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pathlib.Path(sys.argv[1] + ".part").write_text(str(child.pid))
pathlib.Path(sys.argv[1] + ".part").rename(sys.argv[1])
time.sleep(60)
"""


def started(supervisor: Supervisor, file: Path) -> int:
    """Start a parent with a child of its own; return the child's process id."""
    supervisor.start("web", [sys.executable, "-c", PARENT, str(file)], {})
    wait_until(file.exists)
    return int(file.read_text())


def wait_until(is_so) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)


def runs(process: int) -> bool:
    """Say whether a process runs; one that only waits to be collected does not."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{process}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")


@pytest.fixture
def said() -> list[str]:
    return []


def test_a_child_that_dies_is_reported_and_stops_the_rest(said, tmp_path):
    supervisor = Supervisor(said.append)
    grandchild = started(supervisor, tmp_path / "pid")
    supervisor.start("worker", [sys.executable, "-c", "raise SystemExit(3)"], {})
    assert supervisor.watch() == 1
    assert said == ["The worker process ended with code 3; stopping the others."]
    wait_until(lambda: not runs(grandchild))


def test_what_a_killed_child_had_started_ends_too(said, tmp_path):
    supervisor = Supervisor(said.append)
    grandchild = started(supervisor, tmp_path / "pid")
    supervisor.children["web"].kill()
    assert supervisor.watch() == 1
    wait_until(lambda: not runs(grandchild))


def test_stopping_twice_does_no_harm(said, tmp_path):
    supervisor = Supervisor(said.append)
    started(supervisor, tmp_path / "pid")
    supervisor.is_stopping = True
    assert supervisor.watch() == 0
    supervisor.stop()
    assert said == []
