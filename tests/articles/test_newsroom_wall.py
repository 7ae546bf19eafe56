"""What editors see and do around the wall."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from articles import gifts
from articles.meter import period_at
from articles.models import GiftLink, Institution, PrivateFeedNetwork
from articles.models.access_levels import Access
from articles.private_feeds import MANY_NETWORKS, feed_at, make_address
from tests.factories import make_article, make_user

pytestmark = pytest.mark.django_db
GIFTS = "/admin/articles/giftlink/"


@pytest.fixture
def as_desk(client: Client) -> Client:
    """Somebody of the group Editors, and of nothing else."""
    user = make_user("desk@example.com", is_staff=True)
    user.groups.add(Group.objects.get(name="Editors"))
    client.force_login(user)
    return client


def gift_of(user) -> GiftLink:
    return gifts.make_gift(user, make_article(access=Access.PREMIUM))[0]


def test_editors_look_after_calls_institutions_feeds_and_gifts(as_desk: Client, subscriber):
    for model in ("calltoaction", "institution", "privatefeed", "giftlink", "section"):
        assert as_desk.get(f"/admin/articles/{model}/").status_code == 200, model
    rows = {f"{prefix}-{end}": 0 for prefix in ("networks", "domains") for end in ("TOTAL_FORMS", "INITIAL_FORMS")}
    dates = {"starts_at_0": "2026-01-01", "starts_at_1": "00:00:00"}
    assert as_desk.post("/admin/articles/institution/add/", {"name": "Library", **dates, **rows}).status_code == 302
    assert Institution.objects.get().name == "Library"


def test_authors_see_nothing_of_it(client: Client):
    user = make_user(is_staff=True)
    user.groups.add(Group.objects.get(name="Authors"))
    client.force_login(user)
    for model in ("calltoaction", "institution", "privatefeed", "giftlink"):
        assert client.get(f"/admin/articles/{model}/").status_code == 403, model


def test_gifts_are_listed_with_what_became_of_them_and_taken_back(as_desk: Client, subscriber):
    kept, closed = gift_of(subscriber), gift_of(subscriber)
    html = as_desk.get(GIFTS).content.decode()
    assert subscriber.name in html and kept.article.title in html and f"0 / {kept.max_opens}" in html
    assert kept.token_hash not in html
    as_desk.post(GIFTS, {"action": "take_back", "_selected_action": [closed.pk]})
    kept.refresh_from_db()
    closed.refresh_from_db()
    assert (kept.state, closed.state) == (GiftLink.State.OPEN, GiftLink.State.REVOKED)


def test_nobody_takes_back_without_the_right(client: Client, subscriber):
    gift = gift_of(subscriber)
    user = make_user(is_staff=True)
    user.user_permissions.set(Group.objects.get(name="Editors").permissions.filter(codename="view_giftlink"))
    client.force_login(user)
    client.post(GIFTS, {"action": "take_back", "_selected_action": [gift.pk]})
    gift.refresh_from_db()
    assert gift.state == GiftLink.State.OPEN


def test_the_list_of_gifts_costs_the_same_for_any_number(as_desk: Client, editor, count_queries):
    for _ in range(2):
        gift_of(editor)
    as_desk.get(GIFTS)
    with count_queries() as few:
        as_desk.get(GIFTS)
    for _ in range(5):
        gift_of(editor)
    as_desk.get(GIFTS)
    with count_queries() as many:
        as_desk.get(GIFTS)
    assert len(many) == len(few)


def test_a_feed_that_many_networks_read_is_shown_today_and_found_by_a_filter(as_desk: Client, subscriber, reader):
    shared, alone = feed_at(make_address(subscriber)), feed_at(make_address(reader))
    for feed, networks in ((shared, MANY_NETWORKS), (alone, MANY_NETWORKS - 1)):
        for number in range(networks):
            PrivateFeedNetwork.objects.create(feed=feed, network=f"n{number}", period=period_at())
    listed = as_desk.get("/admin/articles/privatefeed/?networks=many").content.decode()
    assert subscriber.name in listed and reader.name not in listed
    assert "<b>1</b> feeds that many networks read" in as_desk.get("/admin/").content.decode()
