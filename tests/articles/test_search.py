"""Finding articles by their text."""

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.utils import timezone

from articles.models import Article, Credit
from articles.models.access_levels import Access
from articles.search.index import index_articles
from articles.search.searching import MAX_HITS, Filters, find_hits
from articles.search.text import parse_query
from tests.factories import make_article, make_person, make_section, make_tag

pytestmark = pytest.mark.django_db
FILLING = "<p>" + "Nothing of what is looked for stands in these many plain words. " * 12 + "</p>"


class Titles(HTMLParser):
    """The headlines of a page of results, in order."""

    def __init__(self, page):
        super().__init__()
        self.found, self.is_inside = [], False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "h2":
            self.is_inside = True
            self.found.append("")

    def handle_endtag(self, tag):
        self.is_inside = self.is_inside and tag != "h2"

    def handle_data(self, data):
        if self.is_inside:
            self.found[-1] += data


def look_for(client, q, **filters):
    return client.get("/search/", {"q": q, **filters})


def titles(response):
    page = response.content.decode()
    return Titles(page.partition('<ol class="results')[2].partition("</ol>")[0]).found


def ids(q, **filters):
    return [hit.id for hit in find_hits(parse_query(q), Filters(**filters))]


@pytest.mark.parametrize("q", ["短剧", "微短剧", "微短劇", "micro drama", "MICRO-DRAMA", "weiduanju", "短剧 micro", "dram"])
def test_a_word_in_the_body_is_found(client, q):
    make_article("What fills every lift", body=f"{FILLING}<p>Online micro drama (wēiduǎnjù 微短剧) fills every lift.</p>{FILLING}")
    make_article("Something else")
    assert titles(look_for(client, q)) == ["What fills every lift"]


def test_the_title_counts_most_then_the_standfirst_then_names_then_the_body():
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    in_body = make_article("Body", body="<p>" + "lantern " * 30 + "</p>" + FILLING, published_at=moment)
    in_names = make_article("Names", tags=(make_tag("Lantern"),), body=FILLING, published_at=moment)
    index_articles([in_names])
    in_standfirst = make_article("Standfirst", standfirst="About a lantern.", body=FILLING, published_at=moment)
    in_title = make_article("The lantern", body=FILLING, published_at=moment)
    assert ids("lantern") == [in_title.pk, in_standfirst.pk, in_names.pk, in_body.pk]


def test_of_two_equals_the_newer_comes_first_but_a_title_beats_any_date():
    old = make_article("The lantern", published_at=timezone.now() - timedelta(days=3000))
    older_twin = make_article("One", body="<p>A lantern.</p>", published_at=timezone.now() - timedelta(days=900))
    twin = make_article("Two", body="<p>A lantern.</p>", published_at=timezone.now() - timedelta(days=2))
    assert ids("lantern") == [old.pk, twin.pk, older_twin.pk]
    assert ids("lantern", is_newest_first=True) == [twin.pk, older_twin.pk, old.pk]


@pytest.mark.parametrize("status", [status for status in Article.Status if status != Article.Status.PUBLISHED])
def test_only_what_is_published_is_found(client, status):
    make_article("The lantern", status=status)
    make_article("The lantern of tomorrow", published_at=timezone.now() + timedelta(hours=1))
    assert titles(look_for(client, "lantern")) == []


@pytest.mark.parametrize("access", [Access.REGISTERED, Access.METERED, Access.PREMIUM])
def test_what_is_behind_the_wall_is_neither_found_nor_counted_nor_shown(as_subscriber, access):
    client = Client()
    body = f"<p>The open beginning.</p><hr class='paywall-divider'>{FILLING}<p>The concealed lantern.</p>"
    article = make_article("The wall", body=body, access=access)
    assert titles(look_for(client, "beginning")) == ["The wall"]
    for reader in (client, as_subscriber):
        page = look_for(reader, "lantern").content.decode()
        assert "The wall" not in page
        assert "concealed" not in page
        assert titles(look_for(reader, "beginning -lantern")) == ["The wall"]
    article.access = Access.FREE
    article.save()
    assert titles(look_for(client, "lantern")) == ["The wall"]
    article.access = access
    article.save()
    assert titles(look_for(client, "lantern")) == []


def test_the_snippet_shows_the_original_text_with_the_match_marked(client):
    make_article("Riders & doors", body=f"{FILLING}<p>Nobody says 外卖小哥 any more, &lt;he&gt; tells me.</p>{FILLING}")
    page = look_for(client, "外賣").content.decode()
    assert "<mark>外卖</mark>小哥" in page
    assert "&lt;he&gt;" in page
    assert "Riders &amp; doors" in page


def test_results_are_narrowed_by_section_with_what_lies_within_it_author_and_year(client):
    street = make_section("Street")
    lane = make_section("Lane", parent=street)
    table = make_section("Table")
    ana, bo = make_person("Ana Alder"), make_person("Bo Birch")
    make_article("Lantern one", section=street, by=(ana,), published_at=datetime(2025, 5, 1, tzinfo=UTC))
    make_article("Lantern two", section=lane, by=(bo,), published_at=datetime(2026, 5, 1, tzinfo=UTC))
    make_article("Lantern three", section=table, by=(bo,), published_at=datetime(2026, 6, 1, tzinfo=UTC))
    assert titles(look_for(client, "lantern", section=street.slug, sort="new")) == ["Lantern two", "Lantern one"]
    assert titles(look_for(client, "lantern", author=bo.slug, sort="new")) == ["Lantern three", "Lantern two"]
    assert titles(look_for(client, "lantern", year="2025")) == ["Lantern one"]
    assert titles(look_for(client, "lantern", year="2025", author=bo.slug)) == []
    response = look_for(client, "lantern", year="2025")
    facets = response.context["facets"]
    assert {(choice.name, choice.count) for choice in facets.sections} == {("Street", 2), ("Lane", 1), ("Table", 1)}
    assert [(choice.name, choice.count) for choice in facets.authors] == [("Bo Birch", 2), ("Ana Alder", 1)]
    assert [(choice.name, choice.count, choice.is_chosen) for choice in facets.years] == [("2026", 2, False), ("2025", 1, True)]


def test_a_year_is_that_of_the_site_s_zone(client):
    make_article("Lantern", published_at=datetime(2024, 12, 31, 20, tzinfo=UTC))
    assert titles(look_for(client, "lantern", year="2025")) == ["Lantern"]
    assert titles(look_for(client, "lantern", year="2024")) == []


def test_only_authors_are_offered_as_authors(client):
    article = make_article("Lantern")
    Credit.objects.create(article=article, person=make_person("Edda Editor"), role=Credit.Role.EDITOR)
    assert look_for(client, "lantern").context["facets"].authors == []


def test_results_have_pages_and_every_article_stands_on_one(client):
    for number in range(45):
        make_article(f"Lantern {number}")
    pages = [look_for(client, "lantern", page=number) for number in (1, 2, 3)]
    assert [len(titles(page)) for page in pages] == [20, 20, 5]
    assert len({title for page in pages for title in titles(page)}) == 45
    assert "q=lantern" in pages[0].content.decode().split('rel="next"')[1].split(">")[0].replace("&amp;", "&")
    assert look_for(client, "lantern", page=4).status_code == 404


def test_the_number_of_queries_stays_when_the_rows_double(client, count_queries):
    def search_once():
        with count_queries() as queries:
            assert look_for(client, "lantern", section=section.slug).status_code == 200
        return len(queries)

    section = make_section()

    def fill():
        for _ in range(8):
            make_article(f"Lantern {_}", section=make_section(), by=(make_person(), make_person()))
            make_article(f"Lantern {_}", section=section, by=(make_person(),))

    fill()
    search_once()  # Fills the caches of the frame.
    before = search_once()
    fill()
    search_once()
    assert search_once() == before <= 7


def test_what_lies_beyond_the_bound_is_not_counted(client, monkeypatch):
    monkeypatch.setattr("articles.search.searching.MAX_HITS", 3)
    monkeypatch.setattr("articles.views.search.MAX_HITS", 3)
    for number in range(5):
        make_article(f"Lantern {number}")
    page = look_for(client, "lantern")
    assert len(titles(page)) == 3
    assert "More than 3 articles" in page.content.decode()
    assert MAX_HITS == 500


@pytest.mark.parametrize(
    "q",
    [
        '"',
        '""',
        "'",
        "lantern'",
        '"lantern',
        "lantern OR",
        "NOT",
        "AND OR NEAR(",
        "title:lantern",
        "lantern*",
        "^lantern",
        "-",
        "- -",
        "(((",
        "lantern & !rider | <->",
        "\x00",
        "lantern\x00",
        "\ufffd",
        "🙏",
        "!?…，。",
        "\\",
        "%",
        "%s {0} {allowed}",
        "': *",
        "a" * 200,
    ],
)
def test_no_search_is_an_error(client, q):
    make_article("Lantern")
    assert look_for(client, q).status_code == 200


def test_invalid_utf_8_is_no_error(client):
    assert client.get("/search/?q=%ff%fe").status_code == 200
    assert client.get("/search/?%ff=%ff").status_code == 200


def test_a_search_of_ten_thousand_characters_is_answered_clearly_and_not_kept(client):
    response = look_for(client, "lantern " * 1250)
    assert response.status_code == 400
    assert "too long" in response.content.decode()
    assert "public" not in response.headers["Cache-Control"]


@pytest.mark.parametrize(
    "filters",
    [
        {"section": "nowhere"},
        {"author": "nobody"},
        {"author": "\x00"},
        {"author": "x" * 500},
        {"year": "0000"},
        {"year": "99999"},
        {"year": "x"},
        {"section": "\x00"},
        {"page": "0"},
        {"page": "-1"},
        {"page": "x"},
        {"page": "1000000000"},
    ],
)
def test_a_filter_that_names_nothing_is_no_page(client, filters):
    make_article("Lantern")
    assert look_for(client, "lantern", **filters).status_code == 404


def test_without_results_the_words_that_are_found_alone_are_offered(client):
    make_article("Lantern")
    page = look_for(client, "lantern zeppelin").content.decode()
    assert "Nothing with all of" in page
    assert '<a href="/search/?q=lantern">lantern</a>' in page
    assert '<a href="/search/?q=zeppelin">' not in page


def test_a_misspelt_word_is_offered_in_its_spelling(client):
    make_article("The escalator at the corner")
    assert '<a href="/search/?q=escalator">escalator</a>' in look_for(client, "escalater").content.decode()


def test_a_spelling_is_never_taken_from_behind_the_wall(client):
    make_article("The wall", body=f"<p>Open.</p><hr class='paywall-divider'>{FILLING}<p>escalator</p>", access=Access.PREMIUM)
    make_article("The escalator", status=Article.Status.DRAFT)
    assert "escalator" not in look_for(client, "escalater").content.decode()


def test_the_page_of_a_search_is_public_and_not_for_search_engines(client):
    response = look_for(client, "lantern")
    assert response.headers["Cache-Control"].startswith("public")
    assert '<meta name="robots" content="noindex, follow">' in response.content.decode()
    assert client.post("/search/").status_code == 405


def test_an_article_leaves_the_index_with_its_row(client):
    make_article("Lantern")
    Article.objects.all().delete()
    assert titles(look_for(client, "lantern")) == []
