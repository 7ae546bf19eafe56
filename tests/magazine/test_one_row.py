"""Settings that an editor changes are one row, whoever saves it."""

import pytest
from django.apps import apps
from django.core.cache import cache
from django.forms.models import model_to_dict

from articles.models import PaywallSettings
from magazine.models import Identity
from magazine.one_row import OneRow

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


def test_the_first_that_is_loaded_brings_all_others_along_as_they_are(django_assert_num_queries):
    models = [model for model in apps.get_models() if issubclass(model, OneRow)]
    saved = {model: model.load() for model in models}
    cache.clear()
    with django_assert_num_queries(1):
        loaded = {model: model.load() for model in models}
    for model in models:
        assert model_to_dict(loaded[model]) == model_to_dict(saved[model]) == model_to_dict(model.objects.get())
        assert not loaded[model]._state.adding


def test_what_is_cached_is_not_replaced_by_what_comes_along():
    Identity.load()
    cache.set(Identity.cache_key(), Identity(name="Saved meanwhile"))
    PaywallSettings.load()
    assert Identity.load().name == "Saved meanwhile"
