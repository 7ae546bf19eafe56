"""Whatever is told to search engines is schema.org's: the types, their properties, and what these hold."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from articles.models import Article, Image
from articles.models.access_levels import Access
from magazine.models import Identity
from tests.addresses import all_samples
from tests.factories import make_article, make_person, make_section, make_tag
from tests.sentinels import plant_magazine
from tests.vocabulary import load

pytestmark = pytest.mark.django_db
BLOCK = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
PUBLISHED = datetime(2026, 6, 5, 8, tzinfo=UTC)


def described(client: Client, address: str) -> list[dict]:
    """Return what a page tells of itself, its faults first asserted to be none."""
    response = client.get(address)
    content = b"" if response.streaming else response.content
    blocks = [json.loads(block) for block in BLOCK.findall(content.decode("utf-8", "replace"))]
    for block in blocks:
        assert block.pop("@context") == "https://schema.org"
        assert load().faults(block) == [], address
    return blocks


def test_every_kind_of_article_is_described_in_schema_org_s_words(client: Client, as_subscriber: Client) -> None:
    identity = Identity.load()
    identity.logo = SimpleUploadedFile("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    identity.save()
    rich = {
        "by": (make_person("Shen Yiduo", native_name="沈一朵"), make_person()),
        "tags": (make_tag(), make_tag()),
        "section": make_section(),
        "lead_image": Image.objects.create(file="originals/lift.jpg", width=2000, height=1000),
        "updated_at": PUBLISHED + timedelta(days=2),
        "comment_count": 4,
        "body": "<h2>Doors open</h2><p>At ten.</p><hr class='paywall-divider'><h2>Doors close</h2><p>At five.</p>",
    }
    expected = {Article.Kind.LIVE: "LiveBlogPosting", Article.Kind.PAGE: "WebPage"}
    for kind in Article.Kind:
        for access in Access:
            for fields in (rich, {}):
                article = make_article(kind=kind, access=access, published_at=PUBLISHED, **fields)
                for reader in (Client(), as_subscriber):
                    (told,) = described(reader, article.get_absolute_url())
                    assert told["@type"] == expected.get(kind, "NewsArticle")
                    assert told["isAccessibleForFree"] is (access == Access.FREE)


def test_whatever_any_public_page_tells_is_schema_org_s(client: Client) -> None:
    plant_magazine()
    assert sum(len(described(client, address)) for address in all_samples()) >= 3


@pytest.mark.parametrize(
    ("thing", "fault"),
    [
        ({"@type": "NewsPiece"}, "no such type"),
        ({"@type": "NewsArticle", "coverageStartTime": "2026-06-05T08:00:00+00:00"}, "no such property"),
        ({"@type": "NewsArticle", "isAccessibleForFree": "false"}, "is no ['Boolean']"),
        ({"@type": "NewsArticle", "datePublished": "5 June"}, "is no ['Date', 'DateTime']"),
        ({"@type": "NewsArticle", "datePublished": "2026-06-05T08:00:00"}, "is no ['Date', 'DateTime']"),
        ({"@type": "NewsArticle", "url": "/walls/"}, "is no ['URL']"),
        ({"@type": "NewsArticle", "author": [{"@type": "ImageObject"}]}, "ImageObject is no ['Organization', 'Person']"),
        ({"@type": "NewsArticle", "hasPart": {"@type": "WebPageElement", "cssSelector": 4}}, "is no ['CssSelectorType']"),
        ({"@type": "NewsArticle", "wordCount": "many"}, "is no ['Integer']"),
    ],
)
def test_what_is_not_schema_org_s_is_found(thing: dict, fault: str) -> None:
    assert any(fault in found for found in load().faults(thing)), load().faults(thing)
