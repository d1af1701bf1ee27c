"""A workbook comes back with its faults at their cells and in a list, and with everything that was typed."""

import io

import openpyxl
import pytest

from benchmarks.province import declarations
from fangxin.exchange.declarations import returned
from fangxin.exchange.declarations.checking import check_declaration
from fangxin.exchange.declarations.faults import Fault
from fangxin.exchange.declarations.layout import FAULTS, FIRST_ROW
from fangxin.exchange.declarations.returned import write_faults
from fangxin.exchange.declarations.template import template
from fangxin.exchange.refusals import FileRefused
from fangxin.exchange.tests.declared_files import OWN, PROVINCE, changed, own, place, put, read
from fangxin.rules.tests.declared import ON


def told(content: bytes) -> list[Fault]:
    workbook = read(content)
    return [*workbook.faults, *(fault for raw in workbook for fault in check_declaration(raw, on=ON).faults)]


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def at(workbook, code, row=FIRST_ROW):
    sheet, number, column = place(OWN, code, row)
    return workbook[sheet].cell(number, column)


def spoilt() -> bytes:
    def as_text(workbook):
        cell = at(workbook, "J1-25")
        cell.value, cell.data_type = "=SUM(A1)", "s"

    return changed(put(own(), OWN, J1_20="若干", J1_23=9, J1_14="=1+1"), as_text)


def test_the_cell_is_coloured_and_bears_the_message():
    workbook = opened(write_faults(spoilt(), told(spoilt())))
    wrong, doubtful, sound = (at(workbook, code) for code in ("J1-20", "J1-23", "J1-21"))
    assert (wrong.fill.fgColor.rgb[-6:], doubtful.fill.fgColor.rgb[-6:]) == (
        returned.BLOCKED,
        returned.WARNED,
    )
    assert "J1-20：房地产经纪人（人数）应当是整数，填的是“若干”" in wrong.comment.text
    assert sound.comment is None
    assert "公式" in at(workbook, "J1-14").comment.text


def test_what_was_typed_is_as_it_was_and_no_text_has_become_a_formula():
    before, after = opened(spoilt()), opened(write_faults(spoilt(), told(spoilt())))
    for sheet in before.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                other = after[sheet.title][cell.coordinate]
                assert (other.value, other.data_type) == (cell.value, cell.data_type)
    assert (at(after, "J1-25").value, at(after, "J1-25").data_type) == ("=SUM(A1)", "s")
    assert at(after, "J1-25").number_format == "@"


def test_the_list_names_place_code_and_message_and_leads_there():
    workbook = opened(write_faults(spoilt(), told(spoilt())))
    sheet = workbook[FAULTS]
    assert workbook.sheetnames[0] == FAULTS
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    cell = at(workbook, "J1-20")
    (line,) = [row for row in rows if "J1-20：" in row[5]]
    assert line[1:5] == [cell.parent.title, cell.coordinate, "91350100M000100Y43", "须改正"]
    assert [row[4] for row in rows] == sorted((row[4] for row in rows), reverse=True)
    assert sheet.cell(2, 3).hyperlink.location or sheet.cell(2, 3).hyperlink.target


@pytest.mark.parametrize("begins", "=+-@\t")
def test_a_message_that_begins_like_a_formula_is_a_text(begins):
    fault = Fault(f"{begins}cmd|' /c calc'!A0", place(OWN, "J1-20")[0], FIRST_ROW, 1, agency="=1+1")
    workbook = opened(write_faults(own(), [fault]))
    cells = [cell for row in workbook[FAULTS].iter_rows(min_row=2) for cell in row if cell.value]
    assert {cell.data_type for cell in cells} == {"s"}


def test_a_returned_workbook_is_corrected_and_read_again_and_the_old_marks_go():
    once = write_faults(spoilt(), told(spoilt()))
    mended = put(once, OWN, J1_20=5, J1_14=500)
    left = told(mended)
    assert [fault.blocks for fault in left] == [False]
    workbook = opened(write_faults(mended, left))
    assert at(workbook, "J1-20").comment is None
    assert at(workbook, "J1-20").fill.fill_type is None
    assert at(workbook, "J1-23").comment is not None
    assert workbook.sheetnames.count(FAULTS) == 1
    assert workbook[FAULTS].max_row == 2


def test_an_own_comment_and_the_notes_of_the_indicators_stay():
    from openpyxl.comments import Comment

    def remark(workbook):
        at(workbook, "J1-20").comment = Comment("问一下会计", "小王")

    content = changed(spoilt(), remark)
    workbook = opened(write_faults(content, told(content)))
    assert "问一下会计" in at(workbook, "J1-20").comment.text
    assert "应当是整数" in at(workbook, "J1-20").comment.text
    assert "含兼职" in at(workbook, "J1-20", 1).comment.text


@pytest.mark.parametrize("text", ["𠮷野㛃😀", "A_x0041_B", "甲\n乙"])
def test_rare_characters_come_back_as_they_were(text):
    content = template(OWN, on=ON, rows=[{"J1": {"introduction": text, "legal_code": "1"}}])
    (raw,) = read(write_faults(content, told(content)))
    assert raw.typed("J1")[0]["introduction"] == text


def test_a_fault_of_a_row_or_of_the_whole_file_has_its_place_in_the_list():
    sheet = place(OWN, "J1-20")[0]
    faults = [Fault("整行。", sheet, FIRST_ROW), Fault("整表。", sheet), Fault("整个文件。", blocks=False)]
    workbook = opened(write_faults(own(), faults))
    listed = {row[5].value: row[2].value for row in workbook[FAULTS].iter_rows(min_row=2)}
    assert listed == {"整行。": f"第{FIRST_ROW}行", "整表。": None, "整个文件。": None}
    assert workbook[sheet].cell(FIRST_ROW, 1).comment.text == "整行。"


class TestALargeWorkbook:
    @pytest.fixture
    def content(self, monkeypatch):
        monkeypatch.setattr(returned, "MOST_CELLS", 500)
        content = template(PROVINCE, on=ON, rows=declarations(20))
        title = PROVINCE.sheets[0].title

        def spoil(workbook):
            workbook[title].cell(FIRST_ROW + 7, 20).value = "若干"
            workbook[title].cell(FIRST_ROW + 7, 4).value = "=cmd"
            workbook[title].cell(FIRST_ROW + 7, 4).data_type = "s"

        return changed(content, spoil)

    def test_only_the_list_and_the_faulty_rows_come_back(self, content):
        title = PROVINCE.sheets[0].title
        fault = Fault("J1-20：应当是整数。", title, FIRST_ROW + 7, 20, "91")
        workbook = opened(write_faults(content, [fault]))
        assert workbook.sheetnames == [FAULTS, title]
        rows = list(workbook[title].iter_rows(min_row=FIRST_ROW))
        assert len(rows) == 1
        assert (rows[0][0].value, rows[0][20].value) == (FIRST_ROW + 7, "若干")
        assert rows[0][20].fill.fgColor.rgb[-6:] == returned.BLOCKED
        assert rows[0][20].comment.text.endswith("应当是整数。")
        assert (rows[0][4].value, rows[0][4].data_type) == ("=cmd", "s")
        assert workbook[title].cell(1, 2).value == "J1-02"

    def test_they_are_no_template(self, content):
        fault = Fault("x。", PROVINCE.sheets[0].title, FIRST_ROW, 2)
        with pytest.raises(FileRefused, match="不是本平台的申报模板"):
            read(write_faults(content, [fault]))

    def test_a_list_without_end_is_cut_and_says_so(self, content, monkeypatch):
        monkeypatch.setattr(returned, "MOST_LISTED", 3)
        faults = [Fault(f"第{n}条。", PROVINCE.sheets[0].title, FIRST_ROW) for n in range(9)]
        sheet = opened(write_faults(content, faults))[FAULTS]
        assert sheet.max_row == 5
        assert sheet.cell(5, 6).value.startswith("共9条，只列出前3条")
