"""What search engines and social media are told about an article."""

import io
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from PIL import Image as Picture

from articles.models import Article, Image
from articles.models.access_levels import Access
from articles.social_cards import CARD_SIZE, card_path, draw_card
from magazine.models import Identity
from tests.factories import make_article, make_person, make_section, make_tag

pytestmark = pytest.mark.django_db
PAID = "<p>The opening for all.</p>" * 3 + '<hr class="paywall-divider"><h2>SENTINEL heading</h2>' + "<p>SENTINEL text.</p>" * 9


def head(client: Client, article: Article) -> str:
    return client.get(article.get_absolute_url()).content.decode().split("</head>")[0]


def data(client: Client, article: Article) -> dict[str, Any]:
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', head(client, article), re.DOTALL)[1])


def meta(html: str, name: str) -> str:
    return re.search(rf'<meta (?:property|name)="{re.escape(name)}" content="([^"]*)"', html)[1]


def test_an_article_is_news_by_somebody(client: Client) -> None:
    author = make_person("Shen Yiduo", native_name="沈一朵")
    article = make_article(
        "Walls",
        by=(author,),
        tags=(make_tag("Neighbours"),),
        section=make_section("Street"),
        published_at=datetime(2026, 6, 5, tzinfo=UTC),
        updated_at=datetime(2026, 6, 7, tzinfo=UTC),
    )
    found = data(client, article)
    address = settings.SITE_URL + article.get_absolute_url()
    assert found["@type"] == "NewsArticle"
    assert (found["headline"], found["url"]) == ("Walls", address)
    assert (found["datePublished"], found["dateModified"]) == ("2026-06-05T00:00:00+00:00", "2026-06-07T00:00:00+00:00")
    assert found["author"] == [
        {"@type": "Person", "name": "Shen Yiduo", "url": settings.SITE_URL + author.get_absolute_url(), "alternateName": "沈一朵"}
    ]
    assert (found["articleSection"], found["keywords"]) == ("Street", ["Neighbours"])
    assert found["image"][-1]["url"].startswith(address + "card.jpg")
    assert found["publisher"]["name"] == Identity.load().name


def test_a_free_article_is_free_and_names_no_part(client: Client) -> None:
    found = data(client, make_article())
    assert found["isAccessibleForFree"] is True
    assert "hasPart" not in found


@pytest.mark.parametrize("access", [Access.REGISTERED, Access.METERED, Access.PREMIUM])
def test_a_gated_article_names_the_wall_and_the_wall_is_there(client: Client, access: Access) -> None:
    article = make_article(access=access, body=PAID)
    found = data(client, article)
    assert found["isAccessibleForFree"] is False
    assert found["hasPart"] == {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".paywall"}
    assert 'class="paywall' in client.get(article.get_absolute_url()).content.decode()


@pytest.mark.parametrize("kind", [Article.Kind.LONG, Article.Kind.LIVE, Article.Kind.PAGE])
def test_nothing_behind_the_wall_is_told(client: Client, kind: str) -> None:
    article = make_article(kind=kind, access=Access.PREMIUM, standfirst="", body=PAID)
    assert "SENTINEL" not in head(client, article)


def test_live_coverage_has_a_span_and_its_parts(client: Client) -> None:
    start = datetime(2026, 6, 5, 8, tzinfo=UTC)
    article = make_article(
        kind=Article.Kind.LIVE, body="<h2>Doors open</h2><p>At ten.</p>", published_at=start, updated_at=start + timedelta(hours=5)
    )
    found = data(client, article)
    assert found["@type"] == "LiveBlogPosting"
    assert (found["coverageStartTime"], found["coverageEndTime"]) == ("2026-06-05T08:00:00+00:00", "2026-06-05T13:00:00+00:00")
    assert [update["headline"] for update in found["liveBlogUpdate"]] == ["Doors open"]


def test_a_page_is_no_news(client: Client) -> None:
    assert data(client, make_article(kind=Article.Kind.PAGE))["@type"] == "WebPage"


def test_titles_cannot_leave_the_script(client: Client) -> None:
    hostile = "</script><script>alert(1)</script><!-- \u2028 &"
    article = make_article(hostile, by=(make_person(hostile),), tags=(make_tag(hostile),))
    assert data(client, article)["headline"] == hostile


def test_the_head_names_the_one_address(client: Client) -> None:
    article = make_article()
    assert f'<link rel="canonical" href="{settings.SITE_URL}{article.get_absolute_url()}">' in head(client, article)
    elsewhere = make_article(canonical_url="https://first.example/piece/")
    assert '<link rel="canonical" href="https://first.example/piece/">' in head(client, elsewhere)


def test_robots_may_show_large_pictures_and_short_texts(client: Client) -> None:
    assert meta(head(client, make_article()), "robots") == "max-image-preview:large, max-snippet:160"
    assert meta(head(client, make_article(is_hidden_from_search_engines=True)), "robots").startswith("noindex")


def test_translations_name_each_other(client: Client) -> None:
    original = make_article(language="en")
    chinese, draft = (
        make_article(language="zh-Hans", translation_of=original),
        make_article(language="fr", translation_of=original, status=Article.Status.DRAFT),
    )
    for article in (original, chinese):
        html = head(client, article)
        for other in (original, chinese):
            assert f'hreflang="{other.language}" href="{settings.SITE_URL}{other.get_absolute_url()}"' in html
        assert draft.get_absolute_url() not in html


def test_social_media_get_the_words_meant_for_them(client: Client) -> None:
    html = head(client, make_article(social_title="Shared", social_description="As shared."))
    assert (meta(html, "og:title"), meta(html, "og:description"), meta(html, "og:type")) == ("Shared", "As shared.", "article")
    assert meta(html, "twitter:card") == "summary_large_image"


def test_the_card_is_a_picture_of_the_right_size_that_caches_keep(client: Client) -> None:
    article = make_article("重庆 and the word dāzi: " + "a long headline " * 12, section=make_section("Street"))
    address = meta(head(client, article), "og:image").removeprefix(settings.SITE_URL)
    first, second = client.get(address), client.get(address)
    picture = Picture.open(io.BytesIO(first.content))
    assert (picture.format, picture.size) == ("JPEG", CARD_SIZE)
    assert second.content == first.content
    assert "immutable" in first.headers["Cache-Control"]


def test_the_address_of_the_card_changes_with_what_is_on_it() -> None:
    article = make_article("Before")
    before = card_path(article)
    article.title = "After"
    assert card_path(article) != before


@pytest.mark.parametrize("title", ["", "A", "W" * 300, "word " * 60, "汉" * 120, "🙏👍", "\u202e right to left", "שלום"])
def test_every_title_can_be_drawn(title: str) -> None:
    assert draw_card(make_article(title or " ", published_at=timezone.now()))


def test_a_card_is_drawn_without_a_picture_that_is_gone() -> None:
    assert draw_card(make_article(lead_image=Image.objects.create(file="gone.jpg", width=1, height=1)))
