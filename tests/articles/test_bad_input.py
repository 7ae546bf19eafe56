"""Whatever is asked for, the answer is a page or a clear refusal, never an error."""

from urllib.parse import unquote_to_bytes

import pytest
from django.test import Client

from articles.models import Series, SeriesEntry
from tests.addresses import all_samples
from tests.factories import make_article, make_person, make_section, make_tag

pytestmark = pytest.mark.django_db
LISTS = (
    "/category/street/",
    "/tag/food/",
    "/author/ana/",
    "/series/chapter/",
    "/popular/",
    "/archive/",
    "/archive/2026/",
    "/search/?q=wall",
)
READ_ONLY = (
    *LISTS,
    "/",
    "/series/",
    "/wall/",
    "/feed/",
    "/feed.json",
    "/category/street/feed/",
    "/sitemap.xml",
    "/news-sitemap.xml",
    "/robots.txt",
)
LONG = "a" * 500
NOTHING_THERE = (
    "/category/none/",
    "/tag/none/",
    "/author/none/",
    "/series/none/",
    "/archive/0000/",
    "/archive/99999/",
    "/archive/1800/",
    "/archive/9999/",
    "/archive/9999/12/",
    "/archive/2026/00/",
    "/archive/2026/13/",
    "/archive/2026/1/",
    f"/{LONG}/",
    f"/category/{LONG}/",
    f"/tag/{LONG}/feed/",
    f"/author/{LONG}/",
    f"/series/{LONG}/",
    f"/{LONG}/comments/",
    f"/{LONG}/card.jpg",
    f"/{'短' * 500}/",
    "/.env",
    "/wp-login.php",
    "/..%2f..%2fetc/passwd",
    "/media/..%2f..%2fmanage.py",
)
# What stands in a path instead of a slug; %ff is no UTF-8, %00 no text for PostgreSQL.
BROKEN = ("%ff", "%00", "a%00b", "%ed%a0%80", "%c0%af", "%E7%9F", "%0d%0aX:1", "%2e%2e", "%F0%9F%99%8F", "' OR 1=1--", "<script>", "%")
PATHS = (
    "/{}/",
    "/{}",
    "/category/{}/",
    "/tag/{}/feed/",
    "/author/{}/",
    "/series/{}/",
    "/{}/comments/",
    "/{}/card.jpg",
    "/archive/{}/",
    "/media/{}",
    "/newsletters/{}/",
    "/newsletters/letter/{}/",
    "/newsletters/confirm/{}/",
    "/newsletters/unsubscribe/{}/",
    "/subscribe/{}/checkout/",
)


@pytest.fixture(autouse=True)
def _magazine(db):
    article = make_article(
        "The wall", slug="wall", section=make_section(slug="street"), tags=(make_tag(slug="food"),), by=(make_person(slug="ana"),)
    )
    SeriesEntry.objects.create(series=Series.objects.create(title="Chapter", slug="chapter"), article=article)


@pytest.fixture
def visitor():
    """A client to whom an error is an answer, as over the wire."""
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("path", LISTS)
def test_a_page_that_does_not_exist_is_not_found(visitor, path):
    for page in ("0", "-1", "abc", "1000000000", "9" * 300, "1.5", "１", "%00", "%ff", "1%20", "", "²"):
        assert visitor.get(f"{path}{'&' if '?' in path else '?'}page={page}").status_code == 404, page


def test_what_does_not_exist_is_not_found(visitor):
    for path in NOTHING_THERE:
        assert visitor.get(path).status_code == 404, path


@pytest.mark.parametrize("path", PATHS)
def test_a_broken_path_is_refused(visitor, path):
    for broken in BROKEN:
        # The raw path, as a server hands it over: the client would quote it again.
        raw = unquote_to_bytes(path.format(broken)).decode("latin-1")
        for method in ("GET", "HEAD", "POST"):
            assert visitor.generic(method, "/", PATH_INFO=raw).status_code < 500, raw


# One by one where parameters are read, and all that can stand together at every address.
BROKEN_QUERIES = (
    "q=%ff",
    "q=%00",
    "%ff=%ff",
    "%00",
    "q[]=1",
    "q=" + "a" * 10_000,
    "&&&==",
    "page=%00&q=wall",
    "role=%00",
    "role=%ff",
    "after=%00",
    "after=x",
    "thread=9999999999999999999999",
    "floor=-1",
    "reply=x",
    "reply=%00",
    "held=%00",
    "held=x",
    "v=%00",
    "after=99999999999999999999999999",
    "q=a&section=%00&author=%00&year=%00",
)
READS_QUERIES = (*READ_ONLY, "/wall/", "/wall/comments/")


@pytest.mark.parametrize("query", BROKEN_QUERIES)
def test_a_broken_query_is_no_error_where_queries_are_read(visitor, query):
    for address in READS_QUERIES:
        path = address.partition("?")[0]
        assert visitor.get(path, QUERY_STRING=query).status_code < 500, path


@pytest.mark.parametrize(
    "query",
    [
        "q=%ff&%ff=%ff&role=%00&after=%00&thread=9999999999999999999999&floor=-1&reply=x&held=%00&v=%00",
        "q=%00&%00&role=%ff&after=x&reply=%00&held=x&section=%00&author=%00&year=%00&next=%00&as=%ff&from=%00",
        "&&&==&q[]=1&page=%00&currency=%ff&amount=%00&suggested=%ff&session_id=%00&before=%ff&article=%00&sort=%ff",
        "after=99999999999999999999999999&currency=%00&amount=1e999&reference=%00&every=%00&came_from=%ff&next=%ff&q=" + "a" * 10_000,
    ],
    ids=["first", "second", "third", "long"],
)
def test_broken_queries_are_no_error_anywhere(visitor, query):
    for address in all_samples():
        path = address.partition("?")[0]
        assert visitor.get(path, QUERY_STRING=query).status_code < 500, path


def test_more_parameters_than_anybody_needs_are_refused(visitor):
    assert visitor.get("/search/?" + "&".join(f"a{number}=1" for number in range(5000))).status_code in (200, 400)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_what_is_only_read_takes_nothing(visitor, method):
    for path in READ_ONLY:
        assert visitor.generic(method, path).status_code == 405, path


@pytest.mark.parametrize("path", ["/archive/0000/", "/search/?q=wall&page=9", "/none/"])
def test_a_refusal_is_a_page_that_says_so(visitor, path):
    response = visitor.get(path)
    assert response.status_code == 404
    assert "There is no such page." in response.content.decode()
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
