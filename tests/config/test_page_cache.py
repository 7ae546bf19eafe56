"""The page cache before Django: what is kept, for whom, and until when."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import override_settings
from django.urls import path

from articles import institutions, popularity
from articles.models import Article, Institution, InstitutionNetwork, Redirect
from config import page_cache
from config.page_cache import PageCache, best_coding
from config.page_keys import key_of, plain_query
from magazine.public_pages import PUBLIC_ANSWER, PublicAnswer, forget_public_pages, public_page, remember_the_reader
from tests.factories import make_article, make_subscription, make_user
from tests.wsgi_browser import Browser

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SENTINEL = "sentinel-behind-the-wall"


@pytest.fixture(autouse=True)
def _new_generation() -> None:
    """Begin anew, so that nothing changes a second later because the cache was emptied before."""
    forget_public_pages()


@pytest.fixture
def site() -> Browser:
    """The site as a server runs it, with nothing kept yet."""
    return Browser(PageCache(WSGIHandler(), own_host="localhost:8000"))


@pytest.fixture
def premium(db: None) -> Article:
    paragraphs = "".join(f"<p>Paragraph {number} that anybody may read.</p>" for number in range(8))
    return make_article("Premium", slug="premium", access="premium", body=f"{paragraphs}<p>{SENTINEL}</p>")


@pytest.fixture
def paying(db: None) -> str:
    """The cookie header of a subscriber."""
    user = make_user("paying@example.com")
    make_subscription(user)
    client = Client()
    client.force_login(user)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


# What is kept


def test_the_second_request_is_answered_from_memory_without_a_query(
    site: Browser, premium: Article, count_queries: Callable[[], Any]
) -> None:
    first = site.get("/premium/")
    with count_queries() as queries:
        second = site.get("/premium/")
    assert (first.cache, second.cache, len(queries)) == ("miss", "hit", 0)
    assert second.body == first.body
    assert set(second.headers["vary"].split(", ")) == {"Cookie", "Accept-Language", "HX-Request", "Accept-Encoding"}
    assert second.headers["cache-control"].startswith("public")
    assert "set-cookie" not in second.headers


def test_bodies_are_compressed_in_the_best_form_that_a_client_reads(site: Browser, premium: Article) -> None:
    plain = site.get("/premium/")
    for accepted, coding in (
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("identity", None),
        ("gzip;q=0", None),
    ):
        answer = site.get("/premium/", accept_encoding=accepted)
        assert (answer.cache, answer.headers.get("content-encoding")) == ("hit", coding)
        assert answer.text == plain.text
        assert int(answer.headers["content-length"]) == len(answer.body)
    assert len(site.get("/premium/", accept_encoding="br").body) < len(plain.body) / 2


@pytest.mark.parametrize(
    ("header", "coding"),
    [("", "identity"), ("*", "br"), ("br;q=nonsense, gzip", "gzip"), ("deflate", "identity"), ("BR", "br"), ("*;q=0", "identity")],
)
def test_content_codings_are_negotiated_as_the_standard_says(header: str, coding: str) -> None:
    assert best_coding(header) == coding


def test_each_form_has_its_own_etag_and_whoever_has_one_gets_304(site: Browser, premium: Article) -> None:
    tags = {site.get("/premium/", accept_encoding=coding).headers["etag"] for coding in ("", "br", "gzip")}
    assert len(tags) == 3
    for tag in tags:
        answer = site.get("/premium/", accept_encoding="br", if_none_match=f'"other", {tag}')
        assert (answer.status, answer.body, answer.headers.get("content-length")) == (304, b"", None)
        assert answer.headers["cache-control"].startswith("public")
    assert site.get("/premium/", if_none_match='"other"').status == 200
    assert site.get("/premium/", if_none_match=f"W/{tags.pop()}").status == 304


def test_a_tag_is_compared_on_the_first_request_too_and_the_page_is_kept_whole(site: Browser, premium: Article) -> None:
    tag = site.get("/premium/").headers["etag"]
    forget_public_pages()
    assert (site.get("/premium/", if_none_match=tag).status, site.get("/premium/").status) == (304, 200)
    feed = site.get("/feed/")
    forget_public_pages()
    assert site.get("/feed/", if_modified_since=feed.headers["last-modified"]).status == 304
    kept = site.get("/feed/")
    assert (kept.status, kept.cache, kept.text) == (200, "hit", feed.text)


def test_head_is_answered_with_the_headers_alone(site: Browser, premium: Article) -> None:
    assert site.get("/premium/", method="HEAD").cache == "miss"
    page = site.get("/premium/")
    head = site.get("/premium/", method="HEAD")
    assert page.cache == "miss", "what HEAD answers is not kept"
    assert (head.status, head.body, head.cache) == (200, b"", "hit")
    assert (head.headers["etag"], head.headers["content-length"]) == (page.headers["etag"], page.headers["content-length"])


def test_tracking_parameters_share_one_page_and_others_do_not(site: Browser, premium: Article) -> None:
    site.get("/premium/")
    assert site.get("/premium/?utm_source=letter&fbclid=abc&utm_medium=x").cache == "hit"
    assert site.get("/premium/?page=2").cache == "miss"
    assert site.get("/premium/?page=2&gclid=1").cache == "hit"
    assert plain_query("a=1&utm_x=2&b") == "a=1&b"
    assert plain_query("utmost=1") == "utmost=1"


def test_what_a_letter_added_stays_on_a_redirect(db: None) -> None:
    def redirecting(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environ[PUBLIC_ANSWER] = PublicAnswer()
        start_response("301 Moved Permanently", [("Location", f"/new/?{environ['QUERY_STRING']}")])
        return [b""]

    site = Browser(PageCache(redirecting, own_host="localhost:8000"))
    for _ in range(2):
        assert site.get("/old/?utm_source=letter").headers["location"] == "/new/?utm_source=letter"
        assert site.get("/old/").headers["location"] == "/new/?"


@pytest.mark.parametrize("old", ["/premium-once/", "/?p=12", "/premium-once/amp/"])
def test_an_old_address_is_answered_from_memory_until_it_leads_elsewhere(
    site: Browser, premium: Article, paying: str, count_queries: Callable[[], Any], old: str
) -> None:
    for address in ("/premium-once/", "/?p=12"):
        Redirect.objects.create(old_path=address, article=premium)
    first = site.get(old)
    with count_queries() as queries:
        again = site.get(old)
    assert (first.status, first.headers["location"], again.headers["location"]) == (301, "/premium/", "/premium/")
    assert (first.cache, again.cache, len(queries)) == ("miss", "hit", 0)
    assert again.headers["cache-control"].startswith("public, max-age=0")
    mine = site.get(old, cookie=paying)
    assert (mine.cache, mine.headers["location"], mine.headers["cache-control"]) == ("bypass", "/premium/", "private, no-store")
    assert site.get(old, method="POST").headers.get("x-cache") == "bypass"
    Article.objects.update(status="unpublished")
    forget_public_pages()
    assert site.get(old).status == (404 if "?" not in old else 200)


def test_pages_are_kept_apart_by_language_and_by_fragment(site: Browser, premium: Article) -> None:
    english, chinese = site.get("/premium/"), site.get("/premium/", accept_language="zh-CN,zh;q=0.9")
    assert chinese.cache == "miss"
    assert (english.headers["content-language"], chinese.headers["content-language"]) == ("en", "zh-hans")
    assert english.text != chinese.text
    assert site.get("/premium/", accept_language="zh-hans").cache == "hit"
    assert site.get("/premium/", cookie="django_language=zh-hans").text == chinese.text
    fragment = site.get("/premium/", hx_request="true")
    assert (fragment.cache, "<html" in fragment.text) == ("miss", False)
    restored = site.get("/premium/", hx_request="true", hx_history_restore_request="true")
    assert (restored.cache, "<html" in restored.text) == ("miss", True)
    assert "<html" in site.get("/premium/").text


def test_a_changed_article_is_shown_at_once(site: Browser, premium: Article) -> None:
    site.get("/premium/")
    premium.title = "Another title"
    premium.save()
    assert "Another title" not in site.get("/premium/").text
    forget_public_pages()
    answer = site.get("/premium/")
    assert answer.cache == "miss"
    assert "Another title" in answer.text


def test_a_change_while_a_page_is_rendered_makes_it_old(db: None) -> None:
    rendered = 0

    def changing(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        nonlocal rendered
        rendered += 1
        if rendered == 1:
            forget_public_pages()
        environ[PUBLIC_ANSWER] = PublicAnswer()
        start_response("200 OK", [("Content-Type", "text/html")])
        return [str(rendered).encode()]

    site = Browser(PageCache(changing, own_host="localhost:8000"))
    assert [site.get("/").text for _ in range(3)] == ["1", "2", "2"]


def test_a_missing_page_is_kept_until_something_is_published(site: Browser, db: None) -> None:
    assert [site.get("/later/").cache for _ in range(2)] == ["miss", "hit"]
    make_article("Later", slug="later")
    forget_public_pages()
    assert site.get("/later/").status == 200


def test_reads_are_counted_for_people_and_not_for_programs(site: Browser, premium: Article, monkeypatch: pytest.MonkeyPatch) -> None:
    site.get("/premium/")
    read: list[int] = []
    monkeypatch.setattr(page_cache, "note_read", read.append)
    site.get("/premium/", user_agent=BROWSER)
    site.get("/premium/", user_agent="Googlebot/2.1")
    site.get("/premium/", user_agent=BROWSER, sec_purpose="prefetch")
    site.get("/premium/", user_agent=BROWSER, method="HEAD")
    site.get("/", user_agent=BROWSER)
    site.get("/", user_agent=BROWSER)
    assert read == [premium.pk]
    assert popularity.note_read is not read.append


# Who gets it


def test_a_subscriber_never_gets_a_kept_preview_and_nobody_gets_theirs(site: Browser, premium: Article, paying: str) -> None:
    addresses = ["/premium/", "/premium/?utm_source=x", "//premium/", "/Premium/", "/premium/?a=1"]
    for order in ([True, False], [False, True], [True, False, True, False]):
        forget_public_pages()
        for is_paying in order:
            for address in addresses:
                answer = site.get(address, accept_encoding="br", **({"cookie": paying} if is_paying else {}))
                if answer.status != 200:
                    continue
                assert (SENTINEL in answer.text) is is_paying, address
                assert answer.headers["cache-control"].startswith("private, no-store" if is_paying else "public")
                assert (answer.cache == "bypass") is is_paying
    assert SENTINEL in site.get("/premium/", cookie=paying).text


def test_conditions_and_ranges_lead_nobody_to_a_subscribers_page(site: Browser, premium: Article, paying: str) -> None:
    public = site.get("/premium/")
    whole = site.get("/premium/", cookie=paying, if_none_match=public.headers["etag"], range="bytes=0-20")
    assert (whole.status, SENTINEL in whole.text, "etag" in whole.headers) == (200, True, False)
    for conditions in ({"range": "bytes=100-"}, {"range": "bytes=-50", "if_range": public.headers["etag"]}, {"if_none_match": '"x"'}):
        answer = site.get("/premium/", **conditions)
        assert (answer.status, SENTINEL in answer.text) == (200, False)
    assert site.get("/premium/", method="HEAD", cookie=paying).headers["cache-control"] == "private, no-store"
    assert site.get("/premium/", method="HEAD").cache == "hit"


@pytest.mark.parametrize(
    "cookie",
    [
        "masthead_session=forged",
        "a=1; masthead_session=",
        "masthead_reads=forged",
        "messages=x",
        "masthead_session",
        "x=1,masthead_session=forged",
    ],
)
def test_a_cookie_of_ours_bypasses_even_if_it_is_forged(site: Browser, premium: Article, cookie: str) -> None:
    site.get("/premium/")
    answer = site.get("/premium/", cookie=cookie)
    assert (answer.cache != "hit", SENTINEL in answer.text) == (True, False)
    assert site.get("/premium/").cache == "hit"


def test_foreign_cookies_change_nothing(site: Browser, premium: Article) -> None:
    site.get("/premium/")
    assert site.get("/premium/", cookie="_ga=GA1.2.3; csrftoken=abc; theme=dark").cache == "hit"


def test_who_is_known_by_a_network_shares_no_page_with_anybody(premium: Article) -> None:
    site = Browser(PageCache(WSGIHandler(), own_host="localhost:8000", is_known_reader=lambda environ: "HTTP_X_LIBRARY" in environ))
    for _ in range(2):
        known = site.get("/premium/", x_library="yes")
        assert (known.cache, known.headers["cache-control"]) == ("bypass", "private, no-store")
        site.get("/premium/")
    assert site.get("/premium/").cache == "hit"


def test_from_an_institutions_network_the_running_site_answers_whole_and_others_get_the_preview(premium: Article) -> None:
    from config.wsgi import application

    library = Institution.objects.create(name="The Library")
    InstitutionNetwork.objects.create(institution=library, network="192.0.2.0/24")
    institutions.OPENINGS.forget()
    site = Browser(application)
    try:
        for _ in range(2):
            inside, outside = site.get("/premium/", remote_addr="192.0.2.7"), site.get("/premium/", remote_addr="203.0.113.9")
            assert (SENTINEL in inside.text, SENTINEL in outside.text) == (True, False)
            assert (inside.cache, inside.headers["cache-control"]) == ("bypass", "private, no-store")
        assert outside.cache == "hit"
    finally:
        institutions.OPENINGS.forget()


@pytest.mark.parametrize("headers", [{"authorization": "Basic eDp5"}, {"method": "POST"}])
def test_requests_that_are_no_plain_reading_are_kept_out(site: Browser, premium: Article, headers: dict[str, str]) -> None:
    site.get("/premium/")
    assert site.get("/premium/", **headers).headers.get("x-cache") != "hit"


def test_nobody_chooses_what_others_get_by_a_host(site: Browser, premium: Article) -> None:
    assert site.get("/premium/", host="evil.example").status == 400
    assert site.get("/premium/", x_forwarded_host="evil.example", x_host="evil.example", forwarded="host=evil.example").status == 200
    page = site.get("/premium/")
    assert page.cache == "hit"
    assert "evil.example" not in page.text
    assert site.get("/premium/", host="LOCALHOST:8000").cache == "miss"
    assert site.get("/premium/", host="localhost:9000").cache == "miss"


def test_nobody_chooses_what_others_get_by_encoding_a_header(site: Browser, premium: Article) -> None:
    fragment = site.get("/premium/", hx_request="%74rue", hx_request_uri_autoencoded="true")
    assert "<html" not in fragment.text, "htmx's middleware takes this for a request of htmx"
    assert "<html" in site.get("/premium/").text
    long = "xx;q=0.1," * 40 + "zh-hans"
    site.get("/premium/", accept_language=long)
    assert '<html lang="en"' in site.get("/premium/").text
    assert site.get("/premium/", accept_language=long).cache == "miss"


@override_settings(SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"), SECURE_SSL_REDIRECT=True)
def test_a_plain_connection_never_gets_the_page_of_a_secure_one(premium: Article) -> None:
    site = Browser(PageCache(WSGIHandler(), own_host="localhost:8000"))
    assert site.get("/premium/", x_forwarded_proto="https").status == 200
    assert site.get("/premium/", x_forwarded_proto="http").status == 301
    assert site.get("/premium/", x_forwarded_proto="https").cache == "hit"


# What Django says about an answer


@public_page
def touching(request: HttpRequest) -> HttpResponse:
    """Touch what the query names."""
    from django.contrib import messages
    from django.middleware.csrf import get_token

    response = HttpResponse("page")
    actions: dict[str, Callable[[], object]] = {
        "session": lambda: request.session.get("anything"),
        "user": lambda: request.user.is_authenticated,
        "token": lambda: get_token(request),
        "message": lambda: messages.info(request, "hello"),
        "cookie": lambda: response.set_cookie("foreign", "1"),
        "nonce": lambda: str(request.csp_nonce),
        "network": lambda: remember_the_reader(request),
        "private": lambda: response.headers.__setitem__("Cache-Control", "private"),
        "nothing": lambda: None,
    }
    actions[request.GET["touch"]]()
    return response


def unmarked(request: HttpRequest) -> HttpResponse:
    """Touch nothing, and say nothing of who may keep it."""
    return HttpResponse("page")


urlpatterns = [path("touching/", touching), path("unmarked/", unmarked)]


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize("what", ["session", "user", "token", "message", "cookie", "nonce", "network", "private"])
def test_whatever_touches_the_reader_makes_an_answer_private(site: Browser, what: str) -> None:
    answers = [site.get(f"/touching/?touch={what}") for _ in range(2)]
    assert [answer.cache for answer in answers] == ["bypass", "bypass"]
    assert {answer.headers["cache-control"] for answer in answers} == {"private, no-store"}
    assert [site.get("/touching/?touch=nothing").cache for _ in range(2)] == ["miss", "hit"]


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__)
def test_nothing_is_public_that_no_view_marked(site: Browser) -> None:
    answers = [site.get("/unmarked/") for _ in range(2)]
    assert [(answer.cache, answer.headers["cache-control"]) for answer in answers] == [("bypass", "private, no-store")] * 2


def test_a_key_holds_the_language_that_django_would_choose() -> None:
    environ = {"REQUEST_METHOD": "GET", "HTTP_HOST": "a", "PATH_INFO": "/", "HTTP_ACCEPT_LANGUAGE": "fr, zh;q=0.5"}
    key = key_of(environ)
    assert key is not None
    assert key.language == "zh-hans"
    assert key_of(environ | {"HTTP_COOKIE": "django_language=en"}) == key._replace(language="en")
