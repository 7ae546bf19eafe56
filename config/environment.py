"""Read settings from the environment, and say all that is wrong with them at once."""

import ipaddress
import os
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

INSECURE_SECRETS = frozenset({"", "secret", "changeme", "change-me", "insecure"})
SECRET_KEY_MIN_LENGTH = 50


class Environment(environ.FileAwareEnv):
    """The process environment, where `NAME_FILE` names a file that holds the value of `NAME`."""


def is_loopback(url: str) -> bool:
    """Say whether a URL's host is this machine: `localhost`, `*.localhost`, 127.0.0.0/8 or ::1."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Faults:
    """Collect what is wrong with a configuration, to be told in one message."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def check(self, is_right: bool, sentence: str) -> None:
        """Note the sentence unless the condition holds."""
        if not is_right:
            self.sentences.append(sentence)

    def stop_if_any(self) -> None:
        """Raise ImproperlyConfigured naming every fault."""
        if self.sentences:
            listed = "\n".join(f"  - {sentence}" for sentence in self.sentences)
            raise ImproperlyConfigured(f"Masthead can't start with these settings:\n{listed}\nSee docs/settings.md.")


def secret_key(env: Environment, folder: Path, *, is_required: bool) -> str:
    """Return SECRET_KEY, or the key that a site on one's own machine keeps in a folder, made on first use."""
    value = env.str("SECRET_KEY", default="")
    if value or is_required:
        return value
    from django.core.management.utils import get_random_secret_key

    path = folder / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(get_random_secret_key() + get_random_secret_key())
    return path.read_text()
