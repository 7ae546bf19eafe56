"""The archive by year and month, in the site's zone."""

from datetime import datetime

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from tests.articles.test_lists import titles_on
from tests.factories import make_article

pytestmark = pytest.mark.django_db


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=timezone.get_current_timezone())  # type: ignore[misc]


@pytest.fixture
def three_years(db: None) -> None:
    for title, moment in [
        ("Old", at(2023, 5, 5, 12)),
        ("New year’s eve", at(2024, 12, 31, 23, 59)),
        ("New year", at(2025, 1, 1, 0, 0)),
        ("March", at(2025, 3, 1, 0, 30)),
    ]:
        make_article(title, published_at=moment)
    make_article("Imprint", kind="page", published_at=at(2022, 1, 1))


@pytest.mark.parametrize(
    ("address", "titles"),
    [
        ("/archive/", ["March", "New year", "New year’s eve", "Old"]),
        ("/archive/2025/", ["March", "New year"]),
        ("/archive/2024/", ["New year’s eve"]),
        ("/archive/2025/01/", ["New year"]),
        ("/archive/2025/03/", ["March"]),
        ("/archive/2024/12/", ["New year’s eve"]),
    ],
)
def test_days_begin_at_midnight_in_the_sites_zone(client: Client, three_years, address, titles):
    assert titles_on(client, address) == titles


@pytest.mark.parametrize(
    "address",
    [
        "/archive/2022/",
        "/archive/2025/02/",
        "/archive/2025/13/",
        "/archive/2025/00/",
        "/archive/2025/1/",
        "/archive/0000/",
        "/archive/9999/",
        "/archive/9999/12/",
        "/archive/x/",
    ],
)
def test_a_time_without_articles_is_no_page(client: Client, three_years, address):
    assert client.get(address).status_code == 404


def test_a_month_leads_to_those_before_and_after_it_that_have_articles(client: Client, three_years):
    page = client.get("/archive/2025/01/").content.decode()
    months = page.split('aria-label="Months"')[1].split("</nav>")[0]
    assert "/archive/2025/03/" in months
    assert "/archive/2024/12/" in months


def test_years_and_months_say_how_many_articles_they_have(client: Client, three_years):
    page = client.get("/archive/").content.decode()
    assert '2025 <span class="num note">2</span>' in page
    assert 'March <span class="num note">1</span>' in page


def test_months_are_counted_in_one_query_besides_the_total_and_none_the_second_time(client: Client, three_years, count_queries):
    from articles.views.archives import years

    cache.clear()
    with count_queries() as cold:
        years()
    with count_queries() as warm:
        assert [year.count for year in years()] == [2, 1, 1]
    assert (len(cold), len(warm)) == (2, 0)


def test_the_first_article_of_a_month_opens_its_page(client: Client, three_years):
    client.get("/archive/")
    make_article("April", published_at=at(2025, 4, 1, 9))
    cache.delete("list-length:archive")  # as a minute later
    assert titles_on(client, "/archive/2025/04/") == ["April"]
