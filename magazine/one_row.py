"""Models with one row: settings that an editor changes."""

from typing import Any, Self

from django.core.cache import cache
from django.db import models, transaction

CACHE_SECONDS = 300


class OneRow(models.Model):
    """A table of exactly one row, made on first use and read through the cache."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save as the one row, and let every process see it."""
        self.pk = 1
        # A new object stands for the row that may be there already, so Django must try to update it first.
        self._state.adding = False
        super().save(*args, **kwargs | {"force_insert": False})
        cache.delete(self.cache_key())
        # Once more when others can see it: they may have read the old row in the meantime.
        transaction.on_commit(lambda: cache.delete(self.cache_key()))

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Keep the row: settings can be changed, not deleted."""
        return 0, {}

    @classmethod
    def cache_key(cls) -> str:
        """Return the key under which the row is cached."""
        return f"one-row:{cls._meta.label_lower}"

    @classmethod
    def load(cls) -> Self:
        """Return the row, from the cache when it is there."""
        row = cache.get(cls.cache_key())
        if not isinstance(row, cls):
            row, _ = cls.objects.get_or_create(pk=1)  # type: ignore[attr-defined]
            cache.set(cls.cache_key(), row, CACHE_SECONDS)
        return row
