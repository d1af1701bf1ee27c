"""Workbooks of declarations: as people fill them in, and as they spoil them."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl

from fangxin.exchange.declarations.checking import CheckedDeclaration, check_declaration
from fangxin.exchange.declarations.layout import FIRST_ROW, Layout, Shape, layout_of
from fangxin.exchange.declarations.reading import DeclarationWorkbook, read_workbook
from fangxin.exchange.declarations.template import template
from fangxin.rules.indicators import catalogue
from fangxin.rules.tests.declared import ON, TYPED, declaration

OWN, PROVINCE = layout_of(Shape.AGENCY), layout_of(Shape.PROVINCE)


def place(layout: Layout, code: str, row: int = FIRST_ROW) -> tuple[str, int, int]:
    """Sheet, row and column of an indicator."""
    for sheet in layout.sheets:
        for column, one in enumerate(sheet.columns, start=1):
            if one.code == code and (sheet.code == one.table):
                return sheet.title, row, column
    raise LookupError(code)


def changed(content: bytes, change: Callable[[openpyxl.Workbook], None]) -> bytes:
    """The workbook as it is saved after somebody has changed it."""
    workbook = openpyxl.load_workbook(io.BytesIO(content))
    change(workbook)
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def put(content: bytes, layout: Layout, **cells: Any) -> bytes:
    """With other contents in the first row: `J1_20=…` is the indicator J1-20, `J5_a01` the addition J5+01."""

    def change(workbook: openpyxl.Workbook) -> None:
        for name, value in cells.items():
            code = name.replace("_a", "+").replace("_", "-")
            sheet, row, column = place(layout, code)
            workbook[sheet].cell(row, column).value = value

    return changed(content, change)


def own(**tables: Any) -> bytes:
    """An agency's own workbook, all of it in order."""
    return template(OWN, on=ON, rows=[declaration(**tables)])


def typed_by_hand(layout: Layout = OWN) -> bytes:
    """An empty template, filled in as a person types: words for codes, days as text."""

    def change(workbook: openpyxl.Workbook) -> None:
        for sheet in layout.sheets:
            rows: Any = TYPED[sheet.code]
            for number, row in enumerate(rows if isinstance(rows, list) else [rows], start=FIRST_ROW):
                for column, one in enumerate(sheet.columns, start=1):
                    value = TYPED["J1"]["legal_code"] if one is sheet.key else row.get(one.column)
                    workbook[sheet.title].cell(number, column).value = value

    return changed(template(layout, on=ON), change)


def read(content: bytes, name: str = "申报.xlsx") -> DeclarationWorkbook:
    return read_workbook(name, content)


def checked(content: bytes, on: date = ON) -> list[CheckedDeclaration]:
    workbook = read(content)
    assert [fault.message for fault in workbook.faults] == []
    return [check_declaration(raw, on=on) for raw in workbook]


def plain(values: dict[str, Any]) -> dict[str, Any]:
    """The values as JSON holds them, those that a workbook has."""
    fields = catalogue()
    kept = {sheet.code: {one.column for one in (*sheet.columns, *sheet.carried)} for sheet in OWN.sheets}

    def row_of(table: str, row: dict[str, Any]) -> dict[str, Any]:
        by = fields.table(table).by_column
        return {name: by[name].plain(row.get(name)) for name in sorted(kept[table])}

    return {
        table: [row_of(table, row) for row in rows] if isinstance(rows, list) else row_of(table, rows)
        for table, rows in values.items()
    }
