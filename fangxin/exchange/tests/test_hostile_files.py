"""Files nobody should have made are refused as a whole, in one Chinese sentence, quickly and in little memory."""

import io
import random
import re
import resource
import subprocess
import sys
import time
import zipfile
from functools import partial

import pytest

from fangxin.exchange.refusals import FileRefused
from fangxin.exchange.tables import LARGEST, open_table
from fangxin.exchange.tests.files import HEADER, as_csv, as_xlsx, line, lines, repacked, workbook

GOOD = as_xlsx(lines(2))
ZEROS = b"\0" * 1_000_000


def bomb() -> bytes:
    """Three hundred megabytes of blanks in a small file."""
    return repacked(GOOD, lambda _, part: part, {"xl/media/picture.png": b" " * 300_000_000})


def sheet_with(cells: bytes) -> bytes:
    def change(name: str, part: bytes) -> bytes:
        if not name.endswith("sheet1.xml"):
            return part
        return re.sub(
            rb"<sheetData>.*</sheetData>",
            lambda _: b"<sheetData>" + cells + b"</sheetData>",
            part,
            flags=re.S,
        )

    return repacked(GOOD, change)


def far_corner() -> bytes:
    return sheet_with(
        b'<row r="1"><c r="A1" t="str"><v>a</v></c></row><row r="1048576"><c r="XFD1048576" t="str"><v>b</v></c></row>'
    )


def far_corner_without_names() -> bytes:
    far = b"<c/>" * 16_000 + b"<c><v>1</v></c>"
    return sheet_with(b'<row r="1"><c t="str"><v>a</v></c></row><row r="1048576">' + far + b"</row>")


def sheet_called_a_picture() -> bytes:
    content = far_corner()
    moved = repacked(content, lambda _, p: p.replace(b"worksheets/sheet1.xml", b"media/sheet1.png"))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    return repacked(moved, lambda _, part: part, {"xl/media/sheet1.png": sheet})


def only_formulas() -> bytes:
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        for at in range(1, 9):
            sheet.write_formula(at, 3, f"=B{at}&C{at}", None, "")

    return workbook(fill)


def with_macros() -> bytes:
    return repacked(GOOD, lambda _, part: part, {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"})


def entities() -> bytes:
    laughs = b'<!DOCTYPE a [<!ENTITY b "ha">]>'
    return repacked(
        GOOD,
        lambda name, part: part.replace(b"<worksheet", laughs + b"<worksheet") if "sheet1" in name else part,
    )


def _blank(book) -> None:
    book.add_worksheet("空")


def locked() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + ZEROS[:4000]


HOSTILE = {
    "empty": ("a.csv", lambda: b"", "0 字节"),
    "only blanks": ("a.csv", lambda: b"\r\n\r\n  \r\n", "没有内容"),
    "a picture called csv": ("a.csv", lambda: b"\x89PNG\r\n\x1a\n" + ZEROS, "内容却是图片"),
    "a workbook called csv": ("a.csv", lambda: GOOD, "内容却是压缩包或 Office 文件"),
    "a text called xlsx": ("a.xlsx", lambda: as_csv(lines(2)), "不是 Excel 工作簿"),
    "a zip called xlsx": (
        "a.xlsx",
        lambda: repacked(GOOD, lambda n, p: b"" if "Types" in n else p),
        "不是 Excel 工作簿",
    ),
    "half a workbook": ("a.xlsx", lambda: GOOD[: len(GOOD) // 2], "已损坏"),
    "an old workbook": ("a.xls", locked, "旧版 Excel"),
    "a workbook for macros": ("a.xlsm", lambda: GOOD, "含宏"),
    "a workbook with macros": ("a.xlsx", with_macros, "含有宏"),
    "a locked workbook": ("a.xlsx", locked, "加密"),
    "a program": ("a.exe", lambda: b"MZ", "只能导入 CSV"),
    "random octets": ("a.csv", lambda: random.Random(7).randbytes(200_000), ""),
    "octets of nought": ("a.csv", lambda: ZEROS, ""),
    "too large": ("a.csv", lambda: b"a" * (LARGEST + 1), "50 MB"),
    "a bomb": ("a.xlsx", bomb, "200 MB"),
    "two cells far apart": ("a.xlsx", far_corner, "超过可以读取的范围"),
    "two cells far apart, unnamed": ("a.xlsx", far_corner_without_names, "超过可以读取的范围"),
    "a sheet that says it is a picture": ("a.xlsx", sheet_called_a_picture, "内部结构异常"),
    "entities": ("a.xlsx", entities, "不允许的定义"),
    "formulas only": ("a.xlsx", only_formulas, "只有公式"),
    "a million blank rows": ("a.csv", lambda: b",,,,\r\n" * 1_000_000, "没有内容"),
    "column names and a million blank rows": (
        "a.csv",
        lambda: as_csv([]) + b",,,,,,,,\r\n" * 1_000_000,
        "只有列名",
    ),
    "no column names": ("a.csv", "春眠,不觉晓\r\n处处,闻啼鸟\r\n".encode, "没有找到列名"),
    "no workbook content": ("a.xlsx", partial(workbook, _blank), "没有内容"),
}


@pytest.mark.parametrize("case", HOSTILE, ids=list(HOSTILE))
def test_a_hostile_file_is_refused_in_one_sentence(case):
    name, made, words = HOSTILE[case]
    content, begun = made(), time.monotonic()
    with pytest.raises(FileRefused) as refused:
        open_table(name, content)
    assert words in str(refused.value)
    assert str(refused.value).count("。") == 1
    assert str(refused.value).endswith("。")
    assert time.monotonic() - begun < 20


def test_a_million_blank_rows_below_the_data_are_passed_over():
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, line(1))
        bold = book.add_format({"bold": True})
        for at in range(2, 60_000):
            sheet.write_blank(at, 0, None, bold)

    assert [row.number for row in open_table("a.xlsx", workbook(fill)).rows()] == [2]
    blank = as_csv([line(1)]) + b",,,,,,,,\r\n" * 1_000_000
    assert [row.number for row in open_table("a.csv", blank).rows()] == [2]


def test_the_corner_of_a_sheet_does_not_end_the_process(tmp_path):
    """The reader itself asks for half a terabyte and aborts; we must not let it."""
    path = tmp_path / "corner.xlsx"
    path.write_bytes(far_corner())
    code = (
        "import sys; from fangxin.exchange.tables import open_table\n"
        "try: open_table('a.xlsx', open(sys.argv[1], 'rb').read())\n"
        "except Exception as refused: print(type(refused).__name__)"
    )
    limit = 2_000_000_000
    ended = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip() == "FileRefused"
