"""Read serialised PHP values as data; nothing is executed, and objects are read as plain maps."""

import re
from typing import Any

MAX_DEPTH = 20
MAX_VALUES = 20_000
STRING_START = re.compile(rb's:(\d{1,9}):"')
SCALAR = re.compile(rb"(?:(N);|b:([01]);|i:(-?\d{1,20});|d:([-+0-9.eE]{1,40}|INF|-INF|NAN);)")
CONTAINER = re.compile(rb'(?:a|O:\d{1,6}:"[^"]{0,200}"):(\d{1,9}):\{')
# What may follow the end of a string: the beginning of another value or the end of the map.
AFTER_STRING = re.compile(rb'";(?=[siabdNO}]|$)')


class NotSerialisedError(ValueError):
    """The text is no serialised PHP value."""


def unserialise(text: str) -> Any:
    """Return the value of a serialised text; maps come as dicts, and lengths that an editor broke are repaired.

    Raises NotSerialisedError.
    """
    reader = _Reader(text.strip().encode())
    return reader.value(0)


class _Reader:
    """Reads values off the front of a byte string."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0
        self.count = 0

    def value(self, depth: int) -> Any:
        """Return the next value."""
        self.count += 1
        if depth > MAX_DEPTH or self.count > MAX_VALUES:
            raise NotSerialisedError("nested too deeply")
        if found := SCALAR.match(self.data, self.position):
            self.position = found.end()
            return _scalar(found)
        if found := STRING_START.match(self.data, self.position):
            return self._string(found.end(), int(found[1]))
        if found := CONTAINER.match(self.data, self.position):
            self.position = found.end()
            return self._map(depth)
        raise NotSerialisedError(f"no value at byte {self.position}")

    def _string(self, start: int, length: int) -> str:
        """Return a string by its length; where that is wrong, because line ends were changed, by what follows it."""
        end = start + length
        if self.data[end : end + 2] != b'";':
            found = AFTER_STRING.search(self.data, start)
            if found is None:
                raise NotSerialisedError("a string without an end")
            end = found.start()
        self.position = end + 2
        return self.data[start:end].decode(errors="replace")

    def _map(self, depth: int) -> dict[Any, Any]:
        """Return the entries up to the closing brace, whatever their number was said to be."""
        entries: dict[Any, Any] = {}
        while self.data[self.position : self.position + 1] != b"}":
            key = self.value(depth + 1)
            if not isinstance(key, str | int):
                raise NotSerialisedError("a key that is neither a number nor a string")
            entries[key] = self.value(depth + 1)
        self.position += 1
        return entries


def _scalar(found: re.Match[bytes]) -> Any:
    """Return the value of a match of SCALAR."""
    if found[1]:
        return None
    if found[2]:
        return found[2] == b"1"
    if found[3]:
        return int(found[3])
    try:
        return float(found[4])
    except ValueError as error:
        raise NotSerialisedError("no number") from error
