"""A reader's own feed holds the whole of what they may read, and nobody else's."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from time_machine import travel

from articles import meter, private_feeds
from articles.models import Article, PrivateFeed, PrivateFeedNetwork
from articles.models.access_levels import Access
from billing.models import Subscription
from tests.factories import make_article, make_user

pytestmark = pytest.mark.django_db


def paid(access: Access = Access.PREMIUM) -> Article:
    body = f"<p>The opening, for all.</p><hr class='paywall-divider'><p>SENTINEL{access} in the paid text.</p>"
    return make_article(access=access, body=body)


def feed_of(user) -> str:
    return f"/feed/private/{private_feeds.make_address(user)}/"


def opened(response) -> set[str]:
    return set(re.findall(r"SENTINEL(\w+)", response.content.decode()))


def test_a_subscriber_s_feed_holds_everything_in_full(client, subscriber):
    for access in Access:
        paid(access)
    response = client.get(feed_of(subscriber))
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert opened(response) == {"free", "registered", "metered", "premium"}


def test_a_reader_s_feed_holds_what_they_may_read(client, reader):
    for access in Access:
        paid(access)
    address = feed_of(reader)
    assert opened(client.get(address)) == {"free", "registered"}
    meter.unlock_for(reader, Article.objects.get(access=Access.METERED))
    assert opened(client.get(address)) == {"free", "registered", "metered"}


def test_when_the_subscription_ends_the_feed_holds_previews(client, subscriber):
    paid()
    address = feed_of(subscriber)
    assert opened(client.get(address)) == {"premium"}
    Subscription.objects.update(status="canceled", entitled_until=timezone.now() - timedelta(days=1))
    assert opened(client.get(address)) == set()


def test_the_feed_is_private_and_does_not_tell_its_address(client, subscriber):
    paid()
    address = feed_of(subscriber)
    response = client.get(address)
    for answer in (response, client.head(address), client.get(address, headers={"If-None-Match": response.headers["ETag"]})):
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert address not in response.content.decode()
    assert "SENTINEL" not in client.get("/feed/").content.decode()


def test_a_feed_reader_that_has_it_all_is_told_so(client, subscriber):
    address = feed_of(subscriber)
    paid()
    etag = client.get(address).headers["ETag"]
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    paid()
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 200


def test_a_new_address_makes_the_old_one_lead_nowhere(client, subscriber):
    old, new = feed_of(subscriber), feed_of(subscriber)
    assert client.get(new).status_code == 200
    closed = client.get(old)
    assert closed.status_code == 404
    assert "There is no feed at this address." in closed.content.decode()
    assert "/account/feed/" in closed.content.decode()


@pytest.mark.parametrize("token", ["none", "0", "%00", "é", "x" * 500])
def test_an_unknown_token_says_what_to_do(client, token):
    assert client.get(f"/feed/private/{token}/").status_code == 404


def test_a_closed_account_has_no_feed(client, subscriber):
    address = feed_of(subscriber)
    subscriber.is_active = False
    subscriber.save()
    assert client.get(address).status_code == 404


def test_the_token_is_not_kept(subscriber):
    token = private_feeds.make_address(subscriber)
    assert len(token) >= 32
    assert token not in str(PrivateFeed.objects.values())


def test_a_reader_makes_an_address_sees_it_once_and_stops_it(as_subscriber):
    page = as_subscriber.post("/account/feed/", follow=True).content.decode()
    address = re.search(r'value="http://localhost:8000(/feed/private/[^"]+)"', page)[1]
    assert Client().get(address).status_code == 200
    assert address not in as_subscriber.get("/account/feed/").content.decode()
    assert as_subscriber.post("/account/feed/stop/").status_code == 302
    assert Client().get(address).status_code == 404


def test_strangers_are_sent_to_sign_in(client):
    for answer in (client.get("/account/feed/"), client.post("/account/feed/"), client.post("/account/feed/stop/")):
        assert answer.headers["Location"].startswith("/accounts/login/")
    assert not PrivateFeed.objects.exists()


def test_the_newsroom_sees_an_address_that_many_networks_read(as_editor, subscriber):
    shared, alone = feed_of(subscriber), feed_of(make_user("alone@example.com"))
    for number in range(7):
        Client(REMOTE_ADDR=f"203.0.{number}.1").get(shared)
        Client(REMOTE_ADDR=f"203.0.{number}.2").get(shared)
        Client(REMOTE_ADDR="198.51.100.1").get(alone)
    assert PrivateFeedNetwork.objects.count() == 8
    page = as_editor.get("/admin/articles/privatefeed/").content.decode()
    assert page.index(subscriber.name) < page.index("alone@example.com")
    assert re.search(r">\s*7\s*<", page)


def test_old_networks_are_forgotten(client, subscriber):
    client.get(feed_of(subscriber))
    with travel(timezone.now() + timedelta(days=100), tick=False):
        private_feeds.clear_old_networks()
    assert not PrivateFeedNetwork.objects.exists()


def test_the_feed_costs_the_same_however_much_is_in_it(client, subscriber, count_queries):
    address = feed_of(subscriber)
    paid()
    client.get(address)
    with count_queries() as few:
        client.get(address)
    for _ in range(4):
        paid()
    with count_queries() as many:
        client.get(address)
    assert len(many) == len(few)
