"""Checks one agency's declaration as it stands in a workbook: cell by cell, then as a whole."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from fangxin.exchange.declarations.faults import Fault
from fangxin.exchange.declarations.layout import FIRST_ROW, SheetLayout
from fangxin.exchange.declarations.reading import PERSONS_OF_ONE, RawDeclaration, ReadSheet, Row
from fangxin.exchange.workbooks import Cell
from fangxin.rules.crosschecks import Finding, Known, evaluate
from fangxin.rules.indicator_fields import Field
from fangxin.rules.indicator_texts import clipped

# Whole numbers below it are exact in Excel, which keeps fifteen digits.
EXACT = 1e15
NUMERIC = frozenset({"integer", "money_wan", "percent", "date", "moment"})
CHOSEN = frozenset({"code", "choice", "choices"})


@dataclass(frozen=True)
class CheckedDeclaration:
    """What an agency declares, by table and column in normal form, and what is wrong with it.

    A value that cannot be read is not among the values.
    """

    code: str
    values: dict[str, Any]
    faults: tuple[Fault, ...]
    raw: RawDeclaration

    @property
    def taken(self) -> bool:
        """Whether nothing stands against taking it."""
        return not any(fault.blocks for fault in self.faults)


def numbers_of_persons(checked: CheckedDeclaration) -> Iterator[tuple[str, str, int, int]]:
    """Every registration number that is one agency's only: the number, its sheet, row and column."""
    for table, columns in PERSONS_OF_ONE.items():
        sheet, placed = checked.raw.sheets.get(table), checked.raw.rows.get(table, ())
        read = checked.values.get(table, ())
        for column in [number for number, _, never in columns if never] if sheet else ():
            if sheet is not None and column in sheet.columns:
                for row, values in zip(placed, read, strict=True):
                    if number := values.get(column):
                        yield number, sheet.name, row.number, sheet.columns[column] + 1


def check_declaration(raw: RawDeclaration, *, on: date, known: Known | None = None) -> CheckedDeclaration:
    """The declaration, checked on a day against the catalogue, in itself, and against what others know.

    What the platform fills in is filled in: the agency's name and code from J1, a person's project from its
    contract number. Nothing is raised: what is wrong is listed with its cell.
    """
    return _Checking(raw, on).checked(known)


class _Checking:
    def __init__(self, raw: RawDeclaration, on: date) -> None:
        self.raw, self.on = raw, on
        self.catalogue = raw.layout.catalogue
        self.values: dict[str, Any] = {}
        self.faults = list(raw.faults)
        # Nothing more is said of a cell that could not be read.
        self.unread = {(fault.sheet, fault.row, fault.column) for fault in raw.faults}

    def checked(self, known: Known | None) -> CheckedDeclaration:
        for layout in self.raw.layout.sheets:
            rows = self.raw.rows.get(layout.code, ())
            sheet = self.raw.sheets.get(layout.code)
            if sheet is not None and rows:
                found = [self._row(sheet, row) for row in rows]
                self.values[layout.code] = found if layout.many else found[0]
            elif layout.declared.may_be_empty:
                self.values[layout.code] = []
            elif sheet is not None:
                self._lacking(layout, sheet)
        self._carry()
        for finding in evaluate(self.values, on=self.on, known=known, name=self.raw.layout.name):
            self._found(finding)
        return CheckedDeclaration(self.raw.code, self.values, tuple(self.faults), self.raw)

    def _lacking(self, layout: SheetLayout, sheet: ReadSheet) -> None:
        """A table that every agency fills in has no row of this one: said where the agency itself stands."""
        first = self.raw.layout.first.code
        own = self.raw.rows.get(first, ())
        place = (
            (self.raw.sheets[first].name, own[0].number) if layout.key and own else (sheet.name, FIRST_ROW)
        )
        self._fault(f"{layout.code}：没有填写{layout.declared.title}。", *place, 0)

    def _row(self, sheet: ReadSheet, row: Row) -> dict[str, Any]:
        cells, columns = row.cells, sheet.columns
        given: dict[str, Cell] = {name: cells[at] for name, at in columns.items()}
        for name, cell in given.items():
            if type(cell) is not str and cell is not None and (words := _lost(sheet.fields.get(name), cell)):
                self._unread(sheet.fields[name].wrong(words).message, sheet, row, columns[name])
                given[name] = None
        fields: Iterable[Field] = sheet.fields.values()
        if sheet.carried:
            fields = [
                one for one in fields if one not in sheet.carried or given[one.column] not in (None, "")
            ]
        found = self.catalogue.check_row(sheet.layout.code, given, on=self.on, only=fields)
        for wrong in found.wrong:
            self._unread(wrong.message, sheet, row, columns[self.catalogue.field(wrong.code).column])
        return found.values

    def _carry(self) -> None:
        """Fills in what the platform knows from another table, unless the sheet gives it."""
        first = self.values.get(self.raw.layout.first.code) or {}
        carried = {"agency_name": first.get("name"), "agency_code": first.get("legal_code")}
        projects = {row.get("contract_no"): row.get("project_name") for row in self.values.get("J6", ())}
        for layout in self.raw.layout.sheets:
            rows = self.values.get(layout.code, ())
            for row in ((rows,) if isinstance(rows, dict) else rows) if layout.carried else ():
                carried["project_name"] = projects.get(row.get("contract_no"))
                for one in layout.carried:
                    if row.get(one.column) is None:
                        row[one.column] = carried.get(one.column)

    def _found(self, finding: Finding) -> None:
        table, column = str(finding.path[0]), str(finding.path[-1])
        at = finding.path[1] if len(finding.path) > 2 else 0
        sheet, rows = self.raw.sheets.get(table), self.raw.rows.get(table, ())
        number = rows[at].number if isinstance(at, int) and at < len(rows) else 0
        named = [self.catalogue.field(code).column for code in finding.codes if code.startswith(table)]
        places = sheet.columns if sheet else {}
        place = next((places[name] + 1 for name in (column, *named) if name in places), 0)
        name = sheet.name if sheet else ""
        if (name, number, place) not in self.unread:
            self._fault(finding.message, name, number, place, blocks=finding.blocks)

    def _unread(self, message: str, sheet: ReadSheet, row: Row, at: int) -> None:
        place = sheet.name, row.number, at + 1
        if place not in self.unread:
            self.unread.add(place)
            self._fault(message, *place)

    def _fault(self, message: str, sheet: str, row: int, column: int, *, blocks: bool = True) -> None:
        self.faults.append(Fault(message, sheet, row, column, self.raw.code, blocks))


def _lost(one: Field | None, cell: Cell) -> str:
    """What Excel has made of a text that was no text to it, "" when nothing is lost."""
    if one is None or one.type in NUMERIC or one.type in CHOSEN or isinstance(cell, bool):
        return ""
    if isinstance(cell, float):
        if cell.is_integer() and abs(cell) < EXACT:
            return ""
        return "是数字格式，末尾几位可能已经丢失，请将该格设为文本格式后重新填写"
    shown = clipped(str(cell))
    return f"被 Excel 改成了日期或时间（{shown}），请将该格设为文本格式后重新填写"
