"""Static files of a live site: hashed, compressed, the style sheet in one file."""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

BUNDLES = ("css/main.css",)
PACKAGES = ("admin/", "unfold/", "django_prose_editor/", "mfa/", "simple_history/")
IMPORT = re.compile(r'@import\s+(?:url\(\s*)?["\'](?P<path>[^"\')]+)["\']\s*\)?(?P<conditions>[^;]*);')
LAYER = re.compile(r"\blayer\((?P<name>[^)]+)\)")
LOCAL_URL = re.compile(r"""url\(\s*(?P<quote>["']?)(?P<path>(?![a-z]+:|//|/|\#)[^"')]+)(?P=quote)\s*\)""")
# Strings and addresses stay as they are; comments go.
TOKEN = re.compile(r"""(?P<kept>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|url\([^)]*\))|(?P<comment>/\*.*?\*/)""", re.DOTALL)
# Only our own scripts: those of packages import by names that a browser's import map resolves, or nothing.
OWN_MODULES = ("js/*.js", ((r"""(?P<matched>\bfrom "(?P<url>\.{1,2}/[^"]+)")""", 'from "%(url)s"'),))
# No blank before ":", because it joins a selector and a pseudo-class; none around + and -, because calc() needs them.
TIGHT = re.compile(r"\s*([{};,>])\s*|:\s+")

Read = Callable[[str], str]


class BundledStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Hash and compress static files, after writing each bundled style sheet as one file without imports."""

    patterns = (*CompressedManifestStaticFilesStorage.patterns, OWN_MODULES)
    is_in_a_hurry = False

    def post_process(self, paths: dict[str, tuple[Storage, str]], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """Process the files, with each bundle in place of its parts. Raises FileNotFoundError for a missing part."""
        bundled = dict(paths)

        def read(name: str) -> str:
            if name not in paths:
                raise FileNotFoundError(f"A style sheet imports {name}, which doesn't exist.")
            storage, path = paths[name]
            with storage.open(path) as file:
                return file.read().decode()

        for name in BUNDLES:
            if name not in paths:
                continue
            parts: set[str] = set()
            source = bundle(name, read, parts)
            for part in parts:
                bundled.pop(part, None)
            bundled[name] = (MemoryStorage(minified(source)), name)
        yield from super().post_process(bundled, dry_run=dry_run, **options)

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Compress what readers get as small as can be, and the newsroom's packages quickly: brotli takes ten seconds for those."""
        names = set(paths)
        packages = {name for name in names if name.startswith(PACKAGES)}
        yield from super().compress_files(names - packages)
        self.is_in_a_hurry = True
        yield from super().compress_files(packages)

    def create_compressor(self, **options: Any) -> Compressor:
        """Make a compressor, without brotli when in a hurry."""
        return Compressor(use_brotli=not self.is_in_a_hurry, **options)


class MemoryStorage(Storage):
    """Hold one text under any name, as a source of the storage above."""

    def __init__(self, text: str) -> None:
        self.content = text.encode()

    def _open(self, name: str, mode: str = "rb") -> File:
        return ContentFile(BytesIO(self.content).getvalue(), name=name)


def bundle(name: str, read: Read, parts: set[str]) -> str:
    """Return a style sheet with its imports in their place, each within the layer and media query of its import.

    `parts` receives the names of what was imported.
    """
    folder = posixpath.dirname(name)

    def inlined(match: re.Match[str]) -> str:
        if "//" in match["path"]:
            raise ValueError(f"{name} imports {match['path']} from elsewhere.")
        part = posixpath.normpath(posixpath.join(folder, match["path"]))
        parts.add(part)
        content = rebased(bundle(part, read, parts), posixpath.dirname(part), folder)
        return wrapped(content, match["conditions"].strip())

    return IMPORT.sub(inlined, read(name))


def wrapped(content: str, conditions: str) -> str:
    """Put a style sheet into the layer and the media query that an import names."""
    layer = LAYER.search(conditions)
    media = LAYER.sub("", conditions).strip()
    if layer:
        content = f"@layer {layer['name']} {{\n{content}\n}}"
    return f"@media {media} {{\n{content}\n}}" if media else content


def rebased(content: str, folder: str, new_folder: str) -> str:
    """Return a style sheet whose relative addresses hold in another folder."""
    if folder == new_folder:
        return content

    def moved(match: re.Match[str]) -> str:
        path = posixpath.relpath(posixpath.join("/", folder, match["path"]), posixpath.join("/", new_folder))
        return f'url("{path}")'

    return LOCAL_URL.sub(moved, content)


def minified(content: str) -> str:
    """Return a style sheet without comments and needless blanks; strings and addresses stay as they are."""
    pieces: list[str] = []
    end = 0
    for match in TOKEN.finditer(content):
        pieces += [tightened(content[end : match.start()]), match["kept"] or ""]
        end = match.end()
    pieces.append(tightened(content[end:]))
    return "".join(pieces).strip()


def tightened(rules: str) -> str:
    """Return rules that hold no string, with blanks only where they mean something."""
    return TIGHT.sub(lambda match: match[1] or ":", re.sub(r"\s+", " ", rules)).replace(";}", "}")
