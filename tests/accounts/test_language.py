import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils import translation

from accounts import exporting
from accounts.models import User
from tests.factories import make_article

pytestmark = pytest.mark.django_db
COOKIE = settings.LANGUAGE_COOKIE_NAME
PAGE = "/account/reading-language/"


def test_a_chosen_language_is_kept_with_the_account_and_in_this_browser(as_reader):
    answer = as_reader.post(PAGE, {"language": "zh-hans"})
    assert answer["Location"] == "/account/"
    assert as_reader.cookies[COOKIE].value == "zh-hans"
    assert User.objects.get().language == "zh-hans"
    page = as_reader.get("/account/").content.decode()
    assert '<html lang="zh-CN"' in page
    assert "简体中文" in page


def test_signing_in_elsewhere_brings_the_language_along(client, sign_in, reader):
    reader.keep_language("zh-hans")
    answer = sign_in("reader@example.com")
    assert answer.cookies[COOKIE].value == "zh-hans"
    assert answer.cookies[COOKIE]["httponly"]
    assert answer.cookies[COOKIE]["max-age"]


def test_who_chose_none_keeps_what_the_browser_has(client, sign_in, reader):
    assert COOKIE not in sign_in("reader@example.com").cookies


def test_the_choice_can_be_taken_back(as_reader, reader):
    as_reader.post(PAGE, {"language": "zh-hans"})
    answer = as_reader.post(PAGE, {"language": ""})
    assert answer.cookies[COOKIE].value == ""
    assert User.objects.get().language == ""


def test_a_language_that_is_not_spoken_here_is_refused(as_reader):
    assert as_reader.post(PAGE, {"language": "tlh"}).status_code == 200
    assert User.objects.get().language == ""


def test_the_switch_at_the_foot_of_the_page_is_remembered_for_who_is_signed_in(as_reader, reader):
    as_reader.post("/account/language/", {"language": "zh-hans", "next": "/"})
    assert User.objects.get().language == "zh-hans"


def test_a_language_makes_nobody_somebody_and_public_pages_stay_public(db):
    article = make_article()
    browser = Client()
    browser.cookies[COOKIE] = "zh-hans"
    answer = browser.get(article.get_absolute_url())
    assert answer["Cache-Control"].startswith("public")
    assert "Cookie" in answer["Vary"]


def test_letters_that_a_task_sends_speak_it(reader, monkeypatch):
    spoken = []
    monkeypatch.setattr("accounts.letters.dress", lambda *args: spoken.append(translation.get_language()))
    reader.keep_language("zh-hans")
    exporting.make(exporting.ask_for_export(reader))
    assert spoken == ["zh-hans"]
    assert len(mail.outbox) == 1
