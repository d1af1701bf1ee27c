"""The typed columns of the register, made from the catalogue: one column for each indicator, and no other.

`legal code` and `name` repeat in every table of the annex; they are stored once, with the agency's own table.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from fangxin.rules.indicators import Catalogue, Field, Table, catalogue

M = TypeVar("M", bound=type[models.Model])

# Filled in from the agency's own table wherever they stand; never stored twice.
REPEATED = ("agency_name", "agency_code")
MANIFOLD = frozenset({"people", "choices", "image"})


def columns_of(code: str) -> Callable[[M], M]:
    """The model has a column for each field of the catalogue's table, besides what it says itself."""

    def with_columns(model: M) -> M:
        for column, field in stored_columns(catalogue().table(code)):
            model.add_to_class(column, _column(field, column))
        return model

    return with_columns


def stored_columns(table: Table) -> Iterator[tuple[str, Field]]:
    """Every column of the table with the field that it holds; a field with pictures has a second column."""
    for field in table.all_fields:
        if field.column in REPEATED:
            continue
        yield field.column, field
        if has_pictures_beside(field):
            yield pictures_column(field), field


@cache
def columns_stored(fields: Catalogue, code: str) -> dict[str, Field]:
    """`stored_columns` of the table with that code, worked out once."""
    return dict(stored_columns(fields.table(code)))


def has_pictures_beside(field: Field) -> bool:
    """Whether pictures may accompany a field that is itself a text (J1-25)."""
    return field.pictures > 0 and field.type != "image"


def pictures_column(field: Field) -> str:
    """Where those pictures are named: `introduction_pictures`."""
    return f"{field.column}_pictures"


def is_sealed(field: Field) -> bool:
    """Whether the value lies sealed in the database: the number of a person's identity document."""
    return field.type == "person_id"


def _column(field: Field, column: str) -> "models.Field[Any, Any]":
    title = f"{field.code} {field.title}"
    if is_sealed(field):
        return models.BinaryField(title, null=True)
    if field.type in MANIFOLD or column != field.column:
        return ArrayField(models.TextField(), verbose_name=title, null=True)
    return _SINGLE.get(field.type, _text)(title)


def _text(title: str) -> "models.Field[Any, Any]":
    # No length: the catalogue bounds what is written, and may bound it otherwise tomorrow.
    return models.TextField(title, null=True)


_SINGLE: Mapping[str, Callable[[str], "models.Field[Any, Any]"]] = {
    "integer": lambda title: models.IntegerField(title, null=True),
    "money_wan": lambda title: models.DecimalField(title, max_digits=16, decimal_places=6, null=True),
    "percent": lambda title: models.DecimalField(title, max_digits=9, decimal_places=6, null=True),
    "date": lambda title: models.DateField(title, null=True),
}
