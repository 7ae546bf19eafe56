"""What `manage.py doctor` finds: one line each."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether something is in order, and a sentence that says what is so and, if not, what to do."""

    is_ok: bool
    words: str


def ok(words: str) -> Finding:
    """Return that something is in order."""
    return Finding(True, words)


def fault(words: str) -> Finding:
    """Return that something is not in order."""
    return Finding(False, words)
