"""Answer public pages before Django: one look into a dictionary, the bytes already compressed.

What may be kept is decided by Django (`magazine.public_pages`), what it depends on by `config.page_keys`. A page is rendered
again when something that readers see has changed, or after a minute; by one request only, while the others wait or get the
page as it was.
"""

import threading
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from articles.popularity import is_a_read, note_read
from config.page_keys import Environ, Key, key_of
from config.page_store import PLAIN, Headers, PageStore, StoredPage, store_page
from magazine.page_generation import GENERATION
from magazine.public_pages import BEHIND_PAGE_CACHE, KNOWN_READER, MAX_AGE_SECONDS, PUBLIC_ANSWER, STALE_SECONDS, PublicAnswer

StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

WAIT_SECONDS = 5
# For how long, and of how many addresses, it is remembered that their answers may not be kept.
PASS_SECONDS = 30
MAX_PASSES = 4096


class PageCache:
    """A WSGI application that answers from memory what another rendered for everybody."""

    def __init__(
        self,
        application: Application,
        *,
        own_host: str,
        store: PageStore | None = None,
        is_known_reader: Callable[[Environ], bool] = lambda environ: False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.application = application
        self.store = store or PageStore(own_host)
        # For readers whom no cookie tells; asked with every request, so it must cost next to nothing.
        self._is_known_reader = is_known_reader
        self._clock = clock
        self._renderings = Renderings()
        self._passes: dict[Key, float] = {}

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request from memory, or have it answered."""
        key = key_of(environ)
        if key is None:
            return self.application(environ, start_response)
        if self._is_known_reader(environ):
            return self.application({**environ, KNOWN_READER: True}, start_response)
        page, generation = self.store.get(key), GENERATION.current()
        if page is not None and self._is_fresh(page, generation):
            return self._hit(page, key, environ, start_response)
        if environ["REQUEST_METHOD"] == "HEAD" or self._passes.get(key, 0) > self._clock():
            return self.application(environ, start_response)
        return self._answer_once(page, key, generation, environ, start_response)

    def _answer_once(
        self, old: StoredPage | None, key: Key, generation: int, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Render, unless another request is about to; then answer with the old page if it is no wrong one, else wait for the new."""
        with self._renderings.of(key) as rendering:
            if rendering.is_mine:
                page = self.store.get_shared(key)
                if page is not None and self._is_fresh(page, generation):
                    self.store.put(key, page)
                    return self._hit(page, key, environ, start_response)
                return self._render(key, generation, environ, start_response)
        if old is not None and old.generation == generation and self._age(old) < STALE_SECONDS:
            return self._hit(old, key, environ, start_response)
        rendering.wait(WAIT_SECONDS)
        page = self.store.get(key)
        if page is not None and self._is_fresh(page, GENERATION.current()):
            return self._hit(page, key, environ, start_response)
        return self._render(key, generation, environ, start_response)

    def _render(self, key: Key, generation: int, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Have a page rendered, and keep it if it is the same for everybody.

        The generation is the one before rendering: what changes meanwhile makes the page old at once.
        """
        asked = {**environ, BEHIND_PAGE_CACHE: True, "QUERY_STRING": key.query}
        said: list[Any] = []
        body = self.application(asked, lambda *arguments: said.append(arguments))
        status, headers = said[0][:2]
        answer = asked.get(PUBLIC_ANSWER)
        if not isinstance(answer, PublicAnswer) or any(name.lower() == "set-cookie" for name, _value in headers):
            self._pass_for_a_while(key, status)
            if _loses_tracking(status, key, environ):
                _read(body)
                return self.application(environ, start_response)
            start_response(*said[0])
            return body
        content, article_id = _read(body), answer.read_article_id
        page = store_page(status, headers, content, generation=generation, rendered_at=self._clock(), read_article_id=article_id)
        self.store.put(key, page)
        if _loses_tracking(status, key, environ):
            return self.application(environ, start_response)
        answered = self._answer(page, environ, start_response, key=key, state="miss")
        self.store.share(key, page)
        return answered

    def _hit(self, page: StoredPage, key: Key, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer with a stored page, and count who reads it."""
        if _loses_tracking(page.status, key, environ):
            return self.application(environ, start_response)
        purpose = environ.get("HTTP_SEC_PURPOSE") or environ.get("HTTP_PURPOSE", "")
        if page.read_article_id is not None and _is_read(environ["REQUEST_METHOD"], environ.get("HTTP_USER_AGENT", ""), purpose):
            note_read(page.read_article_id)
        return self._answer(page, environ, start_response, key=key, state="hit")

    def _answer(self, page: StoredPage, environ: Environ, start_response: StartResponse, *, key: Key, state: str) -> Iterable[bytes]:
        """Give a stored page in the form that the client reads best, or 304 to one that has it."""
        coding = best_coding(environ.get("HTTP_ACCEPT_ENCODING", "")) if page.is_compressible else PLAIN
        if coding not in page.forms:
            page.form(coding)
            self.store.put(key, page)
        volatile: Headers = [("X-Cache", state), ("Age", str(max(0, int(self._age(page)))))]
        if page.is_found and page.is_known_to(environ.get("HTTP_IF_NONE_MATCH"), environ.get("HTTP_IF_MODIFIED_SINCE")):
            start_response("304 Not Modified", [*page.headers_without_body(coding), *volatile])
            return []
        start_response(page.status, [*page.headers_for(coding), *volatile])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [page.forms[coding]]

    def _pass_for_a_while(self, key: Key, status: str) -> None:
        """Remember that answers at an address are nobody else's, so that requests for it don't wait for each other."""
        if status.startswith("5"):
            return
        if len(self._passes) >= MAX_PASSES:
            self._passes.clear()
        self._passes[key] = self._clock() + PASS_SECONDS

    def _is_fresh(self, page: StoredPage, generation: int) -> bool:
        return page.generation == generation and self._age(page) < MAX_AGE_SECONDS

    def _age(self, page: StoredPage) -> float:
        return self._clock() - page.rendered_at


class Rendering:
    """One page being rendered; as a context, over when the block of who renders it ends."""

    def __init__(self, finish: Callable[[], None] | None, done: threading.Event) -> None:
        self.is_mine = finish is not None
        self._finish = finish
        self._done = done

    def __enter__(self) -> "Rendering":
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._finish is not None:
            self._finish()

    def wait(self, seconds: float) -> None:
        """Wait until it is over."""
        self._done.wait(seconds)


class Renderings:
    """The pages that this process is rendering."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[Key, threading.Event] = {}

    def of(self, key: Key) -> Rendering:
        """Return the rendering of a page: one's own, unless somebody began before."""
        with self._lock:
            if (begun := self._under_way.get(key)) is not None:
                return Rendering(None, begun)
            done = self._under_way[key] = threading.Event()

        def finish() -> None:
            with self._lock:
                del self._under_way[key]
            done.set()

        return Rendering(finish, done)


def _loses_tracking(status: str, key: Key, environ: Environ) -> bool:
    """Say whether an answer is a redirect that must carry on tracking parameters, which the key leaves out."""
    return status.startswith("3") and environ.get("QUERY_STRING", "") != key.query


def _read(body: Iterable[bytes]) -> bytes:
    """Return the whole of a response and close it, as servers do."""
    try:
        return b"".join(body)
    finally:
        if close := getattr(body, "close", None):
            close()


@lru_cache(maxsize=1024)
def best_coding(accept_encoding: str) -> str:
    """Return the content coding that makes a page smallest among those a client reads (RFC 9110, 12.5.3)."""
    weights: dict[str, float] = {}
    for part in accept_encoding.lower().split(","):
        coding, _, parameter = part.strip().partition(";")
        name, _, weight = parameter.strip().partition("=")
        try:
            weights[coding.strip()] = float(weight) if name.strip() == "q" else 1.0
        except ValueError:
            weights[coding.strip()] = 0.0
    return next((coding for coding in ("br", "gzip") if weights.get(coding, weights.get("*", 0.0)) > 0), PLAIN)


@lru_cache(maxsize=1024)
def _is_read(method: str, user_agent: str, purpose: str) -> bool:
    return is_a_read(method=method, user_agent=user_agent, purpose=purpose)
