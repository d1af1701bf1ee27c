"""The workbook to declare in follows the catalogue: its sheets, columns, lists and notes, and what may be typed."""

import io

import openpyxl
import pytest
import python_calamine

from fangxin.exchange.declarations.layout import (
    CODE_ROW,
    FIRST_ROW,
    GUIDE,
    HINT_ROW,
    LISTS,
    TITLE_ROW,
    Shape,
    layout_of,
)
from fangxin.exchange.declarations.template import template
from fangxin.exchange.tests.declared_files import OWN, PROVINCE, own
from fangxin.rules import book
from fangxin.rules.indicator_fields import FilledBy
from fangxin.rules.indicators import catalogue
from fangxin.rules.tests.declared import ON, declaration

BOOKS = {
    layout.shape: openpyxl.load_workbook(io.BytesIO(template(layout, on=ON))) for layout in (OWN, PROVINCE)
}
COLUMNS = [
    pytest.param(layout, sheet, at, one, id=f"{layout.shape}-{sheet.code}-{one.code}")
    for layout in (OWN, PROVINCE)
    for sheet in layout.sheets
    for at, one in enumerate(sheet.columns, start=1)
]


@pytest.mark.parametrize("shape", Shape)
def test_every_field_an_agency_fills_in_has_one_column_and_no_other_has(shape):
    declared = {one.key: set(one.fields) for one in book("fujian").declared_tables}
    wanted = {
        one.code
        for table, only in declared.items()
        for one in catalogue().table(table).all_fields
        if one.type != "image"
        and one.filled_by in (FilledBy.AGENCY, FilledBy.BOTH)
        and (not only or one.code in only)
    }
    layout = layout_of(shape)
    found = [one.code for sheet in layout.sheets for one in sheet.columns if one.table == sheet.code]
    assert sorted(found) == sorted(wanted)
    assert [sheet.code for sheet in layout.sheets] == list(declared)


@pytest.mark.parametrize(("layout", "sheet", "at", "one"), COLUMNS)
def test_a_column_says_what_it_is_and_what_is_asked_for(layout, sheet, at, one):
    page = BOOKS[layout.shape][sheet.title]
    assert page.cell(CODE_ROW, at).value == one.code
    assert page.cell(TITLE_ROW, at).value == (one.title if one.public else f"{one.title} ●")
    asked = page.cell(HINT_ROW, at).value or ""
    assert asked.startswith("必填") is one.required
    assert ("从列表中选择" if one.options else one.hint) in asked
    note = page.cell(CODE_ROW, at).comment
    for words in filter(None, (one.note, one.quote)):
        assert words in note.text
    assert all(page.cell(row, at).protection.locked for row in (CODE_ROW, TITLE_ROW, HINT_ROW))


@pytest.mark.parametrize(("layout", "sheet", "at", "one"), COLUMNS)
def test_a_column_takes_what_its_type_takes(layout, sheet, at, one):
    page = BOOKS[layout.shape][sheet.title]
    column = next(one for one in page.column_dimensions.values() if one.min <= at <= one.max)
    expected = {"date": "yyyy-mm-dd", "integer": "0", "money_wan": "General", "percent": "General"}
    assert column.number_format == expected.get(one.type, "@")
    assert not column.protection.locked
    first = f"{openpyxl.utils.get_column_letter(at)}{FIRST_ROW}"
    rules = [rule for rule in page.data_validations.dataValidation if first in rule.sqref]
    if one.options:
        where = rules[0].formula1.removeprefix(f"{LISTS}!").replace("$", "")
        assert [cell.value for (cell,) in BOOKS[layout.shape][LISTS][where]] == list(one.options.values())
    if one.type == "integer":
        assert (rules[0].type, rules[0].formula1, rules[0].formula2) == (
            "whole",
            str(one.lowest),
            str(one.highest),
        )


@pytest.mark.parametrize("layout", [OWN, PROVINCE], ids=lambda layout: layout.shape)
def test_headings_stay_in_sight_and_are_locked_and_lists_are_out_of_sight(layout):
    workbook = BOOKS[layout.shape]
    assert workbook.sheetnames == [GUIDE, *(sheet.title for sheet in layout.sheets), LISTS]
    assert workbook[LISTS].sheet_state == "veryHidden"
    for sheet in layout.sheets:
        page = workbook[sheet.title]
        assert page.protection.sheet
        assert page.freeze_panes == f"{'A' if layout is OWN and not sheet.many else 'B'}{FIRST_ROW}"
        assert not page.merged_cells.ranges
        assert sheet.key is None or page.cell(CODE_ROW, 1).value == "J1-02"


@pytest.mark.parametrize("layout", [OWN, PROVINCE], ids=lambda layout: layout.shape)
def test_the_guide_tells_the_version_and_what_is_declared_to_be_true(layout):
    words = "\n".join(str(cell.value) for row in BOOKS[layout.shape][GUIDE].iter_rows() for cell in row)
    assert catalogue().version in words
    assert layout.version in words
    assert book("fujian").value("declaration.truth_statement", on=ON).value in words


@pytest.mark.parametrize(
    "begins", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /c calc'!A0", "＝1+1", '=HYPERLINK("x")']
)
def test_a_text_that_begins_like_a_formula_stays_a_text(begins):
    row = declaration(J1={"introduction": begins, "office_address": begins})
    content = template(OWN, on=ON, rows=[row])
    page = openpyxl.load_workbook(io.BytesIO(content))[OWN.sheets[0].title]
    found = [cell for cell in page[FIRST_ROW] if cell.value == begins]
    assert [cell.data_type for cell in found] == ["s", "s"]
    assert all(cell.number_format == "@" for cell in found)


def test_codes_keep_their_noughts_and_days_are_days():
    page = openpyxl.load_workbook(io.BytesIO(own(J1={"postcode": "010000"})))[OWN.sheets[0].title]
    cells = {page.cell(CODE_ROW, cell.column).value: cell for cell in page[FIRST_ROW]}
    assert (cells["J1-06"].value, cells["J1-06"].number_format) == ("010000", "@")
    assert cells["J1-15"].value.date() == declaration()["J1"]["registered_on"]
    assert cells["J1-14"].value == 500
    assert cells["J1-03"].value == "福州市"


def test_the_reader_sees_in_a_filled_template_what_was_put_in():
    workbook = python_calamine.load_workbook(io.BytesIO(own()))
    rows = workbook.get_sheet_by_name(OWN.sheets[0].title).to_python()
    assert rows[FIRST_ROW - 1][0] == "福州诚信房地产经纪有限公司"


def test_the_two_shapes_are_told_apart_by_their_versions():
    assert OWN.version != PROVINCE.version
    assert OWN.version == layout_of(Shape.AGENCY).version
