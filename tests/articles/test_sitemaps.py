"""What crawlers are told."""

from datetime import UTC, datetime, timedelta
from urllib.robotparser import RobotFileParser

import pytest
from defusedxml import ElementTree
from django.utils import timezone

from articles.models import Article, Series, SeriesEntry
from articles.models.access_levels import Access
from tests.factories import make_article, make_person, make_section

pytestmark = pytest.mark.django_db
SITE = "http://localhost:8000"
NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "n": "http://www.google.com/schemas/sitemap-news/0.9"}


def parsed(client, path):
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert response.headers["Cache-Control"].startswith("public")
    return ElementTree.fromstring(response.content)


def addresses(root):
    return [location.text.removeprefix(SITE) for location in root.iter(f"{{{NAMES['s']}}}loc")]


def everything(client):
    return [address for part in addresses(parsed(client, "/sitemap.xml")) for address in addresses(parsed(client, part))]


def test_what_is_public_is_listed_once_and_nothing_else(client):
    section, empty, ana = make_section(slug="street"), make_section(slug="empty"), make_person(slug="ana")
    make_person(slug="nobody")
    chapter = Series.objects.create(title="Chapter", slug="chapter")
    Series.objects.create(title="Empty", slug="empty")
    article = make_article(slug="one", section=section, by=(ana,))
    SeriesEntry.objects.create(series=chapter, article=article)
    make_article(slug="gated", access=Access.PREMIUM)
    make_article(slug="about", kind=Article.Kind.PAGE)
    make_article(slug="hidden", is_hidden_from_search_engines=True)
    make_article(slug="elsewhere", canonical_url="https://example.org/original/")
    make_article(slug="tomorrow", published_at=timezone.now() + timedelta(hours=1))
    for status in Article.Status:
        if status != Article.Status.PUBLISHED:
            make_article(slug=f"a-{status}", status=status, section=empty)
    lists = ["/", "/archive/", "/series/", "/category/street/", "/author/ana/", "/series/chapter/"]
    assert sorted(everything(client)) == sorted(["/one/", "/gated/", "/about/", *lists])


def test_every_listed_address_answers(client):
    make_article(slug="one", section=make_section(), by=(make_person(),))
    make_article("短剧", slug="短剧")
    for address in everything(client):
        assert client.get(address).status_code == 200, address


def test_an_article_keeps_its_part_and_each_part_says_when_it_changed_last(client, monkeypatch):
    monkeypatch.setattr("articles.sitemaps.ARTICLES_A_PART", 3)
    moment = datetime(2026, 5, 1, tzinfo=UTC)
    made = [make_article(published_at=moment + timedelta(days=number)) for number in range(7)]
    Article.objects.filter(pk=made[0].pk).update(updated_at=moment + timedelta(days=90))
    root = parsed(client, "/sitemap.xml")
    parts = [path for path in addresses(root) if "articles" in path]
    assert sorted(address for part in parts for address in addresses(parsed(client, part))) == sorted(
        f"/{article.slug}/" for article in made
    )
    dates = [datetime.fromisoformat(element.text) for element in root.iter(f"{{{NAMES['s']}}}lastmod")]
    assert dates[0] == moment + timedelta(days=90)
    assert dates[-1] == moment + timedelta(days=6)


@pytest.mark.parametrize(
    "path", ["/sitemap-articles-7.xml", "/sitemap-articles-999999999.xml", "/sitemap-articles-01.xml", "/sitemap-articles--1.xml"]
)
def test_a_part_that_does_not_exist_is_no_page(client, path):
    make_article()
    assert client.get(path).status_code == 404


def test_the_news_are_those_of_two_days(client):
    make_article("Now \x07 & 外卖", slug="now", language="zh-Hans", published_at=timezone.now() - timedelta(hours=1))
    make_article(slug="late", published_at=timezone.now() - timedelta(hours=47))
    make_article(slug="old", published_at=timezone.now() - timedelta(hours=49))
    make_article(slug="page", kind=Article.Kind.PAGE)
    make_article(slug="hidden", is_hidden_from_search_engines=True)
    make_article(slug="draft", status=Article.Status.DRAFT)
    root = parsed(client, "/news-sitemap.xml")
    assert addresses(root) == ["/now/", "/late/"]
    assert next(title.text for title in root.iter(f"{{{NAMES['n']}}}title")) == "Now  & 外卖"
    assert [language.text for language in root.iter(f"{{{NAMES['n']}}}language")] == ["zh-cn", "en"]


def test_robots_are_kept_from_what_is_not_for_them(client):
    response = client.get("/robots.txt")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    robots = RobotFileParser()
    robots.parse(response.content.decode().splitlines())
    for path in ("/admin/", "/accounts/login/", "/account/", "/search/?q=x", "/newsletters/unsubscribe/abc/", "/feed/private/abc/"):
        assert not robots.can_fetch("Googlebot", SITE + path), path
    for path in ("/", "/one/", "/feed/", "/category/street/", "/subscribe/", "/newsletters/", "/accounting/"):
        assert robots.can_fetch("Googlebot", SITE + path), path
    assert robots.site_maps() == [f"{SITE}/sitemap.xml", f"{SITE}/news-sitemap.xml"]


@pytest.mark.parametrize("path", ["/sitemap.xml", "/sitemap-lists.xml", "/sitemap-articles-0.xml", "/news-sitemap.xml", "/robots.txt"])
def test_who_has_it_is_told_so(client, path):
    Article.objects.bulk_create([Article(pk=1, title="One", slug="one", status="published", published_at=timezone.now())])
    etag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 304
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("path", ["/sitemap.xml", "/sitemap-lists.xml", "/news-sitemap.xml"])
def test_the_number_of_queries_stays_when_the_rows_double(client, count_queries, path):
    def fill():
        for _ in range(5):
            make_article(section=make_section(), by=(make_person(),))

    def ask():
        with count_queries() as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    fill()
    ask()
    before = ask()
    fill()
    assert ask() == before <= 3
