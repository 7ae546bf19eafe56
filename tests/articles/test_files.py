"""Files of articles: for whoever may read the whole, and at no other address."""

from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import Client

from articles import gifts
from articles.models import Article, File
from articles.models.access_levels import Access
from tests.factories import make_article

pytestmark = pytest.mark.django_db
SENTINEL = b"%PDF-1.4 zqsentinel"


def make_file(name: str = "Map of the walls.pdf", **fields) -> File:
    article = make_article(**{"access": Access.PREMIUM, **fields})
    return File.objects.create(article=article, file=ContentFile(SENTINEL, name))


def content(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_a_subscriber_downloads_it_and_no_cache_keeps_it(as_subscriber: Client):
    response = as_subscriber.get(make_file().get_absolute_url())
    assert content(response) == SENTINEL
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["Content-Disposition"] == 'attachment; filename="map-of-the-walls.pdf"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("access", [Access.REGISTERED, Access.METERED, Access.PREMIUM])
def test_a_stranger_is_led_to_the_article_which_says_how(client: Client, access: Access):
    file = make_file(access=access)
    for headers in ({}, {"User-Agent": "Googlebot/2.1"}, {"X-Forwarded-For": "127.0.0.1"}, {"Range": "bytes=0-"}):
        response = client.get(file.get_absolute_url(), headers=headers)
        assert (response.status_code, response.headers["Location"]) == (302, file.article.get_absolute_url())
        assert response.headers["Cache-Control"] == "private, no-store"
        assert SENTINEL not in content(response)


def test_a_free_article_gives_its_files_to_everybody(client: Client):
    assert content(client.get(make_file(access=Access.FREE).get_absolute_url())) == SENTINEL


def test_a_gift_opens_the_files_too(client: Client, subscriber):
    file = make_file()
    _gift, token = gifts.make_gift(subscriber, file.article)
    client.post(f"/gift/{token}/")
    assert content(client.get(file.get_absolute_url())) == SENTINEL


def test_it_has_no_address_among_the_uploads(as_subscriber: Client, settings):
    file = make_file()
    assert not Path(file.file.path).is_relative_to(settings.MEDIA_ROOT)
    for path in (file.file.name, f"private/{file.file.name}", f"../private/{file.file.name}", f"%2e%2e/private/{file.file.name}"):
        assert as_subscriber.get(f"/media/{path}").status_code == 404


@pytest.mark.parametrize("status", [status for status in Article.Status if status != Article.Status.PUBLISHED])
def test_what_is_not_published_has_no_files(as_subscriber: Client, status: str):
    file = make_file()
    Article.objects.filter(pk=file.article_id).update(status=status)
    assert as_subscriber.get(file.get_absolute_url()).status_code == 404


def test_only_its_own_name_leads_to_it(as_subscriber: Client):
    file = make_file()
    assert as_subscriber.get(f"/files/{file.key}/other.pdf").status_code == 404


@pytest.mark.parametrize("name", ["page.html", "picture.svg", "script.js", "program.exe", "noending"])
def test_nothing_that_a_browser_runs_is_taken(name: str):
    with pytest.raises(ValidationError):
        File(article=make_article(), file=ContentFile(b"x", name)).full_clean()


def test_deleting_it_deletes_what_is_kept(as_editor: Client, django_capture_on_commit_callbacks):
    files = [make_file(), make_file()]
    with django_capture_on_commit_callbacks(execute=True):
        chosen = {"action": "delete_selected", "_selected_action": [file.pk for file in files], "post": "yes"}
        as_editor.post("/admin/articles/file/", chosen)
    assert not File.objects.exists()
    assert not any(storages["private"].exists(file.file.name) for file in files)


def test_the_newsroom_uploads_one_and_learns_its_address(as_editor: Client):
    article = make_article(access=Access.PREMIUM)
    response = as_editor.post("/admin/articles/file/add/", {"article": article.pk, "file": ContentFile(SENTINEL, "地图.pdf")})
    assert response.status_code == 302
    file = File.objects.get()
    page = as_editor.get(f"/admin/articles/file/{file.pk}/change/").content.decode()
    assert file.get_absolute_url() in page and file.name == "di-tu.pdf"


def test_a_link_to_it_in_the_text_survives_and_stands_behind_the_cut(client: Client, as_subscriber: Client):
    file = make_file()
    link = f'<a href="{file.get_absolute_url()}">the map</a>'
    article = file.article
    article.body = "<p>One.</p>" * 6 + f"<p>{link}</p>"
    article.save()
    assert link in article.body_html and file.get_absolute_url() not in article.preview_html


@pytest.mark.parametrize("way", ["one", "several"])
def test_with_an_article_go_its_files(django_capture_on_commit_callbacks, way: str):
    file = make_file()
    storage, kept = file.file.storage, file.file.name
    with django_capture_on_commit_callbacks(execute=True):
        (file.article if way == "one" else Article.objects.all()).delete()
    assert not Article.objects.exists() and not File.objects.exists()
    assert not storage.exists(kept)
