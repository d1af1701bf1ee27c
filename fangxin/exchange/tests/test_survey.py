"""The look through a workbook finds what is there, in whichever way the parts are written."""

import io
import re
import zipfile

import openpyxl
import pytest

from fangxin.exchange import survey
from fangxin.exchange.refusals import FileRefused
from fangxin.exchange.survey import letters, look_through, place_of
from fangxin.exchange.tests.files import lines, repacked, workbook
from fangxin.exchange.tests.test_hostile_files import far_corner


def sheet_changed(content, pattern, instead):
    return repacked(
        content,
        lambda name, part: re.sub(pattern, instead, part) if "worksheets/sheet" in name else part,
    )


def with_formulas() -> bytes:
    def fill(book):
        for name in ("一", "二"):
            sheet = book.add_worksheet(name)
            for row, line in enumerate(lines(300)):
                sheet.write_row(row, 0, line)
        book.get_worksheet_by_name("二").write_formula(199, 2, "=A1", None, "1")
        book.get_worksheet_by_name("二").write_formula(9, 27, "=A1", None, "1")
        book.get_worksheet_by_name("二").merge_range("C5:D6", "x")

    return workbook(fill)


WAYS = {
    "the usual": (rb"$^", b""),
    "single quotation marks": (rb'r="([A-Z]+\d+)"', rb"r='\1'"),
    "two blanks": (rb"<c r=", rb"<c  r="),
    "a line's end": (rb"<c r=", b"<c\nr="),
    "another attribute first": (rb'<c r="([A-Z]+\d+)"', rb'<c x="1" r="\1"'),
    "a comment": (rb"<sheetData>", rb"<sheetData><!-- x -->"),
    "a formula with attributes": (rb"<f>", rb'<f ca="1">'),
}


@pytest.mark.parametrize("way", WAYS)
def test_formulas_and_merged_cells_are_found_however_a_sheet_is_written(way):
    found = look_through(sheet_changed(with_formulas(), *WAYS[way]))
    assert sorted(found.of_sheet("二").formulas) == ["AB10", "C200"]
    assert found.of_sheet("二").merged == ["C5:D6"]
    assert found.of_sheet("一").formulas == []
    assert found.formulas


@pytest.mark.parametrize("piece", [64, 1000, 512 * 1024])
def test_it_does_not_matter_where_a_part_is_cut(monkeypatch, piece):
    monkeypatch.setattr(survey, "_PIECE", piece)
    found = look_through(with_formulas())
    assert sorted(found.of_sheet("二").formulas) == ["AB10", "C200"]


FAR = {
    "the usual": (rb"$^", b""),
    "single quotation marks": (rb'r="(XFD1048576)"', rb"r='\1'"),
    "small letters": (rb"XFD1048576", rb"xfd1048576"),
    "a blank within": (rb'<c r="XFD', rb'<c  r="XFD'),
    "an entity within": (rb'r="XFD1048576"', rb'r="&#88;FD1048576"'),
    "a name with a prefix": (
        rb'<c r="XFD1048576" t="str"><v>b</v></c>',
        rb'<x:c xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" r="XFD1048576" t="str"><v>b</v></x:c>',
    ),
    "rows that say another number": (rb'<row r="1048576">', rb'<row r="2">'),
    "only far down": (rb"XFD1048576", rb"A1048576"),
}


@pytest.mark.parametrize("way", FAR)
def test_cells_far_apart_are_found_however_they_are_written(way):
    content = sheet_changed(far_corner(), *FAR[way])
    if way == "only far down":
        assert 1_048_576 <= look_through(content).area < 1_200_000
        return
    with pytest.raises(FileRefused, match="超过可以读取的范围"):
        look_through(content)


def test_a_sheet_in_another_encoding_is_parsed():
    def in_utf16(name, part):
        if "sheet1" not in name:
            return part
        return part.decode().replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")

    with pytest.raises(FileRefused, match="超过可以读取的范围"):
        look_through(repacked(far_corner(), in_utf16))


def test_the_cells_of_all_sheets_are_counted_together():
    def fill(book):
        for at in range(30):
            sheet = book.add_worksheet(f"s{at}")
            sheet.write(0, 0, "a")
            sheet.write(9_999, 9, "b")

    with pytest.raises(FileRefused, match="删去"):
        look_through(workbook(fill))


def test_searching_tells_no_smaller_area_than_parsing(monkeypatch):
    content = with_formulas()
    searched = look_through(content).area
    monkeypatch.setattr(survey._Surveyor, "_searched", lambda self, entry: None)
    parsed = look_through(content).area
    assert parsed <= searched <= parsed * 1.3


def test_a_workbook_saved_by_another_program_is_searched_too(monkeypatch):
    saved = io.BytesIO()
    openpyxl.load_workbook(io.BytesIO(with_formulas())).save(saved)
    parsed = []
    parse = survey._Surveyor._parsed
    monkeypatch.setattr(
        survey._Surveyor, "_parsed", lambda self, entry: parsed.append(entry.filename) or parse(self, entry)
    )
    assert look_through(saved.getvalue()).formulas
    assert not [name for name in parsed if "worksheets" in name]
    with zipfile.ZipFile(io.BytesIO(saved.getvalue())) as archive:
        assert any("worksheets" in name for name in archive.namelist())


@pytest.mark.parametrize(
    ("column", "name"), [(1, "A"), (26, "Z"), (27, "AA"), (52, "AZ"), (703, "AAA"), (16384, "XFD")]
)
def test_columns_are_called_as_in_excel(column, name):
    assert letters(column) == name
    assert place_of(f"{name}12") == (12, column)
