"""Queries that every page asks: written with Django, compiled once, asked with other values.

Compiling costs Django several times what the database needs for the answer. The SQL, the places of the
values in it and the conversions of its columns are kept; rights and row policies are the database's as ever.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable, get_related_populators

P = ParamSpec("P")
# What such a function writes.
Rows = QuerySet[Any, Any]

_STAND_INS: dict[type, Callable[[int], Any]] = {
    UUID: lambda place: UUID(int=0xA5CED0F7E4 << 88 | place),
    int: lambda place: 9_100_000_000_000_000_000 + place,
    str: lambda place: f"\ue000asked often {place}",
    datetime: lambda place: datetime(1, 1, 1, tzinfo=UTC) + timedelta(days=place),
    date: lambda place: date(1, 1, 1) + timedelta(days=place),
}


def asked_often(build: Callable[P, Rows]) -> Callable[P, list[Any]]:
    """The rows of the query that the function writes, its SQL compiled once for each shape of arguments.

    Numbers, texts, days and UUIDs are values and may only be compared as they are; any other argument (None,
    a role, a flag) belongs to the shape, and the query may depend on it. Positional arguments only.
    Raises TypeError for a value that the query does not simply compare.
    """
    kept: dict[tuple[Any, ...], _Compiled] = {}

    @wraps(build)
    def ask(*given: P.args, **_: P.kwargs) -> list[Any]:
        shape = tuple(type(value) if type(value) in _STAND_INS else value for value in given)
        compiled = kept.get(shape)
        if compiled is None:
            compiled = kept[shape] = _Compiled(build, given)
        return compiled.rows(given)

    return ask


class _Compiled:
    """One query's SQL, and where its values go."""

    def __init__(self, build: Callable[..., Rows], given: Sequence[Any]) -> None:
        stand_ins = [
            _STAND_INS[type(value)](place) if type(value) in _STAND_INS else value
            for place, value in enumerate(given)
        ]
        asked = build(*stand_ins)
        compiler = asked.query.get_compiler(connection=connection)
        try:
            self.sql, written = compiler.as_sql()
        except EmptyResultSet:
            self.sql = ""
            return
        places = {
            (type(value), value): place for place, value in enumerate(stand_ins) if type(value) in _STAND_INS
        }
        # For each parameter: the argument it takes, or None and the constant itself.
        self.parameters = [
            (places.get((type(value), value)) if type(value) in _STAND_INS else None, value)
            for value in written
        ]
        constants = [self.sql, *(str(value) for place, value in self.parameters if place is None)]
        if changed := [value for _, value in places if any(str(value) in constant for constant in constants)]:
            raise TypeError(f"{build.__name__}: {len(changed)} arguments are not compared as they are")
        expressions = [column[0] for column in compiler.select[: compiler.col_count]]
        self.converters = compiler.get_converters(expressions)
        self.model: type[Model] | None = None
        if issubclass(asked._iterable_class, ModelIterable):
            places_of_model = compiler.klass_info["select_fields"]
            self.model, self.own = asked.model, slice(places_of_model[0], places_of_model[-1] + 1)
            self.names = [expression.target.attname for expression in expressions[self.own]]
            self.related = get_related_populators(  # type: ignore[call-arg]  # the stubs are those of Django 6
                compiler.klass_info, compiler.select, connection.alias
            )
        else:
            query = asked.query
            self.names = list(query.selected or (*query.values_select, *query.annotation_select))

    def rows(self, given: Sequence[Any]) -> list[Any]:
        if not self.sql:
            return []
        with connection.cursor() as cursor:
            cursor.execute(
                self.sql, [value if place is None else given[place] for place, value in self.parameters]
            )
            found: list[Any] = cursor.fetchall()
        if self.converters:
            found = [self._converted(row) for row in found]
        if self.model is not None:
            return [self._instance(self.model, row) for row in found]
        return [dict(zip(self.names, row, strict=True)) for row in found]

    def _instance(self, model: type[Model], row: Sequence[Any]) -> Model:
        made = model.from_db(connection.alias, self.names, row[self.own])
        for related in self.related:
            related.populate(row, made)
        return made

    def _converted(self, row: Sequence[Any]) -> list[Any]:
        values = list(row)
        for place, (converters, expression) in self.converters.items():
            for convert in converters:
                values[place] = convert(values[place], expression, connection)
        return values
