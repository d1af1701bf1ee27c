"""Rows that every act writes: the INSERT of a table is put together once, and sent with other values.

Django writes it anew for each row, which costs more than the database needs to take the row in.
"""

from functools import cache
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.db.models import Field, Model

from fangxin.journal.statements import ask, tell


def insert(row: Model) -> None:
    """The new row lies in its table, as `row.save(force_insert=True)` would leave it; the model gives its own key.

    Every column is written as it stands on the instance, so no value may be an expression. IntegrityError as there.
    """
    sql, fields = _statement(type(row))
    values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
    tell(sql, values)
    row._state.adding, row._state.db = False, connection.alias


def update(row: Model, names: tuple[str, ...]) -> None:
    """The row's own columns stand in its table as on the instance, as `row.save(update_fields=names)` would leave them.

    No value may be an expression. Raises ObjectDoesNotExist when the table has no such row.
    """
    sql, fields = _update_statement(type(row), names)
    values = [field.get_db_prep_save(field.pre_save(row, add=False), connection) for field in fields]
    if not ask(sql, values).count:
        raise ObjectDoesNotExist(f"{type(row).__name__} {row.pk}")


@cache
def _update_statement(model: type[Model], names: tuple[str, ...]) -> "tuple[str, list[Field[Any, Any]]]":
    meta, quote = model._meta, connection.ops.quote_name
    fields: list[Field[Any, Any]] = [meta.get_field(name) for name in names]  # type: ignore[misc]
    columns = ", ".join(f"{quote(str(field.column))} = {_place(field)}" for field in fields)
    key = quote(str(meta.pk.column))
    return f"UPDATE {quote(meta.db_table)} SET {columns} WHERE {key} = %s", [*fields, meta.pk]  # noqa: S608 - names only


@cache
def _statement(model: type[Model]) -> "tuple[str, list[Field[Any, Any]]]":
    meta, quote = model._meta, connection.ops.quote_name
    if meta.db_returning_fields:
        raise TypeError(f"{model.__name__}: the database gives its key")
    fields = list(meta.local_concrete_fields)
    columns = ", ".join(quote(str(field.column)) for field in fields)
    places = ", ".join(_place(field) for field in fields)
    return f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES ({places})", fields  # noqa: S608 - names only


def _place(field: "Field[Any, Any]") -> str:
    placed = getattr(field, "get_placeholder", None)
    return str(placed(None, connection.ops.compiler("SQLInsertCompiler"), connection)) if placed else "%s"
