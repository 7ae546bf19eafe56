"""Models with one row: settings that an editor changes."""

from typing import Any, Self

from django.apps import apps
from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, models, transaction
from django.db.models import CharField, Value
from django.db.models.functions import JSONObject

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
            rows = read_rows()
            row = rows.pop(cls, None) or cls.objects.get_or_create(pk=1)[0]  # type: ignore[attr-defined]
            cache.set(cls.cache_key(), row, CACHE_SECONDS)
            for model, other in rows.items():
                cache.add(model.cache_key(), other, CACHE_SECONDS)
        return row


def read_rows() -> dict[type[OneRow], Any]:
    """Read the rows of all such models in one query: a page that needs one of them mostly needs others."""
    models = {model._meta.label: model for model in apps.get_models() if issubclass(model, OneRow)}
    parts = [
        model._base_manager.filter(pk=1)
        .order_by()
        .values_list(Value(label, CharField()), JSONObject(**{field.attname: field.attname for field in model._meta.concrete_fields}))
        for label, model in models.items()
    ]
    return {models[label]: _row(models[label], values) for label, values in parts[0].union(*parts[1:], all=True)}


def _row(model: type[OneRow], values: dict[str, Any]) -> OneRow:
    """Make a row of what JSON tells of it."""
    read = {field.attname: field.to_python(values[field.attname]) for field in model._meta.concrete_fields}
    return model.from_db(DEFAULT_DB_ALIAS, list(read), list(read.values()))
