"""Run the site's processes in the foreground: one that dies is reported and stops the rest."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from types import FrameType

STOP_SECONDS = 10
POLL_SECONDS = 0.2
PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """Ask Linux to end this child when its parent is gone, however it went."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Supervisor:
    """Start commands, wait until one ends or somebody asks to stop, then end them all."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.is_stopping = False

    def start(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        """Start a child in a session of its own, so that Ctrl-C reaches it through us only."""
        self.children[name] = subprocess.Popen(  # noqa: S603 - our own commands
            command, env=os.environ | environment, start_new_session=True, preexec_fn=_die_with_parent
        )

    def catch_signals(self) -> None:
        """Stop in good order on Ctrl-C and on SIGTERM."""
        signal.signal(signal.SIGINT, self._ask_to_stop)
        signal.signal(signal.SIGTERM, self._ask_to_stop)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.is_stopping = True

    def dead_child(self) -> str | None:
        """Return the name of a child that ended, if one did."""
        return next((name for name, child in self.children.items() if child.poll() is not None), None)

    def watch(self) -> int:
        """Wait for the end; return the exit code: 0 when asked to stop, 1 when a child died."""
        code = 0
        while not self.is_stopping:
            if name := self.dead_child():
                self.say(f"The {name} process ended with code {self.children[name].returncode}; stopping the others.")
                code = 1
                break
            time.sleep(POLL_SECONDS)
        self.stop()
        return code

    def stop(self) -> None:
        """End all children and what they started, the last started first, by force after some seconds."""
        for child in reversed(self.children.values()):
            if child.poll() is None:
                child.terminate()
            else:
                # Killed, it left its own children behind, and they hold its port.
                _signal_session(child.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and any(_is_alive(child) for child in self.children.values()):
            time.sleep(POLL_SECONDS / 4)
        for child in self.children.values():
            _signal_session(child.pid, signal.SIGKILL)
            child.wait()
        self.children.clear()


def _is_alive(child: subprocess.Popen[bytes]) -> bool:
    """Say whether a child or anything it started still runs."""
    child.poll()  # collects a dead child, which would count as a member of its session
    return _signal_session(child.pid, 0)


def _signal_session(session: int, number: int) -> bool:
    """Send a signal to every process of a child's session; say whether there was one."""
    try:
        os.killpg(session, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True
