"""Thousands of rows in one statement, for imports and the clock.

COPY would be the natural way; PostgreSQL refuses it to a role under row policies. Of a list of parameters a
statement takes 65,535. So the rows travel as one JSON text, which PostgreSQL reads into the table's own types.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import islice
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, models

AT_ONCE = 2000


def insert_many(made: Iterable[models.Model]) -> int:
    """The new rows, all of one table and with their keys, stand in it; how many. For acts, in their transaction.

    Of a table whose keys are counted, take them from `next_keys` before.
    """
    rows, count = iter(made), 0
    while batch := list(islice(rows, AT_ONCE)):
        model = type(batch[0])
        fields = _fields(model)
        insert_rows(
            model, ({str(field.column): field.pre_save(one, True) for field in fields} for one in batch)
        )
        count += len(batch)
    return count


def insert_rows(
    model: type[models.Model], rows: Iterable[Mapping[str, Any]], columns: Sequence[str] = ()
) -> None:
    """The same from plain rows by column; a key that is counted may be left out.

    All have the columns of the first, or those given: what a row then lacks is null.
    """
    remaining = iter(rows)
    while batch := list(islice(remaining, AT_ONCE)):
        table = connection.ops.quote_name(model._meta.db_table)
        named = ", ".join(connection.ops.quote_name(column) for column in columns or batch[0])
        with connection.cursor() as cursor:
            cursor.execute(
                f"insert into {table} ({named}) select {named} "  # noqa: S608 - names of our own tables
                f"from json_populate_recordset(null::{table}, %s::json)",
                [orjson.dumps(batch, default=_plain).decode()],
            )


def new_row(model: type[models.Model], **given: Any) -> dict[str, Any]:
    """A row by column as a new object of the model begins, but for what is given; what is filled in on saving is not."""
    return {**_beginnings(model), **given}


def next_keys(model: type[models.Model], count: int) -> list[int]:
    """So many keys of the table, nobody else's, in ascending order."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "select nextval(pg_get_serial_sequence(%s, 'id')) from generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [key for (key,) in cursor.fetchall()]


@cache
def _fields(model: type[models.Model]) -> "tuple[models.Field[Any, Any], ...]":
    return tuple(model._meta.concrete_fields)


@cache
def _beginnings(model: type[models.Model]) -> dict[str, Any]:
    # Lists and the like are written out, never changed: one for all rows is enough.
    fields = [field for field in _fields(model) if not field.primary_key]
    return {str(field.column): field.get_default() for field in fields}


def _plain(value: Any) -> Any:
    match value:
        case UUID() | Decimal():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case bytes() | memoryview():
            return "\\x" + bytes(value).hex()
        case tuple() | frozenset() | set():
            return list(value)
    raise TypeError(f"{type(value)} has no place in a row")
