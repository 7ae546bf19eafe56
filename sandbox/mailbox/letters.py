"""Read the letters in the folder, whatever state they are in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.utils import getaddresses
from pathlib import Path

NAME = re.compile(r"[0-9]{20}-[0-9a-f]{8}\Z")
# What a broken header or part raises in the email package when it is read.
MALFORMED = (MessageError, LookupError, ValueError, AttributeError, TypeError)


@dataclass(frozen=True)
class Letter:
    """One message in the mailbox."""

    id: str
    source: bytes
    message: Message

    @property
    def received(self) -> datetime:
        """Tell when the letter arrived."""
        return datetime.fromtimestamp(int(self.id[:20]) / 1e9, UTC)

    def header(self, name: str) -> str:
        """Read a header as text; empty when it is absent or can't be read."""
        try:
            return str(self.message.get(name, ""))
        except MALFORMED:
            return ""

    @property
    def subject(self) -> str:
        """Read the subject."""
        return self.header("Subject") or "(no subject)"

    @property
    def recipients(self) -> list[str]:
        """List who got it, blind copies included."""
        values = [self.header(name) for name in ("X-Sandbox-Recipients", "To", "Cc")]
        return list(dict.fromkeys(address.lower() for _, address in getaddresses(values) if address))

    @property
    def headers(self) -> list[tuple[str, str]]:
        """List the headers as text."""
        names = dict.fromkeys(name.title() for name, _ in self.message.raw_items())
        return [(name, self.header(name)) for name in names if name != "X-Sandbox-Recipients"]

    def body(self, subtype: str) -> str | None:
        """Read the first part of text/<subtype> that is no attachment."""
        for part in self.message.walk():
            if part.get_content_type() == f"text/{subtype}" and not _is_attachment(part):
                return _text(part)
        return None

    @property
    def attachments(self) -> list[tuple[str, str, bytes]]:
        """List name, content type and content of each attachment."""
        return [
            (part.get_filename() or f"attachment-{number}", part.get_content_type(), _bytes(part))
            for number, part in enumerate(filter(_is_attachment, self.message.walk()), 1)
        ]


class Mailbox:
    """A folder of letters."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def ids(self) -> list[str]:
        """List the letters, newest first."""
        if not self.folder.is_dir():
            return []
        return sorted((path.stem for path in self.folder.glob("*.eml") if NAME.match(path.stem)), reverse=True)

    def letters(self, to: str = "") -> Iterator[Letter]:
        """Read the letters, newest first, to one address if given."""
        for letter_id in self.ids():
            letter = self.letter(letter_id)
            if letter and (not to or to.strip().lower() in letter.recipients):
                yield letter

    def letter(self, letter_id: str) -> Letter | None:
        """Read one letter; None when there is no such letter."""
        if not NAME.match(letter_id):
            return None
        try:
            source = (self.folder / f"{letter_id}.eml").read_bytes()
        except OSError:
            return None
        return Letter(letter_id, source, _parse(source))


def _parse(source: bytes) -> Message:
    try:
        return BytesParser(policy=policy.default).parsebytes(source)
    except MALFORMED:
        pass
    try:
        return message_from_bytes(source)
    except MALFORMED:
        return EmailMessage()


def _is_attachment(part: Message) -> bool:
    try:
        return part.get_content_disposition() == "attachment" or bool(part.get_filename() and not part.is_multipart())
    except MALFORMED:
        return False


def _bytes(part: Message) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except MALFORMED:
        return b""
    return content if isinstance(content, bytes) else b""


def _text(part: Message) -> str:
    try:
        return _bytes(part).decode(part.get_content_charset() or "utf-8", "replace")
    except MALFORMED:
        return _bytes(part).decode("utf-8", "replace")
