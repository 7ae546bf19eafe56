"""Site settings in the newsroom."""

import pytest
from django.test import Client

from magazine.models import Identity

pytestmark = pytest.mark.django_db


def test_the_list_leads_to_the_one_page_of_settings(as_editor: Client):
    page = as_editor.get("/admin/magazine/identity/", follow=True)
    assert page.status_code == 200
    assert page.redirect_chain[-1][0] == "/admin/magazine/identity/1/change/"
    assert "Buttons and seal" in page.content.decode()


def test_settings_can_not_be_added_or_deleted(as_editor: Client):
    Identity.load()
    assert as_editor.get("/admin/magazine/identity/add/").status_code == 403
    assert as_editor.get("/admin/magazine/identity/1/delete/").status_code == 403


@pytest.mark.parametrize(("accent", "is_taken"), [("#00aa88", True), ("teal", False), ("#00aa8", False), ("#00aa88;x:y", False)])
def test_an_accent_is_a_colour_and_shows_at_once(as_editor: Client, client: Client, accent, is_taken):
    Identity.load()
    form = {"name": "Harbour", "accent": accent, "social_links-TOTAL_FORMS": 0, "social_links-INITIAL_FORMS": 0}
    response = as_editor.post("/admin/magazine/identity/1/change/", form)
    assert response.status_code == (302 if is_taken else 200)
    page = client.get("/archive/").content.decode()
    assert ("/theme-00aa88-" in page) is is_taken
    assert ("<b>Harbour</b>" in page) is is_taken
