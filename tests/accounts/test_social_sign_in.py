"""Signing in by another site's account, over the library's real flow; only what the other site would answer is made up."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.google.views import GoogleOAuth2Adapter
from django.core import mail
from django.test import Client

from accounts.deletion import ask_for_deletion, carry_out
from accounts.models import Deletion, User
from accounts.privacy import own_part
from tests.accounts.conftest import LOGIN, code_in
from tests.factories import make_subscription, make_user

pytestmark = pytest.mark.django_db
START = "/accounts/google/login/"
BACK = "/accounts/google/login/callback/"
CONNECTIONS = "/accounts/3rdparty/"


@pytest.fixture
def google(monkeypatch):
    """Say who comes back from Google."""
    person = {"sub": "g-1", "email": "reader@example.com", "email_verified": True, "given_name": "Rhea", "family_name": "Reader"}
    monkeypatch.setattr(GoogleOAuth2Adapter, "complete_login", lambda self, request, app, token, **kw: answer_of(self, request, person))
    monkeypatch.setattr(
        "allauth.socialaccount.providers.oauth2.client.OAuth2Client.get_access_token", lambda *args, **kwargs: {"access_token": "t"}
    )
    return person


def answer_of(adapter, request, person):
    return adapter.get_provider().sociallogin_from_response(request, dict(person))


def through_google(client, *, start=START):
    """Go to Google and come back; returns the last answer."""
    sent = client.post(start)
    there = urlsplit(sent["Location"])
    assert there.netloc == "accounts.google.com"
    asked = parse_qs(there.query)
    assert asked["code_challenge_method"] == ["S256"]
    return client.get(BACK, {"code": "c", "state": asked["state"][0]})


def prove(user):
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)


def is_signed_in(client):
    return client.get("/account/").status_code == 200


def test_only_sites_that_are_configured_are_offered(client, settings):
    assert "Sign in with Google" in client.get(LOGIN).content.decode()
    assert "GitHub" not in client.get(LOGIN).content.decode()
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert "Google" not in client.get(LOGIN).content.decode()


def test_the_account_page_says_nothing_of_other_sites_where_none_is_configured(as_reader, settings):
    assert CONNECTIONS in as_reader.get("/account/").content.decode()
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert CONNECTIONS not in as_reader.get("/account/").content.decode()


def test_the_policy_lets_the_form_lead_there(client):
    policy = client.get(LOGIN).headers["Content-Security-Policy"]
    assert "https://accounts.google.com" in policy.partition("form-action")[2].partition(";")[0]


def test_the_page_leads_there_with_where_the_reader_wants_to_go(client, google, reader):
    prove(reader)
    page = client.get(f"{LOGIN}?next=/an-article/").content.decode()
    start = re.search(r'action="(/accounts/google/login/[^"]*)"', page)[1].replace("&amp;", "&")
    assert through_google(client, start=start)["Location"] == "/an-article/"


def test_somebody_new_with_a_verified_address_gets_an_account_and_their_name(client, google):
    through_google(client)
    user = User.objects.get()
    assert (user.email, user.name) == ("reader@example.com", "Rhea Reader")
    assert not user.has_usable_password()
    assert EmailAddress.objects.get(user=user).verified
    assert is_signed_in(client)


def test_a_verified_address_signs_in_whose_it_is_and_connects_the_account(client, google, reader):
    google["email"] = " READER@example.com".strip()
    prove(reader)
    through_google(client)
    assert SocialAccount.objects.get().user == reader
    assert is_signed_in(client)
    assert User.objects.count() == 1


def test_an_unverified_address_takes_nobody_over(client, google, reader):
    google["email_verified"] = False
    prove(reader)
    through_google(client)
    assert not is_signed_in(client)
    assert not SocialAccount.objects.filter(user=reader).exists()
    assert {letter.to[0] for letter in mail.outbox} <= {"reader@example.com"}


def test_an_unverified_address_of_a_letter_taker_takes_nobody_over_either(client, google, reader):
    google["email_verified"] = False
    through_google(client)
    assert not is_signed_in(client)
    assert not SocialAccount.objects.filter(user=reader).exists()


def test_somebody_new_with_an_unverified_address_proves_it_by_a_code_first(client, google):
    google["email_verified"] = False
    assert through_google(client)["Location"] == "/accounts/confirm-email/"
    assert not is_signed_in(client)
    client.post("/accounts/confirm-email/", {"code": code_in(mail.outbox[-1])})
    assert is_signed_in(client)


def test_known_and_unknown_unverified_addresses_look_the_same(google, reader):
    google["email_verified"] = False
    prove(reader)
    seen = []
    for subject, address in (("g-1", "reader@example.com"), ("g-2", "nobody@example.com")):
        google["sub"], google["email"] = subject, address
        browser, before = Client(), len(mail.outbox)
        answer = through_google(browser)
        page = browser.get(answer["Location"]).content.decode().replace(address, "ADDRESS")
        seen.append(
            (answer.status_code, answer["Location"], re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page), len(mail.outbox) - before)
        )
    assert seen[0] == seen[1]


def test_a_password_that_a_stranger_set_for_an_unproved_address_is_gone_once_its_owner_comes(client, google):
    squatted = make_user("reader@example.com", password="eleven goodbyes")
    through_google(client)
    squatted.refresh_from_db()
    assert not squatted.has_usable_password()


def test_a_changed_address_there_changes_nothing_here(client, google, reader):
    prove(reader)
    through_google(client)
    google["email"] = "elsewhere@example.com"
    other = Client()
    through_google(other)
    assert is_signed_in(other)
    assert User.objects.get().email == "reader@example.com"


def test_a_second_step_is_asked_for_all_the_same(client, google, reader):
    prove(reader)
    TOTP.activate(reader, generate_totp_secret())
    assert through_google(client)["Location"].startswith("/accounts/2fa/authenticate/")
    assert not is_signed_in(client)


def test_a_closed_account_stays_closed(client, google, reader):
    prove(reader)
    User.objects.update(is_active=False)
    through_google(client)
    assert not is_signed_in(client)


def test_a_throwaway_address_makes_no_account(client, google):
    google["email"] = "somebody@mailinator.com"
    assert "take an address that you keep" in through_google(client).content.decode()
    assert not User.objects.exists()


def test_who_comes_without_an_address_is_asked_for_one_and_gets_a_code(client, google):
    del google["email"]
    asked = through_google(client)
    assert asked["Location"] == "/accounts/3rdparty/signup/"
    assert "told us no address" in client.get(asked["Location"]).content.decode()
    client.post(asked["Location"], {"email": "new@example.com"})
    assert not is_signed_in(client)
    client.post("/accounts/confirm-email/", {"code": code_in(mail.outbox[-1])})
    assert is_signed_in(client)


def test_an_answer_that_nobody_asked_for_signs_nobody_in(client, google, reader):
    prove(reader)
    answer = client.get(BACK, {"code": "c", "state": "forged"})
    assert not is_signed_in(client)
    assert "That did not work" in answer.content.decode()


def test_who_turns_back_is_told_that_nothing_changed(client, google):
    sent = client.post(START)
    state = parse_qs(urlsplit(sent["Location"]).query)["state"][0]
    answer = client.get(BACK, {"error": "access_denied", "state": state}, follow=True)
    assert "You turned back" in answer.content.decode()


def test_a_reader_connects_and_disconnects_and_is_told_by_mail(client, google, reader, sign_in):
    google["email"] = "private@example.org"
    sign_in("reader@example.com")
    mail.outbox.clear()
    assert through_google(client, start=f"{START}?process=connect")["Location"] == CONNECTIONS
    page = client.get(CONNECTIONS).content.decode()
    assert "Google" in page
    assert mail.outbox[0].to == ["reader@example.com"]
    answer = client.post(CONNECTIONS, {"account": SocialAccount.objects.get().pk})
    assert answer.status_code == 302, answer.content.decode()[3000:9000]
    assert not SocialAccount.objects.exists()
    assert [letter.subject for letter in mail.outbox] == [
        "Google was connected to your account",
        "Google was disconnected from your account",
    ]


def test_nobody_disconnects_somebody_else(as_reader):
    other = SocialAccount.objects.create(user=make_user("other@example.com"), provider="google", uid="g-9")
    as_reader.post(CONNECTIONS, {"account": other.pk})
    assert SocialAccount.objects.exists()


def test_what_the_other_site_told_is_exported_and_goes_with_the_account(client, google, reader):
    prove(reader)
    through_google(client)
    assert own_part(reader)["accounts_elsewhere"][0]["uid"] == "g-1"
    row = make_subscription(reader, status="canceled")
    row.customer.stripe_id = None
    row.customer.save(update_fields=["stripe_id"])
    ask_for_deletion(reader, erases_comments=False)
    Deletion.objects.update(asked_at="2020-01-01T00:00Z", due_at="2020-01-08T00:00Z")
    assert carry_out(Deletion.objects.get())
    assert User.objects.filter(pk=reader.pk).exists(), "the books keep a row"
    assert not SocialAccount.objects.exists()
