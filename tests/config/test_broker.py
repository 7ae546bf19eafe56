"""A task crosses a real broker to a real worker process, and is run once."""

import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from django.db import connection
from django.utils import timezone

from articles.models import DailyReads
from tests.factories import make_article

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]
WAIT_SECONDS = 60
BATCHES = 12
REDIS_DATABASE = 7
# What a web process does at the end of a request: hand the reads it counted to the worker.
SEND = """
import sys
import django
django.setup()
from articles.tasks import record_reads
article, day, batches = sys.argv[1:]
for number in range(int(batches)):
    record_reads.delay([[int(article), 1]], day, f"batch-{number}")
"""


def site_environment(folder: Path, broker_url: str) -> dict[str, str]:
    """Return the settings of processes beside the test: its rows, and a broker instead of doing tasks at once."""
    inherited = {name: value for name, value in os.environ.items() if name != "CELERY_TASK_ALWAYS_EAGER"}
    return inherited | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": database_url(folder),
        "BROKER_URL": broker_url,
        "VAR_DIR": str(folder),
        "PYTHONUNBUFFERED": "1",
    }


def database_url(folder: Path) -> str:
    """Return where other processes find the rows of the test; SQLite's are in memory, so they get a copy."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with sqlite3.connect(folder / "copy.sqlite3") as copy:
            connection.connection.backup(copy)
        copy.close()
        return f"sqlite:///{folder / 'copy.sqlite3'}"
    return f"postgres://{settings['USER']}:{settings['PASSWORD']}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"


def reads_of(article: int, environment: dict[str, str]) -> int:
    """Return the reads that the worker has written."""
    if connection.vendor == "postgresql":
        return sum(DailyReads.objects.filter(article=article).values_list("reads", flat=True))
    with sqlite3.connect(environment["DATABASE_URL"].removeprefix("sqlite:///")) as copy:
        (reads,) = copy.execute("SELECT COALESCE(SUM(reads), 0) FROM articles_dailyreads WHERE article_id = ?", [article]).fetchone()
    copy.close()
    return int(reads)


def send(article: int, environment: dict[str, str]) -> None:
    """Send the batches from a process of their own, as the site does."""
    day = timezone.localdate().isoformat()
    subprocess.run([sys.executable, "-c", SEND, str(article), day, str(BATCHES)], cwd=ROOT, env=environment, check=True)


@contextmanager
def worker(environment: dict[str, str], log: Path, *pool: str) -> Iterator[None]:
    """Run a worker until the block ends, then let it finish."""
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "config",
        "worker",
        "--loglevel",
        "INFO",
        "--without-gossip",
        "--without-mingle",
        *pool,
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(WAIT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(is_so: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def runs(log: Path) -> list[str]:
    """Return the id of every run that the worker tells of."""
    return re.findall(r"Task articles\.tasks\.record_reads\[([^\]]+)\] succeeded", log.read_text())


@pytest.mark.redis
def test_a_task_crosses_redis_and_is_run_once(redis_url, tmp_path):
    broker_url = redis_url.rpartition("/")[0] + f"/{REDIS_DATABASE}"
    queue = redis.Redis.from_url(broker_url)
    queue.flushdb()
    article, log = make_article().pk, tmp_path / "worker.log"
    environment = site_environment(tmp_path, broker_url)
    send(article, environment)
    assert queue.llen("celery") == BATCHES
    assert reads_of(article, environment) == 0
    with worker(environment, log, "--pool", "prefork", "--concurrency", "2"):
        wait_until(lambda: len(runs(log)) >= BATCHES, log)
    assert reads_of(article, environment) == BATCHES
    assert len(set(runs(log))) == len(runs(log)) == BATCHES
    assert (queue.llen("celery"), queue.hlen("unacked")) == (0, 0)


def test_a_task_crosses_the_folders_of_one_machine_and_is_run_once(tmp_path):
    article, log = make_article().pk, tmp_path / "worker.log"
    environment = site_environment(tmp_path, "filesystem://localhost")
    send(article, environment)
    queue = tmp_path / "broker" / "queue"
    assert len(list(queue.iterdir())) == BATCHES
    assert reads_of(article, environment) == 0
    with worker(environment, log, "--pool", "solo"):
        wait_until(lambda: len(runs(log)) >= BATCHES, log)
    assert reads_of(article, environment) == BATCHES
    assert len(set(runs(log))) == len(runs(log)) == BATCHES
    assert list(queue.iterdir()) == []
