"""How much is read."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from articles import popularity
from articles.models import Article, DailyReads
from articles.popularity import ReadCounter, add_reads, is_a_read, recount
from articles.tasks import record_reads
from tests.factories import make_article

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1"


@pytest.fixture(autouse=True)
def handed_over(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[int, int]]]:
    """What the counter of this process hands over."""
    counts: list[dict[int, int]] = []
    monkeypatch.setattr(popularity, "COUNTER", ReadCounter(counts.append))
    yield counts


def counted(handed_over: list[dict[int, int]]) -> dict[int, int]:
    popularity.flush()
    return handed_over[-1] if handed_over else {}


@pytest.mark.parametrize("user_agent", [FIREFOX, SAFARI])
def test_people_count(user_agent: str) -> None:
    assert is_a_read(method="GET", user_agent=user_agent)


@pytest.mark.parametrize(
    "user_agent",
    [
        "",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "facebookexternalhit/1.1",
        "curl/8.5.0",
        "python-requests/2.32",
        "Mozilla/5.0 (compatible; YandexBot/3.0)",
        "Slackbot-LinkExpanding 1.0",
        "Feedly/1.0",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/130.0 Safari/537.36",
    ],
)
def test_programs_do_not_count(user_agent: str) -> None:
    assert not is_a_read(method="GET", user_agent=user_agent)


def test_neither_head_nor_prefetch_counts() -> None:
    assert not is_a_read(method="HEAD", user_agent=FIREFOX)
    assert not is_a_read(method="GET", user_agent=FIREFOX, purpose="prefetch;prerender")


@pytest.mark.django_db
def test_a_page_counts_without_a_write(client: Client, handed_over, count_queries) -> None:
    article = make_article()
    with count_queries() as queries:
        client.get(article.get_absolute_url(), headers={"User-Agent": FIREFOX})
    assert not [query for query in queries if query["sql"].startswith(("INSERT", "UPDATE")) and "dailyreads" in query["sql"]]
    client.get(article.get_absolute_url(), headers={"User-Agent": "Googlebot/2.1"})
    client.get(article.get_absolute_url(), headers={"User-Agent": FIREFOX, "Sec-Purpose": "prefetch"})
    client.head(article.get_absolute_url(), headers={"User-Agent": FIREFOX})
    client.get("/nothing-here/", headers={"User-Agent": FIREFOX})
    assert counted(handed_over) == {article.pk: 1}


def test_counts_are_handed_over_every_half_minute() -> None:
    now, handed = [0.0], []
    counter = ReadCounter(handed.append, clock=lambda: now[0])
    counter.note(1)
    now[0] = 29.0
    counter.note(1)
    assert not handed
    now[0] = 30.0
    counter.note(2)
    assert handed == [{1: 2, 2: 1}]
    counter.note(3)
    assert len(handed) == 1


def test_the_buffer_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(popularity, "MAX_BUFFERED_ARTICLES", 3)
    handed: list[dict[int, int]] = []
    counter = ReadCounter(handed.append)
    for article_id in range(4):
        counter.note(article_id)
    assert handed == [{0: 1, 1: 1, 2: 1}]


@pytest.mark.django_db
def test_reads_of_a_day_add_up() -> None:
    article, today = make_article(), timezone.localdate()
    add_reads({article.pk: 3}, day=today, batch="a")
    add_reads({article.pk: 4, 987654321: 9}, day=today, batch="b")
    assert list(DailyReads.objects.values_list("article_id", "day", "reads")) == [(article.pk, today, 7)]


@pytest.mark.django_db
def test_a_message_delivered_twice_counts_once() -> None:
    article = make_article()
    for _ in range(2):
        record_reads([[article.pk, 5]], timezone.localdate().isoformat(), "same")
    assert DailyReads.objects.get().reads == 5


@pytest.mark.django_db
def test_a_batch_that_failed_can_be_delivered_again(monkeypatch: pytest.MonkeyPatch) -> None:
    article = make_article()
    with monkeypatch.context() as broken, pytest.raises(RuntimeError):
        broken.setattr(DailyReads.objects, "bulk_create", lambda *args, **kwargs: (_ for _ in ()).throw(RuntimeError("no database")))
        add_reads({article.pk: 5}, day=timezone.localdate(), batch="again")
    add_reads({article.pk: 5}, day=timezone.localdate(), batch="again")
    assert DailyReads.objects.get().reads == 5


@pytest.mark.django_db
def test_popularity_is_what_was_read_in_the_last_thirty_days(count_queries) -> None:
    today = timezone.localdate()
    fresh, faded, unread = make_article(), make_article(popularity=50), make_article()
    DailyReads.objects.create(article=fresh, day=today, reads=3)
    DailyReads.objects.create(article=fresh, day=today - timedelta(days=29), reads=4)
    DailyReads.objects.create(article=fresh, day=today - timedelta(days=30), reads=100)
    DailyReads.objects.create(article=faded, day=today - timedelta(days=31), reads=50)
    with count_queries() as queries:
        assert recount() == 2
    assert len(queries) == 1
    assert [Article.objects.get(pk=article.pk).popularity for article in (fresh, faded, unread)] == [7, 0, 0]
    assert recount() == 0


@pytest.mark.django_db
def test_without_a_broker_reads_are_dropped_and_the_page_is_shown(monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError("no broker")

    monkeypatch.setattr(record_reads, "apply_async", refuse)
    counter = ReadCounter(popularity._send)
    counter.note(1)
    counter.flush()
