"""Hold JSON-LD against schema.org: which properties a type has, and which values these take.

`tests/vocabulary.json` is the part of the vocabulary (CC BY-SA 3.0) that the site uses, out of the definitions that schema-dts publishes: after
`npm pack schema-dts`, `python -m tests.vocabulary package/dist/schema.d.ts` makes it anew. A new type is added to TYPES first.
"""

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

TYPES = ("BlogPosting", "ImageObject", "LiveBlogPosting", "NewsArticle", "NewsMediaOrganization", "Person", "WebPage", "WebPageElement")
SLICE = Path(__file__).with_suffix(".json")
PROPERTIES = re.compile(r"^interface (\w+)Base extends [^{]+\{(.*?)^\}", re.MULTILINE | re.DOTALL)
SUBTYPES = re.compile(r"^export type (\w+) = \1Leaf \| ([^;]+);", re.MULTILINE)
PROPERTY = re.compile(r'^    "(\w+)"\?: SchemaValue<(.+), "\w+">;$', re.MULTILINE)
# Data types that are written as text. https://schema.org/DataType
TEXTS = ("Text", "CssSelectorType", "XPathType", "PronounceableText", "Distance", "Duration", "Energy", "Mass")


def is_date(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def is_moment(value: object) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def is_url(value: object) -> bool:
    return isinstance(value, str) and urlsplit(value).scheme in ("http", "https") and bool(urlsplit(value).netloc)


DATA_TYPES = {
    "Boolean": lambda value: isinstance(value, bool),
    "Integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "Number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "Date": is_date,
    "DateTime": is_moment,
    "URL": is_url,
    **dict.fromkeys(TEXTS, lambda value: isinstance(value, str) and bool(value.strip())),
}


class Vocabulary:
    """Types with their parents and properties, and properties with what they may hold."""

    def __init__(self, types: dict[str, dict[str, Any]]) -> None:
        self.types = types

    def lineage(self, name: str) -> Iterator[str]:
        """Yield a type and those above it."""
        yield name
        for parent in self.types.get(name, {}).get("parents", ()):
            yield from self.lineage(parent)

    def faults(self, thing: dict[str, Any], where: str = "") -> list[str]:
        """Return what is wrong with a thing and all in it."""
        kind = thing.get("@type")
        where = f"{where}{kind}"
        if kind not in self.types:
            return [f"{where}: no such type"]
        ranges: dict[str, list[str]] = {}
        for name in self.lineage(kind):
            ranges |= self.types[name]["properties"]
        faults = []
        for name, value in thing.items():
            if name.startswith("@"):
                continue
            if name not in ranges:
                faults.append(f"{where}.{name}: no such property")
                continue
            for one in value if isinstance(value, list) else [value]:
                faults += self._faults_of(one, ranges[name], f"{where}.{name}")
        return faults

    def _faults_of(self, value: object, allowed: list[str], where: str) -> list[str]:
        if not isinstance(value, dict):
            return [] if any(DATA_TYPES.get(name, lambda _: False)(value) for name in allowed) else [f"{where}: {value!r} is no {allowed}"]
        if set(value) == {"@id"}:
            return [] if is_url(value["@id"]) else [f"{where}: {value!r} is no reference"]
        kinds = set(self.lineage(value.get("@type", "")))
        wrong = [] if kinds & set(allowed) else [f"{where}: {value.get('@type')} is no {allowed}"]
        return wrong + self.faults(value, f"{where} > ")


def load() -> Vocabulary:
    """Return the committed slice."""
    return Vocabulary(json.loads(SLICE.read_text()))


def slice_of(definitions: str) -> dict[str, dict[str, Any]]:
    """Return the types of TYPES and those above them, out of schema-dts's definitions."""
    found: dict[str, dict[str, Any]] = defaultdict(lambda: {"parents": [], "properties": {}})
    for parent, names in SUBTYPES.findall(definitions):
        for name in names.split(" | "):
            found[name]["parents"].append(parent)
    for name, body in PROPERTIES.findall(definitions):
        found[name]["properties"] = {key: value.replace(" | IdReference", "").split(" | ") for key, value in PROPERTY.findall(body)}
    wanted = {kind for name in TYPES for kind in Vocabulary(found).lineage(name)}
    return {name: found[name] for name in sorted(wanted)}


if __name__ == "__main__":
    lines = [f'"{name}": {json.dumps(entry)}' for name, entry in slice_of(Path(sys.argv[1]).read_text()).items()]
    SLICE.write_text("{\n" + ",\n".join(lines) + "\n}\n")
