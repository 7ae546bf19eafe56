"""Finished pages in memory: the bytes as they go over the wire, bounded, the least used forgotten first."""

import gzip
import hashlib
import threading
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field

import brotli  # type: ignore[import-untyped]
from django.conf import settings
from django.core.cache import caches
from django.utils.http import parse_http_date_safe

from config.page_keys import Key

Headers = list[tuple[str, str]]

MEGABYTE = 1024 * 1024
# Each process has these. What queries and wrong addresses can fill is small, so that nobody can push the pages out.
PAGE_BYTES = 48 * MEGABYTE
QUERIED_BYTES = 12 * MEGABYTE
MISSING_BYTES = 4 * MEGABYTE
MAX_PAGE_BYTES = 2 * MEGABYTE
# Strings, lists and the place in the dictionary.
OVERHEAD_BYTES = 4096
SHARED_ALIAS = "pages"
SHARED_SECONDS = 60
# Five is where brotli's time still vanishes beside the rendering.
BROTLI_QUALITY = 5
GZIP_LEVEL = 6
COMPRESSIBLE = (
    "text/",
    "application/json",
    "application/xml",
    "application/rss+xml",
    "application/feed+json",
    "image/svg+xml",
    "application/manifest+json",
)
# Said anew with every answer.
VOLATILE_HEADERS = frozenset({"content-length", "content-encoding", "etag", "x-cache", "age", "server-timing", "date"})
WITHOUT_BODY = frozenset({"content-type", "content-language", "content-length", "content-encoding", "content-disposition"})
PLAIN = "identity"
SUFFIXES = {"br": "-br", "gzip": "-gz", PLAIN: ""}


@dataclass(slots=True)
class StoredPage:
    """One finished answer. `forms` holds its body by content coding; those nobody asked for are not there yet."""

    status: str
    headers: Headers
    forms: dict[str, bytes]
    fingerprint: str
    is_compressible: bool
    generation: int
    rendered_at: float
    read_article_id: int | None = None
    last_modified: int | None = None
    wire_headers: dict[str, Headers] = field(default_factory=dict)

    def __reduce__(self) -> tuple[object, ...]:
        """Be carried to other processes in the shortest form alone."""
        coding = "br" if "br" in self.forms else PLAIN
        forms = {coding: self.forms[coding]}
        values = (self.status, self.headers, forms, self.fingerprint, self.is_compressible, self.generation, self.rendered_at)
        return StoredPage, (*values, self.read_article_id, self.last_modified)

    @property
    def is_found(self) -> bool:
        """Say whether there was something at the address."""
        return self.status.startswith("200")

    @property
    def size(self) -> int:
        """Return the bytes that the page takes now."""
        return OVERHEAD_BYTES + sum(map(len, self.forms.values()))

    def form(self, coding: str) -> bytes:
        """Return the body in a content coding, made when it is first asked for."""
        body = self.forms.get(coding)
        if body is None:
            plain = self.forms[PLAIN] if PLAIN in self.forms else brotli.decompress(self.forms["br"])
            body = compressed(plain, coding)
            self.forms[coding] = body
        return body

    def headers_for(self, coding: str) -> Headers:
        """Return the headers that go with a body in a content coding."""
        headers = self.wire_headers.get(coding)
        if headers is None:
            headers = [*self.headers, ("ETag", self.etag(coding)), ("Content-Length", str(len(self.form(coding))))]
            if coding != PLAIN:
                headers.append(("Content-Encoding", coding))
            self.wire_headers[coding] = headers
        return headers

    def headers_without_body(self, coding: str) -> Headers:
        """Return the headers of a 304."""
        return [(name, value) for name, value in self.headers_for(coding) if name.lower() not in WITHOUT_BODY]

    def etag(self, coding: str) -> str:
        """Return the strong validator of one form."""
        return f'"{self.fingerprint}{SUFFIXES[coding]}"'

    def is_known_to(self, if_none_match: str | None, if_modified_since: str | None) -> bool:
        """Say whether a client has this page already; its ETag decides where both are sent (RFC 9110, 13.2.2)."""
        if if_none_match is not None:
            known = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
            return "*" in known or any(self.etag(coding) in known for coding in SUFFIXES)
        if if_modified_since is None or self.last_modified is None:
            return False
        since = parse_http_date_safe(if_modified_since)
        return since is not None and self.last_modified <= since


def store_page(
    status: str, headers: Headers, content: bytes, *, generation: int, rendered_at: float, read_article_id: int | None
) -> StoredPage:
    """Make a stored page of what Django answered."""
    said = {name.lower(): value for name, value in headers}
    is_compressible = said.get("content-type", "").startswith(COMPRESSIBLE) and "content-encoding" not in said
    return StoredPage(
        status=status,
        headers=[(name, value) for name, value in headers if name.lower() not in VOLATILE_HEADERS],
        forms={PLAIN: content},
        fingerprint=hashlib.sha256(content).hexdigest()[:32],
        is_compressible=is_compressible,
        generation=generation,
        rendered_at=rendered_at,
        read_article_id=read_article_id,
        last_modified=parse_http_date_safe(said["last-modified"]) if "last-modified" in said else None,
    )


def compressed(content: bytes, coding: str) -> bytes:
    """Return content in a content coding."""
    if coding == "br":
        return brotli.compress(content, mode=brotli.MODE_TEXT, quality=BROTLI_QUALITY)
    return gzip.compress(content, GZIP_LEVEL, mtime=0) if coding == "gzip" else content


class Pool:
    """Pages up to a number of bytes, the least used forgotten first."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.bytes = 0
        self._pages: OrderedDict[Key, tuple[StoredPage, int]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._pages)

    def get(self, key: Key) -> StoredPage | None:
        """Return a page, and remember that it was wanted."""
        held = self._pages.get(key)
        if held is None:
            return None
        # Another thread may have made room just now; the page itself is still good.
        with suppress(KeyError):
            self._pages.move_to_end(key)
        return held[0]

    def put(self, key: Key, page: StoredPage) -> None:
        """Keep a page, or count it anew once it holds another form; make room for it."""
        size = page.size
        with self._lock:
            _, old_size = self._pages.pop(key, (None, 0))
            self.bytes += size - old_size
            self._pages[key] = (page, size)
            while self.bytes > self.max_bytes:
                _, (_, freed) = self._pages.popitem(last=False)
                self.bytes -= freed


class PageStore:
    """The pages of this process, and behind them those that all processes share."""

    def __init__(
        self, own_host: str, *, page_bytes: int = PAGE_BYTES, queried_bytes: int = QUERIED_BYTES, missing_bytes: int = MISSING_BYTES
    ) -> None:
        self._own_host = own_host
        self._pages = Pool(page_bytes)
        self._queried = Pool(queried_bytes)
        self._missing = Pool(missing_bytes)

    @property
    def bytes(self) -> int:
        """Return what all pages together take."""
        return sum(pool.bytes for pool in (self._pages, self._queried, self._missing))

    def get(self, key: Key) -> StoredPage | None:
        """Return what this process holds, however old."""
        pool = self._pages if self._is_plain(key) else self._queried
        return pool.get(key) or self._missing.get(key)

    def put(self, key: Key, page: StoredPage) -> None:
        """Keep a page in this process."""
        if page.size > MAX_PAGE_BYTES:
            return
        found = self._pages if self._is_plain(key) else self._queried
        (found if page.is_found else self._missing).put(key, page)

    def share(self, key: Key, page: StoredPage) -> None:
        """Give a page to the other processes, if the site has a cache for that."""
        if page.is_found and self._is_plain(key) and SHARED_ALIAS in settings.CACHES and page.size <= MAX_PAGE_BYTES:
            caches[SHARED_ALIAS].set(shared_key(key), page, SHARED_SECONDS)

    def get_shared(self, key: Key) -> StoredPage | None:
        """Return what another process rendered, however old."""
        if not self._is_plain(key) or SHARED_ALIAS not in settings.CACHES:
            return None
        page = caches[SHARED_ALIAS].get(shared_key(key))
        return page if isinstance(page, StoredPage) else None

    def _is_plain(self, key: Key) -> bool:
        """Say whether it is one of the site's own addresses, of which there are only so many."""
        return not key.query and key.host == self._own_host


def shared_key(key: Key) -> str:
    """Return the key of the shared cache."""
    return f"page:{hashlib.sha256(repr(key).encode()).hexdigest()}"
