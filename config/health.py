"""Whether this process is alive, and whether the site can serve."""

from collections.abc import Callable

from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

BROKER_TIMEOUT_SECONDS = 2


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the process is alive."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when database, migrations, cache and broker are in order, else 503 with what isn't."""
    results = {name: _answers(probe) for name, probe in PROBES.items()}
    return JsonResponse(results, status=200 if all(answer == "ok" for answer in results.values()) else 503)


def _answers(probe: Callable[[], bool]) -> str:
    try:
        return "ok" if probe() else "fault"
    except Exception as error:
        return type(error).__name__


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def _migrations() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _cache() -> bool:
    cache.set("readyz", "ok", 10)
    return cache.get("readyz") == "ok"


def _broker() -> bool:
    from config.celery import app

    with app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=BROKER_TIMEOUT_SECONDS)
    return True


PROBES: dict[str, Callable[[], bool]] = {"database": _database, "migrations": _migrations, "cache": _cache, "broker": _broker}
