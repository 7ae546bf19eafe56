"""So many metered articles a month, and no more."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail, signing
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from time_machine import travel

from accounts.client_address import network_of
from accounts.models import User
from articles import meter
from articles.models import AnonymousMeter, MeteredRead, MeterNetwork, PaywallSettings
from articles.models.access_levels import Access
from config.page_cache import PageCache
from magazine.public_pages import forget_public_pages
from tests.accounts.conftest import code_in, filled_in
from tests.factories import make_article, make_user
from tests.threads import at_once
from tests.wsgi_browser import Browser

pytestmark = pytest.mark.django_db
PAID = b"SENTINEL"


def metered(access: Access = Access.METERED, **fields):
    body = "<p>The opening, for all.</p>" * 4 + '<hr class="paywall-divider">' + "<p>SENTINEL in the paid text.</p>" * 6
    return make_article(access=access, body=body, **fields)


def unlock(client: Client, article, **headers: str):
    return client.post(f"/{article.slug}/unlock/", headers=headers)


def is_open(client: Client, article) -> bool:
    response = client.get(article.get_absolute_url())
    assert response.status_code == 200
    return PAID in response.content


def cookie_of(client: Client) -> str:
    return client.cookies[meter.COOKIE].value


def allow(**fields: int) -> None:
    paywall = PaywallSettings.load()
    for name, value in fields.items():
        setattr(paywall, name, value)
    paywall.save()


def browser(cookie: str) -> Client:
    client = Client()
    client.cookies[meter.COOKIE] = cookie
    return client


def sign_in(client: Client, user) -> None:
    """Sign in as readers do, by the code in the mail."""
    asked = client.post("/accounts/login/", filled_in(user.email))
    assert client.post(asked["Location"], {"code": code_in(mail.outbox[-1])}).status_code == 302


def test_a_stranger_opens_an_article_and_gets_the_whole_of_it(client):
    article = metered()
    assert not is_open(client, article)
    response = unlock(client, article)
    assert response.status_code == 303
    assert response.headers["Location"] == article.get_absolute_url()
    page = client.get(article.get_absolute_url())
    assert PAID in page.content
    assert page.headers["Cache-Control"] == "private, no-store"
    assert b'data-shown="full"' in page.content


def test_the_cookie_can_be_read_by_no_script_and_ends_with_the_month(client):
    with travel(datetime(2026, 6, 30, 12, tzinfo=ZoneInfo("Asia/Shanghai")), tick=False):
        unlock(client, metered())
    cookie = client.cookies[meter.COOKIE]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 12 * 3600


def test_who_keeps_no_cookie_gets_the_preview():
    article = metered()
    for _ in range(5):
        unlock(Client(), article)
    assert not is_open(Client(), article)


def test_a_stranger_opens_three_and_not_a_fourth(client):
    opened = [metered() for _ in range(3)]
    for article in opened:
        assert unlock(client, article).status_code == 303
    fourth = metered()
    refused = unlock(client, fourth)
    assert refused.status_code == 403
    assert "Your free reads of this month are used." in refused.content.decode()
    assert "/accounts/signup/" in refused.content.decode()
    assert refused.headers["Cache-Control"] == "private, no-store"
    assert not is_open(client, fourth)
    assert all(is_open(client, article) for article in opened)


def test_reading_again_is_free(client):
    article = metered()
    for _ in range(6):
        assert unlock(client, article).status_code == 303
    assert AnonymousMeter.objects.get().spent == 1
    assert unlock(client, metered()).status_code == 303


def test_an_account_opens_five_and_not_a_sixth(as_reader, reader):
    for _ in range(5):
        assert unlock(as_reader, metered()).status_code == 303
    assert unlock(as_reader, metered()).status_code == 403
    assert MeteredRead.objects.filter(user=reader).count() == 5


def test_an_account_s_reads_are_open_in_another_browser(reader):
    article, here, there = metered(), Client(), Client()
    here.force_login(reader)
    there.force_login(reader)
    unlock(here, article)
    assert is_open(there, article)


@pytest.mark.parametrize("access", [Access.FREE, Access.REGISTERED, Access.PREMIUM])
def test_only_metered_articles_are_counted_and_premium_ones_never_open(client, access):
    article = metered(access)
    assert unlock(client, article).status_code == 303
    assert meter.COOKIE not in client.cookies
    assert is_open(client, article) is (access == Access.FREE)
    assert not AnonymousMeter.objects.exists()


def test_an_article_that_became_premium_is_open_no_more(client, as_reader):
    stranger, article = Client(), metered()
    for reader in (stranger, as_reader):
        unlock(reader, article)
        assert is_open(reader, article)
    article.access = Access.PREMIUM
    article.save()
    assert not is_open(stranger, article)
    assert not is_open(as_reader, article)


def test_nothing_but_the_form_counts(client):
    article = metered()
    client.head(article.get_absolute_url())
    client.get(article.get_absolute_url())
    assert client.get(f"/{article.slug}/unlock/").status_code == 405
    for ahead in ("prefetch", "prefetch;prerender", "prefetch;anonymous-client-ip"):
        assert PAID not in client.get(article.get_absolute_url(), headers={"Sec-Purpose": ahead}).content
        unlock(client, article, **{"Sec-Purpose": ahead})
    assert client.post("/there-is-none/unlock/").status_code == 404
    unlock(client, metered(status="draft"))
    assert meter.COOKIE not in client.cookies
    assert not AnonymousMeter.objects.exists()


def test_a_form_of_another_site_opens_nothing(client):
    article = metered()
    assert unlock(client, article, Origin="https://elsewhere.example").status_code == 403
    assert unlock(client, article, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert not is_open(client, article)


def test_a_subscriber_spends_nothing(as_subscriber, subscriber):
    article = metered()
    assert unlock(as_subscriber, article).status_code == 303
    assert not MeteredRead.objects.exists()


def test_the_block_says_how_many_are_left_and_when_they_start_again(client):
    with travel(datetime(2026, 6, 10, tzinfo=UTC), tick=False):
        article = metered(published_at=timezone.now() - timedelta(days=1))
        page = client.get(article.get_absolute_url())
        assert "3 free reads a month" in page.content.decode()
        assert page.headers["Cache-Control"].startswith("public")
        unlock(client, metered())
        page = client.get(article.get_absolute_url())
        assert "2 of 3 free reads left this month" in page.content.decode()
        assert "They start again on 1 July." in page.content.decode()
        assert page.headers["Cache-Control"] == "private, no-store"
        for _ in range(2):
            unlock(client, metered())
        html = client.get(article.get_absolute_url()).content.decode()
        assert "Your 3 free reads of this month are used" in html
        assert "Read 2 more with a free account" in html
        assert "/unlock/" not in html


def test_without_an_allowance_the_block_offers_nothing(client):
    allow(anonymous_allowance=0)
    article = metered()
    assert "/unlock/" not in client.get(article.get_absolute_url()).content.decode()
    assert unlock(client, article).status_code == 403
    assert not is_open(client, article)


def test_a_premium_article_shows_no_meter(client):
    assert "/unlock/" not in client.get(metered(Access.PREMIUM).get_absolute_url()).content.decode()


def test_a_large_allowance_is_told_without_marks(client):
    allow(anonymous_allowance=40)
    html = client.get(metered().get_absolute_url()).content.decode()
    assert "40 free reads a month" in html and 'class="pips"' not in html


def test_behind_the_page_cache_everybody_shares_the_preview_and_nobody_the_whole(client):
    forget_public_pages()
    site, article = Browser(PageCache(WSGIHandler(), own_host="localhost:8000")), metered()
    address = article.get_absolute_url()
    assert [site.get(address).cache for _ in range(2)] == ["miss", "hit"]
    unlock(client, article)
    mine = site.get(address, cookie=f"{meter.COOKIE}={cookie_of(client)}")
    assert "SENTINEL" in mine.text and mine.cache == "bypass"
    theirs = site.get(address)
    assert "SENTINEL" not in theirs.text and theirs.cache == "hit"


def test_what_a_reader_opened_costs_one_query(subscriber, reader, count_queries):
    article, costs = metered(), []
    for person in (subscriber, reader):
        browser = Client()
        browser.force_login(person)
        unlock(browser, article)
        assert is_open(browser, article)
        with count_queries() as queries:
            browser.get(article.get_absolute_url())
        costs.append(len(queries))
    # Who has no subscription is asked for a grant, too.
    assert costs[0] <= 6
    assert costs[1] <= costs[0] + 2


# Cookies ---------------------------------------------------------------------------------------------------------


def forged(article) -> dict[str, object]:
    return {"p": meter.period_at().isoformat(), "a": [article.pk], "k": "", "u": None}


def test_a_forged_cookie_opens_nothing(client):
    article = metered()
    unlock(client, article)
    good = cookie_of(client)
    assert is_open(browser(good), article)
    payload, stamp, signature = good.split(":")
    bad = {
        "signed by somebody else": signing.dumps(forged(article), key="another site's secret", salt=meter.SALT),
        "signed for something else": signing.dumps(forged(article), salt="comments.held"),
        "unsigned": payload,
        "with another's signature": f"{signing.dumps(forged(article), salt=meter.SALT).split(':')[0]}:{stamp}:{signature[::-1]}",
        "truncated": good[:-1],
        "cut in the middle": good[: len(good) // 2],
        "empty": "",
        "binary": "%00%ff",
        "long": "x" * 4000,
        "of no shape": signing.dumps([1, 2], salt=meter.SALT),
        "with words": signing.dumps(forged(article) | {"a": ["all"]}, salt=meter.SALT),
        "of no month": signing.dumps(forged(article) | {"p": "always"}, salt=meter.SALT),
        "of another month": signing.dumps(forged(article) | {"p": "2020-01-01"}, salt=meter.SALT),
    }
    for name, cookie in bad.items():
        assert not is_open(browser(cookie), article), name


def test_a_cookie_that_is_sent_again_opens_no_more_than_its_allowance(client):
    unlock(client, metered())
    early = cookie_of(client)
    statuses = [unlock(browser(early), metered()).status_code for _ in range(5)]
    assert statuses == [303, 303, 403, 403, 403]


def test_a_cookie_of_last_month_opens_nothing_and_leaves_a_whole_allowance(client):
    with travel(datetime(2026, 5, 20, tzinfo=UTC), tick=False):
        article = metered(published_at=datetime(2026, 5, 1, tzinfo=UTC))
        unlock(client, article)
        old = cookie_of(client)
        assert is_open(browser(old), article)
    with travel(datetime(2026, 6, 20, tzinfo=UTC), tick=False):
        late = browser(old)
        assert not is_open(late, article)
        assert "3 free reads a month" in late.get(article.get_absolute_url()).content.decode()
        assert unlock(late, article).status_code == 303
        assert is_open(late, article)


def test_the_cookie_stays_small(client):
    reads = meter.Reads(meter.period_at(), key="x" * 36).plus(*range(10**8, 10**8 + 1000))
    response = HttpResponse()
    meter.keep_reads(response, reads)
    assert len(response.cookies[meter.COOKIE].value) < 4000


# Months ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["Asia/Hong_Kong", "America/New_York"])
@pytest.mark.parametrize(
    ("last", "first"),
    [(date(2026, 1, 31), date(2026, 2, 1)), (date(2026, 10, 31), date(2026, 11, 1)), (date(2024, 2, 29), date(2024, 3, 1))],
)
def test_the_month_ends_at_midnight_in_the_site_s_zone(settings, client, as_reader, zone, last, first):
    """In New York, 1 November 2026 is the day on which summer time ends."""
    settings.TIME_ZONE = zone
    place, stranger = ZoneInfo(zone), Client()
    with travel(datetime(last.year, last.month, last.day, 23, 59, tzinfo=place), tick=False):
        article = metered(published_at=timezone.now() - timedelta(days=1))
        assert meter.period_at() == last.replace(day=1)
        for reader in (stranger, as_reader):
            unlock(reader, article)
            assert is_open(reader, article)
        assert stranger.cookies[meter.COOKIE]["max-age"] == 60
        assert reset_days(stranger) == reset_days(as_reader) == f"{first.day} {first:%B}"
    with travel(datetime(first.year, first.month, 1, 0, 0, tzinfo=place), tick=False):
        assert meter.period_at() == first
        for reader in (stranger, as_reader):
            assert not is_open(reader, article)
            assert unlock(reader, article).status_code == 303
        second = meter.next_period(first)
        assert reset_days(stranger) == reset_days(as_reader) == f"{second.day} {second:%B}"
    assert sorted(MeteredRead.objects.values_list("period", flat=True)) == [last.replace(day=1), first]


def reset_days(client: Client) -> str:
    """Return the day on which the block of an article says that the reads start again."""
    page = client.get(metered(published_at=timezone.now() - timedelta(hours=1)).get_absolute_url()).content.decode()
    return re.search(r"They start again on (\d+ \w+)\.", page)[1]


@pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 11, 1)], ids=["summer time begins", "summer time ends"])
@pytest.mark.parametrize("hour", [0, 1, 2, 3, 23])
def test_a_month_in_which_the_clocks_change_lasts_until_its_own_midnight(settings, client, day, hour):
    settings.TIME_ZONE = "America/New_York"
    place = ZoneInfo("America/New_York")
    now = datetime(day.year, day.month, day.day, hour, 30, tzinfo=place)
    end = datetime(day.year, day.month + 1, 1, tzinfo=place)
    with travel(now, tick=False):
        unlock(client, metered(published_at=timezone.now() - timedelta(days=1)))
        assert meter.period_at() == day.replace(day=1)
        assert reset_days(client) == f"1 {end:%B}"
    assert client.cookies[meter.COOKIE]["max-age"] == end.timestamp() - now.timestamp()


# Signing in ------------------------------------------------------------------------------------------------------


def test_signing_in_merges_what_was_read_and_gives_no_second_allowance(client, reader):
    before = [metered() for _ in range(3)]
    for article in before:
        unlock(client, article)
    sign_in(client, reader)
    assert all(is_open(client, article) for article in before)
    assert [unlock(client, metered()).status_code for _ in range(3)] == [303, 303, 403]
    signed_out = browser(cookie_of(client))
    assert unlock(signed_out, metered()).status_code == 403


def test_signing_out_gives_no_second_allowance(client, reader):
    sign_in(client, reader)
    opened = [metered() for _ in range(4)]
    for article in opened:
        assert unlock(client, article).status_code == 303
    cookie = cookie_of(client)
    left = browser(cookie)
    assert unlock(left, metered()).status_code == 403
    sign_in(left, reader)
    assert MeteredRead.objects.filter(user=reader).count() == 4


def test_what_one_account_opened_is_not_counted_for_another_in_the_same_browser(client, reader):
    sign_in(client, reader)
    unlock(client, metered())
    other, shared = make_user(), browser(cookie_of(client))
    sign_in(shared, other)
    assert not MeteredRead.objects.filter(user=other).exists()


def test_signing_in_twice_counts_once(client, reader):
    unlock(client, metered())
    sign_in(client, reader)
    sign_in(browser(cookie_of(client)), reader)
    assert MeteredRead.objects.filter(user=reader).count() == 1


# Networks --------------------------------------------------------------------------------------------------------


def test_a_network_begins_so_many_meters_a_day_and_is_then_asked_to_sign_in():
    allow(new_meters_per_network=2)
    article = metered()
    statuses = [Client(REMOTE_ADDR=f"203.0.113.{host}").post(f"/{article.slug}/unlock/").status_code for host in range(3)]
    assert statuses == [303, 303, 403]
    refused = Client(REMOTE_ADDR="203.0.113.9").post(f"/{article.slug}/unlock/").content.decode()
    assert "Please read on with an account." in refused
    assert "/accounts/signup/" in refused
    assert Client(REMOTE_ADDR="198.51.100.1").post(f"/{article.slug}/unlock/").status_code == 303


def test_a_browser_that_has_a_meter_is_not_held_up_by_its_network():
    allow(new_meters_per_network=1)
    client = Client(REMOTE_ADDR="2001:db8:1:2::1")
    assert unlock(client, metered()).status_code == 303
    assert unlock(client, metered()).status_code == 303
    assert Client(REMOTE_ADDR="2001:db8:1:3::1").post(f"/{metered().slug}/unlock/").status_code == 403


def test_who_writes_another_address_into_a_header_begins_no_more(settings):
    allow(new_meters_per_network=1)
    article = metered()
    headers = [{"X-Forwarded-For": f"192.0.{n}.1"} for n in range(3)]
    assert [unlock(Client(REMOTE_ADDR="203.0.113.1"), article, **header).status_code for header in headers] == [303, 403, 403]
    settings.TRUSTED_PROXIES = ["203.0.113.1"]
    assert [unlock(Client(REMOTE_ADDR="203.0.113.1"), article, **header).status_code for header in headers] == [303, 303, 303]


def test_the_address_is_kept_nowhere_and_its_hash_changes_daily():
    Client(REMOTE_ADDR="203.0.113.77").post(f"/{metered().slug}/unlock/")
    assert MeterNetwork.objects.get().network == network_of("203.0.113.77", timezone.localdate())
    assert "203" not in str(MeterNetwork.objects.get())
    day = date(2026, 6, 1)
    assert network_of("203.0.113.77", day) == network_of("203.0.113.1", day)
    assert network_of("::ffff:203.0.113.77", day) == network_of("203.0.113.1", day)
    assert network_of("203.0.113.77", day) != network_of("203.0.114.77", day)
    assert network_of("203.0.113.77", day) != network_of("203.0.113.77", day + timedelta(days=1))


def test_old_meters_are_forgotten(client, as_reader):
    with travel(datetime(2026, 3, 20, tzinfo=UTC), tick=False):
        article = metered(published_at=datetime(2026, 3, 1, tzinfo=UTC))
        for reader in (Client(), as_reader):
            unlock(reader, article)
    with travel(datetime(2026, 4, 20, tzinfo=UTC), tick=False):
        meter.clear_old_meters()
        assert (MeteredRead.objects.count(), AnonymousMeter.objects.count(), MeterNetwork.objects.count()) == (1, 1, 0)
    with travel(datetime(2026, 6, 20, tzinfo=UTC), tick=False):
        meter.clear_old_meters()
    assert (MeteredRead.objects.count(), AnonymousMeter.objects.count()) == (0, 0)


# Many at once ----------------------------------------------------------------------------------------------------


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_with_one_left_open_one_article_for_an_account():
    user, articles = make_user(), [metered() for _ in range(20)]
    allow(registered_allowance=3)
    for article in (metered(), metered()):
        meter.unlock_for(user, article)
    clients = [Client() for _ in articles]
    for client in clients:
        client.force_login(user)
    statuses = at_once(20, lambda number: unlock(clients[number], articles[number]).status_code, behind=User.objects.filter(pk=user.pk))
    assert sorted(statuses) == [303] + [403] * 19
    assert MeteredRead.objects.filter(user=user).count() == 3


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_with_one_left_open_one_article_without_an_account():
    client, articles = Client(), [metered() for _ in range(20)]
    for article in (metered(), metered()):
        unlock(client, article)
    cookie = cookie_of(client)
    statuses = at_once(20, lambda number: unlock(browser(cookie), articles[number]).status_code, behind=AnonymousMeter.objects.all())
    assert sorted(statuses) == [303] + [403] * 19


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_network_s_limit_holds_for_many_at_once():
    allow(new_meters_per_network=4)
    article = metered()
    unlock(Client(), article)
    statuses = at_once(20, lambda number: unlock(Client(), article).status_code, behind=MeterNetwork.objects.all())
    assert sorted(statuses) == [303] * 3 + [403] * 17
