"""Opens a table somebody made elsewhere: CSV in whatever encoding, or XLSX. Plain Python.

A file that cannot be read as a table is refused as a whole, in one sentence. A cell that cannot be read is
left to its row: what a decoder could not make out stands in it as an unpaired surrogate.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from fangxin.exchange.columns import recognised
from fangxin.exchange.refusals import FileRefused
from fangxin.exchange.workbooks import ONLY_FORMULAS, Cell, open_sheets

MEGABYTE = 1024 * 1024
LARGEST = 50 * MEGABYTE
MOST_ROWS = 100_000
HEADER_WITHIN = 10
SHOWN = 5
DELIMITERS = ",\t;|，"
_CHUNK = MEGABYTE

_SIGNATURES: Mapping[bytes, str] = {
    b"%PDF": "PDF 文件",
    b"\x89PNG": "图片",
    b"\xff\xd8\xff": "图片",
    b"GIF8": "图片",
    b"PK\x03\x04": "压缩包或 Office 文件",
    b"PK\x05\x06": "空压缩包",
    b"\xd0\xcf\x11\xe0": "旧版或加密的 Office 文件",
    b"Rar!": "压缩包",
    b"7z\xbc\xaf": "压缩包",
    b"\x1f\x8b": "压缩包",
    b"MZ": "程序",
    b"\x7fELF": "程序",
    b"SQLite format 3": "数据库",
    b"<!DOCTYPE": "网页",
    b"<html": "网页",
    b"{\\rtf": "RTF 文档",
}
_OTHER_EXTENSIONS: Mapping[str, str] = {
    "xls": "旧版 Excel 文件，请在 Excel 中另存为“Excel 工作簿（.xlsx）”后导入",
    "xlsm": "含宏的 Excel 文件，请另存为不含宏的“Excel 工作簿（.xlsx）”后导入",
    "xlsb": "二进制 Excel 文件，请另存为“Excel 工作簿（.xlsx）”后导入",
    "et": "WPS 表格，请另存为“Excel 工作簿（.xlsx）”后导入",
    "ods": "OpenDocument 表格，请另存为“Excel 工作簿（.xlsx）”后导入",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is not blank. `number` is what Excel shows at its left; `trouble`, what is odd about it."""

    number: int
    cells: tuple[Cell, ...]
    trouble: str = ""


@dataclass(frozen=True)
class Table:
    """A table whose column names were found. Reading its rows begins anew each time."""

    kind: str
    layout: str
    header: tuple[str, ...]
    header_row: int
    remark: str
    _records: Callable[[], Iterator[tuple[tuple[Cell, ...], str]]]

    def rows(self) -> Iterator[Row]:
        """The rows below the header that are not blank. FileRefused when there are too many."""
        width, count = len(self.header), 0
        for number, (cells, odd) in enumerate(self._records(), start=1):
            if number <= self.header_row or all(_blank(cell) for cell in cells):
                continue
            count += 1
            if count > MOST_ROWS:
                raise FileRefused(f"文件超过 {MOST_ROWS // 10_000} 万行，请拆成几个文件分别导入。")
            yield Row(number, cells[:width], odd or _shifted(cells, width))

    def sample(self) -> list[Row]:
        """The first few rows."""
        return list(islice(self.rows(), SHOWN))


def open_table(name: str, content: bytes, also: frozenset[str] = frozenset()) -> Table:
    """The table in the file. `also` are column names that somebody said are there, besides the usual ones.

    FileRefused when it is neither CSV nor XLSX, is not what its name says, is empty, too large, locked, has
    macros, is a bomb, names no column that is known, or has formulas without results only.
    """
    if expect_kind(name, content) == "xlsx":
        return _with_rows(*_workbook_table(content, also))
    return _with_rows(_text_table(content, also), False)


def expect_kind(name: str, content: bytes, *, only_workbook: bool = False) -> str:
    """The extension of the name, when the content may be such a file. FileRefused otherwise."""
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if not content:
        raise FileRefused("文件是空的（0 字节），请检查后重新选择。")
    if len(content) > LARGEST:
        raise FileRefused(
            f"文件有 {len(content) / MEGABYTE:.0f} MB，超过 50 MB 的上限，请拆成几个文件分别导入。"
        )
    if extension in _OTHER_EXTENSIONS:
        raise FileRefused(f"这是{_OTHER_EXTENSIONS[extension]}。")
    if only_workbook and extension != "xlsx":
        raise FileRefused("只能导入 Excel 工作簿（.xlsx），请下载模板填写后导入。")
    if extension not in {"csv", "txt", "tsv", "xlsx"}:
        raise FileRefused("只能导入 CSV（.csv）或 Excel 工作簿（.xlsx），请另存为其中一种后导入。")
    actual = next((what for start, what in _SIGNATURES.items() if content.startswith(start)), "")
    if extension == "xlsx" and not content.startswith(b"PK\x03\x04"):
        really = f"是{actual}" if actual else "不是 Excel 工作簿"
        raise FileRefused(f"文件扩展名是 xlsx，内容却{really}，请重新另存后导入。")
    if extension != "xlsx" and actual:
        raise FileRefused(f"文件扩展名是 {extension}，内容却是{actual}，请重新另存后导入。")
    return extension


def _with_rows(table: Table, has_formulas: bool) -> Table:
    if not any(True for _ in table.rows()):
        raise FileRefused(ONLY_FORMULAS if has_formulas else "文件中只有列名，没有内容，请检查后重新导出。")
    return table


# --- text -----------------------------------------------------------------------------------------------


def _text_table(content: bytes, also: frozenset[str]) -> Table:
    encoding = _encoding(content)
    beginning = _stream(content, encoding).read(64 * 1024)
    odd = sum(1 for mark in beginning if mark < " " and mark not in "\t\r\n\x0b\x0c\x1a")
    if odd * 50 > len(beginning):
        raise FileRefused("文件内容是二进制，不是文本表格，请另存为 CSV 或 xlsx 后导入。")
    heads = {
        delimiter: list(islice(_records(beginning, delimiter), HEADER_WITHIN)) for delimiter in DELIMITERS
    }
    best = max(
        DELIMITERS,
        key=lambda delimiter: max((_likeness(row, also) for row in heads[delimiter]), default=(0, 0)),
    )
    header_row, header = _header(heads[best], also)
    words = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8（带 BOM）", "utf-16": "UTF-16", "gb18030": "GB18030"}[
        encoding
    ]
    named = {",": "逗号", "\t": "制表符", ";": "分号", "|": "竖线", "，": "中文逗号"}[best]

    def records() -> Iterator[tuple[tuple[Cell, ...], str]]:
        # The largest cell a file may have is the file: a quotation mark never closed is told with its row.
        csv.field_size_limit(2 * LARGEST)
        reader = csv.reader(_stream(content, encoding), delimiter=best)
        before = 0
        try:
            for cells in reader:
                lines, before = reader.line_num - before, reader.line_num
                yield tuple(cells), _swallowed(cells, lines)
        except csv.Error as wrong:
            raise FileRefused(
                f"文件第 {reader.line_num} 行之后不能按 CSV 读取（{wrong}），请另存为 xlsx 后导入。"
            ) from None

    return Table("csv", f"CSV，{words}，{named}分隔", header, header_row, "", records)


def _swallowed(cells: Sequence[str], lines: int) -> str:
    if lines > 20 and any(len(cell) > 10_000 for cell in cells):
        return (
            f"这一行一直延续了 {lines} 行文本，可能少了一个右引号，后面的行没有分开读到。"
            "请改正引号后重新导入。"
        )
    return ""


def _shifted(cells: Sequence[Cell], width: int) -> str:
    if all(_blank(cell) for cell in cells[width:]):
        return ""
    return (
        f"这一行有 {len(cells)} 格，标题行只有 {width} 格，各格可能已经错位。"
        "请检查内容里的分隔符是否加了英文双引号。"
    )


def _records(text: str, delimiter: str) -> Iterator[tuple[Cell, ...]]:
    csv.field_size_limit(2 * LARGEST)
    return (tuple(cells) for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def _stream(content: bytes, encoding: str) -> io.TextIOWrapper:
    errors = "surrogatepass" if encoding == "utf-16" else "surrogateescape"
    return io.TextIOWrapper(io.BytesIO(content), encoding, errors=errors, newline="")


def _encoding(content: bytes) -> str:
    """The encoding of the text. A few broken octets do not make another of UTF-8: their rows are refused."""
    if content.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for encoding in ("utf-8", "gb18030"):
        good, broken = _decoded(content, encoding)
        if broken * 50 <= good:
            return encoding
    raise FileRefused("文件的文字编码无法识别，请在 Excel 中另存为“CSV UTF-8”或 xlsx 后导入。")


def _decoded(content: bytes, encoding: str) -> tuple[int, int]:
    good = broken = 0
    stream = io.TextIOWrapper(io.BytesIO(content), encoding, errors="replace", newline="")
    while chunk := stream.read(_CHUNK):
        wrong = chunk.count("\ufffd")
        broken += wrong
        good += sum(len(run) for run in re.findall(r"[^\x00-\x7f\ufffd]+", chunk))
    return good, broken


# --- workbooks ------------------------------------------------------------------------------------------


def _workbook_table(content: bytes, also: frozenset[str]) -> tuple[Table, bool]:
    sheets = open_sheets(content)
    best = max(
        sheets.names,
        key=lambda name: max(
            (_likeness(row, also) for row in islice(sheets.rows(name), HEADER_WITHIN)), default=(0, 0)
        ),
    )
    header_row, header = _header([tuple(row) for row in islice(sheets.rows(best), HEADER_WITHIN)], also)

    def records() -> Iterator[tuple[tuple[Cell, ...], str]]:
        return ((tuple(row), "") for row in sheets.rows(best))

    others = [name for name in sheets.names if name != best]
    remark = f"只读取了工作表“{best}”，没有读取：{'、'.join(others)}。" if others else ""
    layout = f"Excel，工作表“{best}”"
    return Table("xlsx", layout, header, header_row, remark, records), sheets.has_formulas


# --- header ---------------------------------------------------------------------------------------------


def _likeness(row: Sequence[object], also: frozenset[str]) -> tuple[int, int]:
    names = [str(cell) for cell in row if isinstance(cell, str) and len(cell) < 60]
    return recognised(names) + sum(1 for name in names if name.strip() in also), len(names)


def _header(rows: Sequence[Sequence[Cell]], also: frozenset[str]) -> tuple[int, tuple[str, ...]]:
    """The row with most column names among the first, counted from 1. FileRefused when there is none."""
    filled = [(number, row) for number, row in enumerate(rows, start=1) if not all(_blank(c) for c in row)]
    if not filled:
        raise FileRefused("文件中没有内容：前几行都是空行，请检查是否选错了文件或工作表。")
    number, row = max(filled, key=lambda one: (_likeness(one[1], also)[0], -one[0]))
    if _likeness(row, also)[0] == 0:
        raise FileRefused(
            f"前 {HEADER_WITHIN} 行中没有找到列名，请让第一行写明各列的名称，如“工单编号”“标题”“主要内容”。"
        )
    names = ["" if cell is None else str(cell).strip().lstrip("\ufeff") for cell in row]
    while names and not names[-1]:
        names.pop()
    if len(names) > 200:
        raise FileRefused(f"表格有 {len(names)} 列，超过 200 列，请检查分隔符或删去不需要的列后导入。")
    return number, tuple(names)


def _blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip("\ufeff \t\r\n\u3000"))
