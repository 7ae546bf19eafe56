"""The way of an article to its readers."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from accounts.models import User
from articles import publishing
from articles.models import Article, Redirect
from articles.publishing import TransitionRefused, publish, publish_due, save_edited, schedule, submit_for_review, unpublish
from tests.factories import make_article

pytestmark = pytest.mark.django_db
Status = Article.Status


def fresh(article: Article) -> Article:
    return Article.objects.get(pk=article.pk)


def test_a_draft_goes_by_review_to_its_readers(editor: User, client: Client) -> None:
    article = make_article(status=Status.DRAFT)
    submit_for_review(article, by=editor)
    assert fresh(article).status == Status.IN_REVIEW
    publish(article, by=editor)
    assert fresh(article).is_published and article.is_published
    assert client.get(article.get_absolute_url()).status_code == 200


def test_each_step_is_a_revision_with_its_author(editor: User) -> None:
    article = make_article(status=Status.DRAFT)
    publish(article, by=editor)
    revision = article.history.latest()
    assert (revision.history_user, revision.status) == (editor, Status.PUBLISHED)


@pytest.mark.parametrize(
    ("step", "refused"),
    [
        (publish, [Status.PUBLISHED, Status.TRASHED]),
        (unpublish, [Status.DRAFT, Status.IN_REVIEW, Status.UNPUBLISHED, Status.TRASHED]),
        (submit_for_review, [Status.IN_REVIEW, Status.SCHEDULED, Status.PUBLISHED, Status.TRASHED]),
        (publishing.return_to_draft, [Status.DRAFT, Status.PUBLISHED]),
        (publishing.move_to_bin, [Status.PUBLISHED, Status.TRASHED]),
    ],
)
def test_a_step_from_elsewhere_is_refused(editor: User, step, refused: list[str]) -> None:
    for status in refused:
        article = make_article(status=status)
        with pytest.raises(TransitionRefused):
            step(article, by=editor)
        assert fresh(article).status == status


def test_of_two_editors_the_second_is_told(editor: User) -> None:
    first = make_article(status=Status.DRAFT)
    second = fresh(first)
    publish(first, by=editor)
    with pytest.raises(TransitionRefused):
        publish(second, by=editor)


def test_a_date_in_the_past_is_kept_and_one_to_come_is_not(editor: User) -> None:
    past, future = timezone.now() - timedelta(days=400), timezone.now() + timedelta(days=3)
    old, early = (make_article(status=Status.DRAFT, published_at=moment) for moment in (past, future))
    publish(old, by=editor)
    publish(early, by=editor)
    assert fresh(old).published_at == past
    assert fresh(early).published_at <= timezone.now()
    assert fresh(early).first_published_at <= timezone.now()


def test_publishing_again_keeps_the_first_date(editor: User) -> None:
    article = make_article()
    first = article.first_published_at
    unpublish(article, by=editor)
    publish(article, by=editor)
    assert fresh(article).first_published_at == first


def test_a_scheduled_article_appears_at_its_hour_exactly_once(editor: User) -> None:
    article = make_article(status=Status.DRAFT)
    schedule(article, at=timezone.now() + timedelta(hours=1), by=editor)
    assert publish_due() == 0
    moment = timezone.now() - timedelta(minutes=5)
    Article.objects.filter(pk=article.pk).update(published_at=moment)
    assert (publish_due(), publish_due()) == (1, 0)
    assert fresh(article).is_published
    assert fresh(article).published_at == moment
    assert article.history.filter(status=Status.PUBLISHED).count() == 1


def test_a_moment_that_has_passed_is_refused(editor: User) -> None:
    with pytest.raises(TransitionRefused):
        schedule(make_article(status=Status.DRAFT), at=timezone.now() - timedelta(minutes=1), by=editor)


def test_an_article_moved_while_the_worker_looks_is_left_alone(editor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    article = make_article(status=Status.SCHEDULED, published_at=timezone.now() - timedelta(minutes=1))
    due = list(Article.objects.due())
    publishing.return_to_draft(article, by=editor)
    monkeypatch.setattr(type(Article.objects.all()), "due", lambda self: self.filter(pk__in=[found.pk for found in due]))
    assert publish_due() == 0
    assert fresh(article).status == Status.DRAFT


def test_a_changed_address_leads_on(client: Client) -> None:
    article = make_article(slug="old")
    article.slug = "new"
    save_edited(article, old_slug="old")
    response = client.get("/old/")
    assert (response.status_code, response.headers["Location"]) == (301, "/new/")


def test_an_address_that_comes_back_leads_nowhere_else(client: Client) -> None:
    article = make_article(slug="first")
    for old, new in (("first", "second"), ("second", "first")):
        article.slug = new
        save_edited(article, old_slug=old)
    assert client.get("/first/").status_code == 200
    assert client.get("/second/").headers["Location"] == "/first/"


def test_the_address_of_a_draft_leaves_nothing() -> None:
    article = make_article(slug="old", status=Status.DRAFT)
    Article.objects.filter(pk=article.pk).update(first_published_at=None, published_at=None)
    article = fresh(article)
    article.slug = "new"
    save_edited(article, old_slug="old")
    assert not Redirect.objects.exists()


def test_boxes_that_lead_to_an_article_come_and_go_with_it(editor: User, django_capture_on_commit_callbacks) -> None:
    target = make_article("The target", slug="target", status=Status.DRAFT)
    pointing = make_article(body='<p>Text.</p><aside class="also" data-article="target"></aside><p>More.</p>')
    assert "The target" not in pointing.body_html
    with django_capture_on_commit_callbacks(execute=True):
        publish(target, by=editor)
    assert "The target" in fresh(pointing).body_html
    with django_capture_on_commit_callbacks(execute=True):
        target.slug, target.title = "moved", "Renamed"
        save_edited(target, old_slug="target")
    assert "Renamed" in fresh(pointing).body_html and "/moved/" in fresh(pointing).body_html
    with django_capture_on_commit_callbacks(execute=True):
        unpublish(target, by=editor)
    assert "Renamed" not in fresh(pointing).body_html


def test_the_groups_of_the_newsroom_tell_who_may_publish() -> None:
    may = {group.name: set(group.permissions.values_list("codename", flat=True)) for group in Group.objects.all()}
    assert "publish_article" in may["Editors"]
    assert "publish_own_article" in may["Authors"] and "publish_article" not in may["Authors"]
    assert not {"publish_article", "publish_own_article", "delete_article"} & may["Contributors"]
