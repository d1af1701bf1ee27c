"""The values of a declaration or a version as tables to read, as the annex prints them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fangxin.agencies.columns import has_pictures_beside, pictures_column
from fangxin.agencies.values import declared_fields, declared_tables, rows_of
from fangxin.rules.indicators import Field, Table
from fangxin.web.enterprise.controls import shown


@dataclass(frozen=True)
class Cell:
    """One indicator with what stands in it."""

    of: Field
    text: str
    pictures: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Sheet:
    """One table of the annex, filled in: of tables with many rows, one sheet a row."""

    table: Table
    number: int
    cells: list[Cell]


@dataclass(frozen=True)
class TableShown:
    """A table with its sheets."""

    table: Table
    sheets: list[Sheet]


def tables_shown(
    jurisdiction: str, values: Mapping[str, Any], *, every_field: bool = False
) -> list[TableShown]:
    """The declared tables in order; `every_field` also those that others fill in, as the annex prints them."""
    found = []
    for table in declared_tables(jurisdiction):
        fields = table.all_fields if every_field else declared_fields(jurisdiction, table.code)
        carried = _carried(values)
        sheets = [
            Sheet(table, number, [_cell(one, {**_of(table, carried), **row}) for one in fields])
            for number, row in enumerate(rows_of(values, table.code), start=1)
        ]
        found.append(TableShown(table, sheets))
    return found


def _cell(one: Field, row: Mapping[str, Any]) -> Cell:
    value = row.get(one.column)
    pictures: list[str] = []
    if one.pictures:
        column = pictures_column(one) if has_pictures_beside(one) else one.column
        pictures = [str(each) for each in row.get(column) or []]
    text = "" if one.type == "image" else "" if value in (None, "", []) else shown(one, value)
    return Cell(one, text, pictures)


def _carried(values: Mapping[str, Any]) -> dict[str, Any]:
    """What every table of the annex repeats and nobody types twice."""
    (basic,) = rows_of(values, "J1") or ({},)
    return {"agency_name": basic.get("name"), "agency_code": basic.get("legal_code")}


def _of(table: Table, carried: Mapping[str, Any]) -> dict[str, Any]:
    return {column: value for column, value in carried.items() if column in table.by_column}
