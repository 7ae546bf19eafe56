"""Search engines that are who they say read everything, where the newsroom allows it. Asked is a name server of the tests' own."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.rcode
import dns.reversename
import dns.rrset
import pytest
from django.test import Client
from dns.resolver import Resolver

from articles import crawlers
from articles.known_readers import is_known_reader
from articles.models import Article, PaywallSettings
from articles.models.access_levels import Access
from tests.factories import make_article

pytestmark = pytest.mark.django_db
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
BINGBOT = "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"
PAID = b"SENTINEL"


class NameServer:
    """A DNS server on a port of its own, which knows what it is told and counts what it is asked."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], list[str]] = {}
        self.asked: Counter[str] = Counter()
        # Kinds of questions that get no answer.
        self.is_silent: set[str] = set()
        self.nonsense: bytes | None = None
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def names(self, address: str, *names: str) -> None:
        self.rows[(str(dns.reversename.from_address(address)), "PTR")] = list(names)

    def leads(self, name: str, *addresses: str) -> None:
        for address in addresses:
            self.rows.setdefault((name, "AAAA" if ":" in address else "A"), []).append(address)

    def close(self) -> None:
        self.socket.close()

    def _serve(self) -> None:
        while True:
            try:
                packet, client = self.socket.recvfrom(4096)
            except OSError:
                return
            query = dns.message.from_wire(packet)
            question = query.question[0]
            name, kind = str(question.name), question.rdtype.name
            self.asked[f"{kind} {name}"] += 1
            if kind in self.is_silent:
                continue
            if self.nonsense is not None:
                self.socket.sendto(self.nonsense, client)
                continue
            answer = dns.message.make_response(query)
            answer.flags |= dns.flags.RA
            found = self.rows.get((name, kind), [])
            if found:
                answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *found))
            else:
                answer.set_rcode(dns.rcode.NXDOMAIN)
            self.socket.sendto(answer.to_wire(), client)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[NameServer]:
    server = NameServer()
    resolver = Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], server.port
    monkeypatch.setattr(crawlers, "resolver", lambda: resolver)
    monkeypatch.setattr(crawlers, "LOOKUP_SECONDS", 0.4)
    server.names("66.249.66.1", "crawl-66-249-66-1.googlebot.com.")
    server.leads("crawl-66-249-66-1.googlebot.com.", "66.249.66.1")
    yield server
    server.close()


@pytest.fixture(autouse=True)
def _switched_on() -> Iterator[None]:
    switch(True)
    yield
    crawlers.SWITCH.forget()


def switch(is_on: bool) -> None:
    paywall = PaywallSettings.load()
    paywall.opens_to_crawlers = is_on
    paywall.save()
    crawlers.SWITCH.forget()


def paid() -> Article:
    return make_article(access=Access.PREMIUM, body="<p>The opening.</p><hr class='paywall-divider'><p>SENTINEL in the paid text.</p>")


def visit(article: Article, address: str = "66.249.66.1", agent: str = GOOGLEBOT, **headers: str):
    return Client(REMOTE_ADDR=address).get(article.get_absolute_url(), headers={"User-Agent": agent, **headers})


def test_a_verified_crawler_reads_everything_and_no_cache_keeps_it(names):
    response = visit(paid())
    assert PAID in response.content
    assert response.headers["Cache-Control"] == "private, no-store"
    assert b'"isAccessibleForFree": false' in response.content or b'"isAccessibleForFree":false' in response.content
    assert is_known_reader({"REMOTE_ADDR": "66.249.66.1", "HTTP_USER_AGENT": GOOGLEBOT})


def test_a_crawler_is_verified_over_ipv6_and_by_its_own_domain(names):
    names.names("2001:db8::15", "msnbot-15.search.msn.com.")
    names.leads("msnbot-15.search.msn.com.", "2001:db8::15")
    assert PAID in visit(paid(), "2001:db8::15", BINGBOT).content
    assert PAID not in visit(paid(), "2001:db8::15", GOOGLEBOT).content


def test_unless_switched_on_nobody_is_asked_and_nothing_opens(names):
    switch(False)
    response = visit(paid())
    assert PAID not in response.content
    assert response.headers["Cache-Control"].startswith("public")
    assert not names.asked


def test_it_is_off_until_somebody_switches_it_on():
    assert PaywallSettings().opens_to_crawlers is False


def test_who_does_not_claim_to_be_a_crawler_is_not_looked_up(names):
    assert PAID not in visit(paid(), agent="Mozilla/5.0 Firefox/140.0").content
    assert not names.asked


@pytest.mark.parametrize(
    ("name", "leads_to"),
    [
        (None, None),
        ("host.example.", "203.0.113.5"),
        ("crawl.googlebot.com.", "66.249.66.1"),
        ("crawl.googlebot.com.", None),
        ("crawl.googlebot.com.evil.example.", "203.0.113.5"),
        ("evilgooglebot.com.", "203.0.113.5"),
        ("googlebot.com.", "203.0.113.5"),
    ],
)
def test_an_address_that_is_not_the_crawler_s_gets_the_preview(names, name, leads_to):
    if name:
        names.names("203.0.113.5", name)
    if leads_to:
        names.leads(name, leads_to)
    assert PAID not in visit(paid(), "203.0.113.5").content


def test_a_header_makes_nobody_a_crawler(names, settings):
    article = paid()
    for header in ("X-Forwarded-For", "X-Real-IP", "CF-Connecting-IP", "Forwarded"):
        assert PAID not in visit(article, "203.0.113.5", **{header: "66.249.66.1"}).content
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    assert PAID in visit(article, "10.0.0.1", **{"X-Forwarded-For": "66.249.66.1"}).content


def test_the_verdict_is_kept(names):
    article = paid()
    for _ in range(4):
        visit(article)
        visit(article, "203.0.113.5")
    assert set(names.asked.values()) == {1}


def test_a_silent_name_server_means_preview_soon_and_is_asked_again_later(names, monkeypatch):
    kept: list[tuple[object, int]] = []
    real = crawlers.cache.set

    def noting(key: str, value: object, seconds: int) -> None:
        kept.append((value, seconds))
        real(key, value, seconds)

    monkeypatch.setattr(crawlers.cache, "set", noting)
    names.is_silent = {"PTR"}
    assert PAID not in visit(paid()).content
    assert (False, crawlers.FAILURE_SECONDS) in kept


@pytest.mark.parametrize("is_asked_back", [False, True], ids=["reverse", "forward"])
def test_a_name_server_that_says_nothing_holds_nobody_up(names, is_asked_back):
    names.is_silent = {"A"} if is_asked_back else {"PTR", "A"}
    article, started = paid(), time.monotonic()
    assert PAID not in visit(article).content
    assert time.monotonic() - started < 2 * crawlers.LOOKUP_SECONDS + 1
    assert ("A crawl-66-249-66-1.googlebot.com." in names.asked) is is_asked_back
    silent = dict(names.asked)
    assert PAID not in visit(article).content
    assert names.asked == silent, "the failure is remembered for a while"


@pytest.mark.parametrize("answer", [b"", b"nonsense", b"\x00" * 600])
def test_a_name_server_that_says_nonsense_means_preview(names, answer):
    names.nonsense = answer
    assert PAID not in visit(paid()).content


def test_many_who_claim_to_be_crawlers_are_looked_up_so_often_and_no_more(names, monkeypatch):
    monkeypatch.setattr(crawlers, "MAX_LOOKUPS_A_MINUTE", 3)
    article = paid()
    for host in range(10):
        visit(article, f"203.0.113.{host}")
    assert len(names.asked) == 3


def test_the_meter_and_gifts_of_a_crawler_are_not_asked_for(names, count_queries):
    article = paid()
    visit(article)
    with count_queries() as queries:
        visit(article)
    assert not [query for query in queries if "meter" in query["sql"] or "giftlink" in query["sql"]]
