"""Looks through a workbook before anything reads it: what it would cost, and what it must not hold.

The reader lays a sheet out as one rectangle from its first cell to its last: a file of two cells, the
second in the far corner, asks for more memory than there is and ends the process. So it is measured first.
Declared sizes are not believed, and every part is unpacked in pieces.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from xml.parsers import expat

from fangxin.exchange.refusals import FileRefused

UNPACKED = 200 * 1024 * 1024
AGAIN = "请在 Excel 中重新另存为“Excel 工作簿（.xlsx）”后导入。"
_PARTS = 2_000
_AREA = 2_000_000
_PIECE = 512 * 1024
_KEPT = 1_000
_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_MACROS = re.compile(r"vbaproject|vbadata|macrosheets|activex", re.I)
_PICTURES = re.compile(r"^xl/media/", re.I)

# What every usual program writes: <c r="B5". A part in which each cell begins so is searched, not parsed.
_CELL = re.compile(rb'<c r="([A-Z]{1,3}[0-9]{1,7})"')
_OTHER_CELL = re.compile(rb"<c[\t\n\r/>]")
_PREFIXED = re.compile(rb":(?:c|f|mergeCell)[\s/>]")
_ROW = re.compile(rb'<row r="([0-9]{1,7})"')
_LAST_CELL = re.compile(rb'.*<c r="([A-Z]{1,3}[0-9]{1,7})"', re.S)
_FORMULA = re.compile(rb"<f[\s/>]")
_MERGED = re.compile(rb'<mergeCell ref="([A-Z0-9:]{2,25})"')
_BEGINNING = re.compile(
    rb'(?:\xef\xbb\xbf)?(?:<\?xml version="1\.[01]"(?: encoding="utf-8")?(?: standalone="\w+")?\s*\?>|<[a-z])',
    re.I,
)


@dataclass
class Looked:
    """What one sheet holds besides values: cells with formulas and merged ranges, the first thousand of each."""

    formulas: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    area: int = 0

    def keep(self, kept: list[str], what: str) -> None:
        """One more of the formulas or merged ranges, unless there are a thousand already."""
        if len(kept) < _KEPT:
            kept.append(what)


@dataclass
class Survey:
    """What a workbook holds besides values; `area` is how many cells the reader will lay out."""

    parts: dict[str, Looked] = field(default_factory=dict)
    part_of_sheet: dict[str, str] = field(default_factory=dict)
    pictures: bool = False
    links: bool = False
    from_1904: bool = False

    @property
    def formulas(self) -> bool:
        """Whether any sheet has a formula."""
        return any(part.formulas for part in self.parts.values())

    @property
    def area(self) -> int:
        """The cells of all sheets, blank ones between them included."""
        return sum(part.area for part in self.parts.values())

    def of_sheet(self, name: str) -> Looked:
        """What the sheet of this name holds besides values."""
        return self.parts.get(self.part_of_sheet.get(name, ""), Looked())


def look_through(content: bytes) -> Survey:
    """What the workbook holds. FileRefused when it is damaged, locked, has macros, or needs too much memory."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _Surveyor(archive).survey()
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError):
        raise FileRefused(f"工作簿已损坏或设置了密码，不能读取，{AGAIN}") from None
    except expat.ExpatError:
        raise FileRefused(f"工作簿内容已损坏，不能读取，{AGAIN}") from None


class _Surveyor:
    """Goes through the parts of one archive."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.found = Survey()
        self.unpacked = 0
        self.relations: dict[str, str] = {}
        self.sheets: dict[str, str] = {}

    def survey(self) -> Survey:
        entries = self.archive.infolist()
        self._expect_workbook(entries)
        for entry in entries:
            name = entry.filename
            self.found.pictures |= _PICTURES.search(name) is not None
            self.found.links |= name.lower().startswith("xl/externallinks/")
            if not name.lower().endswith((".xml", ".rels")):
                # No sheet can be a picture or the like: a relation to one is refused.
                for _ in self._pieces(entry):
                    pass
                continue
            looked = None if name.lower().endswith((".rels", "workbook.xml")) else self._searched(entry)
            self.found.parts[name.lower()] = looked or self._parsed(entry)
            if self.found.area > _AREA:
                raise FileRefused(
                    "工作簿的各工作表合计超过二百万格，请删去多余的行列，或拆成几个文件后导入。"
                )
        self.found.part_of_sheet = {
            title: self.relations[relation].lower()
            for title, relation in self.sheets.items()
            if relation in self.relations
        }
        return self.found

    def _expect_workbook(self, entries: list[zipfile.ZipInfo]) -> None:
        if len(entries) > _PARTS or len({entry.filename for entry in entries}) != len(entries):
            raise FileRefused(f"工作簿内部结构异常，{AGAIN}")
        if any(_MACROS.search(entry.filename) for entry in entries):
            raise FileRefused("工作簿含有宏，请另存为不含宏的“Excel 工作簿（.xlsx）”后导入。")
        kinds = next((entry for entry in entries if entry.filename == "[Content_Types].xml"), None)
        if kinds is None or b"spreadsheetml.sheet.main+xml" not in b"".join(self._pieces(kinds)):
            raise FileRefused(f"文件内容不是 Excel 工作簿，{AGAIN}")

    def _pieces(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        with self.archive.open(entry) as part:
            while piece := part.read(_PIECE):
                self.unpacked += len(piece)
                if self.unpacked > UNPACKED:
                    raise FileRefused(
                        "工作簿展开后超过 200 MB，可能是压缩炸弹，请删去多余的行列和图片后重新保存再导入。"
                    )
                yield piece

    def _searched(self, entry: zipfile.ZipInfo) -> Looked | None:
        """What the part holds, found by searching; None where only a parser can tell, or cells are far apart."""
        before, searching = self.unpacked, _Searching()
        if all(map(searching.search, self._pieces(entry))):
            looked = searching.looked
            looked.area = searching.row * searching.column
            if self.found.area + looked.area <= _AREA:
                return looked
        self.unpacked = before
        return None

    def _parsed(self, entry: zipfile.ZipInfo) -> Looked:
        name = entry.filename.lower()
        parsing = _Parsing(
            self, of_workbook=name == "xl/_rels/workbook.xml.rels", is_workbook=name == "xl/workbook.xml"
        )
        for piece in self._pieces(entry):
            parsing.parser.Parse(piece, False)
        return parsing.looked


class _Searching:
    """Searches one part, piece by piece. No cell lies further than `row` and `column`."""

    def __init__(self) -> None:
        self.looked = Looked()
        self.row = self.column = 0
        self._rest, self._begun, self._before = b"", False, ""

    def search(self, piece: bytes) -> bool:
        """False when the part is not written in the usual way, and nothing found so far is to be believed."""
        text = self._rest + piece
        cut = text.rfind(b"<")
        text, self._rest = text[: max(cut, 0)], text[max(cut, 0) :]
        self._begun = self._begun or _BEGINNING.match(text) is not None
        if not self._begun or len(self._rest) > _PIECE or b"<!" in text or _PREFIXED.search(text):
            return False
        cells = text.count(b"<c ")
        if cells != text.count(b'<c r="') or _OTHER_CELL.search(text):
            return False
        if cells and not self._reaches(text, cells):
            return False
        self._note(text)
        return True

    def _reaches(self, text: bytes, cells: int) -> bool:
        numbers = map(int, _ROW.findall(text))
        self.row = max(self.row, _rounded(max(numbers, default=0)))
        if _beyond(self.row, self.column).search(text):
            found = _CELL.findall(text)
            if len(found) != cells:
                return False
            places = [place_of(reference.decode()) for reference in found]
            self.row = max(self.row, _rounded(max(places)[0]))
            self.column = max(self.column, *(column for _, column in places))
        return True

    def _note(self, text: bytes) -> None:
        for formula in islice(_FORMULA.finditer(text), _KEPT):
            cell = _LAST_CELL.match(text, 0, formula.start())
            self.looked.keep(self.looked.formulas, cell[1].decode() if cell else self._before)
        for merged in _MERGED.findall(text):
            self.looked.keep(self.looked.merged, merged.decode())
        if cell := _LAST_CELL.match(text):
            self._before = cell[1].decode()


def _rounded(row: int) -> int:
    """The row, or a little more: 60,999 for 60,003."""
    ten = 10 ** max(len(str(row)) - 2, 0)
    return (row // ten + 1) * ten - 1


@cache
def _beyond(row: int, column: int) -> re.Pattern[bytes]:
    """Finds a cell that lies further down or further right, or whose place is not written in the usual way."""
    digits, name = str(row), letters(column)
    rows = [f"[0-9]{{{len(digits) + 1},}}"] + [
        f"{digits[:at]}[{int(digit) + 1}-9][0-9]{{{len(digits) - at - 1}}}"
        for at, digit in enumerate(digits)
        if digit != "9"
    ]
    columns = [f"[A-Z]{{{len(name) + 1},}}"] + [
        f"{name[:at]}[{chr(ord(letter) + 1)}-Z][A-Z]{{{len(name) - at - 1}}}"
        for at, letter in enumerate(name)
        if letter != "Z"
    ]
    far = f'(?:{"|".join(columns)})[0-9]|[A-Z]{{1,3}}(?:{"|".join(rows)})"'
    return re.compile(f'<c r="(?:{far}|(?![A-Z]{{1,3}}[0-9]{{1,7}}"))'.encode())


def _number(column: bytes | str) -> int:
    number = 0
    for letter in column.encode() if isinstance(column, str) else column:
        number = number * 26 + (letter & 0x1F)
    return number


def place_of(reference: str) -> tuple[int, int]:
    """Row and column, from 1, of a cell such as B5. Raises ValueError."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise ValueError(reference)
    return int(found[2]), _number(found[1])


def letters(column: int) -> str:
    """What Excel calls the column of this number, from 1: AB for 28."""
    called = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        called = chr(65 + rest) + called
    return called


class _Parsing:
    """Follows the cells of one part and refuses once they span too large a rectangle."""

    def __init__(self, surveyor: _Surveyor, *, of_workbook: bool, is_workbook: bool) -> None:
        self.looked = Looked()
        self._surveyor = surveyor
        self._of_workbook, self._is_workbook = of_workbook, is_workbook
        self._first, self._last = (1 << 30, 1 << 30), (0, 0)
        self._row = self._column = 0
        self._earlier_area = surveyor.found.area
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._begins
        self.parser.StartDoctypeDeclHandler = self._doctype

    def _doctype(self, *_: object) -> None:
        raise FileRefused(f"工作簿内部含有不允许的定义，{AGAIN}")

    def _begins(self, name: str, attributes: dict[str, str]) -> None:
        match name.rpartition(" ")[2]:
            case "row":
                self._row, self._column = self._numbered(attributes.get("r", ""), self._row + 1), 0
            case "c":
                self._row, self._column = self._place(attributes.get("r", ""))
            case "v" | "is" | "f" as element:
                if element == "f":
                    self.looked.keep(self.looked.formulas, f"{letters(self._column)}{self._row}")
                self._reaches(self._row, self._column)
            case "mergeCell":
                self.looked.keep(self.looked.merged, attributes.get("ref", ""))
            case "Relationship" if self._of_workbook:
                self._relation(attributes)
            case "sheet" if self._is_workbook:
                relation = next((value for key, value in attributes.items() if key.endswith(" id")), "")
                self._surveyor.sheets[attributes.get("name", "")] = relation
            case "workbookPr" if self._is_workbook:
                self._surveyor.found.from_1904 = attributes.get("date1904", "") in ("1", "true")

    def _relation(self, attributes: dict[str, str]) -> None:
        target = attributes.get("Target", "")
        if not target.lower().endswith(".xml"):
            raise FileRefused(f"工作簿内部结构异常，{AGAIN}")
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        self._surveyor.relations[attributes.get("Id", "")] = path

    def _numbered(self, row: str, otherwise: int) -> int:
        if row and (not row.isdecimal() or len(row) > 7):
            raise FileRefused(f"工作簿的行号异常，{AGAIN}")
        return int(row) if row else otherwise

    def _place(self, reference: str) -> tuple[int, int]:
        if not reference:
            return self._row, self._column + 1
        try:
            return place_of(reference)
        except ValueError:
            raise FileRefused(f"工作簿的单元格位置异常，{AGAIN}") from None

    def _reaches(self, row: int, column: int) -> None:
        self._first = (min(self._first[0], row), min(self._first[1], column))
        self._last = (max(self._last[0], row), max(self._last[1], column))
        self.looked.area = (self._last[0] - self._first[0] + 1) * (self._last[1] - self._first[1] + 1)
        if self._earlier_area + self.looked.area > _AREA:
            raise FileRefused(
                f"表格铺到了第 {self._last[0]} 行、第 {self._last[1]} 列，超过可以读取的范围，"
                "请删去远处的单元格，或拆成几个文件后导入。"
            )
