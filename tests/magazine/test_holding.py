"""A row that is held is nobody else's, and on SQLite the database stays everybody's."""

import threading
from types import SimpleNamespace

import pytest
from django.db import connection

from magazine.holding import held
from magazine.models import Identity

# What is held needs no database for this: threads have none of their own on SQLite in memory.
ROWS = SimpleNamespace(model=Identity, get=lambda pk: pk)


@pytest.fixture(autouse=True)
def _as_on_sqlite(monkeypatch):
    monkeypatch.setattr(connection.features, "has_select_for_update", False)


def holding(pk, taken):
    with held(ROWS, pk):
        taken.set()


def test_another_has_to_wait_until_it_is_let_go():
    taken = threading.Event()
    thread = threading.Thread(target=holding, args=(1, taken))
    with held(ROWS, 1):
        thread.start()
        assert not taken.wait(0.3)
    assert taken.wait(10)
    thread.join()


def test_it_is_let_go_when_the_block_breaks_off():
    with pytest.raises(ZeroDivisionError), held(ROWS, 1):
        raise ZeroDivisionError
    taken = threading.Event()
    thread = threading.Thread(target=holding, args=(1, taken))
    thread.start()
    assert taken.wait(10)
    thread.join()


def test_another_row_is_free_and_ones_own_can_be_held_once_more():
    taken = threading.Event()
    thread = threading.Thread(target=holding, args=(2, taken))
    with held(ROWS, 1) as row, held(ROWS, 1) as same:
        assert row == same
        thread.start()
        assert taken.wait(10)
    thread.join()


def test_nothing_is_begun_in_the_database():
    with held(ROWS, 1):
        assert not connection.in_atomic_block
