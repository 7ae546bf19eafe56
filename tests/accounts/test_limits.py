import pytest
from django.core import mail
from django.test import Client, RequestFactory

from accounts.client_address import client_address
from tests.accounts.conftest import LOGIN, filled_in

pytestmark = pytest.mark.django_db


def test_the_fourth_code_within_a_minute_is_refused_for_known_and_unknown(reader):
    for address in ("reader@example.com", "nobody@example.com"):
        for _ in range(3):
            assert Client().post(LOGIN, filled_in(address)).status_code == 302
        refused = Client().post(LOGIN, filled_in(address))
        assert "too often" in refused.content.decode()
    assert len(mail.outbox) == 6


def test_writing_an_address_differently_gives_no_more_codes(reader):
    for typed in ("reader@example.com", "READER@example.com", "ｒeader@example.com"):
        Client().post(LOGIN, filled_in(typed))
    assert Client().post(LOGIN, filled_in(" Reader@Example.com")).status_code == 200
    assert len(mail.outbox) == 3


def test_who_tries_too_often_gets_a_page_that_says_what_to_do(client):
    for n in range(30):
        client.post(LOGIN, filled_in(f"not an address {n}"))
    answer = client.post(LOGIN, filled_in("reader@example.com"))
    assert answer.status_code == 429
    page = answer.content.decode()
    assert "That was too often." in page
    assert "Wait a few minutes" in page
    assert client.get(LOGIN).status_code == 200


def test_a_forged_forwarding_header_escapes_no_limit(client):
    for n in range(30):
        client.post(LOGIN, filled_in("x"), headers={"X-Forwarded-For": f"192.0.2.{n}"})
    assert client.post(LOGIN, filled_in("x"), headers={"X-Forwarded-For": "192.0.2.200"}).status_code == 429


@pytest.mark.parametrize(
    ("proxies", "connection", "header", "expected"),
    [
        ([], "203.0.113.9", "192.0.2.1", "203.0.113.9"),
        (["10.0.0.0/8"], "10.0.0.2", "192.0.2.1", "192.0.2.1"),
        (["10.0.0.0/8"], "10.0.0.2", "198.51.100.7, 192.0.2.1, 10.0.0.3", "192.0.2.1"),
        (["10.0.0.0/8"], "10.0.0.2", "", "10.0.0.2"),
        (["10.0.0.0/8"], "10.0.0.2", "nonsense", "10.0.0.2"),
        (["10.0.0.0/8"], "203.0.113.9", "192.0.2.1", "203.0.113.9"),
        (["2001:db8::/32"], "2001:db8::1", "2001:db9::5", "2001:db9::5"),
        (["10.0.0.0/8"], "", "192.0.2.1", "0.0.0.0"),
    ],
)
def test_only_trusted_proxies_are_believed(settings, proxies, connection, header, expected):
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", headers={"X-Forwarded-For": header}, REMOTE_ADDR=connection)
    assert client_address(request) == expected
