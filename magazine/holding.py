"""Hold a row while the world is asked about it, so that nobody else acts on it meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model, QuerySet
from filelock import FileLock

Row = TypeVar("Row", bound=Model)


@contextmanager
def held(rows: QuerySet[Row], pk: int) -> Iterator[Row]:
    """Yield a row, and let nobody else hold it until the block ends; raises the model's DoesNotExist.

    PostgreSQL locks the row, in a transaction. SQLite would lock the whole database, and while an answer from elsewhere is slow,
    nobody could sign in: there a file is locked, and what the block writes is kept as it goes. So a block may break off anywhere, and what
    must be kept as one goes into a transaction of its own, in which nobody is asked anything.
    """
    if connection.features.has_select_for_update:
        with transaction.atomic():
            yield rows.select_for_update(of=("self",)).get(pk=pk)
        return
    settings.LOCKS_DIR.mkdir(parents=True, exist_ok=True)
    # One object a file and process, so that a thread that has it already can hold it once more.
    with FileLock(settings.LOCKS_DIR / f"{rows.model._meta.label_lower}-{pk}", is_singleton=True):
        yield rows.get(pk=pk)
