"""Reads XLSX, once it is known that reading it is safe.

The reader lays a sheet out as one rectangle from its first cell to its last: a file of two cells, the
second in the far corner, asks for more memory than there is and ends the process. So it is measured first.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from xml.parsers import expat

import python_calamine as calamine

from fangxin.exchange.refusals import FileRefused

Cell = str | float | bool | datetime | date | time | timedelta | None

_UNPACKED = 200 * 1024 * 1024
_PARTS = 2_000
_AREA = 2_000_000
_SHEETS = 50
ONLY_FORMULAS = "表中只有公式，没有计算结果，请在 Excel 中打开、把内容粘贴为值并保存后导入。"
_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_AGAIN = "请在 Excel 中重新另存为“Excel 工作簿（.xlsx）”后导入。"
_MACROS = re.compile(r"vbaproject|vbadata|macrosheets|activex", re.I)


class Sheets:
    """The visible sheets with cells in them."""

    def __init__(self, workbook: calamine.CalamineWorkbook, has_formulas: bool) -> None:
        self.has_formulas = has_formulas
        self._sheets = {}
        for about in workbook.sheets_metadata[:_SHEETS]:
            if (
                about.typ == calamine.SheetTypeEnum.WorkSheet
                and about.visible == calamine.SheetVisibleEnum.Visible
            ):
                sheet = workbook.get_sheet_by_name(about.name)
                if sheet.end is not None:
                    self._sheets[about.name] = sheet

    @property
    def names(self) -> list[str]:
        """What the sheets are called, in their order."""
        return list(self._sheets)

    def rows(self, name: str) -> Iterator[Sequence[Cell]]:
        """The rows of a sheet, blank ones before the first cell included."""
        yield from self._sheets[name].iter_rows()


def open_sheets(content: bytes) -> Sheets:
    """The workbook's sheets. FileRefused when it is damaged, locked, has macros, or needs too much memory."""
    has_formulas = _look_through(content)
    try:
        sheets = Sheets(calamine.load_workbook(io.BytesIO(content)), has_formulas)
    except calamine.PasswordError:
        raise FileRefused("工作簿设置了密码，请去掉密码后重新保存再导入。") from None
    except calamine.CalamineError:
        raise FileRefused(f"工作簿已损坏，不能读取，{_AGAIN}") from None
    if not sheets.names:
        raise FileRefused(
            ONLY_FORMULAS if has_formulas else "工作簿中没有内容，请检查是否选错了文件或工作表。"
        )
    return sheets


def _look_through(content: bytes) -> bool:
    """True when there are formulas. Declared sizes are not believed: every part is unpacked in pieces."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > _PARTS or len({entry.filename for entry in entries}) != len(entries):
                raise FileRefused(f"工作簿内部结构异常，{_AGAIN}")
            if any(_MACROS.search(entry.filename) for entry in entries):
                raise FileRefused("工作簿含有宏，请另存为不含宏的“Excel 工作簿（.xlsx）”后导入。")
            kinds = (
                archive.read("[Content_Types].xml") if "[Content_Types].xml" in archive.namelist() else b""
            )
            if b"spreadsheetml.sheet.main+xml" not in kinds:
                raise FileRefused(f"文件内容不是 Excel 工作簿，{_AGAIN}")
            unpacked, survey = 0, _Survey()
            for entry in entries:
                surveyor = survey.of_part(entry.filename)
                with archive.open(entry) as part:
                    while piece := part.read(256 * 1024):
                        unpacked += len(piece)
                        if unpacked > _UNPACKED:
                            raise FileRefused(
                                "工作簿展开后超过 200 MB，可能是压缩炸弹，"
                                "请删去多余的行列和图片后重新保存再导入。"
                            )
                        if surveyor is not None:
                            surveyor.Parse(piece, False)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError):
        raise FileRefused(f"工作簿已损坏或设置了密码，不能读取，{_AGAIN}") from None
    except expat.ExpatError:
        raise FileRefused(f"工作簿内容已损坏，不能读取，{_AGAIN}") from None
    return survey.formulas


class _Survey:
    """Follows the cells of every part and refuses once they span too large a rectangle."""

    def __init__(self) -> None:
        self.formulas = False
        self._earlier_area = 0
        self._first, self._last = (1 << 30, 1 << 30), (0, 0)
        self._row = self._column = 0
        self._of_workbook = False

    def of_part(self, name: str) -> "expat.XMLParserType | None":
        """A reader of this part's XML; None for pictures and the like, which no sheet can be (`_begins`)."""
        if not name.lower().endswith((".xml", ".rels")):
            return None
        self._earlier_area += self._area
        self._first, self._last = (1 << 30, 1 << 30), (0, 0)
        self._row = self._column = 0
        self._of_workbook = name.lower() == "xl/_rels/workbook.xml.rels"
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._begins
        parser.StartDoctypeDeclHandler = self._doctype
        return parser

    @property
    def _area(self) -> int:
        rows, columns = self._last[0] - self._first[0] + 1, self._last[1] - self._first[1] + 1
        return max(rows, 0) * max(columns, 0)

    def _doctype(self, *_: object) -> None:
        raise FileRefused(f"工作簿内部含有不允许的定义，{_AGAIN}")

    def _begins(self, name: str, attributes: dict[str, str]) -> None:
        match name.rpartition(" ")[2]:
            case "row":
                self._row, self._column = self._numbered(attributes.get("r", ""), self._row + 1), 0
            case "c":
                self._row, self._column = self._place(attributes.get("r", ""))
            case "v" | "is" | "f" as element:
                self.formulas |= element == "f"
                self._reaches(self._row, self._column)
            case "Relationship" if self._of_workbook:
                if not attributes.get("Target", "").lower().endswith(".xml"):
                    raise FileRefused(f"工作簿内部结构异常，{_AGAIN}")

    def _numbered(self, row: str, otherwise: int) -> int:
        if row and (not row.isdecimal() or len(row) > 7):
            raise FileRefused(f"工作簿的行号异常，{_AGAIN}")
        return int(row) if row else otherwise

    def _place(self, reference: str) -> tuple[int, int]:
        if not reference:
            return self._row, self._column + 1
        found = _REFERENCE.fullmatch(reference)
        if found is None:
            raise FileRefused(f"工作簿的单元格位置异常，{_AGAIN}")
        column = 0
        for letter in found[1].upper():
            column = column * 26 + ord(letter) - 64
        return int(found[2]), column

    def _reaches(self, row: int, column: int) -> None:
        self._first = (min(self._first[0], row), min(self._first[1], column))
        self._last = (max(self._last[0], row), max(self._last[1], column))
        if self._earlier_area + self._area > _AREA:
            raise FileRefused(
                f"表格铺到了第 {self._last[0]} 行、第 {self._last[1]} 列，超过可以读取的范围，"
                "请删去远处的单元格，或拆成几个文件后导入。"
            )
