"""Readers comment; nothing by somebody new is public before a person approved it."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.utils import timezone

from articles.models import Article
from comments.models import Comment
from comments.moderation import approve, decide, mark_as_spam
from comments.tokens import make_token
from tests.factories import make_article, make_person

pytestmark = pytest.mark.django_db


def post(client, article, *, seconds=10, follow=True, **fields):
    """Fill the form in some seconds after it was shown."""
    with time_machine.travel(timezone.now() - timedelta(seconds=seconds), tick=False):
        token = make_token(article)
    data = {"comment": "The lift was mended in April.", "name": "Gwen Guest", "email": "gwen@example.com", "token": token} | fields
    return client.post(f"/{article.slug}/comments/", data, follow=follow)


def make_comment(article, body="First floor.", **fields):
    comment = Comment.objects.create(article=article, body=body, name=fields.pop("name", "Ada"), **fields)
    approve(comment, by=None)
    return comment


def test_a_guests_comment_is_held_and_shown_to_its_writer_only(client):
    article = make_article()
    answer = post(client, article)
    assert "Waiting for an editor" in answer.content.decode()
    assert "The lift was mended in April." in answer.content.decode()
    assert answer.headers["Cache-Control"] == "private, no-store"
    public = client.get(f"/{article.slug}/comments/").content.decode()
    assert "The lift was mended" not in public
    assert Article.objects.get().comment_count == 0


def test_a_comment_held_is_public_once_approved(client, editor):
    article = make_article()
    post(client, article)
    assert approve(Comment.objects.get(), by=editor)
    assert "The lift was mended in April." in client.get(f"/{article.slug}/comments/").content.decode()
    assert Article.objects.get().comment_count == 1


def test_approving_twice_changes_nothing_the_second_time(editor):
    comment = make_comment(make_article())
    assert not approve(comment, by=editor)
    assert comment.decisions.count() == 1


def test_a_reader_with_an_approved_comment_is_published_at_once(as_reader, reader):
    article = make_article()
    make_comment(article, author=reader)
    post(as_reader, article, comment="And again.")
    assert Comment.objects.get(body="And again.").is_published


def test_a_reader_without_one_is_held(as_reader):
    article = make_article()
    post(as_reader, article)
    assert Comment.objects.get().is_held


def test_a_link_is_held_even_from_a_known_reader(as_reader, reader):
    article = make_article()
    make_comment(article, author=reader)
    post(as_reader, article, comment="See https://spam.example")
    assert Comment.objects.get(body__contains="spam").is_held


def test_a_guest_borrows_no_trust_by_typing_a_known_name_and_address(client, reader):
    article = make_article()
    make_comment(article, author=reader, name=reader.name, email=reader.email)
    post(client, article, name=reader.name, email=reader.email)
    assert Comment.objects.latest("pk").is_held


@pytest.mark.parametrize(
    ("case", "fields"),
    [
        ("too fast", {"seconds": 1}),
        ("a day old", {"seconds": 25 * 3600}),
        ("forged", {"token": "1:abc:def"}),
        ("no token", {"token": ""}),
        ("a robot", {"website": "https://spam.example"}),
        ("no name", {"name": " "}),
        ("no email", {"email": ""}),
        ("a NUL byte", {"comment": "be\x00fore"}),
        ("nothing but invisible characters", {"comment": "\u200b\u202e \u2066"}),
    ],
)
def test_a_form_that_fails_gives_the_text_back_and_saves_nothing(client, case, fields):
    article = make_article()
    answer = post(client, article, **fields)
    assert answer.status_code == 422, case
    assert not Comment.objects.exists()
    if "comment" not in fields:
        assert "The lift was mended in April." in answer.content.decode()


def test_a_token_of_another_article_is_refused(client):
    article, other = make_article(), make_article()
    with time_machine.travel(timezone.now() - timedelta(seconds=10)):
        token = make_token(other)
    assert post(client, article, token=token).status_code == 422


def test_a_form_sent_from_another_site_is_refused(client):
    article = make_article()
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert client.post(f"/{article.slug}/comments/", {"comment": "x"}, headers=headers).status_code == 403
    assert not Comment.objects.exists()


def test_markup_is_shown_as_text(client):
    article = make_article()
    make_comment(article, body="<svg onload=alert(1)> [x](javascript:alert(1))", name="<b>Ada</b>")
    page = client.get(f"/{article.slug}/comments/").content.decode()
    assert "<svg onload" not in page
    assert "<b>Ada</b>" not in page
    assert "&lt;svg onload" in page


def test_direction_overrides_and_line_breaks_in_names_are_taken_out(client):
    article = make_article()
    post(client, article, comment="be\u202efore\u2066 after", name="Eve\r\nBcc: all")
    comment = Comment.objects.get()
    assert comment.body == "before after"
    assert comment.name == "Eve Bcc: all"


def test_a_reply_to_something_that_cannot_be_read_is_refused_with_the_text_kept(client):
    article, other = make_article(), make_article()
    held = Comment.objects.create(article=article, body="Held.", name="Hal")
    elsewhere = make_comment(other)
    for parent in (held, elsewhere):
        answer = post(client, article, parent=parent.pk)
        assert answer.status_code == 422
        assert "The lift was mended in April." in answer.content.decode()


def test_a_reply_joins_the_thread_of_its_root(as_editor):
    article = make_article()
    root = make_comment(article)
    post(as_editor, article, parent=root.pk, comment="A reply.")
    first = Comment.objects.get(body="A reply.")
    post(as_editor, article, parent=first.pk, comment="A reply to the reply.")
    second = Comment.objects.get(body="A reply to the reply.")
    assert (first.root, second.root, second.parent) == (root, root, first)


def test_hiding_a_root_hides_its_thread(client, editor):
    article = make_article()
    root = make_comment(article, body="The root.")
    make_comment(article, body="The reply.", root=root, parent=root)
    mark_as_spam(root, by=editor)
    page = client.get(f"/{article.slug}/comments/").content.decode()
    assert "The reply." not in page
    assert client.get(f"/{article.slug}/comments/?thread={root.pk}").status_code == 404
    assert Article.objects.get().comment_count == 0


def test_floors_count_up_and_are_never_given_twice(editor):
    article = make_article()
    comments = [make_comment(article, body=str(number)) for number in range(3)]
    decide(comments[1], Comment.Status.REJECTED, by=editor)
    approve(comments[1], by=editor)
    assert [Comment.objects.get(pk=comment.pk).floor for comment in comments] == [1, 2, 3]


def test_a_long_thread_is_paged_and_its_replies_are_cut(client):
    article = make_article()
    roots = [make_comment(article, body=f"Root {number}.") for number in range(21)]
    for number in range(5):
        make_comment(article, body=f"Reply {number}.", root=roots[0], parent=roots[0])
    page = client.get(f"/{article.slug}/comments/").content.decode()
    assert "Root 19." in page
    assert "Root 20." not in page
    assert "Reply 2." in page
    assert "Reply 3." not in page
    assert "Root 20." in client.get(f"/{article.slug}/comments/?after={roots[19].pk}").content.decode()
    assert "Reply 4." in client.get(f"/{article.slug}/comments/?thread={roots[0].pk}").content.decode()


def test_the_thread_costs_the_same_with_twice_the_comments(client, count_queries):
    article = make_article()

    def fill():
        for number in range(4):
            root = make_comment(article, body=f"Root {number}.")
            make_comment(article, root=root, parent=root)

    def cost():
        client.get(f"/{article.slug}/comments/")
        with count_queries() as queries:
            client.get(f"/{article.slug}/comments/")
        return len(queries)

    fill()
    before = cost()
    fill()
    assert cost() == before <= 8


@pytest.mark.parametrize("query", ["after=99999999999999999999", "after=-1", "after=x", "thread=0", "reply=99", "held=forged"])
def test_odd_queries_never_break_the_page(client, query):
    article = make_article()
    assert client.get(f"/{article.slug}/comments/?{query}").status_code in (200, 404)


def test_unpublished_articles_have_no_thread(client):
    article = make_article(status=Article.Status.DRAFT)
    assert client.get(f"/{article.slug}/comments/").status_code == 404
    assert post(client, article).status_code == 404


def test_the_queryset_words_agree_with_their_predicates():
    article = make_article()
    for status in Comment.Status:
        Comment.objects.create(article=article, body="x", name="y", status=status)
    assert [comment for comment in Comment.objects.order_by("pk") if comment.is_published] == list(
        Comment.objects.published().order_by("pk")
    )
    assert [comment for comment in Comment.objects.order_by("pk") if comment.is_held] == list(Comment.objects.held().order_by("pk"))


def test_an_editor_approves_in_the_newsroom(as_editor, client):
    article = make_article()
    comment = Comment.objects.create(article=article, body="Held.", name="Hal")
    listed = as_editor.get("/admin/comments/comment/?status__exact=pending")
    assert "Held." in listed.content.decode()
    as_editor.post("/admin/comments/comment/", {"action": "approve", "_selected_action": [comment.pk]})
    comment.refresh_from_db()
    assert comment.is_published
    assert comment.decisions.get().by.email == "editor@example.com"


def test_the_way_back_after_posting_stays_on_this_site(client):
    article = make_article()
    answer = post(client, article, follow=False)
    assert answer.status_code == 303
    assert urlsplit(answer.headers["Location"]).netloc == ""


def test_whoever_posts_too_fast_is_slowed_down_and_loses_nothing(client):
    article = make_article()
    # At the beginning of a window, so that all of them fall into it.
    with time_machine.travel("2030-01-01 12:00:00Z", tick=False):
        codes = [post(client, article, comment=f"Number {number}.", follow=False).status_code for number in range(4)]
        answer = post(client, article, comment="One more.", follow=False)
    assert codes == [303, 303, 429, 429]
    assert "One more." in answer.content.decode()
    assert Comment.objects.count() == 2


def test_nobody_posts_under_the_name_of_somebody_who_writes_here(client, as_reader, reader):
    article = make_article()
    make_person("Shen Yiduo", native_name="沈一朵")
    for name in ("shen yiduo", "沈一朵"):
        assert post(client, article, name=name).status_code == 422
    make_person("Rhea Reader", user=reader)
    assert post(as_reader, article, name="Rhea Reader").status_code == 200
