"""What XML can hold."""

import re

_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def writable(text: str) -> str:
    """Return text without the characters that no XML document may hold, not even escaped."""
    return _UNWRITABLE.sub("", text)
