"""Nothing of a paid or unpublished text comes back from any address, however it is asked for."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.utils import timezone

from articles.models import Article, FrontSlot, Image, Redirect, Series, SeriesEntry
from articles.models.access_levels import Access
from articles.search.index import index_articles
from newsletters.models import Issue, Newsletter
from tests.addresses import SAMPLES, all_samples, needs_sample, routes, samples_of
from tests.factories import make_article, make_person, make_section, make_tag

pytestmark = pytest.mark.django_db
# Every sentinel begins with this, and nothing else does.
MARK = "zqsentinel"
GATED = (Access.REGISTERED, Access.METERED, Access.PREMIUM)
WITHHELD = tuple(status for status in Article.Status if status != Article.Status.PUBLISHED)
PLACES = (
    "heading",
    "paragraph",
    "link",
    "footnote",
    "alt",
    "caption",
    "credit",
    "quote",
    "speaker",
    "item",
    "cell",
    "gloss",
    "margin",
    "audio",
    "last",
)
BOTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "facebookexternalhit/1.1",
    "Twitterbot/1.0",
    "Google-InspectionTool/1.0",
)
HEADERS = [
    {"Range": "bytes=0-999999"},
    {"If-None-Match": '"x", *'},
    {"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
    {"HX-Request": "true"},
    {"HX-Request": "true", "HX-Boosted": "true", "HX-History-Restore-Request": "true"},
    {"Accept": "application/json"},
    {"Accept": "text/plain"},
    {"X-Requested-With": "XMLHttpRequest"},
    {"X-Forwarded-For": "66.249.66.1", "X-Real-IP": "66.249.66.1", "CF-Connecting-IP": "66.249.66.1"},
    {"X-Original-URL": "/admin/", "X-Rewrite-URL": "/admin/"},
    {"Referer": "https://www.google.com/"},
    {"Sec-Purpose": "prefetch;prerender"},
    *({"User-Agent": bot} for bot in BOTS),
]
QUERIES = (
    "print=1",
    "amp=1",
    "format=json",
    "preview=true",
    "preview=1&p=1",
    "utm_source=x",
    "as=subscriber",
    "replytocom=1",
    "page=1",
    "full=1",
    "shown=full",
)
SUFFIXES = (".json", ".md", ".txt", ".xml", ".html", "/amp/", "/feed/", "/print/", "/embed/", "//", "/?", "/index.html", "/rss/")
COOKIES = ({"masthead_session": "forged"}, {"masthead_reads": "forged"}, {"masthead_session": "", "sessionid": "x"})


def sentinel(kind: str, place: str) -> str:
    return f"{MARK}{kind}{place}".replace("_", "")


def paid_body(kind: str) -> str:
    image_id = Image.objects.get_or_create(file="originals/lift.jpg", width=2000, height=1000)[0].pk
    word = {place: sentinel(kind, place) for place in PLACES}
    return (
        "<p>The open beginning.</p><hr class='paywall-divider'>"
        f"<h2>{word['heading']}</h2><p>{word['paragraph']} <a href='https://example.org/{word['link']}'>there</a>"
        f"<span class='footnote'>{word['footnote']}</span></p>"
        f"<figure><img data-image='{image_id}' src='/media/x.jpg' alt='{word['alt']}'>"
        f"<figcaption>{word['caption']}<span class='credit'>{word['credit']}</span></figcaption></figure>"
        f"<figure class='pull'><blockquote><p>{word['quote']}</p></blockquote><figcaption>{word['speaker']}</figcaption></figure>"
        f"<ul><li>{word['item']}</li></ul><table><tbody><tr><td>{word['cell']}</td></tr></tbody></table>"
        f"<p><span class='term' data-pinyin='wùyè' data-gloss='{word['gloss']}'>物业</span></p>"
        f"<aside class='gloss' data-pinyin='yèzhǔ'><b>业主</b>{word['margin']}</aside>"
        f"<figure class='audio'><audio controls src='/media/{word['audio']}.mp3'></audio></figure>"
        f"<p>{word['last']}</p>"
    )


@dataclass
class Magazine:
    """What was planted."""

    gated: dict[str, Article]


@pytest.fixture
def magazine() -> Magazine:
    """A magazine in which every list holds a gated and a withheld article."""
    street, food, ana = make_section("Street", slug="street"), make_tag("Food", slug="food"), make_person("Ana Alder", slug="ana")
    chapter = Series.objects.create(title="Chapter", slug="chapter")
    moment = datetime(2026, 5, 20, tzinfo=UTC)
    common = {"section": street, "tags": (food,), "by": (ana,)}
    gated = {}
    for number, access in enumerate(GATED):
        slug = "gated" if access == Access.PREMIUM else f"gated-{access}"
        gated[access] = make_article(
            f"The {access} wall",
            slug=slug,
            standfirst="",
            body=paid_body(access),
            access=access,
            published_at=moment + timedelta(days=number),
            **common,
        )
    for status in WITHHELD:
        hidden = {
            field: sentinel(status, field.replace("_", ""))
            for field in ("title", "standfirst", "lead_caption", "lead_alt", "seo_description")
        }
        slug = "withheld" if status == Article.Status.DRAFT else f"withheld-{status.replace('_', '-')}"
        withheld = make_article(
            slug=slug, body=f"<p>{sentinel(status, 'body')}</p>", status=status, published_at=moment, **hidden, **common
        )
        SeriesEntry.objects.create(series=chapter, article=withheld)
        FrontSlot.objects.create(article=withheld)
        Redirect.objects.create(old_path=f"/once-{slug}/", article=withheld)
    make_article("Tomorrow", standfirst=sentinel("tomorrow", "standfirst"), published_at=timezone.now() + timedelta(days=1), **common)
    asides = "".join(f"<aside class='also' data-article='{article.slug}'></aside>" for article in Article.objects.all())
    make_article("Pointing", slug="pointing", body=f"<p>Read these.</p>{asides}<p>And these.</p>", published_at=moment, **common)
    for article in gated.values():
        SeriesEntry.objects.create(series=chapter, article=article)
        FrontSlot.objects.create(article=article)
    Article.objects.update(popularity=5)
    index_articles(Article.objects.prefetch_related("credits__person", "tags"))
    plant_letters()
    return Magazine(gated)


def plant_letters() -> None:
    from newsletters.rendering import render_issue

    letter = Newsletter.objects.create(name="Letter", slug="letter", audience=Newsletter.Audience.SUBSCRIBERS)
    for slug, status in (("sent", Issue.Status.SENT), ("unsent", Issue.Status.DRAFT)):
        subject = "The sent issue" if slug == "sent" else sentinel("unsent", "subject")
        issue = Issue(newsletter=letter, subject=subject, slug=slug, status=status, body=paid_body("issue"), sent_at=timezone.now())
        render_issue(issue)
        issue.save()


def stranger() -> Client:
    """Somebody without a cookie, to whom an error is a page."""
    return Client(raise_request_exception=False)


def text_of(response) -> str:
    """Everything of an answer that somebody could read, headers included."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return f"{response.headers}\n{content.decode('utf-8', 'replace')}".lower()


def assert_nothing_leaks(response, address: str, kinds: str = "") -> None:
    found = re.search(f"{MARK}(?:{kinds})\\w*", text_of(response))
    assert found is None, f"{address} shows {found.group()}"


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
    article = magazine.gated[access]
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


def test_the_newsroom_s_addresses_lead_strangers_to_the_sign_in(magazine):
    client = stranger()
    for route in routes():
        if route.startswith("admin/") and route not in ("admin/login/", "admin/jsi18n/", "admin/logout/"):
            for address in samples_of(route):
                assert client.get(address).status_code in (301, 302, 403, 404), address
