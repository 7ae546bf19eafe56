"""The page cache takes bounded memory, renders a page once, and shares it with other processes."""

import threading
import time
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler

from config import page_store
from config.page_cache import PageCache
from config.page_store import PageStore
from magazine.public_pages import PUBLIC_ANSWER, PublicAnswer, forget_public_pages
from tests.factories import make_article
from tests.wsgi_browser import Browser


@pytest.fixture(autouse=True)
def _new_generation() -> None:
    """Begin anew, so that nothing changes a second later because the cache was emptied before."""
    forget_public_pages()


# Bounds


def filled(store: PageStore, addresses: list[str], *, status: str = "200 OK", size: int = 1000) -> Browser:
    def answering(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environ[PUBLIC_ANSWER] = PublicAnswer()
        start_response(status if environ["PATH_INFO"] != "/" else "200 OK", [("Content-Type", "text/html")])
        return [b"x" * size]

    site = Browser(PageCache(answering, own_host="localhost:8000", store=store))
    for address in addresses:
        site.get(address)
    return site


def test_memory_is_bounded_and_what_nobody_reads_goes_first(settings: Any) -> None:
    settings.CACHES = {"default": settings.CACHES["default"]}
    store = PageStore("localhost:8000", page_bytes=60_000)
    site = filled(store, ["/first/", "/second/"])
    for number in range(100):
        site.get(f"/page-{number}/")
        assert site.get("/first/").cache == "hit"
    assert site.get("/second/").cache == "miss"
    assert store.bytes <= 60_000


@pytest.mark.parametrize(("address", "status"), [("/?q={}", "200 OK"), ("/{}/", "404 Not Found"), ("/{}/?a=1", "404 Not Found")])
def test_queries_and_wrong_addresses_never_push_pages_out(address: str, status: str) -> None:
    store = PageStore("localhost:8000", page_bytes=20_000, queried_bytes=20_000, missing_bytes=20_000)
    site = filled(store, ["/", *(address.format(number) for number in range(200))], status=status)
    assert site.get("/").cache == "hit"
    assert store.bytes <= 40_000


def test_other_forms_of_a_page_count_too() -> None:
    store = PageStore("localhost:8000")
    site = filled(store, ["/"], size=50_000)
    before = store.bytes
    site.get("/", accept_encoding="br")
    assert store.bytes > before


@pytest.mark.django_db
def test_huge_queries_and_pages_are_answered_and_not_kept() -> None:
    make_article(slug="premium")
    site = Browser(PageCache(WSGIHandler(), own_host="localhost:8000"))
    for query in ("a=" + "x" * 300, "&".join(f"a{n}=1" for n in range(100)), "utm_source=" + "x" * 5000):
        assert [site.get(f"/premium/?{query}").cache for _ in range(2)] == ["miss", "miss"]
    store = PageStore("localhost:8000")
    large = filled(store, ["/"], size=page_store.MAX_PAGE_BYTES + 1)
    assert large.get("/").cache == "miss"


# One rendering


class SlowSite:
    """Renders slowly, and counts how often."""

    def __init__(self, *, is_public: bool = True, status: str = "200 OK") -> None:
        self.rendered = 0
        self.is_public, self.status = is_public, status

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.rendered += 1
        number = self.rendered
        time.sleep(0.2)
        if self.is_public:
            environ[PUBLIC_ANSWER] = PublicAnswer()
        start_response(self.status, [("Content-Type", "text/html"), ("X-Cache", "miss")])
        return [f"rendering {number}".encode()]


def ask_together(site: Browser, count: int) -> tuple[list[str], float]:
    texts: list[str] = []
    threads = [threading.Thread(target=lambda: texts.append(site.get("/").text)) for _ in range(count)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return texts, time.monotonic() - started


def test_a_stampede_renders_once() -> None:
    slow = SlowSite()
    texts, _ = ask_together(Browser(PageCache(slow, own_host="localhost:8000")), 8)
    assert (slow.rendered, set(texts), len(texts)) == (1, {"rendering 1"}, 8)


def test_while_an_expired_page_is_rendered_the_others_get_it_as_it_was() -> None:
    slow, now = SlowSite(), [1000.0]
    site = Browser(PageCache(slow, own_host="localhost:8000", clock=lambda: now[0]))
    site.get("/")
    now[0] += 61
    texts, _ = ask_together(site, 6)
    assert slow.rendered == 2
    assert sorted(texts) == ["rendering 1"] * 5 + ["rendering 2"]


def test_after_a_change_nobody_gets_the_page_as_it_was() -> None:
    slow = SlowSite()
    site = Browser(PageCache(slow, own_host="localhost:8000"))
    site.get("/")
    forget_public_pages()
    texts, _ = ask_together(site, 6)
    assert (slow.rendered, set(texts)) == (2, {"rendering 2"})


def test_private_pages_do_not_wait_for_each_other() -> None:
    slow = SlowSite(is_public=False)
    site = Browser(PageCache(slow, own_host="localhost:8000"))
    site.get("/")
    texts, seconds = ask_together(site, 5)
    assert len(set(texts)) == 5
    assert seconds < 0.6


def test_a_failed_rendering_leaves_no_lock_behind() -> None:
    def failing(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        raise RuntimeError("no")

    site = Browser(PageCache(failing, own_host="localhost:8000"))
    started = time.monotonic()
    for _ in range(3):
        with pytest.raises(RuntimeError):
            site.get("/")
    assert time.monotonic() - started < 1


# The second tier, and the generation


def test_another_process_takes_what_one_has_rendered_and_forgets_with_it() -> None:
    slow = SlowSite()
    one, other = (Browser(PageCache(slow, own_host="localhost:8000")) for _ in range(2))
    one.get("/", accept_encoding="br")
    assert other.get("/").text == "rendering 1"
    assert slow.rendered == 1
    forget_public_pages()
    assert other.get("/").text == "rendering 2"
