"""Gives a workbook of declarations back with its faults: coloured and told at the cell, and listed on a sheet."""

import io
import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import openpyxl
import python_calamine as calamine
import xlsxwriter
from openpyxl.cell import Cell as SheetCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from fangxin.exchange.declarations.faults import Fault
from fangxin.exchange.declarations.layout import CODE_ROW, FAULTS, FIRST_ROW, HINT_ROW
from fangxin.exchange.declarations.template import OPTIONS
from fangxin.exchange.survey import look_through
from fangxin.exchange.workbooks import told

# Above it openpyxl would take minutes and gigabytes: only the faulty rows are given back then.
MOST_CELLS = 100_000
MOST_LISTED = 50_000
AUTHOR = "房信导入"
LISTED = ("序号", "工作表", "单元格", "法人代码", "须改正", "说明")
WIDTHS = (8, 30, 10, 24, 10, 100)
BLOCKED, WARNED, NONE = "FBD5D5", "FDF0C4", PatternFill()
_ESCAPED = re.compile(r"_x(?!00[01][0-9A-Fa-f]_)(?=[0-9A-Fa-f]{4}_)")


def write_faults(content: bytes, faults: Sequence[Fault]) -> bytes:
    """The workbook with its faults: red cells must be mended, yellow ones looked at; both bear the message.

    Nothing that was typed is changed, and no text becomes a formula. A workbook of more than 100,000 cells is not
    copied: the list and the faulty rows come back alone, in a workbook that is no template.
    """
    listed = sorted(faults, key=lambda one: (not one.blocks, one.sheet, one.row, one.column))
    if look_through(content).area > MOST_CELLS:
        return _faulty_rows(content, listed)
    workbook = openpyxl.load_workbook(io.BytesIO(content), keep_links=False)
    _clean(workbook)
    for fault in reversed(listed):
        if fault.sheet in workbook.sheetnames and fault.row:
            _mark(workbook[fault.sheet], fault)
    if FAULTS in workbook.sheetnames:
        del workbook[FAULTS]
    _list(workbook.create_sheet(FAULTS, 0), listed)
    workbook.active = 0
    for sheet in workbook.worksheets:
        sheet.sheet_view.tabSelected = sheet.title == FAULTS
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def _clean(workbook: Workbook) -> None:
    """The marks of an earlier return are gone, and texts are kept as they were typed."""
    for sheet in workbook.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.comment is not None and cell.comment.author == AUTHOR:
                    cell.comment, cell.fill = None, NONE
                if cell.data_type == "s" and isinstance(cell.value, str) and _ESCAPED.search(cell.value):
                    # What looks like an escape was typed so; unescaped it would become another character.
                    cell._value = _ESCAPED.sub("_x005F_x", cell.value)


def _mark(sheet: Worksheet, fault: Fault) -> None:
    cell: SheetCell = sheet.cell(fault.row, fault.column or 1)
    before = cell.comment
    words = fault.message if before is None else f"{fault.message}\n{before.text}"
    cell.comment = Comment(
        words, AUTHOR if before is None or before.author == AUTHOR else before.author, 120, 320
    )
    cell.fill = PatternFill("solid", fgColor=BLOCKED if fault.blocks else WARNED)


def _lines(faults: Sequence[Fault]) -> list[tuple[str, ...]]:
    lines: list[tuple[str, ...]] = [
        (str(at), one.sheet, one.cell or (f"第{one.row}行" if one.row else ""), one.agency, "须改正" if one.blocks else "请核对", one.message)
        for at, one in enumerate(faults[:MOST_LISTED], start=1)
    ]  # fmt: skip
    if len(faults) > MOST_LISTED:
        lines.append(
            ("", "", "", "", "", f"共{len(faults)}条，只列出前{MOST_LISTED}条，改正后再导入会列出其余。")
        )
    return lines


def _list(sheet: Worksheet, faults: Sequence[Fault]) -> None:
    for row, line in enumerate([LISTED, *_lines(faults)], start=1):
        for column, words in enumerate(line, start=1):
            cell = sheet.cell(row, column)
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", words)
            # A message quotes what was typed; beginning with “=” it would be calculated.
            cell.data_type = "s"
    for fault, row in zip(faults[:MOST_LISTED], sheet.iter_rows(min_row=2), strict=False):
        if fault.cell:
            row[2].hyperlink = f"#'{fault.sheet.replace(chr(39), chr(39) * 2)}'!{fault.cell}"
            row[2].style = "Hyperlink"
    for column, width in enumerate(WIDTHS, start=1):
        sheet.column_dimensions[openpyxl.utils.get_column_letter(column)].width = width
        sheet.cell(1, column).font = Font(bold=True)
    sheet.freeze_panes = "A2"


def _faulty_rows(content: bytes, faults: Sequence[Fault]) -> bytes:
    """A new workbook: the list, and of each sheet its headings and faulty rows with their numbers."""
    where: defaultdict[str, dict[int, list[Fault]]] = defaultdict(dict)
    for fault in faults:
        if fault.row:
            where[fault.sheet].setdefault(fault.row, []).append(fault)
    written = io.BytesIO()
    with (
        told(),
        calamine.load_workbook(io.BytesIO(content)) as read,
        xlsxwriter.Workbook(written, OPTIONS | {"in_memory": True}) as workbook,
    ):
        bold = workbook.add_format({"bold": True})
        sheet = workbook.add_worksheet(FAULTS)
        sheet.freeze_panes(1, 0)
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width)
        for row, line in enumerate([LISTED, *_lines(faults)]):
            for column, words in enumerate(line):
                sheet.write_string(row, column, words, bold if row == 0 else None)
        for name in (name for name in read.sheet_names if name in where):
            _copy_rows(workbook, workbook.add_worksheet(name), read.get_sheet_by_name(name), where[name])
    return written.getvalue()


def _copy_rows(
    workbook: xlsxwriter.Workbook, page: Any, sheet: calamine.CalamineSheet, faulty: dict[int, list[Fault]]
) -> None:
    fills = {
        blocks: {"bg_color": f"#{BLOCKED if blocks else WARNED}", "border": 1} for blocks in (True, False)
    }
    marked = {blocks: workbook.add_format(fill) for blocks, fill in fills.items()}
    heading = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    page.write_string(0, 0, "原行号", heading)
    page.write_string(1, 0, "请在原工作簿中改正", heading)
    page.freeze_panes(HINT_ROW, 1)
    page.set_column(0, 60, 18)
    at = 0
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        told_of = faulty.get(number, [])
        if number >= FIRST_ROW and not told_of:
            continue
        if number >= FIRST_ROW:
            page.write_number(at, 0, number)
        for column, cell in enumerate(cells):
            own = [one for one in told_of if max(one.column, 1) == column + 1]
            style = marked[any(one.blocks for one in own)] if own else heading if number < FIRST_ROW else None
            _copy(page, at, column + 1, cell, style)
            if own and number >= CODE_ROW:
                page.write_comment(at, column + 1, "\n".join(one.message for one in own), {"author": AUTHOR})
        at += 1


def _copy(page: Any, row: int, column: int, cell: Any, style: Any) -> None:
    """What was read, as it was read: a text stays a text, a number a number, a day is written out."""
    if isinstance(cell, bool):
        page.write_boolean(row, column, cell, style)
    elif isinstance(cell, int | float):
        page.write_number(row, column, cell, style)
    elif cell in (None, ""):
        page.write_blank(row, column, None, style)
    else:
        page.write_string(row, column, str(cell), style)
