"""An agency's declaration as a workbook: taken along as it stands, and read back into the draft (附件1)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from fangxin.agencies import values
from fangxin.agencies.actions import begin_declaration, save_table
from fangxin.agencies.actions.declaring import open_declaration
from fangxin.agencies.models import Agency, Declaration
from fangxin.agencies.queries import accepted_values, declared_values, known_of, version_in_force
from fangxin.deadlines.clock import today
from fangxin.exchange.declarations.checking import CheckedDeclaration, check_declaration
from fangxin.exchange.declarations.faults import Fault
from fangxin.exchange.declarations.layout import Shape, SheetLayout, layout_of
from fangxin.exchange.declarations.reading import RawDeclaration, read_workbook
from fangxin.exchange.refusals import FileRefused
from fangxin.exchange.workbooks import Cell
from fangxin.organisations.roles import Acting
from fangxin.rules.crosscheck_base import same_code


def own_workbook(agency: Agency, declaration: Declaration | None) -> bytes:
    """The template of today with what the agency writes, or was accepted last; what is no value is left out."""
    version = None if declaration else version_in_force(agency.pk)
    whole = declared_values(declaration) if declaration else accepted_values(version) if version else {}
    sound = values.checked(whole, agency.jurisdiction, on=today()).values
    # Libraries for writing workbooks weigh as much as a fifth of the web process: loaded by whoever first needs them.
    from fangxin.exchange.declarations.template import template

    return template(layout_of(Shape.AGENCY, agency.jurisdiction), on=today(), rows=[sound] if whole else ())


@transaction.atomic
def fill_draft(agency: Agency, name: str, content: bytes, *, by: Acting) -> tuple[Fault, ...]:
    """The agency's draft, begun if there is none, holds what the workbook says; returns what is wrong, by cell.

    What is no value is there as it was typed.
    Tables whose sheet is gone, and pictures, stay as they were. FileRefused for what is no template of today, or
    another agency's; ActRefused when the declaration is not with the agency.
    """
    raw, checked, faults = _read(agency, name, content)
    declaration = open_declaration(agency) or begin_declaration(agency.pk, by=by)
    for layout in raw.layout.sheets:
        typed = raw.typed(layout.code)
        if layout.code not in raw.sheets or not (typed or layout.many):
            continue
        sound = values.rows_of(checked.values, layout.code)
        rows = [_kept(layout, row, read) for row, read in zip(typed, sound, strict=True)]
        save_table(declaration.pk, layout.code, rows, by=by)
    return faults


def marked_workbook(agency: Agency, name: str, content: bytes) -> bytes | None:
    """The workbook with every fault at its cell; None when there is none. Nothing is kept. FileRefused."""
    faults = _read(agency, name, content)[2]
    if not faults:
        return None
    from fangxin.exchange.declarations.returned import write_faults

    return write_faults(content, faults)


def _read(
    agency: Agency, name: str, content: bytes
) -> tuple[RawDeclaration, CheckedDeclaration, tuple[Fault, ...]]:
    workbook = read_workbook(name, content, agency.jurisdiction)
    if workbook.layout.shape is not Shape.AGENCY:
        raise FileRefused("这是省里成批导入用的多家机构模板；请在本页下载本机构的模板填写。")
    raw = next(iter(workbook))
    if raw.code and not any(same_code(raw.code, one) for one in (agency.code, *agency.former_codes)):
        raise FileRefused(
            f"表里的法人代码（J1-02）是“{raw.code[:40]}”，不是本账号所属机构的{agency.code}，请核对文件。"
        )
    first = check_declaration(raw, on=today())
    checked = check_declaration(raw, on=today(), known=known_of(agency, first.values))
    return raw, checked, (*workbook.faults, *checked.faults)


def _kept(layout: SheetLayout, row: Mapping[str, Cell], read: Mapping[str, Any]) -> dict[str, Any]:
    by_column = layout.table.by_column
    return {
        column: by_column[column].plain(value) if (value := read.get(column)) is not None else _as_typed(cell)
        for column, cell in row.items()
        if column in by_column
    }


def _as_typed(cell: Cell) -> str:
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
