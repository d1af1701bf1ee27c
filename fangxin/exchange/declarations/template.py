"""Writes a workbook of declarations: empty to be filled in, or with what has been declared."""

import io
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, BinaryIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from fangxin.exchange.declarations.layout import (
    CODE_ROW,
    FIRST_ROW,
    GUIDE,
    HINT_ROW,
    LISTS,
    TEMPLATE_MARK,
    TITLE_ROW,
    Layout,
    Shape,
    SheetLayout,
)
from fangxin.rules.book import book
from fangxin.rules.indicator_fields import Field
from fangxin.rules.indicator_numbers import EARLIEST, ENDLESS, LATEST

# Rows that drop-downs and limits reach to; what is written below them is read all the same.
ROWS_OF_AN_AGENCY, ROWS_OF_THE_PROVINCE = 2_000, 200_000
# A text that begins like a formula stays a text.
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
WIDTHS = {
    "long_text": 44, "integer": 11, "money_wan": 14, "percent": 11, "date": 14, "period": 26, "people": 24,
    "person": 14, "company_code": 24, "phone": 18, "postcode": 11, "person_id": 24, "registration_no": 24,
    "reference": 22, "email": 26, "url": 26, "code": 20, "choice": 20, "choices": 24,
}  # fmt: skip
NUMBERS = {"integer": "0", "money_wan": "General", "percent": "General"}
INK, LINE, SHADE, ACCENT, QUIET = "#1F2937", "#CBD5E1", "#EEF2F7", "#DCE8F6", "#64748B"


def template(layout: Layout, *, on: date, rows: Iterable[Mapping[str, Any]] = ()) -> bytes:
    """The workbook as octets; see `write_template`."""
    written = io.BytesIO()
    write_template(layout, written, on=on, rows=rows)
    return written.getvalue()


def write_template(
    layout: Layout, file: BinaryIO, *, on: date, rows: Iterable[Mapping[str, Any]] = ()
) -> None:
    """The workbook is in the file, with the declaration of the day `on` that it be true.

    `rows` are declarations already made, each as `Field.check` returned its values: `{"J1": {…}, "J5": [{…}]}`.
    Headings are locked, without a password: that is against slips, not against anybody.
    """
    # Row by row onto the disk, so that a province does not lie in memory.
    sparing = {"constant_memory": True} if layout.shape is Shape.PROVINCE else {"in_memory": True}
    with xlsxwriter.Workbook(file, OPTIONS | sparing) as workbook:
        _Writer(layout, workbook).write(rows, on)


class _Writer:
    def __init__(self, layout: Layout, workbook: xlsxwriter.Workbook) -> None:
        self.layout = layout
        self.workbook = workbook
        self.formats: dict[str, Format] = {}

    def write(self, rows: Iterable[Mapping[str, Any]], on: date) -> None:
        self.workbook.set_properties({"title": "房地产经纪机构信用信息申报", "comments": self.layout.version})
        self.workbook.set_custom_property("指标目录版本", self.layout.catalogue.version)
        self._guide(on)
        sheets = {sheet.code: self.workbook.add_worksheet(sheet.title) for sheet in self.layout.sheets}
        ranges = self._lists()
        for sheet in self.layout.sheets:
            self._headings(sheet, sheets[sheet.code], ranges)
        self._rows(rows, sheets)
        sheets[self.layout.first.code].activate()

    def _format(self, key: str, **properties: object) -> Format:
        if key not in self.formats:
            base = {"font_size": 11, "font_color": INK, "valign": "vcenter", "text_wrap": True}
            self.formats[key] = self.workbook.add_format(base | properties)
        return self.formats[key]

    def _guide(self, on: date) -> None:
        sheet = self.workbook.add_worksheet(GUIDE)
        sheet.hide_gridlines(2)
        sheet.fit_to_pages(1, 0)
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, 1, 92)
        heading = self._format("guide title", bold=True, font_size=16, text_wrap=False)
        label, text = (
            self._format("guide label", bold=True, valign="top"),
            self._format("guide", valign="top"),
        )
        sheet.set_row(0, 30)
        sheet.write_string(0, 0, "房地产经纪机构信用信息申报表", heading)
        for at, (name, words) in enumerate(self._guidance(on), start=2):
            sheet.set_row(
                at, 20 * (1 + sum(len(line) // 48 for line in words.split("\n")) + words.count("\n"))
            )
            sheet.write_string(at, 0, name, label)
            sheet.write_string(at, 1, words, text)
        sheet.protect()

    def _guidance(self, on: date) -> list[tuple[str, str]]:
        many = self.layout.shape is Shape.PROVINCE
        statement = book(self.layout.name).value("declaration.truth_statement", on=on).value
        tables = "\n".join(
            f"{sheet.title}：{'每家机构一行' if not sheet.many else sheet.table.repeats.replace('一表', '一行')}"
            f"{'，没有的不填' if sheet.declared.may_be_empty else ''}"
            for sheet in self.layout.sheets
        )
        return [
            ("用途", "多家机构一次导入" if many else "一家机构申报，填好后在平台上导入，核对无误再提交"),
            ("指标目录版本", f"{self.layout.catalogue.version}（模板{self.layout.version}）"),
            ("声明", str(statement)),
            ("各表", tables),
            *(
                [("法人代码", "每张表的第一列填机构的法人代码，与J1相同；同一机构的各行靠它归在一起")]
                if many
                else []
            ),
            (
                "怎样填",
                f"从第{FIRST_ROW}行起填，一行一条。第1行是指标编号，第3行是填写要求；深色的栏必须填写。\n"
                "标有●的指标不向社会公示。有下拉箭头的请从中选择。批注是指标说明。\n"
                "代码、电话、编号各栏已设为文本，前面的0不会丢失；从别处粘贴时请选“只粘贴值”。",
            ),
            (
                "请不要",
                "增删或改动列和表头、合并单元格、写公式、加宏。照片请在平台上传，插在表里的图片不读入。\n"
                "机构名称、经纪项目名称等由平台带出，表里没有这些栏。",
            ),
        ]

    def _lists(self) -> dict[str, str]:
        """Every list to choose from stands in a column of a hidden sheet; where, by the code of the field."""
        sheet = self.workbook.add_worksheet(LISTS)
        marks = (TEMPLATE_MARK, self.layout.version, self.layout.shape.value, self.layout.catalogue.version)
        chosen = {one.list_: one for table in self.layout.sheets for one in table.columns if one.options}
        columns = [list(marks), *([name, *one.options.values()] for name, one in chosen.items())]
        for row in range(max(map(len, columns))):
            for column, values in enumerate(columns):
                if row < len(values):
                    sheet.write_string(row, column, values[row])
        sheet.protect()
        sheet.very_hidden()
        where = {}
        for column, (name, one) in enumerate(chosen.items(), start=1):
            letter = xlsxwriter.utility.xl_col_to_name(column, col_abs=True)
            where[name] = f"={LISTS}!{letter}$2:{letter}${1 + len(one.options)}"
        return where

    def _headings(self, sheet: SheetLayout, page: Worksheet, ranges: Mapping[str, str]) -> None:
        province = self.layout.shape is Shape.PROVINCE
        rows = ROWS_OF_THE_PROVINCE if province else ROWS_OF_AN_AGENCY if sheet.many else 1
        columns = sheet.columns
        for at, one in enumerate(columns):
            page.set_column(at, at, WIDTHS.get(one.type, 22), self._cell(one))
            if allowed := _allowed(one, ranges):
                page.data_validation(FIRST_ROW - 1, at, FIRST_ROW + rows - 2, at, allowed)
            if notes := _notes(one):
                size = {"x_scale": 2.2, "y_scale": max(1.0, len(notes) / 90), "author": "指标说明"}
                page.write_comment(CODE_ROW - 1, at, notes, size)
        page.set_row(HINT_ROW - 1, 62)
        page.set_row(TITLE_ROW - 1, 34)
        for row, words, style in (
            (CODE_ROW, lambda one: one.code, {"font_color": QUIET, "font_size": 9}),
            (TITLE_ROW, lambda one: f"{one.title}{one.mark and f' {one.mark}'}", {"bold": True}),
            (HINT_ROW, _asked, {"font_color": QUIET, "font_size": 9, "valign": "top"}),
        ):
            for at, one in enumerate(columns):
                shade = ACCENT if one.required else SHADE
                head = self._format(f"{row}{shade}", bg_color=shade, border=1, border_color=LINE, **style)
                page.write_string(row - 1, at, words(one), head)
        page.freeze_panes(FIRST_ROW - 1, 1 if province or sheet.many else 0)
        page.set_landscape()
        page.repeat_rows(CODE_ROW - 1, HINT_ROW - 1)
        page.protect("", dict.fromkeys(("format_cells", "format_columns", "format_rows", "insert_rows", "delete_rows", "sort", "autofilter"), True))  # fmt: skip

    def _cell(self, one: Field) -> Format:
        number = NUMBERS.get(one.type, "yyyy-mm-dd" if one.type == "date" else "@")
        return self._format(f"cell {number}", num_format=number, locked=False, valign="top")

    def _rows(self, declarations: Iterable[Mapping[str, Any]], sheets: Mapping[str, Worksheet]) -> None:
        at = dict.fromkeys(sheets, FIRST_ROW - 1)
        for declared in declarations:
            code = (declared.get(self.layout.key.table) or {}).get(self.layout.key.column)
            for sheet in self.layout.sheets:
                found = declared.get(sheet.code) or ()
                for row in (found,) if isinstance(found, Mapping) else found:
                    for column, one in enumerate(sheet.columns):
                        value = code if one is sheet.key else row.get(one.column)
                        _put(sheets[sheet.code], at[sheet.code], column, one, value, self._cell(one))
                    at[sheet.code] += 1


def _put(page: Worksheet, row: int, column: int, one: Field, value: Any, style: Format) -> None:
    if value is None or value == "":
        page.write_blank(row, column, None, style)
    elif isinstance(value, int | Decimal):
        page.write_number(row, column, value, style)
    elif isinstance(value, date) and value != ENDLESS:
        page.write_datetime(row, column, value, style)
    else:
        page.write_string(row, column, one.display(value), style)


def _asked(one: Field) -> str:
    chosen = "从列表中选择" + (f"，最多{one.several}项，用顿号隔开" if one.several > 1 else "")
    bounds = f"，{one.lowest}至{one.highest}" if one.lowest is not None and one.highest is not None else ""
    return "；".join(
        part
        for part in ("必填" if one.required else "", chosen if one.options else f"{one.hint}{bounds}")
        if part
    )


def _notes(one: Field) -> str:
    return "\n".join(part for part in (one.note, one.quote, one.remark) if part)


def _allowed(one: Field, ranges: Mapping[str, str]) -> dict[str, Any]:
    """What Excel itself looks at while one types. What it lets through is looked at again on import."""
    title, message = f"{one.code} {one.title}"[:32], f"{one.hint}。"[:255]
    rule: dict[str, Any] = {"error_title": title, "error_message": message}
    if one.options:
        # Several of a list are typed one after the other: Excel would refuse them.
        return rule | {"validate": "list", "source": ranges[one.list_], "show_error": one.several == 1}
    if one.type == "integer":
        return rule | {
            "validate": "integer",
            "criteria": "between",
            "minimum": one.lowest,
            "maximum": one.highest,
        }
    if one.type in ("money_wan", "percent"):
        return rule | {
            "validate": "decimal",
            "criteria": "between",
            "minimum": one.lowest,
            "maximum": one.highest,
        }
    if one.type == "date" and not one.endless:
        return rule | {"validate": "date", "criteria": "between", "minimum": EARLIEST, "maximum": LATEST}
    if one.longest and one.several == 1:
        # Excel counts a rare character twice: it warns, and the import decides.
        return rule | {"validate": "length", "criteria": "<=", "value": one.longest, "error_type": "warning"}
    return {}
