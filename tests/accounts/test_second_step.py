"""Who is asked for a second step: those who switched it on, and nobody else."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from accounts.mfa import has_second_step

pytestmark = pytest.mark.django_db


def passkey(user, *, signs_in_alone):
    data = {"name": "phone", "credential": {"clientExtensionResults": {"credProps": {"rk": signs_in_alone}}}}
    return Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=data)


def test_a_passkey_that_signs_in_alone_asks_nothing_more_after_a_code(sign_in, client, reader):
    passkey(reader, signs_in_alone=True)
    assert not has_second_step(reader)
    assert sign_in("reader@example.com")["Location"] == "/account/"
    page = client.get("/account/").content.decode()
    assert "then your passkey or app" not in page


def test_a_key_that_was_added_as_a_second_step_is_asked_for(sign_in, client, reader):
    passkey(reader, signs_in_alone=False)
    assert has_second_step(reader)
    assert sign_in("reader@example.com")["Location"].startswith("/accounts/2fa/authenticate/")
    assert client.get("/account/").status_code == 302


def test_an_app_is_asked_for_even_beside_a_passkey(sign_in, client, reader):
    passkey(reader, signs_in_alone=True)
    TOTP.activate(reader, generate_totp_secret())
    assert sign_in("reader@example.com")["Location"].startswith("/accounts/2fa/authenticate/")
    assert client.get("/account/").status_code == 302


def test_a_passkey_still_shows_that_it_is_you_before_a_change(client, reader):
    from allauth.account.adapter import get_adapter

    passkey(reader, signs_in_alone=True)
    assert [method["id"] for method in get_adapter().get_reauthentication_methods(reader)] == ["mfa_reauthenticate:webauthn"]
