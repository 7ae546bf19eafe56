"""Nothing of a paid or unpublished text comes back from any address, however it is asked for."""

import re
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.test import Client

from articles import institutions
from articles.models import Article
from newsletters import sending
from newsletters.models import Issue, Newsletter, Signup
from tests.addresses import SAMPLES, all_samples, needs_sample, routes, samples_of
from tests.sentinels import GATED, HEADERS, MARK, PLACES, QUERIES, READING_ROOM, SUFFIXES, leak_in, plant_magazine, sentinel

pytestmark = pytest.mark.django_db
COOKIES = ({"masthead_session": "forged"}, {"masthead_reads": "forged"}, {"masthead_session": "", "sessionid": "x"})


@pytest.fixture
def magazine() -> Iterator[dict[str, Article]]:
    """A magazine in which every list holds a gated and a withheld article; the gated ones by their level."""
    institutions.OPENINGS.forget()
    yield plant_magazine()
    institutions.OPENINGS.forget()


def stranger() -> Client:
    """Somebody without a cookie, to whom an error is a page."""
    return Client(raise_request_exception=False)


def text_of(response) -> str:
    """Everything of an answer that somebody could read, headers included."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return f"{response.headers}\n{content.decode('utf-8', 'replace')}".lower()


def assert_nothing_leaks(response, address: str, kinds: str = "") -> None:
    leak = leak_in(text_of(response), kinds)
    assert leak is None, f"{address} shows {leak}"


def test_every_address_has_a_sample_and_every_sample_an_address():
    known = routes()
    assert [route for route in known if needs_sample(route) and route not in SAMPLES] == [], "Give these a sample in tests/addresses.py."
    assert [route for route in SAMPLES if route not in known] == []


def test_no_address_shows_paid_or_unpublished_text_to_a_stranger(magazine):
    client = stranger()
    for route in routes():
        for address in samples_of(route):
            for response in (client.get(address), client.head(address), client.options(address)):
                assert_nothing_leaks(response, address)
                assert response.status_code < 500, f"{address} hides behind an error"


def test_no_address_shows_more_to_a_reader_who_only_signed_in(magazine, as_reader):
    as_reader.raise_request_exception = False
    for address in all_samples():
        assert_nothing_leaks(as_reader.get(address), address, kinds="(?!registered)")


def test_whoever_asks_from_a_reading_room_reads_everything(magazine):
    assert leak_in(text_of(Client(REMOTE_ADDR=READING_ROOM).get("/gated/")))


@pytest.mark.parametrize("headers", HEADERS, ids=lambda headers: " ".join(headers) + " " + list(headers.values())[-1][:20])
def test_no_header_opens_anything(magazine, headers):
    client = stranger()
    for address in all_samples():
        assert_nothing_leaks(client.get(address, headers=headers), f"{address} with {headers}")


@pytest.mark.parametrize("query", QUERIES)
def test_no_parameter_opens_anything(magazine, query):
    client = stranger()
    for address in all_samples():
        assert_nothing_leaks(client.get(f"{address}{'&' if '?' in address else '?'}{query}"), f"{address} with {query}")


def test_no_other_spelling_of_an_address_opens_anything(magazine):
    client = stranger()
    for path in (address for address in all_samples() if re.search("gated|withheld|feed|letter", address)):
        others = [path.upper(), f"/{path}", path.replace("/", "//"), f"{path}%20", f"{path};x", path.rstrip("/")]
        for other in [*others, *(path.rstrip("/") + suffix for suffix in SUFFIXES)]:
            assert_nothing_leaks(client.get(other, follow=True), other)


@pytest.mark.parametrize("cookies", COOKIES)
def test_no_forged_cookie_opens_anything(magazine, cookies):
    client = stranger()
    for address in all_samples():
        client.cookies.load(cookies)
        assert_nothing_leaks(client.get(address), f"{address} with {cookies}")


def test_what_a_subscriber_read_is_not_kept_for_others(magazine, as_subscriber):
    as_subscriber.raise_request_exception = False
    client = stranger()
    for address in all_samples():
        known = as_subscriber.get(address).headers.get("ETag", '"none"')
        for headers in ({}, {"If-None-Match": known}, {"If-Range": known, "Range": "bytes=0-"}):
            assert_nothing_leaks(client.get(address, headers=headers), f"{address} after a subscriber")
        assert_nothing_leaks(client.head(address), address)


@pytest.mark.parametrize("place", PLACES)
def test_a_search_for_paid_text_answers_as_for_a_word_that_stands_nowhere(magazine, place):
    client = stranger()
    for kind in (*GATED, "issue"):
        word = sentinel(kind, place)
        nowhere = "x" * len(word)
        for query in ("{}", '"{}"', "beginning {}", "beginning -{}", "wall OR {}"):
            answers = [client.get("/search/", {"q": query.format(one)}).content.decode().replace(one, "?") for one in (word, nowhere)]
            assert answers[0] == answers[1], f"{query} tells {word}"


@pytest.mark.parametrize("access", GATED)
def test_a_subscriber_reads_everything_and_no_cache_may_keep_it(magazine, as_subscriber, access):
    article = magazine[access]
    response = as_subscriber.get(article.get_absolute_url())
    page = text_of(response)
    unseen = [place for place in PLACES if sentinel(access, place) not in page]
    assert unseen == []
    assert response.headers["Cache-Control"] == "private, no-store"
    preview = stranger().get(article.get_absolute_url())
    assert preview.headers["Cache-Control"].startswith("public")
    assert "Cookie" in preview.headers["Vary"]


def test_whatever_holds_paid_text_is_private(magazine, as_subscriber):
    as_subscriber.raise_request_exception = False
    for address in all_samples():
        response = as_subscriber.get(address)
        if MARK in text_of(response):
            assert "public" not in response.headers["Cache-Control"], address
            assert "no-store" in response.headers["Cache-Control"], address


def test_a_reader_who_signs_out_sees_previews_again(magazine, as_subscriber):
    as_subscriber.get("/gated/")
    as_subscriber.logout()
    assert_nothing_leaks(as_subscriber.get("/gated/"), "/gated/ after signing out")
    assert isinstance(as_subscriber.get("/gated/").wsgi_request.user, AnonymousUser)


def test_no_mail_carries_what_whoever_gets_it_may_not_read(magazine, reader):
    asides = "".join(f"<aside class='also' data-article='{article.slug}'></aside>" for article in Article.objects.all())
    everyone = Newsletter.objects.create(name="For all", slug="for-all")
    pointing = Issue.objects.create(newsletter=everyone, subject="Read these", slug="these", body=f"<p>New.</p>{asides}")
    paid = Issue.objects.get(slug="unsent")
    for issue in (pointing, paid):
        Signup.objects.create(newsletter=issue.newsletter, user=reader, status=Signup.Status.CONFIRMED)
        sending.start(issue)
        sending.pump(issue.pk)
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == ([reader.email], "Read these")
    parts = [letter.body, *(str(content) for content, _kind in letter.alternatives)]
    assert "The premium wall" in parts[-1]
    assert leak_in("\n".join([*parts, *(f"{name}: {value}" for name, value in letter.extra_headers.items())])) is None
    assert_nothing_leaks(stranger().get("/newsletters/for-all/these/"), "the letter on the web")


def test_the_newsroom_s_addresses_lead_strangers_to_the_sign_in(magazine):
    client = stranger()
    for route in routes():
        if route.startswith("admin/") and route not in ("admin/login/", "admin/jsi18n/", "admin/logout/"):
            for address in samples_of(route):
                assert client.get(address).status_code in (301, 302, 403, 404), address
