"""The people of the demo can do what it says they are."""

import pytest

from accounts.models import User
from demo.loading import load_accounts

pytestmark = pytest.mark.django_db


def test_authors_and_contributors_can_write_and_only_authors_publish() -> None:
    load_accounts()
    author, contributor = (User.objects.get(email=f"{name}@downstairs.example") for name in ("yiduo", "tomas"))
    for person in (author, contributor):
        assert person.is_staff and person.has_perm("articles.add_article")
    assert author.has_perm("articles.publish_own_article")
    assert not contributor.has_perm("articles.publish_own_article")
