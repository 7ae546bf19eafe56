"""RSS and JSON feeds."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from defusedxml import ElementTree
from django.test import Client
from django.utils import timezone

from articles.models import Article, Image, Rendition, Series, SeriesEntry
from articles.models.access_levels import Access
from magazine.models import Identity
from tests.factories import make_article, make_person, make_section, make_tag

pytestmark = pytest.mark.django_db
NAMES = {
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
    "atom": "http://www.w3.org/2005/Atom",
}
SITE = "http://localhost:8000"
GATED = {"body": "<p>Open.</p><hr class='paywall-divider'><p>Hidden words at the end.</p>"}


def channel_of(response):
    assert response.status_code == 200
    return ElementTree.fromstring(response.content).find("channel")


def items_of(client, path="/feed/"):
    return channel_of(client.get(path)).findall("item")


def json_feed(client):
    response = client.get("/feed.json")
    assert response.headers["Content-Type"] == "application/feed+json; charset=utf-8"
    return json.loads(response.content)


def html_of(item):
    return item.findtext("content:encoded", namespaces=NAMES)


def make_picture():
    picture = Image.objects.create(file="originals/lift.jpg", width=2000, height=1000, alt="A lift")
    Rendition.objects.create(image=picture, width=800, height=400, file="renditions/lift-800.webp")
    return picture


def test_an_item_says_all_there_is_to_say(client):
    ana, bo = make_person("Ana Alder"), make_person("Bo Birch")
    moment = datetime(2026, 5, 28, 6, 30, tzinfo=UTC)
    article = make_article(
        "What <b>外卖</b> & riders know",
        slug="riders",
        standfirst="Nine doors.",
        section=make_section("Street"),
        tags=(make_tag("Food"),),
        by=(ana, bo),
        published_at=moment,
        lead_image=make_picture(),
    )
    (item,) = items_of(client)
    assert item.findtext("title") == article.title
    assert item.findtext("link") == item.findtext("guid") == f"{SITE}/riders/"
    assert item.find("guid").get("isPermaLink") == "true"
    assert item.findtext("description") == "Nine doors."
    assert item.findtext("pubDate") == "Thu, 28 May 2026 06:30:00 +0000"
    assert [name.text for name in item.findall("dc:creator", NAMES)] == ["Ana Alder", "Bo Birch"]
    assert [name.text for name in item.findall("category")] == ["Street", "Food"]
    media = item.find("media:content", NAMES)
    assert media.attrib == {"url": f"{SITE}/media/renditions/lift-800.webp", "medium": "image", "width": "800", "height": "400"}
    assert "Paragraph 6" in html_of(item)


def test_the_channel_says_whose_it_is(client):
    identity = Identity.load()
    identity.name, identity.description = "Downstairs & Co", "Everyday China."
    identity.save()
    moment = datetime(2026, 5, 28, 6, 30, tzinfo=UTC)
    make_article(published_at=moment, updated_at=moment + timedelta(hours=2))
    channel = channel_of(client.get("/feed/"))
    assert channel.findtext("title") == "Downstairs & Co"
    assert channel.findtext("description") == "Everyday China."
    assert channel.findtext("link") == f"{SITE}/"
    assert channel.findtext("language") == "en"
    assert channel.findtext("lastBuildDate") == "Thu, 28 May 2026 08:30:00 +0000"
    link = channel.find("atom:link", NAMES)
    assert (link.get("rel"), link.get("href")) == ("self", f"{SITE}/feed/")


def test_an_empty_feed_is_valid_and_stays_the_same(client):
    first, second = client.get("/feed/"), client.get("/feed/")
    assert channel_of(first).findall("item") == []
    assert first.headers["ETag"] == second.headers["ETag"]
    assert json_feed(client)["items"] == []


@pytest.mark.parametrize("title", ["\x08 bell \x07", "\ufffe\uffff", "]]> <!-- & ' \"", "\x0b\x0c\x1f", "𠮷 🙏 e\u0301"])
def test_any_title_makes_a_valid_feed(client, title):
    article = make_article()
    Article.objects.update(title=title, standfirst=title, body_html=f"<p>{title}</p>")
    person, tag = make_person(title), make_tag(title)
    article.credits.create(person=person)
    article.tags.add(tag)
    (item,) = items_of(client)
    assert "\x07" not in item.findtext("title")
    json_feed(client)


@pytest.mark.parametrize("access", [Access.REGISTERED, Access.METERED, Access.PREMIUM])
def test_of_a_gated_article_there_is_the_preview_and_where_to_read_on(as_subscriber, access):
    make_article(slug="gated", access=access, **GATED)
    for client in (Client(), as_subscriber):
        (item,) = items_of(client)
        for html in (html_of(item), json_feed(client)["items"][0]["content_html"]):
            assert "Open." in html
            assert "Hidden" not in html
            assert f'<a href="{SITE}/gated/">Read on</a>' in html
            assert ("account" in html) is (access == Access.REGISTERED)
    make_article("Free")
    assert "Read on" not in html_of(items_of(Client())[1])


def test_every_address_in_a_text_is_whole(client):
    picture = make_picture()
    body = (
        '<p>See <a href="/other/">this</a>, <a href="#part">that</a> and <span class="footnote">A note.</span></p><h2 id="part">Part</h2>'
        f'<figure><img data-image="{picture.pk}" src="/media/x.jpg" alt="A lift"><figcaption>Up</figcaption></figure>'
    )
    make_article(slug="links", body=body)
    html = html_of(items_of(client)[0])
    assert f'href="{SITE}/other/"' in html
    assert f'src="{SITE}/media/renditions/lift-800.webp"' in html
    assert f'srcset="{SITE}/media/renditions/lift-800.webp 800w"' in html
    assert 'href="#' not in html
    assert f'href="{SITE}/links/#' in html
    assert 'href="/' not in html
    assert 'src="/' not in html


def test_a_word_with_a_card_that_opens_becomes_one_with_a_title(client):
    make_article(body='<p>The <span class="term" data-pinyin="wùyè" data-gloss="Property management.">物业</span> came.</p>')
    html = html_of(items_of(client)[0])
    assert 'title="wùyè: Property management."' in html
    assert "<button" not in html
    assert html.count("物业") == 1


def test_a_feed_holds_the_thirty_newest_and_no_page_or_draft(client):
    for number in range(33):
        make_article(f"Number {number}", published_at=timezone.now() - timedelta(days=number + 1))
    make_article("Page", kind=Article.Kind.PAGE)
    make_article("Draft", status=Article.Status.DRAFT)
    make_article("Tomorrow", published_at=timezone.now() + timedelta(days=1))
    assert [item.findtext("title") for item in items_of(client)] == [f"Number {number}" for number in range(30)]


def test_section_tag_person_and_series_have_feeds_of_their_own(client):
    street, food, ana = make_section("Street"), make_tag("Food"), make_person("Ana")
    lane = make_section("Lane", parent=street)
    chapter = Series.objects.create(title="Chapter", slug="chapter")
    one, two = make_article("One", section=lane, tags=(food,)), make_article("Two", by=(ana,))
    make_article("Three")
    for position, article in enumerate([two, one]):
        SeriesEntry.objects.create(series=chapter, article=article, position=position)
    expected = {
        f"/category/{street.slug}/": ["One"],
        f"/tag/{food.slug}/": ["One"],
        f"/author/{ana.slug}/": ["Two"],
        "/series/chapter/": ["One", "Two"],
    }
    for page, titles in expected.items():
        channel = channel_of(client.get(f"{page}feed/"))
        assert [item.findtext("title") for item in channel.findall("item")] == titles
        assert channel.findtext("link") == SITE + page
        assert channel.findtext("title").endswith(f" · {Identity.load().name}")


@pytest.mark.parametrize(
    "path", ["/category/none/feed/", "/tag/none/feed/", "/author/none/feed/", "/series/none/feed/", "/tag/unused/feed/"]
)
def test_what_does_not_exist_has_no_feed(client, path):
    make_article("Draft", status=Article.Status.DRAFT, tags=(make_tag(slug="unused"),))
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/feed/", "/feed.json"])
def test_who_has_the_feed_is_told_so_until_it_changes(client, path):
    make_article("One")
    first = client.get(path)
    assert first.headers["Cache-Control"].startswith("public")
    for header in ({"If-None-Match": first.headers["ETag"]}, {"If-Modified-Since": first.headers["Last-Modified"]}):
        again = client.get(path, headers=header)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    make_article("Two")
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_the_feed_is_the_same_in_every_language_of_readers(client):
    make_article(access=Access.PREMIUM, **GATED)
    assert client.get("/feed/").content == client.get("/feed/", headers={"Accept-Language": "zh-hans"}).content


def test_the_json_feed_is_one_by_its_specification(client):
    make_article(
        "Two", slug="two", by=(make_person("Ana", slug="ana"),), tags=(make_tag("Food"),), lead_image=make_picture(), language="zh-Hans"
    )
    feed = json_feed(client)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert (feed["home_page_url"], feed["feed_url"]) == (f"{SITE}/", f"{SITE}/feed.json")
    (item,) = feed["items"]
    assert (item["id"], item["url"], item["title"], item["tags"]) == (f"{SITE}/two/", f"{SITE}/two/", "Two", ["Food"])
    assert item["authors"] == [{"name": "Ana", "url": f"{SITE}/author/ana/"}]
    assert item["image"] == f"{SITE}/media/renditions/lift-800.webp"
    assert item["language"] == "zh-Hans"
    assert datetime.fromisoformat(item["date_published"]).tzinfo is not None


@pytest.mark.parametrize("path", ["/feed/", "/feed.json", "/category/street/feed/", "/tag/food/feed/", "/author/ana/feed/"])
def test_the_number_of_queries_stays_when_the_rows_double(client, count_queries, path):
    street, food, ana = make_section(slug="street"), make_tag(slug="food"), make_person(slug="ana")

    def fill():
        for _ in range(5):
            make_article(section=street, tags=(food, make_tag()), by=(ana, make_person()), lead_image=make_picture())

    def ask():
        with count_queries() as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    fill()
    ask()
    before = ask()
    fill()
    assert ask() == before <= 7
