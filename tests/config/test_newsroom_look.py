"""The newsroom wears the magazine's own colour and name."""

import re

import pytest
from django.test import Client, RequestFactory

from config.newsroom import BUTTON_WORDS, NIGHT, accent_shades
from magazine.models import Identity
from magazine.theme import AA, contrast, luminance

pytestmark = pytest.mark.django_db


def identity_with(**fields: str) -> Identity:
    identity = Identity.load()
    for name, value in fields.items():
        setattr(identity, name, value)
    identity.save()
    return identity


def test_a_new_accent_and_name_reach_the_newsroom_at_once(as_editor: Client) -> None:
    for name, accent, shade in (("Harbour", "#005f73", "rgb(0, 95, 115)"), ("Quay", "#8b1e3f", "rgb(139, 30, 63)")):
        identity_with(name=name, accent=accent)
        page = as_editor.get("/admin/").content.decode()
        assert f"--color-primary-600: {shade};" in page
        assert name in re.sub(r"<title>.*?</title>", "", page, flags=re.DOTALL)


@pytest.mark.parametrize("accent", ["#c2311c", "#000000", "#ffffff", "#ffdd00", "#00007f", "#7f7f7f"])
def test_buttons_and_links_are_readable_whatever_the_accent(accent: str) -> None:
    identity_with(accent=accent)
    shades = accent_shades(RequestFactory().get("/admin/"))
    assert contrast(shades["600"], BUTTON_WORDS) >= AA
    assert contrast(shades["500"], NIGHT) >= AA
    by_weight = [luminance(shades[weight]) for weight in sorted(shades, key=int)]
    assert len(by_weight) == 11
    assert by_weight == sorted(by_weight, reverse=True)


def test_people_of_the_masthead_and_accounts_are_told_apart(as_editor: Client) -> None:
    page = as_editor.get("/admin/").content.decode()
    sidebar = dict(re.findall(r'<a href="(/admin/[^"]+)"[^>]*>(.*?)</a>', page, flags=re.DOTALL))
    assert "Bylines" in sidebar["/admin/articles/person/"]
    assert "Accounts" in sidebar["/admin/accounts/user/"]


def test_a_new_issue_says_its_state_in_words(as_editor: Client) -> None:
    page = as_editor.get("/admin/newsletters/issue/add/").content.decode()
    assert "Issue.Status" not in page
