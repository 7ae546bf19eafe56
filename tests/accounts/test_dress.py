"""No page of signing in speaks in the library's words, and an old or unknown link says what to do next."""

from pathlib import Path

import pytest
from allauth import __file__ as allauth_file
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value, yield_hotp_counters_from_time
from django.template.loader import get_template

from tests.accounts.conftest import LOGIN, filled_in

pytestmark = pytest.mark.django_db
# Reached by nobody here: verification by link, browsers that are trusted, sign-up forms, phones, and passkeys at sign-up.
UNREACHABLE = {
    "account/email_confirm.html",
    "account/verification_sent.html",
    "account/verified_email_required.html",
    "account/signup.html",
    "account/signup_by_passkey.html",
    "account/request_login_code.html",
    "account/confirm_password_reset_code.html",
    "account/confirm_phone_verification_code.html",
    "account/phone_change.html",
    "account/email.html",
    "account/account_inactive_done.html",
    "mfa/trust.html",
    "mfa/webauthn/signup_form.html",
    "socialaccount/login_redirect.html",
}


def pages_of_the_library():
    root = Path(allauth_file).parent / "templates"
    found = [
        path.relative_to(root).as_posix()
        for app in ("account", "mfa", "socialaccount", "usersessions")
        for path in (root / app).rglob("*.html")
    ]
    return sorted(name for name in found if "/snippets/" not in name and "/base" not in name and "/messages/" not in name)


@pytest.mark.parametrize("name", [name for name in pages_of_the_library() if name not in UNREACHABLE])
def test_every_page_that_can_be_reached_is_written_by_us(name):
    assert "allauth" not in Path(get_template(name).origin.name).parts


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/accounts/password/reset/key/none-none/", "Send me a new link"),
        ("/accounts/password/reset/done/", "Send it again"),
        ("/accounts/password/reset/key/done/", "Sign in with it"),
        ("/accounts/3rdparty/login/cancelled/", "Sign in by a code"),
        ("/accounts/3rdparty/login/error/", "Sign in by a code"),
        ("/accounts/inactive/", "To the front page"),
    ],
)
def test_a_page_where_nothing_goes_on_says_what_to_do_next(client, address, words):
    page = client.get(address).content.decode()
    assert words in page
    assert page.count("<h1") == 1


@pytest.mark.parametrize("address", ["/accounts/login/code/confirm/", "/accounts/confirm-email/", "/accounts/2fa/authenticate/"])
def test_a_step_that_nobody_is_at_leads_to_the_beginning(client, address):
    assert client.get(address, follow=True).request["PATH_INFO"] == LOGIN


def test_the_second_step_and_its_codes_wear_our_words(client, sign_in, reader):
    TOTP.activate(reader, generate_totp_secret())
    assert sign_in("reader@example.com")["Location"] == "/accounts/2fa/authenticate/"
    assert "Your second step" in client.get("/accounts/2fa/authenticate/").content.decode()


def test_the_pages_of_a_switched_on_app_wear_our_words(client, reader, sign_in):
    sign_in("reader@example.com")
    secret = generate_totp_secret()
    TOTP.activate(reader, secret)
    assert "Is it you?" in client.get("/accounts/2fa/totp/deactivate/", follow=True).content.decode()
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    client.post("/accounts/2fa/reauthenticate/", {"code": code})
    for address, words in (
        ("/accounts/2fa/totp/deactivate/", "Switch the app off?"),
        ("/accounts/2fa/recovery-codes/generate/", "Make new recovery codes"),
    ):
        assert words in client.get(address).content.decode()
    client.post("/accounts/2fa/recovery-codes/generate/")
    page = client.get("/accounts/2fa/recovery-codes/").content.decode()
    assert page.count("<code>") == 10


def test_asking_to_sign_in_twice_is_no_page_of_its_own(client):
    client.post(LOGIN, filled_in("reader@example.com"))
    assert client.get(LOGIN)["Location"].startswith("/accounts/login/code/confirm/")
