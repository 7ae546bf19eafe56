"""The cast of the tests, and the servers they need."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import hypothesis
import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests.factories import make_subscription, make_user

# On a busy machine one slow example says nothing.
hypothesis.settings.register_profile("masthead", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("masthead")


# What `make test-fast` leaves to `make test`: whole servers, every address, every file of the demo.
SLOW = (
    "tests/articles/test_bad_input.py",
    "tests/articles/test_body_",
    "tests/articles/test_no_paid_text_leaks.py",
    "tests/articles/test_search_",
    "tests/accounts/",
    "tests/billing/",
    "tests/config/test_broker.py",
    "tests/config/test_import_wordpress_command.py",
    "tests/config/test_page_cache",
    "tests/config/test_probes_over_the_wire.py",
    "tests/config/test_settings.py",
    "tests/config/test_supervisor.py",
    "tests/demo/",
    "tests/sandbox/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith(SLOW):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def reader(db: None) -> User:
    """Somebody with an account and nothing else."""
    return make_user("reader@example.com", name="Rhea Reader")


@pytest.fixture
def subscriber(db: None) -> User:
    """Somebody who pays."""
    user = make_user("subscriber@example.com", name="Sol Subscriber")
    make_subscription(user)
    return user


@pytest.fixture
def editor(db: None) -> User:
    """Somebody who runs the newsroom."""
    return make_user("editor@example.com", name="Edda Editor", is_staff=True, is_superuser=True)


@pytest.fixture
def as_reader(client: Any, reader: User) -> Any:
    client.force_login(reader)
    return client


@pytest.fixture
def as_subscriber(client: Any, subscriber: User) -> Any:
    client.force_login(subscriber)
    return client


@pytest.fixture
def as_editor(client: Any, editor: User) -> Any:
    client.force_login(editor)
    return client


@pytest.fixture
def count_queries() -> Callable[[], AbstractContextManager[CaptureQueriesContext]]:
    """Capture the queries of a block: `with count_queries() as queries: …; len(queries)`."""
    return lambda: CaptureQueriesContext(connection)


@pytest.fixture(scope="session")
def redis_url() -> str:
    """The Redis server that `make test` started."""
    return os.environ["TEST_REDIS_URL"]


@pytest.fixture(autouse=True)
def _postgresql_where_marked(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("postgresql") and connection.vendor != "postgresql":
        pytest.fail("This test needs PostgreSQL: run it by `make test`, or give DATABASE_URL.")
