"""Whoever meets a closed door is told why, and where to go: each page has a heading that says it and links that work."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core import signing
from django.test import Client
from django.utils import timezone
from lxml import html

from articles import gifts, meter
from articles.models import Article, GiftLink, PaywallSettings
from articles.models.access_levels import Access
from magazine.tokens import hash_of
from tests.factories import make_article, make_price, make_user

pytestmark = pytest.mark.django_db
ARTICLE, FRONT, PLANS = "/the-walls/", "/", "/subscribe/"
SIGN_IN, SIGN_UP = "/accounts/login/", "/accounts/signup/"


@pytest.fixture(autouse=True)
def _something_is_sold(db):
    make_price()


@pytest.fixture
def article() -> Article:
    body = "<p>The opening.</p><hr class='paywall-divider'><p>The rest.</p>"
    return make_article("The walls", slug="the-walls", access=Access.METERED, body=body)


def told(response, *, block: str = "//main") -> tuple[str, list[str]]:
    """Return the heading of a page, or of a block in it, and where its links lead; each link must lead somewhere."""
    (found,) = html.fromstring(response.content.decode()).xpath(block)
    links = [link.removeprefix(settings.SITE_URL) for link in found.xpath(".//a/@href")]
    for link in links:
        assert Client().get(link).status_code in (200, 302), link
    return " ".join(found.xpath(".//h1|.//h2")[0].text_content().split()), [link.partition("?")[0] for link in links]


@pytest.mark.parametrize(
    ("state", "heading"),
    [
        ("expired", "This gift has expired."),
        ("revoked", "This gift was taken back."),
        ("spent", "This gift has been opened as often as it can be."),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_gift_that_opens_nothing_leads_to_the_article_to_subscribing_and_to_signing_in(article, state, heading, method):
    now = timezone.now()
    fields = {
        "expired": {"created_at": now - timedelta(days=15), "expires_at": now - timedelta(days=1)},
        "revoked": {"revoked_at": now},
        "spent": {"opens": 1},
    }[state]
    GiftLink.objects.create(giver=make_user(), article=article, token_hash=hash_of("given"), max_opens=1, **fields)
    response = getattr(Client(), method)("/gift/given/")
    assert response.status_code == 410
    assert told(response) == (heading, [ARTICLE, PLANS, SIGN_IN])


def test_an_unknown_gift_says_that_the_link_may_have_been_cut_off():
    response = Client().get("/gift/unknown/")
    assert (response.status_code, "cut off on its way" in response.content.decode()) == (404, True)
    assert told(response) == ("There is no such gift.", [FRONT, PLANS, SIGN_IN])


def test_a_used_up_meter_says_when_it_starts_again_and_what_opens_more(article):
    client, tab = Client(), Client()
    for _ in range(3):
        client.post(f"/{make_article(access=Access.METERED).slug}/unlock/")
    response = client.post(f"/{article.slug}/unlock/")
    resets_on = meter.next_period(meter.period_at())
    assert (response.status_code, f"again on {resets_on.day} {resets_on:%B}" in response.content.decode()) == (403, True)
    assert told(response) == ("Your free reads of this month are used.", [SIGN_UP, PLANS, SIGN_IN, ARTICLE])
    block = told(client.get(ARTICLE), block="//section[contains(@class, 'paywall')]")
    assert set(block[1]) == {PLANS, SIGN_IN, SIGN_UP}
    assert set(told(tab.get(ARTICLE), block="//section[contains(@class, 'paywall')]")[1]) == {PLANS, SIGN_IN}


def test_somebody_signed_in_whose_meter_is_used_up_is_not_asked_to_sign_in(article, as_reader):
    for _ in range(5):
        as_reader.post(f"/{make_article(access=Access.METERED).slug}/unlock/")
    response = as_reader.post(f"/{article.slug}/unlock/")
    assert (response.status_code, told(response)) == (403, ("Your free reads of this month are used.", [PLANS, ARTICLE]))


def test_a_network_that_began_too_many_meters_is_asked_for_an_account(article):
    PaywallSettings.objects.update_or_create(pk=1, defaults={"new_meters_per_network": 0})
    response = Client().post(f"/{article.slug}/unlock/")
    assert response.status_code == 403
    assert told(response) == ("Please read on with an account.", [SIGN_UP, PLANS, SIGN_IN, ARTICLE])


@pytest.mark.parametrize(
    "cookie",
    [
        ("masthead_session", "of-another-site"),
        (meter.COOKIE, signing.dumps({"p": "2026-01-01", "a": [1], "k": "", "u": None}, key="foreign", salt=meter.SALT)),
        (gifts.COOKIE, signing.dumps([1], key="foreign", salt=gifts.SALT)),
    ],
    ids=["session", "meter", "gifts"],
)
def test_a_foreign_cookie_is_nobodys_and_the_wall_offers_what_it_offers_anybody(article, cookie):
    client = Client()
    client.cookies.load(dict([cookie]))
    response = client.get(ARTICLE)
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "private, no-store")
    heading, links = told(response, block="//section[contains(@class, 'paywall')]")
    assert (heading, links) == ("The rest is for subscribers.", [PLANS, SIGN_IN])
    assert "Read this one free" in response.content.decode()
    assert client.post(f"{ARTICLE}unlock/").status_code == 303
    assert "The rest." in client.get(ARTICLE).content.decode()


@pytest.mark.parametrize(
    ("address", "heading", "links"),
    [("/feed/private/unknown/", "There is no feed at this address.", ["/account/feed/", "/feed/"])],
)
def test_an_unknown_token_says_how_to_get_another(address, heading, links):
    response = Client().get(address)
    assert (response.status_code, response.headers["Cache-Control"]) == (404, "private, no-store")
    assert told(response) == (heading, links)


@pytest.mark.parametrize("page", ["confirm", "preferences", "unsubscribe"])
def test_an_unknown_token_of_a_letter_leads_to_the_letters(page):
    response = Client().get(f"/newsletters/{page}/unknown/")
    heading, links = told(response)
    assert response.status_code in (404, 410)
    assert heading and "/newsletters/" in links
