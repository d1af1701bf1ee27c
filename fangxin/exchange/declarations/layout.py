"""What a workbook of declarations looks like: its sheets and their columns, by the catalogue.

An agency's own workbook holds one agency. The province's holds many: each of its sheets begins with the
agency's code, by which the rows of the sheets belong together.
"""

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property

from fangxin.rules.book import book
from fangxin.rules.declarations import DeclaredTable
from fangxin.rules.indicator_fields import Field, FilledBy, Table
from fangxin.rules.indicators import Catalogue, catalogue

# Code, name, what is asked for; below them the first agency, shareholder, project, person.
CODE_ROW, TITLE_ROW, HINT_ROW, FIRST_ROW = 1, 2, 3, 4
GUIDE = "填写说明"
LISTS = "选项"
FAULTS = "错误清单"
OURS = frozenset({GUIDE, LISTS, FAULTS})
TEMPLATE_MARK = "房信申报模板"


class Shape(StrEnum):
    """Whose declarations a workbook holds."""

    AGENCY = "agency"
    PROVINCE = "province"


@dataclass(frozen=True)
class SheetLayout:
    """One sheet: a declared table. `fields` are its columns; `carried` are filled by the platform when absent."""

    declared: DeclaredTable
    table: Table
    key: Field | None
    fields: tuple[Field, ...]
    carried: tuple[Field, ...]

    @cached_property
    def code(self) -> str:
        """The table: J1."""
        return self.table.code

    @property
    def title(self) -> str:
        """What the sheet is called; Excel allows 31 characters."""
        return f"{self.code} {self.declared.title}"[:31]

    @cached_property
    def many(self) -> bool:
        """Whether an agency may have several rows here."""
        return self.table.many

    @property
    def columns(self) -> tuple[Field, ...]:
        """Every column in its order, the agency's code first where the sheet needs it."""
        return self.fields if self.key is None else (self.key, *self.fields)

    @cached_property
    def known(self) -> dict[str, Field]:
        """Each field that may stand in the sheet, by its code."""
        return {one.code: one for one in (*self.columns, *self.carried)}


@dataclass(frozen=True)
class Layout:
    """All sheets of a workbook of one shape. `version` differs whenever a template would look different."""

    name: str
    catalogue: Catalogue
    shape: Shape
    sheets: tuple[SheetLayout, ...]

    @cached_property
    def key(self) -> Field:
        """The agency's code, by which rows belong together."""
        return agency_code(self.catalogue)

    @cached_property
    def version(self) -> str:
        """The first 12 digits of a SHA-256 over what is asked for, and in which words.

        The catalogue's own version changes with every word of the rulebook; a template is not out of date for
        the telephone of a department.
        """
        asked = [
            [
                (one.code, one.column, one.title, one.help, one.type, *one.options.items())
                for one in sheet.columns
            ]
            for sheet in self.sheets
        ]
        return hashlib.sha256(json.dumps([self.shape, asked]).encode()).hexdigest()[:12]

    def sheet(self, code: str) -> SheetLayout | None:
        """The sheet of the table J1, say."""
        return next((sheet for sheet in self.sheets if sheet.code == code), None)

    @cached_property
    def first(self) -> SheetLayout:
        """The sheet of the agencies themselves."""
        return next(sheet for sheet in self.sheets if sheet.code == self.key.table)


def agency_code(fields: Catalogue) -> Field:
    """J1-02, the code by which an agency is known."""
    return fields.table("J1").by_column["legal_code"]


@cache
def layout_of(shape: Shape, name: str = "fujian") -> Layout:
    """The workbook of that shape after the book of that name. Raises `RulebookBroken`."""
    fields = catalogue(name)
    return Layout(
        name, fields, shape, tuple(_sheet(declared, fields, shape) for declared in book(name).declared_tables)
    )


def _sheet(declared: DeclaredTable, fields: Catalogue, shape: Shape) -> SheetLayout:
    table, key = fields.table(declared.key), agency_code(fields)
    wanted = [
        one
        for one in table.all_fields
        if one.type != "image"
        and one.filled_by in (FilledBy.AGENCY, FilledBy.BOTH)
        and (not declared.fields or one.code in declared.fields)
    ]
    keyed = shape is Shape.PROVINCE
    return SheetLayout(
        declared,
        table,
        key if keyed else None,
        tuple(one for one in wanted if not (keyed and one is key)),
        tuple(one for one in table.all_fields if one.filled_by is FilledBy.PLATFORM),
    )
