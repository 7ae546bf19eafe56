"""Synthetic content is what saving would have made, in any amount, and the same for one seed."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from articles.deriving import derive
from articles.models import Article
from articles.models.article import DERIVED_FIELDS
from articles.search.index import TABLE, index_articles
from billing.entitlements import entitlement_of
from billing.models import Subscription
from comments.models import Comment
from demo import seeding
from newsletters.models import Signup

pytestmark = pytest.mark.django_db


def indexed_rows() -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        columns = "*" if connection.vendor == "postgresql" else "rowid, *"
        cursor.execute(f"SELECT {columns} FROM {TABLE} ORDER BY 1")
        return list(cursor.fetchall())


def test_seeded_articles_are_as_if_they_had_been_saved() -> None:
    call_command("seed", articles=40, verbosity=0)
    rows = indexed_rows()
    for article in Article.objects.all():
        before = {name: getattr(article, name) for name in DERIVED_FIELDS}
        derive(article)
        assert {name: getattr(article, name) for name in DERIVED_FIELDS} == before
        assert article.credits.exists()
        assert article.is_published
    index_articles(Article.objects.prefetch_related("credits__person", "tags"))
    assert len(rows) == 40
    assert [sorted(map(str, row)) for row in indexed_rows()] == [sorted(map(str, row)) for row in rows]


def test_readers_see_seeded_articles(client: Client) -> None:
    call_command("seed", articles=30, comments=50, verbosity=0)
    article = Article.objects.published().newest_first()[0]
    for address in ("/", article.get_absolute_url(), article.section.get_absolute_url(), f"{article.get_absolute_url()}comments/"):
        response = client.get(address)
        assert response.status_code == 200, address
        assert article.title.split(",")[0] in response.content.decode(), address


def test_comments_are_numbered_and_counted_under_each_article(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeding, "BATCH", 25)
    call_command("seed", articles=6, comments=600, verbosity=0)
    call_command("seed", comments=100, verbosity=0)
    assert Comment.objects.count() == 700
    for article in Article.objects.all():
        floors = sorted(article.comments.values_list("floor", flat=True))
        assert floors == list(range(1, len(floors) + 1))
        assert article.comment_count == len(floors)
    replies = Comment.objects.exclude(root=None).select_related("root")
    assert replies.exists()
    assert all(reply.root.article_id == reply.article_id and reply.root.root_id is None for reply in replies)


def test_subscribers_can_read_sign_in_and_get_letters() -> None:
    call_command("seed", readers=3, subscribers=7, verbosity=0)
    assert (User.objects.count(), Subscription.objects.count()) == (10, 7)
    assert sum(entitlement_of(user).opens_everything for user in User.objects.all()) == 7
    assert EmailAddress.objects.filter(verified=True, primary=True).count() == 10
    assert Signup.objects.confirmed().count() == 10
    assert not any(user.has_usable_password() for user in User.objects.all())


def test_one_seed_always_makes_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def titles() -> list[tuple[str, str]]:
        return list(Article.objects.order_by("slug").values_list("title", "text"))

    made = []
    for seed in (7, 7, 8):
        Article.objects.all().delete()
        call_command("seed", articles=5, seed=seed, verbosity=0)
        made.append(titles())
    assert made[0] == made[1] != made[2]


def test_a_second_run_adds_more() -> None:
    for _ in range(2):
        call_command("seed", articles=3, readers=2, verbosity=0)
    assert (Article.objects.count(), User.objects.count()) == (6, 4)


def test_memory_does_not_grow_with_the_number_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    original = User.objects.bulk_create
    monkeypatch.setattr(seeding, "BATCH", 4)
    monkeypatch.setattr(
        type(User.objects), "bulk_create", lambda manager, rows, **options: sizes.append(len(rows)) or original(rows, **options)
    )
    call_command("seed", readers=18, verbosity=0)
    assert sizes == [4, 4, 4, 4, 2]


def test_a_site_that_others_can_reach_is_left_alone(settings: Any) -> None:
    settings.SANDBOX = False
    with pytest.raises(CommandError, match="no sandbox"):
        call_command("seed", articles=1)
    assert not Article.objects.exists()
    call_command("seed", articles=1, force=True, verbosity=0)
    assert Article.objects.count() == 1


@pytest.mark.parametrize("amount", ["-1", "many", "1.5", ""])
def test_amounts_are_numbers(amount: str) -> None:
    with pytest.raises(CommandError):
        call_command("seed", f"--articles={amount}")
