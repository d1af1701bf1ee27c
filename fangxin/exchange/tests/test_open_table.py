"""A table is found in what people send: whatever its encoding, its delimiter, and what stands above it."""

from datetime import datetime

import pytest

from fangxin.exchange.refusals import FileRefused
from fangxin.exchange.tables import open_table
from fangxin.exchange.tests.files import HEADER, as_csv, as_xlsx, line, lines, workbook

MOMENT = datetime(2026, 1, 5, 9, 30)  # noqa: DTZ001 - a cell has no zone


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_encoding_is_found(encoding):
    table = open_table("a.csv", as_csv([line(1, 标题="业主𠮷先生说😀，㛃字也在")], encoding=encoding))
    assert table.header == HEADER
    assert [row.cells[3] for row in table.rows()] == ["业主𠮷先生说😀，㛃字也在"]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_found(delimiter):
    table = open_table("a.csv", as_csv(lines(3), delimiter=delimiter))
    assert table.header == HEADER
    assert [row.number for row in table.rows()] == [2, 3, 4]


def test_a_title_above_the_column_names_and_blank_rows_do_not_count():
    content = as_csv([["某区热线工单明细表"], [], HEADER, line(1), [""] * 9, line(2)], header=())
    table = open_table("a.csv", content)
    assert table.header_row == 3
    assert [row.number for row in table.rows()] == [4, 6]


def test_a_cell_of_several_lines_stays_one_cell():
    table = open_table("a.csv", as_csv([line(1, 主要内容='一行\n"引号"，二行'), line(2)]))
    first, second = table.rows()
    assert first.cells[4] == '一行\n"引号"，二行'
    assert second.number == 3


def test_a_few_broken_octets_do_not_turn_the_rest_into_nonsense():
    content = as_csv(lines(30)).replace("15号楼电梯经常停运".encode(), b"15\xff\xfe\xb0")
    rows = list(open_table("a.csv", content).rows())
    assert rows[13].cells[3] == "14号楼电梯经常停运"
    assert any("\udc80" <= mark <= "\udcff" for mark in str(rows[14].cells[3]))


def test_a_workbook_is_read_from_the_visible_sheet_that_looks_like_work_orders():
    def fill(book):
        book.add_worksheet("说明").write(0, 0, "请先阅读")
        hidden = book.add_worksheet("旧")
        hidden.write_row(0, 0, HEADER)
        hidden.hide()
        sheet = book.add_worksheet("工单")
        sheet.write_row(2, 1, HEADER)
        sheet.write_row(3, 1, line(1))
        sheet.write_datetime(3, 3, MOMENT, book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))

    table = open_table("a.xlsx", workbook(fill))
    assert table.header == HEADER
    assert table.header_row == 3
    (row,) = table.rows()
    assert row.number == 4
    assert row.cells[2] == MOMENT
    assert "说明" in table.remark


def test_a_row_with_more_cells_than_columns_says_that_it_slipped():
    (row,) = open_table("a.csv", as_csv([[*line(1), "多出来的"]])).rows()
    assert "10 格" in row.trouble
    assert "9 格" in row.trouble


def test_a_quotation_mark_never_closed_says_what_it_swallowed():
    content = (
        as_csv([line(1)]) + '2,便民热线,2026/1/1 9:00,"没有右引号,'.encode() + as_csv(lines(400), header=())
    )
    rows = list(open_table("a.csv", content).rows())
    assert rows[0].trouble == ""
    assert "右引号" in rows[1].trouble


def test_more_rows_than_the_limit_are_refused_and_not_cut_off(monkeypatch):
    monkeypatch.setattr("fangxin.exchange.tables.MOST_ROWS", 10)
    with pytest.raises(FileRefused, match="拆成几个文件"):
        list(open_table("a.csv", as_csv(lines(11))).rows())


def test_a_workbook_and_a_text_say_the_same():
    told = [
        [row.cells for row in table.rows()]
        for table in (open_table("a.csv", as_csv(lines(5))), open_table("a.xlsx", as_xlsx(lines(5))))
    ]
    assert told[0] == told[1]
