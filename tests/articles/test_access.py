"""Who gets the whole of what."""

import pytest
from django.conf import settings

from articles.access import ANYBODY, Decision, Reader, Reason, decide
from articles.models import Article
from articles.models.access_levels import Access
from billing.entitlements import NOTHING, Entitlement, Source
from tests.factories import make_article, make_section

READERS = {
    "nobody": ANYBODY,
    "registered": Reader(is_known=True),
    "subscriber": Reader(is_known=True, entitlement=Entitlement(True, Source.SUBSCRIPTION)),
    "holder of a grant": Reader(is_known=True, entitlement=Entitlement(True, Source.GRANT)),
    "lapsed": Reader(is_known=True, entitlement=NOTHING),
    "staff": Reader(is_known=True, is_staff=True),
}
OPENED = {
    "nobody": {Access.FREE},
    "registered": {Access.FREE, Access.REGISTERED},
    "subscriber": set(Access),
    "holder of a grant": set(Access),
    "lapsed": {Access.FREE, Access.REGISTERED},
    "staff": set(Access),
}


@pytest.mark.django_db
@pytest.mark.parametrize("access", list(Access))
@pytest.mark.parametrize("who", list(READERS))
def test_the_rule_for_one_article_and_for_sets_agree(who: str, access: Access) -> None:
    article = make_article(access=access)
    is_full = decide(article, READERS[who]).is_full
    assert is_full is (access in OPENED[who])
    assert Article.objects.readable_by(READERS[who]).filter(pk=article.pk).exists() is is_full


@pytest.mark.django_db
@pytest.mark.parametrize("who", list(READERS))
def test_an_unknown_level_means_preview_for_everybody(who: str) -> None:
    article = make_article()
    Article.objects.filter(pk=article.pk).update(effective_access="gold")
    article.refresh_from_db()
    assert decide(article, READERS[who]) == Decision(False, Reason.UNKNOWN)
    assert not Article.objects.readable_by(READERS[who]).filter(pk=article.pk).exists()


@pytest.mark.django_db
def test_an_article_is_as_open_as_its_section_unless_it_says_otherwise() -> None:
    section = make_section(default_access=Access.PREMIUM)
    assert make_article(section=section).effective_access == Access.PREMIUM
    assert make_article(section=section, access=Access.FREE).effective_access == Access.FREE


def paid_article(access: Access = Access.PREMIUM) -> Article:
    body = "<p>The opening, for all.</p>" * 4 + '<hr class="paywall-divider">' + "<p>SENTINEL in the paid text.</p>" * 6
    return make_article(access=access, body=body)


@pytest.mark.django_db
@pytest.mark.parametrize("access", [Access.REGISTERED, Access.METERED, Access.PREMIUM])
@pytest.mark.parametrize(
    "headers",
    [{}, {"HX-Request": "true"}, {"User-Agent": "Googlebot/2.1"}, {"Accept": "application/json"}, {"Referer": "https://news.google.com/"}],
)
def test_paid_text_never_leaves_without_a_grant(client, access: Access, headers: dict[str, str]) -> None:
    article = paid_article(access)
    for query in ("", "?print=1", "?amp=1", "?preview=true", "?as=anybody", "?format=json"):
        response = client.get(article.get_absolute_url() + query, headers=headers)
        assert response.status_code == 200
        assert b"SENTINEL" not in response.content
        assert b'data-shown="preview"' in response.content


@pytest.mark.django_db
@pytest.mark.parametrize("cookie", ["", "forged", "0" * 32, "%00", "x" * 4000])
def test_a_forged_session_opens_nothing(client, cookie: str) -> None:
    client.cookies[settings.SESSION_COOKIE_NAME] = cookie
    response = client.get(paid_article().get_absolute_url())
    assert b"SENTINEL" not in response.content
    assert response.headers["Cache-Control"] == "private, no-store"


def test_a_subscriber_reads_the_whole_and_no_cache_keeps_it(as_subscriber) -> None:
    response = as_subscriber.get(paid_article().get_absolute_url())
    assert b"SENTINEL" in response.content
    assert b'data-shown="full"' in response.content
    assert b"data-nosnippet" not in response.content
    assert response.headers["Cache-Control"] == "private, no-store"


def test_a_registered_reader_reads_what_asks_for_an_account(as_reader) -> None:
    assert b"SENTINEL" in as_reader.get(paid_article(Access.REGISTERED).get_absolute_url()).content
    assert b"SENTINEL" not in as_reader.get(paid_article(Access.PREMIUM).get_absolute_url()).content


def test_an_editor_sees_what_a_stranger_sees_when_asking_for_it(as_editor) -> None:
    article = paid_article()
    assert b"SENTINEL" in as_editor.get(article.get_absolute_url()).content
    assert b"SENTINEL" not in as_editor.get(article.get_absolute_url() + "?as=anybody").content


@pytest.mark.django_db
def test_the_preview_page_is_public_and_says_what_stands_behind_the_wall(client) -> None:
    response = client.get(paid_article().get_absolute_url())
    assert response.headers["Cache-Control"].startswith("public")
    assert b'<section class="paywall grid" data-nosnippet' in response.content
