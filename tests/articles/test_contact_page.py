"""There is always a way to reach the desk."""

import pytest

from articles.models import Article
from magazine.models import Identity
from tests.factories import make_article

pytestmark = pytest.mark.django_db


def test_a_magazine_without_the_page_gives_the_desks_address(client):
    identity = Identity.load()
    identity.desk_email = "desk@example.org"
    identity.save()
    assert 'href="mailto:desk@example.org"' in client.get("/contact/").content.decode()


def test_the_page_an_editor_wrote_takes_its_place(client):
    make_article("Write to us", slug="contact", kind=Article.Kind.PAGE, body="<p>Ring twice.</p>")
    assert "Ring twice." in client.get("/contact/").content.decode()


def test_a_page_that_is_not_published_stays_hidden(client):
    make_article("Write to us", slug="contact", kind=Article.Kind.PAGE, body="<p>Ring twice.</p>", status=Article.Status.DRAFT)
    answer = client.get("/contact/")
    assert answer.status_code == 200
    assert "Ring twice." not in answer.content.decode()
