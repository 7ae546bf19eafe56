"""An account that a stranger began for somebody else's address is its owner's alone, once they come."""

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from tests.accounts.conftest import LOGIN, code_in
from tests.accounts.test_social_sign_in import google, is_signed_in, through_google  # noqa: F401

pytestmark = pytest.mark.django_db
ADDRESS = "reader@example.com"


@pytest.fixture
def squatter(google):  # noqa: F811
    """Begin an account for an address that the other site has never proved, and leave it waiting for its code."""
    google["email_verified"] = False
    through_google(Client())
    assert SocialAccount.objects.get().user == User.objects.get(email=ADDRESS)
    # As if some minutes had passed: codes to one address are limited.
    cache.clear()
    return google


def gets_in_through_google(squatter):
    browser = Client()
    through_google(browser)
    return is_signed_in(browser)


def test_who_signs_in_by_code_is_alone(client, squatter, sign_in):
    sign_in(ADDRESS)
    assert is_signed_in(client)
    assert not gets_in_through_google(squatter)


def test_who_comes_through_another_site_that_proved_the_address_is_alone(client, squatter):
    squatter.update(sub="g-2", email_verified=True)
    client.post(through_google(client)["Location"], {"code": code_in(mail.outbox[-1])})
    assert is_signed_in(client)
    assert [account.uid for account in SocialAccount.objects.all()] == ["g-2"]


def test_who_proves_the_address_after_a_password_is_alone(client, squatter):
    user = User.objects.get()
    user.set_password("eleven goodbyes")
    user.save()
    asked = client.post(LOGIN, {"login": ADDRESS, "password": "eleven goodbyes", "with": "password"})
    client.post(asked["Location"], {"code": code_in(mail.outbox[-1])})
    assert is_signed_in(client)
    assert not gets_in_through_google(squatter)


def test_who_reads_the_code_in_the_browser_that_connected_keeps_the_connection(client, google):  # noqa: F811
    google["email_verified"] = False
    client.post(through_google(client)["Location"], {"code": code_in(mail.outbox[-1])})
    assert is_signed_in(client)
    assert gets_in_through_google(google)


def test_who_changes_a_proved_address_keeps_the_connections(client, google):  # noqa: F811
    through_google(client)
    client.post("/accounts/email/", {"email": "other@example.com", "action_add": ""})
    client.post("/accounts/confirm-email/", {"code": code_in(mail.outbox[-1])})
    assert User.objects.get().email == "other@example.com"
    assert gets_in_through_google(google)
