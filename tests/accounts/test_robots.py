import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.forms import SEEN_MIN_SECONDS
from accounts.models import User
from accounts.throwaway import is_throwaway
from magazine.form_tokens import DAY_SECONDS
from tests.accounts.conftest import CONFIRM, LOGIN, filled_in, wrong
from tests.factories import make_user

pytestmark = pytest.mark.django_db
THROWAWAY = "somebody@mailinator.com"


def seen_on(page):
    return re.search(r'name="seen" value="([^"]+)"', page.content.decode())[1]


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("a trap filled in", {"website": "https://spam.example"}),
        ("no time", {"seen": ""}),
        ("a forged time", {"seen": ":1abcde:forged"}),
        ("a time of another form", {"seen": "12:1abcde:forged"}),
    ],
)
def test_a_robot_gets_no_mail_and_a_person_their_address_back(client, what, change):
    answer = client.post(LOGIN, filled_in("reader@example.com") | change)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert mail.outbox == []
    assert "please send it once more" in page
    assert 'value="reader@example.com"' in page


@pytest.mark.parametrize(("age", "status"), [(0, 200), (SEEN_MIN_SECONDS + 1, 302), (DAY_SECONDS - 5, 302), (DAY_SECONDS + 5, 200)])
def test_a_form_is_taken_from_two_seconds_to_a_day_old(client, age, status):
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        seen = seen_on(client.get(LOGIN))
    with time_machine.travel(start + timedelta(seconds=age), tick=False):
        assert client.post(LOGIN, filled_in("reader@example.com") | {"seen": seen}).status_code == status


def test_the_form_that_comes_back_can_be_sent(client):
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        refused = client.post(LOGIN, {"login": "reader@example.com", "seen": "", "next": "/an-article/"})
    assert 'name="next" value="/an-article/"' in refused.content.decode()
    with time_machine.travel(start + timedelta(seconds=SEEN_MIN_SECONDS + 1), tick=False):
        again = client.post(LOGIN, {"login": "reader@example.com", "seen": seen_on(refused)})
    assert again.status_code == 302
    assert len(mail.outbox) == 1


def test_the_signed_time_is_the_same_for_everybody_and_starts_no_session(client):
    with time_machine.travel(timezone.now(), tick=False):
        assert seen_on(client.get(LOGIN)) == seen_on(Client().get(LOGIN))
    assert set(client.cookies) == {"csrftoken"}


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (THROWAWAY, True),
        ("a@MAILINATOR.com", True),
        ("a@sub.mailinator.com", True),
        ("a@mailinator.com.example", False),
        ("a@example.com", False),
        ("a@privaterelay.appleid.com", False),
        ("a@duck.com", False),
    ],
)
def test_throwaway_services_are_known_and_forwarding_ones_are_welcome(address, expected):
    assert is_throwaway(address) == expected


def test_the_settings_add_domains_and_spare_others(settings):
    settings.THROWAWAY_DOMAINS_ADDED = ["minute.example"]
    settings.THROWAWAY_DOMAINS_SPARED = ["mailinator.com"]
    assert is_throwaway("a@minute.example")
    assert not is_throwaway(THROWAWAY)


def test_a_throwaway_address_makes_no_account_and_hears_why(client):
    asked = client.post(LOGIN, filled_in(THROWAWAY))
    assert asked["Location"] == CONFIRM
    letter = mail.outbox[0]
    assert "take an address that you keep" in letter.body
    assert not re.search(r"\d{6}", letter.subject + letter.body)
    assert client.post(CONFIRM, {"code": "000000"}).status_code == 200
    assert not User.objects.exists()


def test_who_had_an_account_before_the_list_knew_the_service_still_gets_in(client, sign_in):
    known = make_user(THROWAWAY)
    sign_in(THROWAWAY)
    assert client.get("/account/").context["reader_user"] == known


def test_pages_and_mail_count_say_nothing_about_who_of_a_throwaway_service_is_known():
    make_user(THROWAWAY)
    seen = []
    for address in (THROWAWAY, "nobody@mailinator.com"):
        browser, before = Client(), len(mail.outbox)
        asked = browser.post(LOGIN, filled_in(address))
        refused = browser.post(CONFIRM, {"code": wrong("123456")})
        text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", refused.content.decode()).replace(address, "ADDRESS")
        seen.append((asked.status_code, asked["Location"], text, len(mail.outbox) - before))
    assert seen[0] == seen[1]


def test_an_account_is_not_moved_to_a_throwaway_address(as_reader, reader):
    answer = as_reader.post("/accounts/email/", {"action_add": "", "email": THROWAWAY})
    assert "last only minutes" in answer.content.decode()
    assert mail.outbox == []


def test_a_wrong_password_takes_the_same_work_for_known_and_unknown(monkeypatch):
    from django.contrib.auth.hashers import MD5PasswordHasher

    make_user("reader@example.com", password="eleven goodbyes")
    work = []
    real = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda self, *args: work.append(1) or real(self, *args))
    counts = []
    for address in ("reader@example.com", "nobody@example.com"):
        work.clear()
        Client().post(LOGIN, {"with": "password", "login": address, "password": "wrong wrong wrong"})
        counts.append(len(work))
    assert counts[0] == counts[1] > 0
