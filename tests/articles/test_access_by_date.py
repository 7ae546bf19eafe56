"""An article turns premium or free on its day, without anybody's doing."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from time_machine import travel

from articles.access import ANYBODY, decide
from articles.access_changes import apply_due_changes
from articles.embargo import level_at
from articles.models import Article
from articles.models.access_levels import Access
from articles.publishing import publish, schedule
from magazine.page_generation import GENERATION
from tests.factories import make_article, make_section

pytestmark = pytest.mark.django_db
START = datetime(2026, 6, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
WORDS = "<p>The opening, for all.</p>" * 4 + '<hr class="paywall-divider">' + "<p>Zqsentinel in the paid text.</p>" * 6


def at(moment: datetime):
    return travel(moment, tick=False)


def paid(**fields) -> Article:
    with at(START):
        return make_article(body=WORDS, published_at=START, **fields)


def levels(article: Article) -> set[str]:
    """What every rule says of an article now: they must be one."""
    stored = Article.objects.get(pk=article.pk)
    in_sql = Article.objects.annotate(level=level_at()).filter(pk=article.pk).values_list("level", flat=True).get()
    assert Article.objects.readable_by(ANYBODY).filter(pk=article.pk).exists() is decide(stored, ANYBODY).is_full
    return {str(stored.access_now), in_sql}


def test_an_article_turns_premium_on_its_day():
    article = paid(premium_from=START + 3 * DAY)
    with at(START + 3 * DAY - SECOND):
        assert levels(article) == {Access.FREE}
    with at(START + 3 * DAY):
        assert levels(article) == {Access.PREMIUM}


def test_an_article_turns_free_on_its_day():
    article = paid(access=Access.PREMIUM, free_from=START + 90 * DAY)
    with at(START + 90 * DAY - SECOND):
        assert levels(article) == {Access.PREMIUM}
    with at(START + 90 * DAY):
        assert levels(article) == {Access.FREE}


@pytest.mark.parametrize(
    ("premium", "free", "expected"),
    [
        (3, 9, [Access.METERED, Access.PREMIUM, Access.FREE]),
        (9, 3, [Access.METERED, Access.FREE, Access.PREMIUM]),
        (3, 3, [Access.METERED, Access.PREMIUM, Access.PREMIUM]),
    ],
)
@pytest.mark.parametrize("is_swept", [False, True])
def test_the_later_of_two_dates_wins_and_the_wall_of_two_at_once(premium, free, expected, is_swept):
    article = paid(access=Access.METERED, premium_from=START + premium * DAY, free_from=START + free * DAY)
    found = []
    for days in (1, 5, 12):
        with at(START + days * DAY):
            if is_swept:
                apply_due_changes()
            (level,) = levels(article)
            found.append(level)
    assert found == expected


def test_articles_follow_the_days_of_their_section_unless_they_set_their_own_access():
    section = make_section(premium_after_days=7, free_after_days=90)
    follows, stays = paid(section=section), paid(section=section, access=Access.FREE)
    own = paid(section=section, premium_from=START + 2 * DAY)
    found = {}
    for days in (1, 3, 7, 90):
        with at(START + days * DAY):
            found[days] = [levels(article).pop() for article in (follows, stays, own)]
    free, premium = Access.FREE, Access.PREMIUM
    assert found == {1: [free, free, free], 3: [free, free, premium], 7: [premium, free, premium], 90: [free, free, free]}


def test_the_days_count_from_when_it_was_really_published(editor):
    section = make_section(premium_after_days=7)
    with at(START):
        now = make_article(body=WORDS, section=section, status="draft", published_at=START - 30 * DAY)
        later = make_article(body=WORDS, section=section, status="draft")
        Article.objects.filter(pk=now.pk).update(published_at=None, first_published_at=None)
        publish(Article.objects.get(pk=now.pk), by=editor)
        schedule(later, at=START + 5 * DAY, by=editor)
    with at(START + 8 * DAY):
        assert levels(now) == {Access.PREMIUM}
        assert levels(later) == {Access.FREE}
    with at(START + 12 * DAY):
        assert levels(later) == {Access.PREMIUM}


def test_the_sweep_brings_page_search_and_caches_up_to_date(client: Client, django_capture_on_commit_callbacks):
    article = paid(premium_from=START + 3 * DAY)
    before = GENERATION.current()
    with at(START + 2 * DAY):
        assert apply_due_changes() == 0
        assert "Zqsentinel" in client.get(article.get_absolute_url()).content.decode()
        assert article.get_absolute_url() in client.get("/search/?q=Zqsentinel").content.decode()
    with at(START + 3 * DAY):
        with django_capture_on_commit_callbacks(execute=True):
            assert apply_due_changes() == 1
            assert apply_due_changes() == 0
        assert GENERATION.current() != before
        assert "Zqsentinel" not in client.get(article.get_absolute_url()).content.decode()
        assert article.get_absolute_url() not in client.get("/search/?q=Zqsentinel").content.decode()
    article.refresh_from_db()
    assert article.effective_access == Access.PREMIUM


def test_before_the_sweep_nothing_shows_what_became_paid(client: Client):
    article = paid(premium_from=START + 3 * DAY)
    with at(START + 3 * DAY):
        for address in (article.get_absolute_url(), "/search/?q=opening", "/feed/", "/feed.json"):
            assert "Zqsentinel" not in client.get(address).content.decode(), address


def test_the_sweep_leaves_no_revision():
    article = paid(premium_from=START + 3 * DAY)
    revisions = article.history.count()
    with at(START + 3 * DAY):
        apply_due_changes()
    assert article.history.count() == revisions


def test_a_section_s_new_rules_reach_its_articles(as_editor):
    section = make_section(default_access=Access.FREE)
    article = paid(section=section)
    fields = {"name": section.name, "slug": section.slug, "position": 0, "front_style": "cards", "default_access": Access.PREMIUM}
    no_plans = {"reserved_for-TOTAL_FORMS": 0, "reserved_for-INITIAL_FORMS": 0}
    response = as_editor.post(f"/admin/articles/section/{section.pk}/change/", fields | no_plans)
    assert response.status_code == 302
    article.refresh_from_db()
    assert article.effective_access == Access.PREMIUM
    assert levels(article) == {Access.PREMIUM}


def test_a_date_that_is_taken_back_opens_the_article_again():
    article = paid(premium_from=START + 3 * DAY)
    with at(START + 4 * DAY):
        apply_due_changes()
        article = Article.objects.get(pk=article.pk)
        article.premium_from = None
        article.save()
        assert levels(article) == {Access.FREE}
