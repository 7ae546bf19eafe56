"""The column that a body is stored in."""

from collections.abc import Sequence
from typing import Any

from django.db import models

from articles.body.sanitising import sanitise


class BodyField(models.TextField):
    """A text that is sanitised whenever a row is written: by a form, an import or a script."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """Return the body as it may be stored, and leave it so on the instance."""
        value = sanitise(getattr(model_instance, self.attname) or "")
        setattr(model_instance, self.attname, value)
        return value

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Describe the column to migrations as what it is for the database."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs
