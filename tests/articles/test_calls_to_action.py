"""What the wall says, chosen by article and section, and which words brought subscriptions."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.test import Client

from articles.models import Article, CallToAction, PaywallSettings
from articles.models.access_levels import Access
from billing.models import CheckoutAttempt, Plan, Price
from tests.factories import make_article, make_price, make_section, make_user

pytestmark = pytest.mark.django_db


def call(slug: str, **fields) -> CallToAction:
    return CallToAction.objects.create(slug=slug, name=slug, **{"heading": f"Heading of {slug}", **fields})


def wall_of(client: Client, article: Article) -> str:
    html = client.get(article.get_absolute_url()).content.decode()
    return html.split('class="paywall')[1].split("</section>")[0]


def bought(price: Price, came_from: str, status: str = "complete") -> None:
    user = make_user()
    CheckoutAttempt.objects.create(user=user, price=price, status=status, came_from=came_from, stripe_session_id=f"cs_{user.pk}")


def test_the_article_chooses_before_its_section_and_the_section_before_the_settings(client: Client):
    paywall = PaywallSettings.load()
    paywall.heading = "Heading of the settings"
    paywall.save()
    plain, spoken = make_section(), make_section(call_to_action=call("of-section"))
    own = call("of-article")
    cases = {
        "the settings": make_article(section=plain, access=Access.PREMIUM),
        "of-section": make_article(section=spoken, access=Access.PREMIUM),
        "of-article": make_article(section=spoken, access=Access.PREMIUM, call_to_action=own),
    }
    for words, article in cases.items():
        assert f"Heading of {words}" in wall_of(client, article), words


def test_the_link_tells_the_words_and_the_article_and_leads_to_the_plan(client: Client):
    make_price(amount=500)
    dear = make_price(amount=1900, plan=Plan.objects.create(name="Dear", slug="dear"))
    article = make_article(access=Access.PREMIUM, call_to_action=call("spring", plan=dear.plan, button="Read all of spring"))
    wall = wall_of(client, article)
    assert f'href="/subscribe/?came_from=spring&amp;next=/{article.slug}/#dear">Read all of spring</a>' in wall
    assert "€19" in wall and "€5" not in wall
    assert "came_from=paywall&amp;next=" in wall_of(client, make_article(access=Access.PREMIUM))


def test_a_plan_off_sale_leaves_the_lowest_price(client: Client):
    make_price(amount=500)
    gone = make_price(amount=1900, is_current=False).plan
    assert "€5" in wall_of(client, make_article(access=Access.PREMIUM, call_to_action=call("spring", plan=gone)))


def test_the_words_are_escaped(client: Client):
    hostile = call("x", heading="<script>h", text="<script>t", benefits="<script>b", button="<script>u")
    assert "<script>" not in wall_of(client, make_article(access=Access.PREMIUM, call_to_action=hostile))


def test_changed_words_reach_kept_pages(client: Client, django_capture_on_commit_callbacks, monkeypatch):
    forgotten = []
    monkeypatch.setattr("magazine.public_pages.GENERATION.move_on", lambda: forgotten.append(1))
    with django_capture_on_commit_callbacks(execute=True):
        call("spring")
    assert forgotten


def test_the_prices_carry_what_led_there_into_every_form_and_no_cache_keeps_them(client: Client):
    price = make_price()
    make_price(plan=price.plan, amount=900, currency="USD")
    response = client.get("/subscribe/?came_from=spring&next=/an-article/")
    text = response.content.decode()
    assert text.count('name="came_from" value="spring"') == text.count("/checkout/") > 0
    assert "&amp;came_from=spring" in text
    assert response.headers["Cache-Control"] == "private, no-store"
    assert client.get("/subscribe/").headers["Cache-Control"].startswith("public")


@pytest.mark.parametrize("told", ["<script>", "a b", "x" * 51, "春", "a\n"])
def test_only_a_slug_is_carried(client: Client, told: str):
    make_price()
    assert 'name="came_from"' not in client.get("/subscribe/", {"came_from": told}).content.decode()


def test_the_newsroom_counts_what_each_one_brought(as_editor: Client, count_queries):
    price = make_price()
    call("spring")
    for came_from, status in (
        ("spring", "complete"),
        ("spring", "complete"),
        ("spring", "expired"),
        ("paywall", "complete"),
        ("", "complete"),
    ):
        bought(price, came_from, status)
    address = "/admin/articles/calltoaction/"
    assert re.search(r"field-subscriptions[^>]*>\s*2\s*<", as_editor.get(address).content.decode())
    with count_queries() as few:
        as_editor.get(address)
    for number in range(5):
        call(f"more-{number}")
    with count_queries() as many:
        as_editor.get(address)
    assert len(many) == len(few)
    settings = as_editor.get("/admin/articles/paywallsettings/", follow=True).content.decode()
    assert re.search(r"subscriptions from here.*?readonly[^>]*>\s*1\s*<", settings, re.IGNORECASE | re.DOTALL)


def test_no_call_takes_the_slug_of_the_settings():
    with pytest.raises(ValidationError):
        CallToAction(name="Paywall", slug="paywall").full_clean()
    with pytest.raises(IntegrityError):
        call("paywall")
