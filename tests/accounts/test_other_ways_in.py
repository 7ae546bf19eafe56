import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.accounts.conftest import LOGIN, code_in
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PASSWORD = "eleven goodbyes"


@pytest.fixture
def keeper(db):
    """Somebody with a password and a proved address."""
    user = make_user("keeper@example.com", password=PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def test_a_password_is_a_choice_on_the_same_page(client, keeper):
    page = client.get(f"{LOGIN}?next=/an-article/").content.decode()
    assert 'type="password"' not in page
    assert 'href="/accounts/login/?with=password&amp;next=%2Fan-article%2F"' in page
    assert 'type="password"' in client.get(f"{LOGIN}?with=password").content.decode()
    answer = client.post(LOGIN, {"with": "password", "login": " Keeper@example.com", "password": PASSWORD, "next": "/an-article/"})
    assert answer["Location"] == "/an-article/"
    assert mail.outbox == []


def test_wrong_passwords_and_unknown_addresses_look_the_same(keeper):
    pages = []
    for address in ("keeper@example.com", "nobody@example.com"):
        answer = Client().post(LOGIN, {"with": "password", "login": address, "password": "wrong wrong wrong"})
        text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode()).replace(address, "ADDRESS")
        pages.append((answer.status_code, text))
    assert pages[0] == pages[1]
    assert "don’t belong together" in pages[0][1]


def test_a_password_of_an_address_that_was_never_proved_asks_for_the_code_first(client):
    make_user("unproved@example.com", password=PASSWORD)
    answer = client.post(LOGIN, {"with": "password", "login": "unproved@example.com", "password": PASSWORD})
    assert answer["Location"] == "/accounts/confirm-email/"
    assert client.get("/account/").status_code == 302
    client.post("/accounts/confirm-email/", {"code": code_in(mail.outbox[0])})
    assert client.get("/account/").status_code == 200


def test_six_wrong_passwords_are_too_many_even_if_the_next_is_right(client, keeper):
    for _ in range(5):
        client.post(LOGIN, {"with": "password", "login": "keeper@example.com", "password": "wrong wrong wrong"})
    answer = client.post(LOGIN, {"with": "password", "login": "keeper@example.com", "password": PASSWORD})
    assert "too often" in answer.content.decode()


def test_a_forgotten_password_looks_the_same_for_everybody(keeper):
    answers = []
    for address in ("keeper@example.com", "nobody@example.com"):
        browser = Client()
        answer = browser.post("/accounts/password/reset/", {"email": address})
        answers.append(
            (answer.status_code, answer["Location"], browser.get(answer["Location"]).content.decode().replace(address, "ADDRESS"))
        )
    assert answers[0] == answers[1]
    assert [letter.to for letter in mail.outbox] == [["keeper@example.com"], ["nobody@example.com"]]


def test_a_link_for_a_new_password_goes_to_the_address_we_know_and_never_as_it_was_typed(client, keeper):
    client.post("/accounts/password/reset/", {"email": "ｋeeper@example.com"})
    assert mail.outbox[0].to == ["keeper@example.com"]
    link = re.search(r"http://\S+(/accounts/password/reset/key/\S+)", mail.outbox[0].body)[1]
    form = client.get(link, follow=True)
    done = client.post(form.request["PATH_INFO"], {"password1": "a newer phrase", "password2": "a newer phrase"})
    assert done.status_code == 302
    assert User.objects.get(pk=keeper.pk).check_password("a newer phrase")


def test_a_changed_password_ends_the_other_sessions(keeper):
    here, there = Client(), Client()
    for browser in (here, there):
        browser.post(LOGIN, {"with": "password", "login": keeper.email, "password": PASSWORD})
    words = {"oldpassword": PASSWORD, "password1": "a newer phrase", "password2": "a newer phrase"}
    assert here.post("/accounts/password/change/", words).status_code == 302
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302
    assert "password of your account was changed" in mail.outbox[-1].body
