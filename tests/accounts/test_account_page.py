import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client

from accounts.models import User
from accounts.templatetags.devices import device
from tests.accounts.conftest import CONFIRM, LOGIN, code_in, filled_in
from tests.factories import make_user

pytestmark = pytest.mark.django_db

OWN_PAGES = ["/account/", "/account/name/", "/account/export/", "/account/delete/"]


@pytest.fixture
def signed_in(sign_in, reader):
    """A reader who signed in as readers do; also the browser's state."""
    sign_in("reader@example.com")
    mail.outbox.clear()
    return reader


@pytest.mark.parametrize("address", OWN_PAGES)
def test_own_pages_ask_strangers_to_sign_in_and_lead_back(client, address):
    assert client.get(address)["Location"] == f"/accounts/login/?next={address}"


@pytest.mark.parametrize("address", OWN_PAGES)
def test_own_pages_are_kept_by_nobody(client, signed_in, address):
    caching = client.get(address).headers["Cache-Control"]
    assert "no-store" in caching
    assert "private" in caching
    assert "public" not in caching


def test_the_page_says_who_one_is_and_leads_everywhere(client, signed_in):
    page = client.get("/account/").content.decode()
    assert ", Rhea." in page
    assert "reader@example.com" in page
    for address in (
        "/account/billing/",
        "/newsletters/",
        "/account/name/",
        "/accounts/email/",
        "/accounts/sessions/",
        "/account/export/",
        "/account/delete/",
    ):
        assert f'href="{address}"' in page


def test_the_page_asks_the_same_few_queries_however_many_devices(client, signed_in, sign_in, count_queries):
    client.get("/account/")
    with count_queries() as few:
        client.get("/account/")
    for _ in range(2):
        other = Client()
        other.post(LOGIN, filled_in(signed_in.email))
        other.post(CONFIRM, {"code": code_in(mail.outbox[-1])})
    assert "On 3 devices" in client.get("/account/").content.decode()
    with count_queries() as many:
        client.get("/account/")
    assert len(few) == len(many) <= 8


def test_a_name_is_changed_and_one_that_is_too_long_is_not(client, signed_in):
    assert client.post("/account/name/", {"name": "Rhea 瑞亚"})["Location"] == "/account/"
    assert User.objects.get().name == "Rhea 瑞亚"
    refused = client.post("/account/name/", {"name": "x" * 121})
    assert refused.status_code == 200
    assert "is-wrong" in refused.content.decode()
    assert User.objects.get().name == "Rhea 瑞亚"


def test_a_new_address_is_proved_first_and_the_old_one_is_told(client, signed_in):
    asked = client.post("/accounts/email/", {"action_add": "", "email": " New@Example.com"})
    assert asked["Location"] == "/accounts/confirm-email/"
    assert [letter.to for letter in mail.outbox] == [["new@example.com"]]
    assert User.objects.get().email == "reader@example.com"
    client.post("/accounts/confirm-email/", {"code": code_in(mail.outbox[0])})
    assert User.objects.get().email == "new@example.com"
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [("new@example.com", True, True)]
    told = mail.outbox[1]
    assert told.to == ["reader@example.com"]
    assert "from reader@example.com to new@example.com" in told.body
    assert "The address of your account was changed" in told.alternatives[0].content


def test_an_address_of_somebody_else_is_neither_taken_nor_betrayed(client, signed_in):
    other = make_user("other@example.com")
    taken = client.post("/accounts/email/", {"action_add": "", "email": "OTHER@example.com"})
    free = Client()
    free.force_login(make_user("third@example.com"))
    unknown = free.post("/accounts/email/", {"action_add": "", "email": "unknown@example.com"})
    assert (taken.status_code, taken.headers.get("Location")) == (unknown.status_code, unknown.headers.get("Location"))
    assert User.objects.get(pk=other.pk).email == "other@example.com"
    assert User.objects.get(pk=signed_in.pk).email == "reader@example.com"
    assert not EmailAddress.objects.filter(user=signed_in, email="other@example.com", verified=True).exists()


def test_other_devices_are_signed_out_from_the_list(client, signed_in):
    other = Client(headers={"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1"})
    other.post(LOGIN, filled_in(signed_in.email))
    other.post(CONFIRM, {"code": code_in(mail.outbox[-1])})
    assert "Safari on iPhone" in client.get("/accounts/sessions/").content.decode()
    client.post("/accounts/sessions/")
    assert other.get("/account/").status_code == 302
    assert client.get("/account/").status_code == 200


def test_one_device_is_signed_out_and_no_other(client, signed_in):
    browsers = [Client(), Client()]
    for browser in browsers:
        browser.post(LOGIN, filled_in(signed_in.email))
        browser.post(CONFIRM, {"code": code_in(mail.outbox[-1])})
    row = UserSession.objects.get(session_key=browsers[0].session.session_key)
    page = client.get("/accounts/sessions/").content.decode()
    assert page.count('/end/"') == 2, "every device but this one"
    assert client.post(f"/accounts/sessions/{row.pk}/end/")["Location"] == "/accounts/sessions/"
    assert [browser.get("/account/").status_code for browser in (*browsers, client)] == [302, 200, 200]


def test_nobody_signs_out_somebody_else(client, signed_in):
    other = Client()
    other.post(LOGIN, filled_in("other@example.com"))
    other.post(CONFIRM, {"code": code_in(mail.outbox[-1])})
    row = UserSession.objects.exclude(user=signed_in).get()
    client.post(f"/accounts/sessions/{row.pk}/end/")
    assert other.get("/account/").status_code == 200
    assert client.get(f"/accounts/sessions/{row.pk}/end/").status_code == 405


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 Version/19 Safari/605", "Safari on Mac"),
        ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.0", "An unknown browser"),
        ("", "An unknown browser"),
    ],
)
def test_a_browser_is_named_in_words_that_readers_know(user_agent, words):
    assert device(user_agent) == words


def test_signing_out_takes_a_post(client, signed_in):
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/account/").status_code == 200
    assert client.post("/accounts/logout/")["Location"] == "/"
    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/email/",
        "/accounts/password/set/",
        "/accounts/sessions/",
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/2fa/webauthn/",
        "/accounts/2fa/webauthn/add/",
        "/accounts/logout/",
        "/accounts/inactive/",
    ],
)
def test_every_page_of_signing_in_wears_the_magazines_dress(client, signed_in, address):
    page = client.get(address).content.decode()
    assert 'class="masthead masthead--inner page"' in page
    assert page.count("<h1") == 1
    assert " · " in page.partition("<title>")[2].partition("</title>")[0]
    assert "style=" not in page.partition("<main")[2].partition("</main>")[0]
