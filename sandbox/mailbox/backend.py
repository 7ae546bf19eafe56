"""Deliver Django's mail into a folder."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class MailboxBackend(BaseEmailBackend):
    """Write each message as one `.eml` file into `SANDBOX_MAILBOX_DIR`.

    Names sort by time; a file appears whole or not at all.
    """

    def __init__(self, folder: str | Path | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.folder = Path(folder or settings.SANDBOX_MAILBOX_DIR)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the messages; returns how many."""
        sent = 0
        for message in email_messages:
            if not message.recipients():
                continue
            try:
                self._write(message)
            except OSError:
                if not self.fail_silently:
                    raise
                continue
            sent += 1
        return sent

    def _write(self, message: EmailMessage) -> None:
        source = message.message()
        # Bcc is no header, but in a mailbox for everyone a copy that nobody can find is lost.
        source["X-Sandbox-Recipients"] = ", ".join(message.recipients())
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        unfinished = self.folder / f".{name}.part"
        unfinished.write_bytes(source.as_bytes())
        unfinished.replace(self.folder / f"{name}.eml")
