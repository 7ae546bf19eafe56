"""What the masthead offers to whom."""

import pytest
from django.test import Client

from tests.factories import make_article

OFFER = "tool-subscribe"


@pytest.fixture(autouse=True)
def _article(db: None) -> None:
    make_article(slug="an-article")


@pytest.mark.parametrize("path", ["/", "/an-article/", "/account/billing/"])
def test_who_subscribes_is_not_asked_to(as_subscriber: Client, path: str):
    assert OFFER not in as_subscriber.get(path).content.decode()


def test_who_subscribes_is_told_so_where_it_is_sold(as_subscriber: Client):
    words = "Everything is open to you already."
    assert words in as_subscriber.get("/subscribe/").content.decode()
    assert words not in Client().get("/subscribe/").content.decode()


def test_who_only_has_an_account_is_asked_to_subscribe(as_reader: Client):
    assert OFFER in as_reader.get("/").content.decode()


def test_who_is_not_signed_in_is_asked_to_subscribe_without_a_question_to_the_database(client: Client, count_queries):
    client.get("/an-article/")
    with count_queries() as queries:
        assert OFFER in client.get("/an-article/").content.decode()
    assert not [query for query in queries if "billing_subscription" in query["sql"]]


def test_the_article_and_the_masthead_ask_together_once_what_a_reader_holds(as_subscriber: Client, count_queries):
    with count_queries() as queries:
        as_subscriber.get("/an-article/")
    assert len([query for query in queries if "billing_membership" in query["sql"]]) == 1
