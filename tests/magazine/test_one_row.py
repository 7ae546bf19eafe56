"""Settings that an editor changes are one row, whoever saves it."""

import pytest

from magazine.models import Identity

pytestmark = pytest.mark.django_db


def test_the_row_is_made_on_first_use():
    assert Identity.load().name == "Masthead"
    assert Identity.objects.count() == 1


def test_a_new_object_takes_the_place_of_the_row():
    Identity.load()
    Identity(name="Upstairs").save()
    assert Identity.objects.get().name == "Upstairs"


def test_what_was_saved_is_seen_at_once(django_capture_on_commit_callbacks):
    Identity.load()
    with django_capture_on_commit_callbacks(execute=True):
        Identity(name="Upstairs").save()
    assert Identity.load().name == "Upstairs"


def test_the_row_stays():
    row = Identity.load()
    row.delete()
    assert Identity.objects.count() == 1


def test_loading_it_again_asks_no_database(django_assert_num_queries):
    Identity.load()
    with django_assert_num_queries(0):
        Identity.load()
