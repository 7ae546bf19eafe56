"""Readers find what they wrote, and nothing of anybody else's."""

import pytest

from comments.models import Comment
from comments.own import A_PAGE
from tests.factories import make_article, make_user

pytestmark = pytest.mark.django_db
PAGE = "/account/comments/"


def write(author, body, *, status="published", **fields):
    return Comment.objects.create(
        article=fields.pop("article", None) or make_article(), author=author, name="Rhea", body=body, status=status
    )


def test_a_stranger_is_asked_to_sign_in(client):
    assert client.get(PAGE)["Location"] == f"/accounts/login/?next={PAGE}"


def test_the_page_lists_ones_own_with_what_became_of_them(as_reader, reader):
    shown = write(reader, "Published words.")
    write(reader, "Held words.", status="pending")
    write(reader, "Refused words.", status="rejected")
    write(reader, "", status="deleted")
    write(make_user("other@example.com"), "Not hers.")
    write(None, "A guest's.")
    page = as_reader.get(PAGE).content.decode()
    assert page.count("<li><h2") == 3
    for words in ("everybody can read it", "waiting for an editor", "not shown"):
        assert words in page
    assert shown.get_absolute_url().replace("&", "&amp;") in page
    assert "Not hers." not in page
    assert "A guest" not in page


def test_the_page_is_kept_by_nobody_and_the_account_leads_there(as_reader):
    answer = as_reader.get(PAGE)
    assert "no-store" in answer["Cache-Control"]
    assert "Nothing yet." in answer.content.decode()
    assert f'href="{PAGE}"' in as_reader.get("/account/").content.decode()


def test_long_lists_come_in_pages_at_the_same_cost(as_reader, reader, count_queries):
    for number in range(3):
        write(reader, f"Words {number}.")
    as_reader.get(PAGE)
    with count_queries() as few:
        as_reader.get(PAGE)
    for number in range(A_PAGE):
        write(reader, f"More words {number}.")
    as_reader.get("/account/")
    with count_queries() as many:
        page = as_reader.get(PAGE).content.decode()
    assert len(few) == len(many)
    assert page.count("<li><h2") == A_PAGE
    assert "Older" in page
    assert as_reader.get(f"{PAGE}?page=2").content.decode().count("<li><h2") == 3
    assert as_reader.get(f"{PAGE}?page=nonsense").status_code == 200


def test_a_reader_s_script_in_a_comment_stays_text(as_reader, reader):
    write(reader, "<script>alert(1)</script>")
    assert "<script>alert(1)" not in as_reader.get(PAGE).content.decode()
