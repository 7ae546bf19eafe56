"""Lists of articles: sections, tags, people, series, popular reads."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from articles.models import Article, Credit, Image, Person, Rendition, Section, Series, SeriesEntry, Tag
from articles.paging import PAGE_SIZE, Page
from tests.factories import make_article, make_person, make_section, make_tag

pytestmark = pytest.mark.django_db


def fill(count: int, **fields: object) -> list[Article]:
    """Make articles with everything that a card shows, the newest first."""
    tags, section = fields.pop("tags", ()), fields.pop("section", None)
    person = fields.pop("person", None)
    now, articles = timezone.now(), []
    offset = Article.objects.count()
    for number in range(offset, offset + count):
        image = Image.objects.create(file="a.webp", width=8, height=5)
        Rendition.objects.create(image=image, width=8, height=5, file="b.webp")
        by = (person or make_person(), make_person())
        moment = now - timedelta(minutes=number + 1)
        article = make_article(
            f"Story {number}", published_at=moment, section=section or make_section(), tags=tags, by=by, lead_image=image
        )
        articles.append(article)
    Article.objects.update(popularity=1)
    return articles


def make_series(articles: list[Article], **fields: object) -> Series:
    series, _ = Series.objects.get_or_create(slug="exam-season", defaults={"title": "Exam Season", **fields})
    for position, article in enumerate(articles):
        SeriesEntry.objects.create(series=series, article=article, position=position)
    return series


def titles_on(client: Client, address: str) -> list[str]:
    response = client.get(address)
    assert response.status_code == 200, address
    return re.findall(r'<h[23][^>]*><a href="/article-\d+/">(.*?)</a></h[23]>', response.content.decode())


def test_a_section_lists_its_articles_and_those_of_sections_within_it(client: Client):
    table = make_section("Table", slug="table")
    breakfast = make_section("Breakfast", parent=table)
    make_article("Elsewhere", section=make_section())
    make_article("Draft", section=table, status="draft")
    make_article("Noodles", section=table, published_at=timezone.now() - timedelta(hours=1))
    make_article("Soy milk", section=breakfast, published_at=timezone.now() - timedelta(hours=2))
    assert titles_on(client, "/category/table/") == ["Noodles", "Soy milk"]
    assert f'href="{breakfast.get_absolute_url()}"' in client.get("/category/table/").content.decode()


def test_a_section_without_articles_is_a_page_that_says_so(client: Client):
    make_section(slug="table")
    assert "Nothing here yet." in client.get("/category/table/").content.decode()


def test_the_navigation_marks_the_section_one_is_in(client: Client):
    table = make_section("Table", slug="table")
    make_section("Breakfast", slug="breakfast", parent=table)
    assert '<a href="/category/table/" aria-current="page">' in client.get("/category/table/").content.decode()
    assert '<a href="/category/table/" aria-current="true">' in client.get("/category/breakfast/").content.decode()


def test_a_tag_lists_what_has_it(client: Client):
    tag = make_tag("Benches", slug="benches")
    make_article("The Bench", tags=(tag,))
    make_article("Something else")
    assert titles_on(client, "/tag/benches/") == ["The Bench"]


@pytest.mark.parametrize("address", ["/tag/benches/", "/series/exam-season/"])
def test_a_list_of_nothing_but_drafts_is_no_page(client: Client, address):
    draft = make_article("Secret", status="draft", tags=(make_tag("Benches", slug="benches"),))
    make_series([draft])
    assert client.get(address).status_code == 404


def test_a_person_is_introduced_with_links_that_lead_to_the_web(client: Client):
    links = [{"label": "Mastodon", "url": "https://social.example/@ada"}, {"label": "Trick", "url": "javascript:alert(1)"}]
    make_person("Ada", slug="ada", native_name="阿达", role_title="Staff writer", bio="Walks <slowly>.", links=links)
    page = client.get("/author/ada/").content.decode()
    assert '<span class="native" lang="zh-Hans">阿达</span>' in page
    assert "Walks &lt;slowly&gt;." in page
    assert "https://social.example/@ada" in page
    assert "javascript:" not in page


def test_a_persons_work_can_be_seen_by_role(client: Client):
    ada = make_person("Ada", slug="ada")
    make_article("Written", by=(ada,), published_at=timezone.now() - timedelta(hours=1))
    edited = make_article("Edited", published_at=timezone.now() - timedelta(hours=2))
    Credit.objects.create(article=edited, person=ada, role="editor")
    both = make_article("Both", by=(ada,), published_at=timezone.now() - timedelta(hours=3))
    Credit.objects.create(article=both, person=ada, role="editor")
    assert titles_on(client, "/author/ada/") == ["Written", "Edited", "Both"]
    assert titles_on(client, "/author/ada/?role=author") == ["Written", "Both"]
    assert titles_on(client, "/author/ada/?role=editor") == ["Edited", "Both"]
    for wrong in ("translator", "king", "x" * 300):
        assert client.get("/author/ada/", {"role": wrong}).status_code == 404


def test_a_series_keeps_its_order_and_its_introduction_is_sanitised(client: Client):
    first, second = (make_article(title) for title in ("Part one", "Part two"))
    make_series([second, first], introduction="<p>Read in 楼下 order.</p><script>alert(1)</script>")
    assert titles_on(client, "/series/exam-season/") == ["Part two", "Part one"]
    page = client.get("/series/exam-season/").content.decode()
    assert "alert(1)" not in page
    assert '<span lang="zh-Hans">楼下</span> order.' in page


def test_the_index_of_series_counts_published_parts_only(client: Client):
    make_series([make_article(), make_article(), make_article(status="draft")])
    Series.objects.create(title="Only planned", slug="only-planned")
    page = client.get("/series/").content.decode()
    assert "2 parts" in page
    assert "Only planned" not in page


def test_popular_reads_are_in_order_of_reads_and_numbered_on(client: Client):
    for number in range(PAGE_SIZE + 2):
        article = make_article(f"Story {number}")
        Article.objects.filter(pk=article.pk).update(popularity=number)
    assert titles_on(client, "/popular/")[:2] == [f"Story {PAGE_SIZE + 1}", f"Story {PAGE_SIZE}"]
    second = client.get("/popular/?page=2").content.decode()
    assert f'<span class="part" aria-hidden="true">{PAGE_SIZE + 1}</span>' in second


def test_popular_reads_of_a_new_magazine_say_that_there_are_none(client: Client):
    assert "Nobody has counted yet." in client.get("/popular/").content.decode()


ADDRESSES = ["/category/table/", "/tag/benches/", "/author/ada/", "/series/exam-season/", "/popular/", "/archive/"]


def fill_all(count: int) -> None:
    section = Section.objects.filter(slug="table").first() or make_section(slug="table")
    tag = Tag.objects.filter(slug="benches").first() or make_tag(slug="benches")
    person = Person.objects.filter(slug="ada").first() or make_person(slug="ada")
    make_series(fill(count, section=section, tags=(tag,), person=person))


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_is_no_page_of_a_list_answers_404(client: Client, address):
    fill_all(PAGE_SIZE + 1)
    for page in ("0", "-1", "abc", "", "3", "1000000000", "9" * 40, "1.0", "٢", "1e1", "0x1", " 1"):
        assert client.get(address, {"page": page}).status_code == 404, page


@pytest.mark.parametrize("address", ADDRESSES)
def test_pages_show_every_article_once_and_link_each_other(client: Client, address):
    fill_all(PAGE_SIZE + 5)
    first, second = titles_on(client, address), titles_on(client, f"{address}?page=2")
    assert len(first) == PAGE_SIZE
    assert sorted(first + second) == sorted(f"Story {number}" for number in range(PAGE_SIZE + 5))
    page = client.get(address).content.decode()
    assert f'<link rel="next" href="{address}?page=2">' in page
    assert f'<link rel="canonical" href="http://localhost:8000{address}">' in page
    last = client.get(f"{address}?page=2").content.decode()
    assert f'<link rel="prev" href="{address}">' in last
    assert f'<link rel="canonical" href="http://localhost:8000{address}?page=2">' in last
    assert 'rel="next"' not in last


@pytest.mark.parametrize("address", [*ADDRESSES, "/series/"])
def test_a_list_costs_the_same_for_twice_the_rows(client: Client, count_queries, address):
    fill_all(8)
    client.get(address)
    cache.clear()
    with count_queries() as few:
        client.get(address)
    fill_all(8)
    cache.clear()
    with count_queries() as many:
        client.get(address)
    assert len(many) == len(few)
    assert len(many) <= 10


def test_the_last_page_costs_no_more_queries_than_the_first(client: Client, count_queries):
    fill_all(PAGE_SIZE * 2)
    client.get("/archive/")
    with count_queries() as first:
        client.get("/archive/")
    with count_queries() as last:
        client.get("/archive/?page=2")
    assert len(first) == len(last)
    assert not any("COUNT(" in query["sql"] for query in [*first, *last])


def test_articles_published_in_one_moment_keep_their_order(client: Client):
    moment = timezone.now() - timedelta(hours=1)
    made = [make_article(f"Story {number}", published_at=moment) for number in range(PAGE_SIZE + 3)]
    newest_first = [article.title for article in reversed(made)]
    assert titles_on(client, "/archive/") + titles_on(client, "/archive/?page=2") == newest_first


@pytest.mark.parametrize(
    ("number", "last", "shown"),
    [
        (1, 1, [1]),
        (1, 14, [1, 2, 3, None, 14]),
        (2, 3, [1, 2, 3]),
        (7, 14, [1, None, 6, 7, 8, None, 14]),
        (14, 14, [1, None, 13, 14]),
    ],
)
def test_the_pages_around_this_one_and_the_ends_are_linked(number, last, shown):
    assert Page([], number, last, 0).numbers == shown


def test_lists_are_the_same_for_everybody(client: Client):
    fill_all(3)
    for address in [*ADDRESSES, "/series/"]:
        response = client.get(address)
        assert response.headers["Cache-Control"].startswith("public"), address


def test_a_list_never_loads_whole_texts(client: Client, count_queries):
    fill_all(3)
    with count_queries() as queries:
        for address in ADDRESSES:
            client.get(address)
    assert not any('"articles_article"."body_html"' in query["sql"] or '"articles_article"."text"' in query["sql"] for query in queries)


def test_a_missing_page_offers_the_search_and_something_to_read(client: Client):
    make_article("Read me instead")
    response = client.get("/category/nowhere/")
    assert response.status_code == 404
    page = response.content.decode()
    assert "There is no such page." in page
    assert "Read me instead" in page


def test_the_page_for_our_own_faults_needs_nothing(rf, count_queries):
    from config.errors import server_error

    with count_queries() as queries:
        response = server_error(rf.get("/"))
    assert len(queries) == 0
    assert response.status_code == 500
    page = response.content.decode()
    assert "<h1>" in page
    assert not re.search(r"""(src|href)=["'](?!/["'])""", page)
    assert "{%" not in page
    assert "'sha256-" in response.headers["Content-Security-Policy"]
