"""The cast of the tests, and the servers they need."""

import gc
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
from articles.crawlers import SWITCH
from articles.institutions import OPENINGS
from articles.tiers import RESERVED
from tests.factories import make_subscription, make_user
from tests.site import CHROMIUM_FLAGS, PATIENCE_MS, chromium

# On a busy machine one slow example says nothing.
hypothesis.settings.register_profile("masthead", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("masthead")


# What `make test-fast` leaves to `make test`: whole servers, every address, every reader before every article, every file of the demo.
SLOW = (
    "tests/articles/test_access_matrix.py",
    "tests/articles/test_bad_input.py",
    "tests/articles/test_body_",
    "tests/articles/test_crawlers.py",
    "tests/articles/test_images.py",
    "tests/articles/test_institutions.py",
    "tests/articles/test_lists.py",
    "tests/articles/test_meter.py",
    "tests/articles/test_newsroom_articles.py",
    "tests/articles/test_no_paid_text_leaks.py",
    "tests/articles/test_schema_org.py",
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


# Without one of these or the mark that asks for them, pytest-django lets no test near the database.
OPENS_DATABASE = {"db", "transactional_db", "django_db_setup", "live_server"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith(SLOW):
            item.add_marker(pytest.mark.slow)
        if item.get_closest_marker("django_db") or OPENS_DATABASE & set(getattr(item, "fixturenames", OPENS_DATABASE)):
            item.add_marker(pytest.mark.database)


def pytest_collection_finish() -> None:
    """Look through what stays for the whole run no more, and for rubbish less often: else an eighth of the time goes there."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


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
def count_queries(db: None) -> Callable[[], AbstractContextManager[CaptureQueriesContext]]:
    """Capture the queries of a block: `with count_queries() as queries: …; len(queries)`."""
    for polled in (RESERVED, SWITCH, OPENINGS):
        # What a process asks itself once a second would else be asked within the block, or not, as time goes.
        polled.forget()
        polled.current()
    return lambda: CaptureQueriesContext(connection)


@pytest.fixture(scope="session")
def redis_url() -> str:
    """The Redis server that `make test` started."""
    return os.environ["TEST_REDIS_URL"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, started once for all tests that drive it."""
    from playwright.sync_api import expect, sync_playwright

    # Playwright runs a loop in this thread, which Django takes for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def _postgresql_where_marked(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("postgresql") and connection.vendor != "postgresql":
        pytest.fail("This test needs PostgreSQL: run it by `make test`, or give DATABASE_URL.")
