import re
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.accounts.conftest import CONFIRM, LOGIN, code_in, filled_in, wrong
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_a_reader_signs_in_by_the_code_in_the_mail(client, sign_in, reader):
    answer = sign_in("reader@example.com")
    assert answer["Location"] == "/account/"
    assert client.get("/account/").context["reader_user"] == reader


def test_somebody_new_becomes_an_account_by_entering_the_code_and_not_before(client):
    client.post(LOGIN, filled_in("new@example.com"))
    assert not User.objects.exists()
    client.post(CONFIRM, {"code": code_in(mail.outbox[0])})
    user = User.objects.get()
    assert user.email == "new@example.com"
    assert not user.has_usable_password()
    assert EmailAddress.objects.get(user=user).verified
    assert client.get("/account/").status_code == 200


def test_somebody_who_only_took_the_letter_signs_in_as_themselves(client, sign_in):
    taker = User.objects.create_user("taker@example.com")
    sign_in("taker@example.com")
    assert client.get("/account/").context["reader_user"] == taker
    address = EmailAddress.objects.get(user=taker)
    assert (address.email, address.verified, address.primary) == ("taker@example.com", True, True)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Reader@Example.COM ", "reader@example.com"),
        ("reader+letters@example.com", "reader+letters@example.com"),
        ("reader@BÜCHER.example", "reader@bücher.example"),
        ("reader@xn--bcher-kva.example", "reader@bücher.example"),
        ("reader@例子.example", "reader@例子.example"),
        ("ｒｅａｄｅｒ@example.com", "reader@example.com"),
        ("o'neill@example.com", "o'neill@example.com"),
    ],
)
def test_an_address_is_one_person_however_it_is_typed(client, sign_in, typed, kept):
    known = make_user(kept)
    sign_in(typed)
    assert mail.outbox[0].to == [kept]
    assert client.get("/account/").context["reader_user"] == known
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "typed", ["", "reader", "reader@", "用户@example.com", "a@b", f"{'x' * 250}@example.com", "a@example.com\nbcc:b@example.com"]
)
def test_what_is_no_address_gets_no_mail(client, typed):
    answer = client.post(LOGIN, filled_in(typed))
    assert answer.status_code == 200
    assert answer.context["form"].errors["login"]
    assert mail.outbox == []


def test_known_and_unknown_addresses_get_the_same_answers_and_the_same_mail(reader):
    seen = []
    for address in ("reader@example.com", "nobody@example.com"):
        browser = Client()
        asked = browser.post(LOGIN, filled_in(address))
        page = browser.get(CONFIRM)
        refused = browser.post(CONFIRM, {"code": wrong(code_in(mail.outbox[-1]))})
        resent = browser.post(CONFIRM, {"action": "resend"})
        code = code_in(mail.outbox[-2])
        letter = mail.outbox[-2]
        texts = [page.content.decode(), refused.content.decode(), letter.body, letter.subject, letter.alternatives[0].content]
        same = [without_what_differs(text, address, code) for text in texts]
        seen.append((asked.status_code, asked["Location"], refused.status_code, resent.status_code, len(letter.to), *same))
    assert seen[0] == seen[1]
    assert len(mail.outbox) == 4


def without_what_differs(text, address, code):
    return (
        re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)
        .replace(address, "ADDRESS")
        .replace(code, "CODE")
        .replace(wrong(code), "WRONG")
    )


def test_a_closed_account_is_told_so_only_after_the_code(client, sign_in, reader):
    User.objects.update(is_active=False)
    answer = sign_in("reader@example.com")
    assert answer["Location"] == "/accounts/inactive/"
    assert "closed" in client.get(answer["Location"]).content.decode()
    assert client.get("/account/").status_code == 302


def test_the_third_wrong_code_ends_it(client, reader):
    client.post(LOGIN, filled_in("reader@example.com", next="/an-article/"))
    code = code_in(mail.outbox[0])
    for _ in range(2):
        assert client.post(CONFIRM, {"code": wrong(code)}).status_code == 200
    last = client.post(f"{CONFIRM}?next=/an-article/", {"code": wrong(code)})
    assert last["Location"] == "/accounts/login/?next=%2Fan-article%2F"
    assert "Have a new one sent" in client.get(LOGIN).content.decode()
    client.post(CONFIRM, {"code": code})
    assert client.get("/account/").status_code == 302


def test_a_code_that_is_too_short_is_no_try(client, reader):
    client.post(LOGIN, filled_in("reader@example.com"))
    for _ in range(5):
        answer = client.post(CONFIRM, {"code": "4071"})
        assert "has 4 digits; we sent 6" in answer.content.decode()
    assert client.post(CONFIRM, {"code": code_in(mail.outbox[0])}).status_code == 302


def test_a_pasted_code_may_have_spaces(client, reader):
    client.post(LOGIN, filled_in("reader@example.com"))
    code = code_in(mail.outbox[0])
    assert client.post(CONFIRM, {"code": f" {code[:3]} {code[3:]} "})["Location"] == "/account/"


def test_a_code_works_for_ten_minutes(client, reader, monkeypatch):
    client.post(LOGIN, filled_in("reader@example.com"))
    code = code_in(mail.outbox[0])
    forward(monkeypatch, settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT + 1)
    answer = client.post(f"{CONFIRM}?next=/an-article/", {"code": code})
    assert answer["Location"] == "/accounts/login/?next=%2Fan-article%2F"
    assert "too old" in client.get(LOGIN).content.decode()
    assert client.get("/account/").status_code == 302


def forward(monkeypatch, seconds):
    real = time.time
    monkeypatch.setattr("allauth.account.internal.flows.code_verification.time.time", lambda: real() + seconds)


def test_a_code_works_once(sign_in, reader):
    sign_in("reader@example.com")
    other = Client()
    assert other.post(CONFIRM, {"code": code_in(mail.outbox[0])})["Location"] == "/accounts/login/"


def test_a_code_belongs_to_the_browser_that_asked(client, reader):
    client.post(LOGIN, filled_in("reader@example.com"))
    stranger = Client()
    stranger.post(LOGIN, filled_in("reader@example.com"))
    assert stranger.post(CONFIRM, {"code": code_in(mail.outbox[0])}).status_code == 200
    assert stranger.get("/account/").status_code == 302


def test_a_new_code_replaces_the_old_one(client, reader):
    client.post(LOGIN, filled_in("reader@example.com"))
    client.post(CONFIRM, {"action": "resend"})
    old, new = map(code_in, mail.outbox)
    assert client.post(CONFIRM, {"code": old}).status_code == (302 if old == new else 200)
    assert client.post(CONFIRM, {"code": new})["Location"] == "/account/"


def test_the_way_back_is_kept_from_the_article_to_the_article(client, sign_in, reader):
    asked = client.post(LOGIN, filled_in("reader@example.com", next="/an-article/?from=wall"))
    assert parse_qs(urlsplit(asked["Location"]).query) == {"next": ["/an-article/?from=wall"]}
    page = client.get(asked["Location"])
    assert '<input type="hidden" name="next" value="/an-article/?from=wall">' in page.content.decode()
    answer = client.post(CONFIRM, {"code": code_in(mail.outbox[0]), "next": "/an-article/?from=wall"})
    assert answer["Location"] == "/an-article/?from=wall"


def test_who_comes_again_while_a_code_is_awaited_keeps_the_new_way_back(client, reader):
    client.post(LOGIN, filled_in("reader@example.com", next="/one/"))
    assert client.get(f"{LOGIN}?next=/other/")["Location"] == f"{CONFIRM}?next=%2Fother%2F"


@pytest.mark.parametrize(
    "evil", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "https:evil.example", "\t//evil.example"]
)
def test_nobody_is_sent_to_another_site(sign_in, client, reader, evil):
    assert sign_in("reader@example.com", next=evil)["Location"] == "/account/"


@pytest.mark.parametrize("address", ["/accounts/signup/", "/accounts/login/code/"])
def test_the_other_ways_in_lead_to_the_one(client, address):
    assert client.get(f"{address}?next=/an-article/")["Location"] == "/accounts/login/?next=%2Fan-article%2F"
    assert client.post(address, {"email": "new@example.com"})["Location"] == "/accounts/login/"
    assert not User.objects.exists()


def test_the_session_gets_a_new_key_at_sign_in(client, sign_in, reader):
    client.post(LOGIN, filled_in("reader@example.com"))
    before = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.post(CONFIRM, {"code": code_in(mail.outbox[0])})
    after = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert before != after
    fixed = Client()
    fixed.cookies[settings.SESSION_COOKIE_NAME] = before
    assert fixed.get("/account/").status_code == 302


def test_looking_at_the_sign_in_page_starts_no_session(client, db):
    client.get(LOGIN)
    assert set(client.cookies) == {"csrftoken"}


def test_the_letter_has_the_code_in_its_subject_and_both_parts(client, reader):
    client.post(LOGIN, filled_in("reader@example.com"))
    letter = mail.outbox[0]
    code = code_in(letter)
    assert letter.subject.startswith(f"{code} is your code for ")
    html = letter.alternatives[0]
    assert html.mimetype == "text/html"
    assert f">{code}</p>" in html.content
