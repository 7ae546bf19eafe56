"""A subscriber gives an article away."""

from datetime import timedelta

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone
from time_machine import travel

from articles import gifts
from articles.models import AnonymousMeter, Article, GiftLink, MeteredRead, PaywallSettings
from articles.models.access_levels import Access
from tests.factories import make_article, make_subscription, make_user
from tests.threads import at_once

pytestmark = pytest.mark.django_db
PAID = b"SENTINEL"


def paid(access: Access = Access.PREMIUM, **fields) -> Article:
    body = "<p>The opening, for all.</p>" * 4 + '<hr class="paywall-divider">' + "<p>SENTINEL in the paid text.</p>" * 6
    return make_article(access=access, body=body, **fields)


def give(giver, article: Article | None = None) -> str:
    """Return the address of a new gift."""
    _gift, token = gifts.make_gift(giver, article or paid())
    return f"/gift/{token}/"


def is_open(client: Client, article: Article) -> bool:
    return PAID in client.get(article.get_absolute_url()).content


@pytest.mark.parametrize("access", [Access.METERED, Access.PREMIUM])
def test_a_friend_opens_the_gift_and_reads_the_whole(client, subscriber, access):
    article = paid(access)
    address = give(subscriber, article)
    page = client.get(address)
    assert page.status_code == 200
    assert article.title in page.content.decode() and "Sol Subscriber has given you an article" in page.content.decode()
    assert PAID not in page.content and not is_open(client, article)
    opened = client.post(address)
    assert (opened.status_code, opened.headers["Location"]) == (303, article.get_absolute_url())
    reading = client.get(article.get_absolute_url())
    assert PAID in reading.content
    assert reading.headers["Cache-Control"] == "private, no-store"
    assert not is_open(Client(), article)


def test_every_answer_of_a_gift_is_private_unindexed_and_tells_no_referrer(client, subscriber):
    address = give(subscriber)
    for response in (client.get(address), client.head(address), client.post(address), client.get(address), client.get("/gift/none/")):
        assert response.headers["Cache-Control"] == "private, no-store"
        assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert response.headers["Referrer-Policy"] == "no-referrer"


def test_looking_at_a_gift_opens_nothing(client, subscriber):
    address = give(subscriber)
    for _ in range(30):
        client.get(address, headers={"User-Agent": "WhatsApp/2.0"})
        client.head(address)
    assert GiftLink.objects.get().opens == 0


def test_a_form_without_a_referrer_opens_the_gift(subscriber):
    browser = Client(enforce_csrf_checks=True)
    response = browser.post(give(subscriber), headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"})
    assert response.status_code == 303


def test_opening_again_in_the_same_browser_leads_on_and_counts_once(client, subscriber):
    address = give(subscriber)
    for _ in range(3):
        assert client.post(address).status_code in (302, 303)
    assert client.get(address).status_code == 302
    assert GiftLink.objects.get().opens == 1


def test_a_gift_opens_its_own_article_only(client, subscriber):
    given, other = paid(), paid()
    client.post(give(subscriber, given))
    assert is_open(client, given)
    assert not is_open(client, other)


def test_several_gifts_work_in_one_browser(client, subscriber):
    articles = [paid() for _ in range(4)]
    for article in articles:
        client.post(give(subscriber, article))
    assert all(is_open(client, article) for article in articles)


def test_a_gift_uses_no_meter(client, subscriber, reader):
    article = paid(Access.METERED)
    signed_in = Client()
    signed_in.force_login(reader)
    for friend in (client, signed_in):
        friend.post(give(subscriber, article))
        assert is_open(friend, article)
        assert friend.post(f"/{article.slug}/unlock/").status_code == 303
    assert not AnonymousMeter.objects.exists() and not MeteredRead.objects.exists()


def test_an_expired_gift_says_what_to_do_and_closes_for_who_opened_it(client, subscriber):
    article = paid()
    address = give(subscriber, article)
    client.post(address)
    with travel(timezone.now() + timedelta(days=13, hours=23), tick=False):
        assert is_open(client, article)
    with travel(timezone.now() + timedelta(days=14, seconds=1), tick=False):
        assert not is_open(client, article)
        for friend in (client, Client()):
            for response in (friend.get(address), friend.post(address)):
                assert response.status_code == 410
                assert "This gift has expired." in response.content.decode()
                assert article.get_absolute_url() in response.content.decode()


def test_a_spent_gift_opens_for_nobody_new_and_stays_open_for_those_before(subscriber):
    paywall = PaywallSettings.load()
    paywall.gift_opens = 2
    paywall.save()
    article = paid()
    address = give(subscriber, article)
    friends = [Client() for _ in range(3)]
    assert [friend.post(address).status_code for friend in friends] == [303, 303, 410]
    assert [is_open(friend, article) for friend in friends] == [True, True, False]
    assert "opened as often as it can be" in Client().get(address).content.decode()


def test_a_gift_that_is_taken_back_closes_for_everybody(client, as_subscriber, subscriber):
    article, friend = paid(), Client()
    address = give(subscriber, article)
    friend.post(address)
    response = as_subscriber.post(f"/account/gifts/{GiftLink.objects.get().pk}/revoke/")
    assert response.status_code == 302
    assert not is_open(friend, article)
    assert friend.get(address).status_code == 410
    assert "This gift was taken back." in Client().get(address).content.decode()


def test_nobody_takes_back_the_gift_of_another(as_reader, subscriber):
    give(subscriber)
    gift = GiftLink.objects.get()
    assert as_reader.post(f"/account/gifts/{gift.pk}/revoke/").status_code == 404
    gift.refresh_from_db()
    assert gift.is_in_force


@pytest.mark.parametrize("token", ["none", "x" * 32, "0", "%00", "é"])
def test_an_unknown_token_says_what_to_do(client, token):
    response = client.get(f"/gift/{token}/")
    assert response.status_code == 404
    assert "There is no such gift." in response.content.decode()


def test_a_gift_of_an_article_that_was_withdrawn_shows_nothing_of_it(client, subscriber):
    article = paid(title="Secret headline")
    address = give(subscriber, article)
    client.post(address)
    Article.objects.filter(pk=article.pk).update(status="unpublished")
    response = client.get(address)
    assert response.status_code == 404
    assert article.title not in response.content.decode()
    assert client.get(article.get_absolute_url()).status_code == 404


def test_forged_cookies_open_nothing(client, subscriber):
    article = paid()
    client.post(give(subscriber, article))
    good, pk = client.cookies[gifts.COOKIE].value, GiftLink.objects.get().pk
    bad = [good[:-1], good[: len(good) // 2], "", "1", signing.dumps([pk], salt="other"), signing.dumps([pk], key="other", salt=gifts.SALT)]
    bad += [signing.dumps({"a": pk}, salt=gifts.SALT), signing.dumps(pk, salt=gifts.SALT)]
    for cookie in bad:
        browser = Client()
        browser.cookies[gifts.COOKIE] = cookie
        assert not is_open(browser, article), cookie


def test_the_token_is_not_kept():
    giver = make_user()
    make_subscription(giver)
    gift, token = gifts.make_gift(giver, paid())
    assert len(token) >= 32
    assert token not in str(GiftLink.objects.filter(pk=gift.pk).values())


# Giving ----------------------------------------------------------------------------------------------------------


def test_a_subscriber_makes_a_link_from_the_article_and_sees_it_once(as_subscriber):
    article = paid()
    page = as_subscriber.get(article.get_absolute_url()).content.decode()
    assert f"/account/gifts/?article={article.slug}" in page
    assert "Make a gift link" in as_subscriber.get(f"/account/gifts/?article={article.slug}").content.decode()
    made = as_subscriber.post("/account/gifts/", {"article": article.slug}, follow=True).content.decode()
    address = made.split('value="http://localhost:8000/gift/')[1].split('"')[0]
    assert Client().get(f"/gift/{address}").status_code == 200
    again = as_subscriber.get("/account/gifts/").content.decode()
    assert address not in again
    assert article.title in again and "You have 4 left this month." in again


def test_a_subscriber_gives_five_a_month_and_an_editor_as_many_as_needed(subscriber, editor):
    for _ in range(5):
        give(subscriber)
    with pytest.raises(gifts.GiftRefused):
        give(subscriber)
    for _ in range(7):
        give(editor)
    with travel(timezone.now() + timedelta(days=20), tick=False):
        # The factory's articles stay, the month is the next.
        give(subscriber, Article.objects.first())


def test_taking_a_gift_back_gives_no_further_one(subscriber):
    for _ in range(5):
        give(subscriber)
    gifts.revoke_gift(GiftLink.objects.first())
    with pytest.raises(gifts.GiftRefused):
        give(subscriber)


def test_who_has_not_subscribed_gives_nothing(as_reader, reader):
    article = paid()
    assert "/account/gifts/" not in as_reader.get(article.get_absolute_url()).content.decode()
    response = as_reader.post("/account/gifts/", {"article": article.slug}, follow=True)
    assert "can’t be given away now" in response.content.decode()
    assert not GiftLink.objects.exists()


@pytest.mark.parametrize("fields", [{"access": Access.FREE}, {"access": Access.REGISTERED}, {"status": "draft"}])
def test_only_public_articles_behind_the_subscription_can_be_given(subscriber, fields):
    with pytest.raises(gifts.GiftRefused):
        give(subscriber, paid(**{"access": Access.PREMIUM, **fields}))


def test_strangers_are_sent_to_sign_in(client):
    assert client.get("/account/gifts/").headers["Location"].startswith("/accounts/login/")


def test_the_list_of_gifts_costs_the_same_however_many(as_subscriber, editor, subscriber, count_queries):
    def cost() -> int:
        with count_queries() as queries:
            assert as_subscriber.get("/account/gifts/").status_code == 200
        return len(queries)

    articles = [paid() for _ in range(5)]
    give(subscriber, articles[0])
    cost()
    first = cost()
    for article in articles[1:]:
        give(subscriber, article)
    assert cost() == first


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_many_who_open_the_last_at_once_are_one():
    giver = make_user()
    make_subscription(giver)
    address = give(giver)
    GiftLink.objects.update(opens=19)
    statuses = at_once(12, lambda number: Client().post(address).status_code, behind=GiftLink.objects.all())
    assert sorted(statuses) == [303] + [410] * 11


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_many_gifts_made_at_once_keep_to_the_number_of_the_month():
    giver = make_user()
    make_subscription(giver)
    articles = [paid() for _ in range(12)]

    def try_to_give(number: int) -> bool:
        try:
            gifts.make_gift(giver, articles[number])
        except gifts.GiftRefused:
            return False
        return True

    assert sum(at_once(12, try_to_give)) == 5
