"""Read a request's form-encoded parameters.

Every parameter must be read by the handler: one that nobody reads is answered with an error, so that nothing is
silently ignored which real Stripe would obey.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl

from sandbox.stripe.errors import invalid

KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)\Z")


class Params:
    """One level of nested parameters, remembering what was read."""

    def __init__(self, values: dict[str, Any], path: str = "") -> None:
        self._values = values
        self._path = path
        self._read: set[str] = set()
        self._sections: list[Params] = []

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def names(self) -> list[str]:
        """List the keys."""
        return list(self._values)

    def name(self, key: str) -> str:
        """Write the full name of a key, for messages."""
        return f"{self._path}[{key}]" if self._path else key

    def raw(self, key: str) -> Any:
        """Read a value as it came."""
        self._read.add(key)
        return self._values.get(key)

    def accept(self, *keys: str) -> None:
        """Take parameters that make no difference to a stand-in."""
        self._read.update(keys)

    def text(self, key: str, default: str | None = None) -> str | None:
        """Read a string; an empty one unsets, as with Stripe."""
        value = self.raw(key)
        if value is None:
            return default
        if not isinstance(value, str):
            raise invalid(f"Invalid string: {value}", self.name(key))
        return value or None

    def required(self, key: str) -> str:
        """Read a string that must be there."""
        value = self.text(key)
        if value is None:
            raise invalid(f"Missing required param: {self.name(key)}.", self.name(key), "parameter_missing")
        return value

    def choice(self, key: str, options: tuple[str, ...], default: str | None = None) -> str | None:
        """Read one of some strings."""
        value = self.text(key, default)
        if value is not None and value not in options:
            raise invalid(f"Invalid {key}: must be one of {', '.join(options)}", self.name(key))
        return value

    def integer(self, key: str, default: int | None = None) -> int | None:
        """Read a whole number."""
        value = self.text(key)
        if value is None:
            return default
        if not re.fullmatch(r"-?\d{1,18}", value):
            raise invalid(f"Invalid integer: {value}", self.name(key), "parameter_invalid_integer")
        return int(value)

    def number(self, key: str) -> float | None:
        """Read a decimal number."""
        value = self.text(key)
        try:
            return None if value is None else float(Decimal(value))
        except InvalidOperation:
            raise invalid(f"Invalid decimal: {value}", self.name(key)) from None

    def flag(self, key: str, default: bool | None = None) -> bool | None:
        """Read true or false."""
        value = self.text(key)
        if value is None:
            return default
        if value not in {"true", "false"}:
            raise invalid(f"Invalid boolean: {value}", self.name(key))
        return value == "true"

    def section(self, key: str) -> Params | None:
        """Read a nested object."""
        value = self.raw(key)
        if value is None or value == "":
            return None
        if not isinstance(value, dict):
            raise invalid(f"Invalid object: {value}", self.name(key))
        section = Params(value, self.name(key))
        self._sections.append(section)
        return section

    def objects(self, key: str) -> list[Params]:
        """Read a list of objects."""
        values = self._items(key)
        sections = [Params(v, f"{self.name(key)}[{i}]") for i, v in enumerate(values) if isinstance(v, dict)]
        if len(sections) != len(values):
            raise invalid("Invalid array of objects", self.name(key))
        self._sections += sections
        return sections

    def strings(self, key: str) -> list[str]:
        """Read a list of strings."""
        return [str(value) for value in self._items(key)]

    def metadata(self, current: dict[str, str] | None = None, key: str = "metadata") -> dict[str, str]:
        """Merge posted metadata into the current; an empty value removes its key, an empty whole removes all."""
        value = self.raw(key)
        if value is None:
            return current or {}
        if value == "":
            return {}
        if not isinstance(value, dict):
            raise invalid("Invalid object", self.name(key))
        merged = (current or {}) | {k: str(v) for k, v in value.items()}
        return {k: v for k, v in merged.items() if v != ""}

    def unread(self) -> Iterator[str]:
        """Name the parameters that nobody has read."""
        yield from (self.name(key) for key in self._values if key not in self._read)
        for section in self._sections:
            yield from section.unread()

    def _items(self, key: str) -> list[Any]:
        value = self.raw(key)
        if value is None or value == "":
            return []
        if not isinstance(value, dict) or not all(k.isdecimal() for k in value):
            raise invalid("Invalid array", self.name(key))
        return [value[k] for k in sorted(value, key=int)]


def decode(encoded: str) -> dict[str, Any]:
    """Turn `a[b][0][c]=v` and `a[]=v` into nested dicts; lists become dicts with numbers for keys."""
    result: dict[str, Any] = {}
    for key, value in parse_qsl(encoded, keep_blank_values=True):
        found = KEY.match(key)
        if not found:
            raise invalid(f"Invalid parameter name: {key}", key)
        path = [found[1], *re.findall(r"\[([^\[\]]*)\]", found[2])]
        node = result
        for part, following in pairwise(path):
            node = _child(node, part or str(len(node)), following)
        node[path[-1] or str(len(node))] = value
    return result


def _child(node: dict[str, Any], key: str, following: str) -> dict[str, Any]:
    child = node.setdefault(key, {})
    if not isinstance(child, dict):
        raise invalid(f"Invalid parameter: {key} is both a value and an object", key)
    return child
