"""Rows within a row: lists that a query brings along, where another query would fetch them."""

import json
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, TextField
from django.db.models.functions import JSONObject


class ListOf(Subquery):
    """The column `listed` of an ordered subquery as a list; JSON text on SQLite, which has no arrays."""

    template = "ARRAY(%(subquery)s)"
    # Neither the elements' type nor JSON: both would have Django convert the list as a whole.
    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Gather the column into a JSON array."""
        return self.as_sql(compiler, connection, template="(SELECT json_group_array(listed) FROM (%(subquery)s))", **context)


def list_of_objects(rows: QuerySet[Any], *names: str, **expressions: str) -> ListOf:
    """Return rows of a subquery as a list of objects, for `objects_in`; fields by their names, or by others."""
    return ListOf(rows.values(listed=JSONObject(**{name: name for name in names}, **expressions)))


def listed(values: Any) -> list[Any]:
    """Return what `ListOf` read."""
    return json.loads(values) if isinstance(values, str) else list(values)


def objects_in(values: Any) -> list[dict[str, Any]]:
    """Return what `list_of_objects` read; the objects may come as text themselves."""
    return [json.loads(value) if isinstance(value, str) else value for value in listed(values)]


def renditions_of(image: str) -> ListOf:
    """Return the renditions of a row's picture, narrowest first, as a column; `image` is the path to the picture."""
    from articles.models import Rendition

    return list_of_objects(Rendition.objects.filter(image=OuterRef(image)).order_by("width"), "width", "height", "file")
