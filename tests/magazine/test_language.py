"""Choosing the language of the site."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_the_chosen_language_is_remembered(client: Client):
    response = client.post("/account/language/", {"language": "zh-hans", "next": "/archive/"}, headers={"sec-fetch-site": "same-origin"})
    assert (response.status_code, response.headers["Location"]) == (303, "/archive/")
    assert '<html lang="zh-CN">' in client.get("/archive/").content.decode()


def test_a_language_that_the_site_has_not_is_not_remembered(client: Client):
    response = client.post("/account/language/", {"language": "tlh", "next": "/"})
    assert not response.cookies


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_nobody_is_led_to_another_site(client: Client, target):
    assert client.post("/account/language/", {"language": "en", "next": target}).headers["Location"] == "/"


def test_another_site_can_not_choose_for_a_reader(client: Client):
    response = client.post("/account/language/", {"language": "zh-hans"}, headers={"sec-fetch-site": "cross-site"})
    assert response.status_code == 403
    assert not response.cookies
