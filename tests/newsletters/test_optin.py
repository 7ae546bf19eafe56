"""A letter comes only to whoever confirmed it from their mail, and stops at one click."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts.models import User
from newsletters.models import Newsletter, Signup, Suppression
from newsletters.optin import ASKS_A_NETWORK_AN_HOUR, ASKS_AN_ADDRESS_A_DAY, confirm, keyed_hash
from newsletters.tokens import confirm_token, manage_token
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter(db):
    return Newsletter.objects.create(name="The Landing", slug="the-landing", description="Fridays.")


@pytest.fixture
def ask(client, letter, django_capture_on_commit_callbacks):
    def ask(email="tilda@example.org", **fields):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(letter.get_absolute_url(), {"email": email} | fields, follow=True)

    return ask


def make_signup(letter, **fields):
    return Signup.objects.create(newsletter=letter, user=fields.pop("user", None) or make_user(), **fields)


def path_in(message):
    return re.search(r"http://localhost:8000(/newsletters/confirm/[^\s]+)", message.body)[1]


def test_signing_up_sends_one_mail_and_nothing_more(ask):
    answer = ask()
    assert "Look in your mail" in answer.content.decode()
    assert [message.to for message in mail.outbox] == [["tilda@example.org"]]
    assert Signup.objects.get().status == Signup.Status.PENDING


def test_following_the_link_changes_nothing_and_pressing_the_button_confirms(client, ask):
    ask()
    address = path_in(mail.outbox[0])
    for method in (client.get, client.head):
        assert method(address).status_code == 200
        assert Signup.objects.get().status == Signup.Status.PENDING
    assert "on its way to you" in client.post(address).content.decode()
    assert Signup.objects.get().is_confirmed


def test_known_and_unknown_addresses_get_the_same_answer(ask, letter):
    make_signup(letter, user=make_user("known@example.org"), status=Signup.Status.CONFIRMED)
    known, unknown = ask("known@example.org"), ask("unknown@example.org")
    assert known.content == unknown.content
    assert known.redirect_chain == unknown.redirect_chain


def test_whoever_gets_it_already_is_not_bothered_again(ask, letter):
    make_signup(letter, user=make_user("known@example.org"), status=Signup.Status.CONFIRMED)
    ask("known@example.org")
    assert mail.outbox == []
    assert Signup.objects.get().is_confirmed


def test_an_address_is_one_person_however_it_is_written(ask):
    ask("Tilda@Example.org")
    ask(" tilda@EXAMPLE.ORG ")
    assert User.objects.filter(email="tilda@example.org").count() == Signup.objects.count() == 1


def test_nobody_can_have_an_address_flooded(ask):
    for _ in range(ASKS_AN_ADDRESS_A_DAY + 3):
        ask()
    assert len(mail.outbox) == ASKS_AN_ADDRESS_A_DAY


def test_a_network_is_asked_for_no_more_letters_from_another_of_its_addresses(ask, client):
    for number in range(ASKS_A_NETWORK_AN_HOUR + 3):
        client.defaults["REMOTE_ADDR"] = f"2001:db8:77::{number + 1:x}"
        ask(f"tilda{number}@example.org")
    assert len(mail.outbox) == ASKS_A_NETWORK_AN_HOUR


def test_a_robot_gets_the_same_answer_and_nothing_happens(ask):
    assert "Look in your mail" in ask(website="https://spam.example").content.decode()
    assert mail.outbox == []


@pytest.mark.parametrize("email", ["", "nobody", "a@b@c", "x\r\nBcc: all@example.org"])
def test_what_is_no_address_is_said_and_comes_back(ask, email):
    answer = ask(email)
    assert answer.status_code == 422
    assert mail.outbox == []


def test_whoever_complained_is_never_asked_again(ask):
    Suppression.objects.create(address_hash=keyed_hash("tilda@example.org"), reason="complaint")
    ask()
    assert mail.outbox == []


def test_a_sign_up_from_another_site_is_refused(client, letter):
    answer = client.post(letter.get_absolute_url(), {"email": "a@example.org"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


@pytest.mark.parametrize("page", ["confirm", "preferences", "unsubscribe"])
@pytest.mark.parametrize("token", ["forged", "a:b:c", "%00", "x" * 2000])
def test_forged_tokens_are_answered_with_what_to_do(client, letter, page, token):
    answer = client.get(f"/newsletters/{page}/{token}/")
    assert answer.status_code in (404, 410)


def test_a_token_for_one_purpose_serves_no_other(client, letter):
    signup = make_signup(letter)
    assert client.post(f"/newsletters/confirm/{manage_token(signup)}/").status_code == 410
    assert client.post(f"/newsletters/unsubscribe/{confirm_token(signup)}/").status_code == 404


def test_a_confirmation_is_good_for_a_week(client, letter):
    signup = make_signup(letter)
    with time_machine.travel(timezone.now() - timedelta(days=8)):
        token = confirm_token(signup)
    assert client.post(f"/newsletters/confirm/{token}/").status_code == 410
    signup.refresh_from_db()
    assert not signup.is_confirmed


def test_unsubscribing_needs_a_post_and_no_cookie(client, letter):
    signup = make_signup(letter, status=Signup.Status.CONFIRMED)
    address = f"/newsletters/unsubscribe/{manage_token(signup)}/"
    client.get(address)
    client.head(address)
    assert Signup.objects.get().is_confirmed
    answer = client.post(
        address, {"List-Unsubscribe": "One-Click"}, headers={"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 200
    assert Signup.objects.get().status == Signup.Status.UNSUBSCRIBED


def test_confirming_after_unsubscribing_with_the_old_link_changes_nothing(client, letter):
    signup = make_signup(letter, status=Signup.Status.UNSUBSCRIBED)
    client.post(f"/newsletters/confirm/{confirm_token(signup)}/")
    assert Signup.objects.get().status == Signup.Status.UNSUBSCRIBED


def test_preferences_begin_and_stop_letters(client, letter):
    other = Newsletter.objects.create(name="Rooftop", slug="rooftop")
    signup = make_signup(letter, status=Signup.Status.CONFIRMED)
    answer = client.post(f"/newsletters/preferences/{manage_token(signup)}/", {"newsletters": ["rooftop"]}, follow=True)
    assert "Saved." in answer.content.decode()
    assert set(Signup.objects.confirmed().values_list("newsletter", flat=True)) == {other.pk}


def test_confirming_is_repeatable(letter):
    signup = make_signup(letter)
    assert confirm(signup)
    first = Signup.objects.get().confirmed_at
    assert confirm(signup)
    assert Signup.objects.get().confirmed_at == first
