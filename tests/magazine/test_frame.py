"""Masthead and footer: for any magazine, and cheap."""

import base64
import hashlib
import re
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.utils import timezone

from config.context_processors import masthead
from magazine.models import Identity, SocialLink
from magazine.templatetags.masthead import gloss, han, lunar_date
from newsletters.models import Newsletter
from tests.factories import make_article, make_section

pytestmark = pytest.mark.django_db


def set_identity(**fields: object) -> None:
    Identity.load()
    Identity.objects.update(**fields)
    cache.clear()


def test_a_cold_frame_costs_two_queries_and_a_warm_one_none(count_queries):
    set_identity()
    for number in range(8):
        make_section(f"Section {number}")
        SocialLink.objects.create(label=f"Network {number}", url=f"https://network{number}.example/")
        make_article(kind="page")
        Newsletter.objects.create(name=f"Letter {number}", slug=f"letter-{number}")
    cache.clear()
    with count_queries() as cold:
        masthead(RequestFactory().get("/"))
    with count_queries() as warm:
        context = masthead(RequestFactory().get("/"))
    assert (len(cold), len(warm)) == (2, 0)
    assert len(context["navigation"]) == len(context["social_links"]) == len(context["footer_pages"]) == 8


def test_the_frame_keeps_the_editors_order():
    for position, name in [(3, "Words"), (1, "Street"), (2, "Table")]:
        make_section(name, position=position)
        SocialLink.objects.create(label=name, url="https://network.example/", position=position)
    context = masthead(RequestFactory().get("/"))
    assert [link.name for link in context["navigation"]] == ["Street", "Table", "Words"]
    assert [link.name for link in context["social_links"]] == ["Street", "Table", "Words"]


def test_sections_within_others_and_hidden_ones_are_not_in_the_navigation():
    top = make_section("Top")
    make_section("Within", parent=top)
    make_section("Hidden", is_in_navigation=False)
    assert [link.name for link in masthead(RequestFactory().get("/"))["navigation"]] == ["Top"]


def test_a_saved_section_is_in_the_navigation_at_once():
    section = make_section("Street")
    masthead(RequestFactory().get("/"))
    section.name = "Kerb"
    section.save()
    assert [link.name for link in masthead(RequestFactory().get("/"))["navigation"]] == ["Kerb"]


@pytest.mark.parametrize(
    ("kind", "hours_ago", "status", "is_live"),
    [("live", 2, "published", True), ("live", 25, "published", False), ("live", 2, "draft", False), ("long", 2, "published", False)],
)
def test_the_live_mark_is_shown_for_live_coverage_of_the_last_day(client: Client, kind, hours_ago, status, is_live):
    make_article("Exam day", kind=kind, status=status, published_at=timezone.now() - timedelta(hours=hours_ago))
    assert ('<span class="live-mark">' in client.get("/archive/").content.decode()) is is_live


def test_nobody_without_a_session_cookie_costs_a_session(client: Client, count_queries):
    client.get("/archive/")
    with count_queries() as queries:
        response = client.get("/archive/")
    assert not any("session" in query["sql"] for query in queries)
    assert response.headers["Cache-Control"].startswith("public")


def test_a_signed_in_reader_finds_the_account_instead_of_the_sign_in(as_reader: Client, client: Client):
    page = as_reader.get("/archive/").content.decode()
    assert ">Account</a>" in page
    assert ">Sign in</a>" not in page


def test_a_magazine_without_hanzi_sections_socials_or_tagline_has_a_whole_page(client: Client):
    set_identity(name="Harbour")
    page = client.get("/").content.decode()
    assert "<b>Harbour</b>" in page
    for absent in ('class="seal"', 'class="han"', 'class="tagline"', 'class="sections', "has-han", "footer-follow", 'lang="zh-Hans"'):
        assert absent not in page


def test_names_of_the_identity_are_escaped(client: Client):
    set_identity(name="<i>Harbour", tagline="<b>ad", footer_sentence="<script>楼")
    page = client.get("/").content.decode()
    assert "<i>Harbour" not in page
    assert '&lt;script&gt;<span lang="zh-Hans">楼</span>' in page


def test_no_page_has_inline_styles_or_scripts_but_the_early_one_that_the_policy_names(client: Client):
    make_article(section=make_section(character="食"))
    answer = client.get("/")
    page = answer.content.decode()
    assert " style=" not in page
    assert "<style" not in page
    inline = re.findall(r"<script>(.*?)</script>", page)
    assert page.count("<script") == page.count('<script type="module" src=') + len(inline)
    digest = base64.b64encode(hashlib.sha256(inline[0].encode()).digest()).decode()
    assert len(inline) == 1
    assert f"'sha256-{digest}'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("day", "lunar"),
    [
        (date(2026, 6, 7), "丙午年四月廿二"),
        (date(2026, 2, 17), "丙午年正月初一"),
        (date(2025, 8, 1), "乙巳年闰六月初八"),
        (date(1800, 1, 1), ""),
    ],
)
def test_the_lunar_date(day, lunar):
    assert lunar_date(day) == lunar


def test_the_lunar_date_is_shown_only_where_the_magazine_wants_it(client: Client):
    with time_machine.travel(datetime(2026, 6, 7, 4, tzinfo=timezone.get_current_timezone()), tick=False):
        assert "丙午年" not in client.get("/").content.decode()
        set_identity(shows_lunar_date=True)
        page = client.get("/").content.decode()
    assert "Sunday 7 June" in page
    assert '<span lang="zh-Hans">丙午年四月廿二</span>' in page


def test_han_in_plain_text_is_marked_and_the_rest_escaped():
    assert han("Weibo 微博 & <co>") == 'Weibo <span lang="zh-Hans">微博</span> &amp; &lt;co&gt;'
    assert gloss("shí: food") == '<span lang="zh-Latn">shí</span>: food'
    assert gloss("<b>") == "&lt;b&gt;"
