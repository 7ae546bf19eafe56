"""No way of asking gets paid or unpublished text from the running site: two processes, their page cache on, on either database."""

import random
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone

from articles import gifts, meter, private_feeds
from articles.models import Article, GiftLink
from articles.models.access_levels import Access
from magazine.tokens import hash_of
from tests.addresses import all_samples
from tests.factories import make_subscription, make_user
from tests.sentinels import GATED, HEADERS, MARK, PLACES, QUERIES, SUFFIXES, leak_in, plant_magazine, sentinel
from tests.serving import Said, Visitor, served

pytestmark = pytest.mark.django_db
PREMIUM, METERED = "/gated/", "/gated-metered/"
# Article pages, lists, feeds, sitemaps, searches, threads and letters; what is left out has its own tests or needs a sign-in.
ELSEWHERE = re.compile(r"/account/|/admin/|/media/|/webhooks/|/healthz|/readyz|/theme-|/icon-|/support/|/subscribe/")
# What only asks the page cache for another form of the same page.
FORMS = ({}, {"Range": "bytes=100-"}, {"Range": "bytes=-90", "If_Range": '"x"'}, {"If_None_Match": '"x"'}, {"Accept_Encoding": "br"})


@dataclass
class Planted:
    """What the visitors bring: cookies, and addresses of gifts and feeds by what became of them."""

    url: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    forged: dict[str, str] = field(default_factory=dict)
    closed: dict[str, str] = field(default_factory=dict)
    open_gift: str = ""
    reader_feed: str = ""
    subscriber_feed: str = ""

    def visitor(self, who: str = "") -> Visitor:
        return Visitor(self.url, self.cookies[who] if who else "")


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: object) -> Iterator[Planted]:
    found = Planted()
    with django_db_blocker.unblock(), served(tmp_path_factory.mktemp("served"), lambda: plant(found)) as url:  # type: ignore[attr-defined]
        found.url = url
        yield found


def plant(found: Planted) -> None:
    gated = plant_magazine()
    subscriber, reader = make_user("sol@example.com"), make_user("rhea@example.com")
    make_subscription(subscriber)
    found.cookies = {"subscriber": session_of(subscriber), "reader": session_of(reader)}
    left = Client()
    left.force_login(subscriber)
    signed_out = header_of(left)
    left.logout()
    found.subscriber_feed = f"/feed/private/{private_feeds.make_address(subscriber)}/"
    stopped = f"/feed/private/{private_feeds.make_address(reader)}/"
    found.reader_feed = f"/feed/private/{private_feeds.make_address(reader)}/"
    opened = give(subscriber, gated[Access.PREMIUM])
    found.open_gift = "/gift/open/"
    found.closed = {"a stopped feed": stopped, "no feed": "/feed/private/none/", "no gift": "/gift/none/"}
    found.closed |= {f"a gift {state}": f"/gift/{state}/" for state in ("expired", "revoked", "spent")}
    found.forged = forged_cookies(gated, opened, found.cookies["subscriber"], signed_out)


def give(subscriber: object, article: Article) -> dict[str, int]:
    """Make a gift in each state, its token the name of it, and one of another article; return their ids."""
    now = timezone.now()
    states = {
        "open": {},
        "spent": {"opens": 5},
        "expired": {"created_at": now - timedelta(days=15), "expires_at": now},
        "revoked": {"revoked_at": now},
        "another": {"article": Article.objects.get(slug="pointing")},
    }
    made = {
        state: GiftLink.objects.create(giver=subscriber, token_hash=hash_of(state), max_opens=5, **{"article": article} | fields)
        for state, fields in states.items()
    }
    return {state: gift.pk for state, gift in made.items()}


def header_of(client: Client) -> str:
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


def session_of(user: object) -> str:
    client = Client()
    client.force_login(user)
    return header_of(client)


def forged_cookies(gated: dict[str, Article], opened: dict[str, int], session: str, signed_out: str) -> dict[str, str]:
    """Return cookies that aren't ours, aren't whole, or are for something else or of another time, by what is wrong with them."""
    ids = [article.pk for article in gated.values()]
    month = meter.period_at()
    reads = {"p": month.isoformat(), "a": ids, "k": "", "u": None}
    last_month = reads | {"p": (month - timedelta(days=1)).replace(day=1).isoformat()}
    true_reads = signing.dumps(reads | {"a": [gated[Access.METERED].pk]}, salt=meter.SALT)
    made = {
        "no session": "masthead_session=forged; sessionid=forged",
        "a session cut off": session[:-4],
        "a session signed out": signed_out,
        "a session of two": f"masthead_session=x; {session[:-1]}",
        "reads of another site": f"{meter.COOKIE}={signing.dumps(reads, key='foreign', salt=meter.SALT)}",
        "reads signed as a gift": f"{meter.COOKIE}={signing.dumps(reads, salt=gifts.SALT)}",
        "reads cut off": f"{meter.COOKIE}={true_reads[:-3]}",
        "reads of last month": f"{meter.COOKIE}={signing.dumps(last_month, salt=meter.SALT)}",
        "reads as gifts": f"{gifts.COOKIE}={signing.dumps(ids, salt=meter.SALT)}",
        "all gifts of another site": f"{gifts.COOKIE}={signing.dumps(list(range(99)), key='foreign', salt=gifts.SALT)}",
        "bytes": f'{meter.COOKIE}=%00%ff; {gifts.COOKIE}=:::; masthead_session="',
    }
    states = {state: signing.dumps([opened[state]], salt=gifts.SALT) for state in ("another", "expired", "revoked")}
    return made | {f"a gift {state}": f"{gifts.COOKIE}={cookie}" for state, cookie in states.items()}


def addresses() -> list[str]:
    return [address for address in all_samples() if not ELSEWHERE.match(address)]


def assert_nothing_leaks(said: Said, what: object, kinds: str = "") -> None:
    leak = leak_in(said.everything, kinds)
    assert leak is None, f"{what} shows {leak}"
    assert said.status < 500, f"{what} hides behind an error"


def test_who_paid_gets_every_planted_word_so_the_probes_look_for_the_right_ones(planted: Planted):
    subscriber = planted.visitor("subscriber")
    for access, address in zip(GATED, ("/gated-registered/", METERED, PREMIUM), strict=True):
        page = subscriber.ask(address)
        assert [place for place in PLACES if sentinel(access, place) not in page.text.lower()] == []
        assert (page.headers["Cache-Control"], page.headers["X-Cache"]) == ("private, no-store", "bypass")
    assert MARK in subscriber.ask("/newsletters/letter/sent/").text.lower()
    assert MARK in planted.visitor().ask(planted.subscriber_feed).text.lower()


def test_no_address_shows_anything_however_often_it_is_asked(planted: Planted):
    stranger = planted.visitor()
    for address in addresses():
        assert_nothing_leaks(stranger.ask(address), address)
        assert_nothing_leaks(stranger.ask(address, method="HEAD"), address)
    for _ in range(50):
        page = stranger.ask(METERED)
        assert_nothing_leaks(page, METERED)
        assert "Set-Cookie" not in page.headers
    assert page.headers["X-Cache"] == "hit"


@pytest.mark.parametrize("headers", HEADERS, ids=lambda headers: " ".join(headers) + " " + list(headers.values())[-1][:20])
def test_no_header_opens_anything(planted: Planted, headers: dict[str, str]):
    for address in addresses():
        assert_nothing_leaks(planted.visitor().ask(address, **headers), f"{address} with {headers}")


def test_no_parameter_and_no_other_spelling_opens_anything(planted: Planted):
    stranger = planted.visitor()
    for address in addresses():
        joined = address + ("&" if "?" in address else "?")
        for query in QUERIES if re.search("gated|withheld|letter|search", address) else ():
            assert_nothing_leaks(stranger.ask(joined + query), joined + query)
    for path in (PREMIUM, METERED, "/withheld/", "/once-gated/", "/newsletters/letter/sent/"):
        others = [path.upper(), f"/{path}", path.replace("/", "//"), f"{path}%20", f"{path};x", f"{path}../", f"/.{path}"]
        for other in [*others, *(path.rstrip("/") + suffix for suffix in SUFFIXES)]:
            said = stranger.ask(other)
            for _ in range(3):
                assert_nothing_leaks(said, other)
                if said.status not in (301, 302):
                    break
                said = stranger.ask(said.headers["Location"].removeprefix(planted.url))


def test_no_cookie_that_is_forged_cut_replayed_or_somebody_elses_opens_anything(planted: Planted):
    for name, cookies in planted.forged.items():
        visitor = Visitor(planted.url, cookies)
        for address in (*(f"/gated{suffix}/" for suffix in ("", "-metered", "-registered")), "/newsletters/letter/sent/", "/withheld/"):
            said = visitor.ask(address)
            assert_nothing_leaks(said, f"{address} with {name}")
            assert said.headers["X-Cache"] == "bypass", f"{name} is not told from nobody"


def test_a_cookie_used_again_opens_no_more_than_what_was_spent_on_it(planted: Planted):
    spent = planted.visitor().ask("/gated-metered/unlock/", method="POST")
    reads = Visitor(planted.url, spent.cookie(meter.COOKIE))
    assert (spent.status, leak_in(reads.ask(METERED).everything) is not None) == (303, True)
    for address in (PREMIUM, "/gated-registered/", "/newsletters/letter/sent/", "/withheld/"):
        assert_nothing_leaks(reads.ask(address), address)
    assert_nothing_leaks(planted.visitor().ask(METERED), "what another browser opened")
    for address in ("/gated/unlock/", "/gated-registered/unlock/", "/withheld/unlock/"):
        assert "Set-Cookie" not in planted.visitor().ask(address, method="POST").headers


def test_a_gift_opens_its_article_alone_and_nothing_once_it_is_closed(planted: Planted):
    for name, address in planted.closed.items():
        for method in ("GET", "POST", "HEAD"):
            said = planted.visitor().ask(address, method=method)
            assert_nothing_leaks(said, name)
            assert "Set-Cookie" not in said.headers, name
    looked_at = planted.visitor().ask(planted.open_gift)
    assert_nothing_leaks(looked_at, "a gift that is looked at")
    friend = Visitor(planted.url, planted.visitor().ask(planted.open_gift, method="POST").cookie(gifts.COOKIE))
    page = friend.ask(PREMIUM)
    assert leak_in(page.text) and page.headers["Cache-Control"] == "private, no-store"
    for address in (METERED, "/gated-registered/", "/newsletters/letter/sent/", "/feed/", "/search/?q=beginning"):
        assert_nothing_leaks(friend.ask(address), address)


def test_somebody_who_only_signed_in_gets_what_asks_for_an_account_and_no_more(planted: Planted):
    reader = planted.visitor("reader")
    for address in (address for address in addresses() if re.search("gated|withheld|letter|feed|search", address)):
        assert_nothing_leaks(reader.ask(address), address, kinds="(?!registered)")
    feed = planted.visitor().ask(planted.reader_feed)
    assert sentinel("registered", "last") in feed.text.lower()
    assert_nothing_leaks(feed, "a feed of one who pays nothing", kinds="(?!registered)")


def test_what_a_subscriber_read_reaches_nobody_after_them(planted: Planted):
    subscriber, stranger = planted.visitor("subscriber"), planted.visitor()
    for path in (PREMIUM, METERED, "/feed/", "/", "/newsletters/letter/sent/", "/search/?q=beginning", "/gated/comments/"):
        mark = "&" if "?" in path else "?"
        for address in (path, f"{path}{mark}utm_source=letter", f"{path}{mark}fresh={random.random()}", f"/{path}", path.upper()):
            tag = subscriber.ask(address).headers.get("ETag", '"none"')
            for headers in (*FORMS, {"If_None_Match": tag}, {"If_Range": tag, "Range": "bytes=0-"}):
                assert_nothing_leaks(stranger.ask(address, **headers), f"{address} with {headers} after a subscriber")
        assert_nothing_leaks(stranger.ask(path, method="HEAD"), path)


def test_a_subscriber_never_gets_a_kept_preview_from_any_worker_in_any_order(planted: Planted):
    order = ["subscriber"] * 60 + [""] * 60
    random.Random(3).shuffle(order)

    def ask(turn: tuple[int, str]) -> tuple[str, Said, str]:
        number, who = turn
        address = (PREMIUM, METERED, f"{PREMIUM}?utm_source=x", f"{METERED}?turn={number // 12}")[number % 4]
        return who, planted.visitor(who).ask(address, **FORMS[number % len(FORMS)]), address

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, enumerate(order)))
    for who, said, address in answers:
        assert said.status == 200, address
        assert (leak_in(said.text) is not None) is bool(who), f"{address} for {who or 'a stranger'}"
        assert said.headers["Cache-Control"].startswith("private, no-store" if who else "public"), address
        assert (said.headers["X-Cache"] == "bypass") is bool(who), address


def test_a_search_for_planted_words_answers_as_for_words_that_stand_nowhere(planted: Planted):
    stranger = planted.visitor()
    for kind in (*GATED, "issue", "draft", "revision"):
        for place in ("last", "caption", "alt", "footnote", "quote", "item", "link", "body"):
            word, nowhere = sentinel(kind, place), "x" * len(sentinel(kind, place))
            answers = [stranger.ask(f"/search/?q=beginning+{one}").text.replace(one, "?") for one in (word, nowhere)]
            assert answers[0] == answers[1], word
