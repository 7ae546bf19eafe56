"""The front page: edited, filled up, never an article twice."""

import re
from collections import Counter
from datetime import datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from articles.front import load_front
from articles.models import Article, Credit, FrontSlot, Image, Rendition, Section
from tests.factories import make_article, make_person, make_section

pytestmark = pytest.mark.django_db


def page_of(client: Client) -> str:
    response = client.get("/")
    assert response.status_code == 200
    return response.content.decode()


def titles(articles: list[Article]) -> list[str]:
    return [article.title for article in articles]


def make_newest(count: int, **fields: object) -> list[Article]:
    """Make articles, the newest first."""
    now = timezone.now()
    return [make_article(f"Story {number}", published_at=now - timedelta(minutes=number + 1), **fields) for number in range(count)]


def make_image(**fields: object) -> Image:
    image = Image.objects.create(file="originals/a.webp", width=1600, height=1000, **fields)
    for width in (400, 800):
        Rendition.objects.create(image=image, width=width, height=width, file=f"renditions/a-{width}.webp")
    return image


def test_an_empty_magazine_says_so(client: Client):
    assert "Nothing is published yet." in page_of(client)


def test_free_places_are_filled_with_the_newest_in_order():
    make_newest(14)
    front = load_front()
    assert front.lead is not None
    assert front.lead.title == "Story 0"
    assert titles(front.second) == [f"Story {number}" for number in range(1, 6)]
    assert titles(front.latest) == [f"Story {number}" for number in range(6, 12)]


def test_what_editors_placed_stands_where_they_placed_it():
    stories = make_newest(12)
    FrontSlot.objects.create(rank="lead", article=stories[9])
    FrontSlot.objects.create(rank="also", article=stories[10])
    FrontSlot.objects.create(rank="second", article=stories[0], position=2)
    FrontSlot.objects.create(rank="second", article=stories[8], position=1)
    front = load_front()
    assert front.lead == stories[9]
    assert front.also == [stories[10]]
    assert front.second[:2] == [stories[8], stories[0]]
    assert front.second[2:] == stories[1:4]


def test_a_slot_of_something_unpublished_counts_as_free():
    stories = make_newest(3)
    draft = make_article("Secret", status="draft")
    FrontSlot.objects.create(rank="lead", article=draft)
    front = load_front()
    assert front.lead == stories[0]


@pytest.mark.parametrize("count", [0, 1, 3, 5, 7, 40])
def test_no_article_stands_twice_and_every_one_of_a_small_magazine_stands_somewhere(client: Client, count):
    sections = [make_section(), make_section(front_style="list"), make_section(front_style="headwords")]
    for number, article in enumerate(make_newest(count)):
        Article.objects.filter(pk=article.pk).update(section=sections[number % 3], popularity=number)
    addresses = Counter(re.findall(r'<a[^>]* href="(/article-\d+/)"', page_of(client)))
    assert all(times == 1 for times in addresses.values())
    assert len(addresses) == count if count <= 7 else len(addresses) > 20


def test_pages_and_drafts_and_the_future_stay_off_the_front_page(client: Client):
    make_article("Imprint", kind="page")
    make_article("Unfinished", status="draft")
    make_article("Tomorrow", published_at=timezone.now() + timedelta(days=1))
    assert load_front().lead is None


def test_live_coverage_of_the_last_day_has_a_strip_of_its_own(client: Client):
    make_newest(3)
    live = make_article("Exam day", kind="live", published_at=timezone.now() - timedelta(hours=3))
    make_article("Exam day of old", kind="live", published_at=timezone.now() - timedelta(hours=30))
    front = load_front()
    assert front.live == live
    assert live not in [front.lead, *front.second, *front.latest]
    assert '<section class="strip bare" aria-label="Live coverage">' in page_of(client)


def test_live_coverage_that_the_editor_made_the_lead_has_no_strip_as_well():
    live = make_article("Exam day", kind="live")
    FrontSlot.objects.create(rank="lead", article=live)
    front = load_front()
    assert (front.live, front.lead) == (None, live)


def test_the_latest_of_today_show_the_clock_and_older_ones_the_day(client: Client):
    zone = timezone.get_current_timezone()
    with time_machine.travel(datetime(2026, 6, 7, 15, 0, tzinfo=zone), tick=False):
        make_newest(6)
        make_article("At noon", published_at=datetime(2026, 6, 7, 12, 5, tzinfo=zone))
        make_article("The day before", published_at=datetime(2026, 6, 6, 23, 59, tzinfo=zone))
        latest = page_of(client).split('id="latest-heading"')[1].split("</section>")[0]
    assert re.search(r">12:05</time><div><a[^>]*>At noon</a>", latest)
    assert re.search(r">6 Jun</time><div><a[^>]*>The day before</a>", latest)


def test_sections_show_their_own_newest_and_those_of_sections_within_them():
    make_newest(12)
    table = make_section("Table", position=1)
    breakfast = make_section("Breakfast", parent=table)
    old = timezone.now() - timedelta(days=9)
    first = make_article("Noodles", section=table, published_at=old)
    second = make_article("Soy milk", section=breakfast, published_at=old - timedelta(hours=1))
    third = make_article("Rice", section=table, published_at=old - timedelta(hours=2))
    (block,) = load_front().sections
    assert block.section == table
    assert block.articles == [first, second, third]


def test_sections_without_articles_or_with_no_place_on_the_front_page_are_left_out():
    make_newest(12)
    make_section("Empty")
    hidden = make_section("Hidden", front_style="none")
    make_article(section=hidden, published_at=timezone.now() - timedelta(days=9))
    assert load_front().sections == []


def test_a_section_is_filled_from_further_down_when_its_newest_stand_above():
    section = make_section()
    stories = make_newest(16, section=section)
    (block,) = load_front().sections
    assert block.articles == stories[12:16]


def test_headwords_show_their_pronunciation(client: Client):
    make_newest(12)
    words = make_section("Words", front_style="headwords")
    make_article("搭子", language="zh-Hans", pronunciation="dāzi", section=words, published_at=timezone.now() - timedelta(days=9))
    page = page_of(client)
    assert '<span class="word" lang="zh-Hans">搭子</span><span class="py" lang="zh-Latn">dāzi</span>' in page


def test_popular_reads_are_those_read_most_that_stand_nowhere_else():
    stories = make_newest(14)
    old = timezone.now() - timedelta(days=9)
    ranked = [make_article(f"Classic {number}", published_at=old) for number in range(6)]
    for number, article in enumerate([stories[0], *ranked]):
        Article.objects.filter(pk=article.pk).update(popularity=100 - number)
    assert load_front().popular == ranked[:5]


def test_a_headline_of_25_words_is_marked_as_long(client: Client):
    make_article(" ".join(["word"] * 25))
    assert re.search(r'<article class="lead[^>]*data-length="long"', page_of(client))


def test_a_chinese_headline_says_its_language_and_names_its_author_in_chinese(client: Client):
    person = make_person("Shen Yiduo", native_name="沈一朵")
    make_article("楼下的早餐铺", language="zh-Hans", by=(person,))
    page = page_of(client)
    assert '<h2 class="h-1" lang="zh-Hans">' in page
    assert '<span lang="zh-Hans">沈一朵</span>' in page
    assert "in Chinese" in page


def test_on_a_chinese_page_chinese_headlines_keep_their_typography_and_english_ones_say_their_language(client: Client):
    make_article("楼下的早餐铺", language="zh-Hans", published_at=timezone.now() - timedelta(hours=1))
    make_article("The breakfast shop downstairs", published_at=timezone.now() - timedelta(hours=2))
    page = client.get("/", headers={"accept-language": "zh-hans"}).content.decode()
    assert '<html lang="zh-CN">' in page
    assert '<h2 class="h-1" lang="zh-Hans">' in page
    assert '<h3 lang="en">' in page


@pytest.mark.parametrize(("access", "has_mark"), [("free", False), ("registered", False), ("metered", True), ("premium", True)])
def test_only_what_needs_a_subscription_has_the_premium_mark(client: Client, access, has_mark):
    make_article(access=access)
    page = page_of(client)
    assert f'data-access="{access}"' in page
    assert ('class="premium"' in page) is has_mark


def test_a_byline_names_authors_and_those_who_reported_with_them_but_no_editors(client: Client):
    ada, bea, cy, dee = (make_person(name) for name in ("Ada", "Bea", "Cy", "Dee"))
    article = make_article(by=(ada, bea))
    Credit.objects.create(article=article, person=cy, role="contributor", position=3)
    Credit.objects.create(article=article, person=dee, role="editor", position=4)
    byline = page_of(client).split('<p class="byline">')[1].split("</p>")[0]
    assert re.sub("<[^>]+>", "", byline).strip() == "By Ada and Bea, with Cy"


def test_comments_are_counted_on_cards(client: Client):
    make_newest(1)
    article = make_article(published_at=timezone.now() - timedelta(days=1))
    Article.objects.filter(pk=article.pk).update(comment_count=1)
    assert "1 comment<" in page_of(client).replace("\n", "")


def test_pictures_come_in_renditions_with_their_size_and_focal_point(client: Client):
    make_article(lead_image=make_image(alt="A tower", focal_x=22, focal_y=50))
    picture = re.search(r'<figure class="lead-fig.*?(<img[^>]*>)', page_of(client))
    assert picture is not None
    for attribute in (
        "a-400.webp 400w",
        "a-800.webp 800w",
        'width="1600"',
        'height="1000"',
        'alt="A tower"',
        'data-x="20"',
        'fetchpriority="high"',
    ):
        assert attribute in picture[1]
    assert "data-y" not in picture[1]


def test_titles_from_bulk_loads_are_escaped(client: Client):
    article = make_article()
    Article.objects.filter(pk=article.pk).update(title="<script>x", title_html="", standfirst="<b>", standfirst_html="")
    assert "<script>x" not in page_of(client)


def fill(times: int) -> None:
    for number in range(times):
        section = make_section(position=number, front_style=["cards", "list", "headwords"][number % 3])
        for _ in range(6):
            make_article(section=section, by=(make_person(), make_person()), lead_image=make_image(), popularity=5)
    make_article(kind="live")


def test_the_front_page_costs_ten_queries_for_any_number_of_sections(client: Client, count_queries):
    fill(4)
    Article.objects.update(popularity=3)
    page_of(client)
    cache.clear()
    with count_queries() as few:
        page_of(client)
    fill(4)
    Article.objects.update(popularity=3)
    cache.clear()
    with count_queries() as many:
        page_of(client)
    assert len(few) == len(many)
    assert len(many) <= 10
    assert Section.objects.count() == 8


def test_the_front_page_is_the_same_for_everybody(client: Client):
    make_newest(3)
    response = client.get("/")
    assert response.headers["Cache-Control"].startswith("public")
    assert not response.cookies
    assert client.head("/").status_code == 200
