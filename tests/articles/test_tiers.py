"""Sections that only some plans open."""

import pytest
from django.core.cache import cache
from django.db.models import ProtectedError
from django.test import Client

from articles import gifts, tiers
from articles.access import Decision, Reader, Reason, decide
from articles.models import Article, MeteredRead, Section, SectionPlan
from articles.models.access_levels import Access
from articles.private_feeds import make_address
from billing.models import Plan
from tests.factories import make_article, make_price, make_section, make_subscription, make_user

pytestmark = pytest.mark.django_db
BODY = "<p>One.</p>" * 4 + "<p>SENTINEL</p>" * 6


@pytest.fixture(autouse=True)
def _forget():
    tiers.RESERVED.forget()
    yield
    tiers.RESERVED.forget()


@pytest.fixture
def greater() -> Plan:
    plan = Plan.objects.create(name="Household", slug="household")
    make_price(plan=plan, amount=1900)
    return plan


@pytest.fixture
def section(greater: Plan) -> Section:
    """A section that only the greater plan opens."""
    section = make_section("Recipes")
    SectionPlan.objects.create(section=section, plan=greater)
    return section


@pytest.fixture
def article(section: Section) -> Article:
    return make_article(section=section, access=Access.PREMIUM, body=BODY)


def page(client: Client, article: Article) -> str:
    return client.get(article.get_absolute_url()).content.decode()


def test_a_lesser_plan_meets_a_wall_that_says_what_opens_it(as_subscriber: Client, article: Article):
    html = page(as_subscriber, article)
    assert "SENTINEL" not in html and 'data-shown="preview"' in html
    wall = html.split('class="paywall')[1]
    assert "The articles in Recipes come with Household." in wall and "€19" in wall
    assert 'href="/account/billing/">Change your plan</a>' in wall
    assert "SENTINEL" in page(as_subscriber, make_article(section=make_section(), access=Access.PREMIUM, body=BODY))


def test_the_plan_itself_opens_it(client: Client, greater: Plan, article: Article):
    user = make_user()
    make_subscription(user, price=greater.prices.get())
    client.force_login(user)
    assert "SENTINEL" in page(client, article)


def test_a_stranger_is_told_which_plan_to_buy(client: Client, article: Article):
    make_price(amount=500)
    wall = page(client, article).split('class="paywall')[1]
    assert "come with Household" in wall and "€19" in wall and "€5" not in wall
    assert "/subscribe/?came_from=" in wall


def test_a_plan_that_is_not_on_sale_is_not_offered(as_subscriber: Client, greater: Plan, article: Article):
    greater.prices.update(is_current=False)
    cache.clear()
    wall = page(as_subscriber, article).split('class="paywall')[1]
    assert "not on sale at the moment" in wall and "Change your plan" not in wall


def test_a_free_article_of_the_section_is_free_and_a_metered_one_can_be_opened(as_subscriber: Client, subscriber, section: Section):
    assert "SENTINEL" in page(as_subscriber, make_article(section=section, body=BODY))
    metered = make_article(section=section, access=Access.METERED, body=BODY)
    assert "Read this one free" in page(as_subscriber, metered)
    as_subscriber.post(f"/{metered.slug}/unlock/")
    assert MeteredRead.objects.filter(user=subscriber, article=metered).exists()
    assert "SENTINEL" in page(as_subscriber, metered)


def test_the_private_feed_follows(client: Client, subscriber, greater: Plan, article: Article):
    lesser = client.get(f"/feed/private/{make_address(subscriber)}/").content.decode()
    assert "SENTINEL" not in lesser and "comes with another plan" in lesser
    make_subscription(subscriber, price=greater.prices.get())
    assert "SENTINEL" in client.get(f"/feed/private/{make_address(subscriber)}/").content.decode()


def test_nobody_gives_away_what_is_closed_to_themselves(as_subscriber: Client, subscriber, article: Article):
    with pytest.raises(gifts.GiftRefused):
        gifts.make_gift(subscriber, article)
    assert "Make a gift link" not in as_subscriber.get(f"/account/gifts/?article={article.slug}").content.decode()


def test_while_nobody_knows_what_is_reserved_only_what_is_of_every_plan_opens(subscriber, article: Article, monkeypatch):
    reader = Reader.from_user(subscriber)
    monkeypatch.setattr(tiers.RESERVED, "current", lambda: None)
    free_for_all_plans = make_article(section=make_section(), access=Access.PREMIUM)
    for found in (article, free_for_all_plans):
        assert decide(found, reader) == Decision(False, Reason.NEEDS_ANOTHER_PLAN)
        assert not Article.objects.readable_by(reader).filter(pk=found.pk).exists()


def test_a_plan_that_opens_a_section_cannot_be_deleted(greater: Plan, section: Section):
    with pytest.raises(ProtectedError):
        greater.delete()


def test_an_editor_reserves_a_section_and_every_process_knows(as_editor: Client, greater: Plan, django_capture_on_commit_callbacks):
    section = make_section("Street")
    assert section.pk not in tiers.RESERVED.current()
    address = f"/admin/articles/section/{section.pk}/change/"
    form = as_editor.get(address).context["adminform"].form
    data = {name: value for name, value in form.initial.items() if value is not None and name not in ("id",)}
    data |= {"reserved_for-TOTAL_FORMS": 1, "reserved_for-INITIAL_FORMS": 0, "reserved_for-0-plan": greater.pk}
    with django_capture_on_commit_callbacks(execute=True):
        assert as_editor.post(address, data).status_code == 302
    assert tiers.RESERVED.current() == {section.pk: {greater.pk}}
