"""The page of one article."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from articles import crawlers, institutions, tiers
from articles.models import Article, Credit, Image, PaywallSettings, Rendition, Series, SeriesEntry
from articles.models.access_levels import Access
from billing.models import SubscriptionSettings
from magazine.early_script import EARLY_SCRIPT
from magazine.models import Identity
from tests.factories import make_article, make_person, make_price, make_section, make_tag

pytestmark = pytest.mark.django_db


def page(client: Client, article: Article, **headers: str) -> str:
    response = client.get(article.get_absolute_url(), headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def furnish(article: Article, amount: int) -> None:
    """Give an article much of everything that stands around its text."""
    for number in range(amount):
        person = make_person(picture=Image.objects.create(file=f"p{number}-{article.pk}.jpg", width=10, height=10))
        Credit.objects.create(article=article, person=person, position=number)
        article.tags.add(make_tag())
        series = Series.objects.create(title=f"Series {number}", slug=f"series-{article.pk}-{number}")
        SeriesEntry.objects.create(series=series, article=article, position=1)
        SeriesEntry.objects.create(series=series, article=make_article(), position=2)
        make_article(translation_of=article, language="zh-Hans")


@pytest.mark.parametrize("access", [Access.FREE, Access.PREMIUM])
def test_a_page_costs_the_same_however_much_stands_on_it(client: Client, count_queries, access: Access) -> None:
    section = make_section()
    for _ in range(6):
        make_article(section=section, by=(make_person(),), published_at=timezone.now() - timedelta(days=9))
    picture = Image.objects.create(file="lead.jpg", width=10, height=10)
    sparse, rich = (make_article(section=section, access=access, lead_image=picture) for _ in range(2))
    furnish(sparse, 1)
    furnish(rich, 6)
    Article.objects.filter(pk=rich.pk).update(comment_count=900)
    page(client, make_article())
    page(client, make_article(access=Access.PREMIUM))
    with count_queries() as few:
        page(client, sparse)
    with count_queries() as many:
        page(client, rich)
    assert len(many) == len(few) <= 3


def test_a_page_costs_little_even_when_every_cache_is_empty(client: Client, count_queries) -> None:
    section, picture = make_section(), Image.objects.create(file="lead.jpg", width=10, height=10)
    for settings in (Identity, PaywallSettings, SubscriptionSettings):
        settings.load()
    make_price()
    page(client, make_article())
    for access in (Access.FREE, Access.METERED, Access.PREMIUM):
        article = make_article(section=section, access=access, lead_image=picture)
        furnish(article, 2)
        cache.clear()
        for remembered in (institutions.OPENINGS, crawlers.SWITCH, tiers.RESERVED):
            remembered.forget()
        with count_queries() as queries:
            page(client, article)
        assert len(queries) <= (6 if access == Access.FREE else 7), access


@pytest.mark.parametrize("access", [Access.FREE, Access.METERED, Access.PREMIUM])
def test_reading_as_a_subscriber_costs_five_queries(as_subscriber: Client, count_queries, access: Access) -> None:
    article = make_article(section=make_section(), access=access, lead_image=Image.objects.create(file="lead.jpg", width=10, height=10))
    furnish(article, 2)
    # What is kept for minutes for the whole site: settings, and which sections are reserved.
    page(as_subscriber, make_article(section=make_section(), access=access))
    with count_queries() as queries:
        response = as_subscriber.get(article.get_absolute_url())
    assert 'data-shown="full"' in response.content.decode()
    assert response.headers["Cache-Control"] == "private, no-store"
    assert len(queries) <= 5


def test_pictures_stand_in_their_renditions(client: Client) -> None:
    lead, portrait = (Image.objects.create(file=f"{name}.jpg", width=900, height=600) for name in ("lead", "portrait"))
    for picture, name in ((lead, "lead"), (portrait, "portrait")):
        for width in (800, 400):
            Rendition.objects.create(image=picture, width=width, height=width, file=f"{name}-{width}.webp")
    html = page(client, make_article(lead_image=lead, by=(make_person(picture=portrait),)))
    for name in ("lead", "portrait"):
        assert f'srcset="/media/{name}-400.webp 400w, /media/{name}-800.webp 800w"' in html


def test_the_page_says_who_made_it_and_when(client: Client) -> None:
    author = make_person(
        "Shen Yiduo", native_name="沈一朵", bio="She reports on walls.", links=[{"label": "Weibo", "url": "https://weibo.example/"}]
    )
    article = make_article(
        "Walls",
        by=(author,),
        section=make_section("Street", character="街"),
        published_at=datetime(2026, 6, 4, 23, 30, tzinfo=UTC),
        updated_at=datetime(2026, 6, 7, 3, 5, tzinfo=UTC),
    )
    Credit.objects.create(article=article, person=make_person("Mara Lindqvist"), role=Credit.Role.EDITOR, position=2)
    html = page(client, article)
    assert '>Shen Yiduo</a> <span lang="zh-Hans">沈一朵</span>' in html
    assert "Edited by" in html and "Mara Lindqvist" in html
    assert '<time datetime="2026-06-05T07:30+08:00">5 June 2026, 07:30 Beijing</time>' in html
    assert "7 June 2026, 11:05" in html
    assert "She reports on walls." in html and 'rel="me" href="https://weibo.example/"' in html
    assert "© 2026" in html


def test_a_link_of_a_person_that_is_no_web_address_is_left_out(client: Client) -> None:
    author = make_person(links=[{"label": "X", "url": "javascript:alert(1)"}, "text", {"url": "https://nameless.example"}])
    html = page(client, make_article(by=(author,)))
    assert "javascript:" not in html
    assert "nameless.example" not in html


def test_the_copyright_year_is_that_of_the_article(client: Client) -> None:
    assert "© 2014" in page(client, make_article(published_at=datetime(2014, 5, 1, tzinfo=UTC)))


def test_an_older_first_publication_is_told_apart(client: Client) -> None:
    article = make_article(first_published_at=datetime(2020, 1, 2, tzinfo=UTC))
    assert "First published" in page(client, article)
    assert "First published" not in page(client, make_article())


def test_the_page_leads_to_the_neighbours_in_its_series(client: Client) -> None:
    before, here, after, hidden = (
        make_article("Before"),
        make_article("Here"),
        make_article("After"),
        make_article("Hidden", status=Article.Status.DRAFT),
    )
    series = Series.objects.create(title="Walls", slug="walls")
    for position, article in enumerate([before, hidden, here, after]):
        SeriesEntry.objects.create(series=series, article=article, position=position)
    html = page(client, here)
    assert "Part 2 of 3" in html
    assert f'rel="prev" href="{before.get_absolute_url()}"' in html
    assert f'rel="next" href="{after.get_absolute_url()}"' in html
    assert "Hidden" not in html


def test_below_an_article_stands_the_one_before_it_in_its_section(client: Client) -> None:
    section, now = make_section(), timezone.now()
    make_article("Newer", section=section, published_at=now - timedelta(days=1))
    here = make_article("Here", section=section, published_at=now - timedelta(days=2))
    older = make_article("Older", section=section, published_at=now - timedelta(days=3))
    make_article("Elsewhere", section=make_section(), published_at=now - timedelta(days=2, hours=1))
    html = page(client, here)
    assert f'data-continue="{older.get_absolute_url()}"' in html
    assert "Newer" not in html and "Elsewhere" not in html


def test_below_a_preview_stands_only_what_is_free(client: Client) -> None:
    section, now = make_section(), timezone.now()
    here = make_article(section=section, access=Access.PREMIUM, published_at=now - timedelta(days=1))
    make_article("Paid too", section=section, access=Access.PREMIUM, published_at=now - timedelta(days=2))
    make_article("For all", section=section, published_at=now - timedelta(days=3))
    html = page(client, here)
    assert "For all" in html and "Paid too" not in html


def test_htmx_gets_the_article_alone_by_the_same_decision(client: Client) -> None:
    article = make_article(access=Access.PREMIUM, body="<p>One.</p>" * 4 + "<p>SENTINEL</p>" * 6)
    fragment = page(client, article, **{"HX-Request": "true"})
    assert "<html" not in fragment and "<h1" not in fragment
    assert 'data-shown="preview"' in fragment and "SENTINEL" not in fragment


def test_ids_of_streamed_articles_do_not_clash(client: Client) -> None:
    body = '<h2>Part</h2><p>Text<span class="footnote">A note.</span></p>' * 3
    first, second = (make_article(section=None, body=body, by=(make_person(),)) for _ in range(2))
    ids = [
        part.split('"')[0]
        for html in (page(client, first), page(client, second, **{"HX-Request": "true"}))
        for part in html.split(' id="')[1:]
    ]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("status", [status for status in Article.Status if status != Article.Status.PUBLISHED])
def test_what_is_not_published_does_not_exist_for_readers(client: Client, as_subscriber: Client, status: str) -> None:
    article = make_article(status=status, body="<p>SENTINEL</p>")
    for somebody in (Client(), as_subscriber):
        for address in (article.get_absolute_url(), article.get_absolute_url() + "card.jpg"):
            response = somebody.get(address)
            assert response.status_code == 404
            assert b"SENTINEL" not in response.content


def test_an_article_of_tomorrow_does_not_exist_yet(client: Client) -> None:
    assert client.get(make_article(published_at=timezone.now() + timedelta(days=1)).get_absolute_url()).status_code == 404


def test_the_newsroom_sees_a_draft_under_a_banner(as_editor: Client) -> None:
    response = as_editor.get(make_article(status=Article.Status.DRAFT, access=Access.PREMIUM).get_absolute_url())
    assert b"Only the newsroom sees this page" in response.content
    assert response.headers["Cache-Control"] == "private, no-store"
    assert b"noindex" in response.content


@pytest.mark.parametrize("spelling", ["/Lift-Off/", "/LIFT-OFF/", "/lift-off", "/Lift-Off"])
def test_other_spellings_lead_to_the_one_address(client: Client, spelling: str) -> None:
    make_article(slug="lift-off")
    response = client.get(spelling, follow=True)
    assert response.status_code == 200
    assert all(status == 301 for _address, status in response.redirect_chain)
    assert response.redirect_chain[-1][0] == "/lift-off/"


def test_another_spelling_of_a_draft_leads_nowhere(client: Client) -> None:
    make_article(slug="secret", status=Article.Status.DRAFT)
    assert client.get("/Secret/").status_code == 404


@pytest.mark.parametrize(
    "slug", ["重庆", "重庆-hotpot", "ÄÖÜ", "-", "_", "a" * 1000, "%F0%9F%99%8F", "..", "%00", "1'%20OR%201=1", "%E2%80%AE"]
)
def test_hostile_slugs_are_not_found(client: Client, slug: str) -> None:
    assert client.get(f"/{slug}/").status_code == 404


def test_a_slug_in_chinese_works(client: Client) -> None:
    assert client.get(make_article(slug="重庆").get_absolute_url()).status_code == 200


def test_queries_in_the_address_change_nothing(client: Client) -> None:
    article = make_article("Plain")
    for query in ("?page=9", "?page=x", "?utm_source=a", "?p=1&p=2"):
        assert b"Plain" in client.get(article.get_absolute_url() + query).content


def test_an_article_with_nothing_but_a_title_has_a_page(client: Client) -> None:
    assert "Bare" in page(client, make_article("Bare", body="", standfirst="", section=None))


def test_a_title_of_three_hundred_characters_is_set_smaller(client: Client) -> None:
    title = ("word 很长 " * 60)[:300]
    assert 'data-length="long"' in page(client, make_article(title))


def test_markup_in_what_editors_type_stays_text(client: Client) -> None:
    hostile = '<script>alert("x")</script>'
    author = make_person(hostile, native_name=hostile, bio=hostile)
    article = make_article(
        hostile,
        standfirst=hostile,
        by=(author,),
        section=make_section(hostile),
        tags=(make_tag(hostile),),
        seo_description=hostile,
        lead_image=Image.objects.create(file="a.jpg", alt=hostile, caption=hostile, credit=hostile, width=1, height=1),
    )
    assert hostile not in page(client, article)


def test_dates_that_make_no_sense_are_not_shown(client: Client) -> None:
    article = make_article(updated_at=datetime(1999, 1, 1, tzinfo=UTC))
    assert ">Updated<" not in page(client, article)
    Article.objects.filter(pk=article.pk).update(first_published_at=None)
    assert page(client, article)


@pytest.mark.parametrize("kind", list(Article.Kind))
def test_every_kind_has_a_page(client: Client, kind: str) -> None:
    assert "Of a kind" in page(client, make_article("Of a kind", kind=kind))


def test_a_page_has_no_byline_comments_or_continuation(client: Client) -> None:
    html = page(client, make_article(kind=Article.Kind.PAGE))
    assert 'id="comments"' not in html and "Continue reading" not in html


def test_a_head_request_answers_like_a_get(client: Client) -> None:
    response = client.head(make_article().get_absolute_url())
    assert response.status_code == 200 and response.content == b""


def test_script_is_loaded_deferred_and_from_here(client: Client) -> None:
    html = page(client, make_article())
    assert "htmx.min.js" in html
    assert html.count("<script>") == html.count(f"<script>{EARLY_SCRIPT}</script>") == 1
    tags = [tag.split(">")[0] for tag in html.replace("<script>", "").split("<script")[1:]]
    assert all("defer" in tag or 'type="module"' in tag or "ld+json" in tag for tag in tags)
