"""Reads a workbook of declarations: per agency what stands where, and what the workbook itself does wrong.

A file that is not our template is refused as a whole. What is wrong at a place is a fault of that place: of an
agency, where the row is one's; of the workbook, where it is nobody's.
"""

import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import python_calamine as calamine

from fangxin.exchange.declarations.faults import Fault
from fangxin.exchange.declarations.layout import (
    CODE_ROW,
    FIRST_ROW,
    LISTS,
    OURS,
    TEMPLATE_MARK,
    Layout,
    Shape,
    SheetLayout,
    layout_of,
)
from fangxin.exchange.refusals import FileRefused
from fangxin.exchange.survey import Survey, look_through, place_of
from fangxin.exchange.tables import expect_kind
from fangxin.exchange.workbooks import Cell, told
from fangxin.rules.identifiers import DASHES, FULL_WIDTH
from fangxin.rules.indicator_fields import Field
from fangxin.rules.indicator_texts import clipped

MOST_ROWS = 200_000
MOST_MARKED = 500
COMMON = 12  # characters; most longer texts are one agency's own
FORMULA = "这里是公式，只收填写的内容，请复制后“选择性粘贴—数值”"
MERGED = "与别的格合并了（{}），合并的格只读得到一个值，请取消合并后分别填写"
STRAY = "这一栏不在模板里，没有读取，请删去，或填到相应的栏里"
TWO_AGENCIES = "“{}”也填在{}{}的机构名下，同一人不能是两家机构的，两家都没有导入，请核对。"
HEADS_TWO = "“{}”也是{}{}的机构的法定代表人；确是同一人的不用改。"
# By table: the number of a person, the name beside it, and whether two agencies can never both have it.
PERSONS_OF_ONE = {
    "J2": (("id_number", "name", False),),
    "J7": (("broker_registration_no", "broker_name", True), ("assistant_registration_no", "assistant_name", True)),
}  # fmt: skip
_BLANKS = "\ufeff \t\r\n\u3000"
_TABLE = re.compile(r"\s*([JT]\d)(?!\d)", re.I)
_COLUMN = re.compile(r"\s*([JT]\d[-+]\d\d(?:-\d\d)?)", re.I)
_PLAIN_CODE = re.compile(r"[0-9A-Z]+")


class Row(NamedTuple):
    """A row that is not blank: its number as Excel shows it, and its cells as they were read."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class ReadSheet:
    """A sheet as it is called in the file; `columns` are places in a row, from 0, by the catalogue's column."""

    layout: SheetLayout
    name: str
    columns: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def fields(self) -> dict[str, Field]:
        """The fields of the table that the sheet has, by their column."""
        return {one.column: one for one in self.layout.table.all_fields if one.column in self.columns}

    @cached_property
    def carried(self) -> frozenset[Field]:
        """Those that the platform fills in where the sheet leaves them empty."""
        return frozenset(one for one in self.layout.carried if one.column in self.columns)


@dataclass(frozen=True)
class RawDeclaration:
    """One agency's rows by table, as typed. `code` is its code, plain; `faults` are the workbook's about it."""

    layout: Layout
    code: str
    sheets: Mapping[str, ReadSheet]
    rows: Mapping[str, Sequence[Row]]
    faults: tuple[Fault, ...]

    def typed(self, table: str) -> list[dict[str, Cell]]:
        """What was typed in a table, row by row and column by column, for a draft in which nothing is lost."""
        columns = self.sheets[table].columns if table in self.sheets else {}
        return [
            {
                name: row.cells[at]
                for name, at in columns.items()
                if at < len(row.cells) and row.cells[at] != ""
            }
            for row in self.rows.get(table, ())
        ]


def read_workbook(name: str, content: bytes, book: str = "fujian") -> "DeclarationWorkbook":
    """The workbook, its sheets and columns known. Going through it gives one agency after the other.

    FileRefused when it is no workbook, damaged, locked, a bomb, has macros, links or more formulas than anybody
    would correct one by one, or was not made from the template of today.
    """
    expect_kind(name, content, only_workbook=True)
    found = look_through(content)
    if found.links:
        raise FileRefused("工作簿链接了其他文件，请在 Excel 的“数据—编辑链接”中断开链接后保存再导入。")
    if found.from_1904:
        raise FileRefused(
            "工作簿用的是1904年日期系统，日期会差四年，请在 Excel 选项中取消后重新核对日期再导入。"
        )
    with told():
        workbook = calamine.load_workbook(io.BytesIO(content))
    with workbook:
        return _Reader(workbook, found, _expect_template(workbook, book)).whole()


def _expect_template(workbook: calamine.CalamineWorkbook, book: str) -> Layout:
    """The layout the workbook was made from. FileRefused when it is another's, or another version's."""
    way_on = "请下载现行模板，把内容粘贴过去（只粘贴值）后导入"
    marks: list[str] = []
    if LISTS in workbook.sheet_names:
        with told():
            rows = workbook.get_sheet_by_name(LISTS).to_python(skip_empty_area=False, nrows=4)
        marks = [str(row[0]) for row in rows if row]
    if len(marks) < 4 or marks[0] != TEMPLATE_MARK or marks[2] not in set(Shape):
        raise FileRefused(f"这不是本平台的申报模板，或者模板的说明、选项已被删去，{way_on}。")
    layout = layout_of(Shape(marks[2]), book)
    if marks[1] != layout.version:
        raise FileRefused(
            f"这是另一版的申报模板（模板{marks[1][:20]}，指标目录{marks[3][:20]}），"
            f"现行的是模板{layout.version}，指标目录{layout.catalogue.version}，{way_on}。"
        )
    return layout


@dataclass
class DeclarationWorkbook:
    """A workbook of one agency or of many.

    `faults` are those of the workbook itself and of rows that belong to no agency; while one of them blocks, no
    agency should be taken: what is nobody's may be anybody's. `area` is how many cells it spans. It may be gone
    through once: what has been given is no longer held.
    """

    layout: Layout
    area: int
    faults: list[Fault] = field(default_factory=list)
    sheets: dict[str, ReadSheet] = field(default_factory=dict)
    _rows: dict[str, dict[str, list[Row]]] = field(default_factory=dict)
    _own: dict[str, list[Fault]] = field(default_factory=dict)

    @property
    def codes(self) -> list[str]:
        """The agencies still to be given, in the order of their sheet; "" for that of an agency's own workbook."""
        return list(self._rows[self.layout.first.code])

    def __iter__(self) -> Iterator[RawDeclaration]:
        for key in self.codes:
            rows = {table: found.pop(key, []) for table, found in self._rows.items()}
            code = key or self._only_code(rows[self.layout.first.code])
            yield RawDeclaration(self.layout, code, self.sheets, rows, tuple(self._own.pop(key, ())))

    def _only_code(self, rows: Sequence[Row]) -> str:
        at = self.sheets[self.layout.first.code].columns[self.layout.key.column]
        return plain_code(rows[0].cells[at]) if rows else ""


class _Reader:
    """Fills a `DeclarationWorkbook` from an open workbook, sheet by sheet."""

    def __init__(self, workbook: calamine.CalamineWorkbook, found: Survey, layout: Layout) -> None:
        self.workbook, self.found, self.layout = workbook, found, layout
        self.own = layout.shape is Shape.AGENCY
        self.read = DeclarationWorkbook(layout, found.area)
        # Of what a province writes again and again one copy is enough.
        self.words: dict[Cell, Cell] = {}
        self.faults, self.sheets = self.read.faults, self.read.sheets

    def whole(self) -> DeclarationWorkbook:
        """Everything is read. FileRefused when nothing has been filled in."""
        self._name_sheets()
        if self.found.pictures:
            self._fault("插在表里的图片没有读入，请在平台上传", blocks=False)
        first = self.layout.first
        # The agencies come first: a row of another sheet is one's, or nobody's.
        for layout in (first, *(one for one in self.layout.sheets if one is not first)):
            self.read._rows[layout.code] = {}
            if layout.code in self.sheets:
                self._rows(self.sheets[layout.code])
        if not any(self.read._rows.values()) and not any(fault.row for fault in self.faults):
            raise FileRefused(f"工作簿中没有填写内容，请从各表的第{FIRST_ROW}行起填写。")
        if self.own:
            self.read._rows[first.code].setdefault("", [])
        else:
            self._expect_persons_once()
        return self.read

    def _expect_persons_once(self) -> None:
        """A number that two agencies give as their person's is a fault at each of its cells: one of them is wrong."""
        for table, columns in PERSONS_OF_ONE.items():
            sheet, rows = self.sheets.get(table), self.read._rows.get(table, {})
            for number, name, blocks in columns if sheet else ():
                if sheet is None or number not in sheet.columns:
                    continue
                at, called = sheet.columns[number], sheet.columns.get(name)
                for places in _of_several(rows, at):
                    names = {row.cells[called] for _, row in places} if called is not None else set()
                    for code, row in places:
                        other = next(one for one, _ in places if one != code)
                        said = TWO_AGENCIES if blocks or len(names) > 1 else HEADS_TWO
                        words = said.format(row.cells[at], self.layout.key.title, other)
                        self.read._own.setdefault(code, []).append(
                            Fault(
                                words, sheet.name, row.number, at + 1, code, blocks=blocks or len(names) > 1
                            )
                        )

    def _fault(
        self, message: str, sheet: str = "", row: int = 0, column: int = 0, *, blocks: bool = True
    ) -> None:
        self.faults.append(Fault(f"{message}。", sheet, row, column, blocks=blocks))

    # --- sheets and columns ---

    def _name_sheets(self) -> None:
        for about in self.workbook.sheets_metadata:
            if about.name in OURS:
                continue
            found = _TABLE.match(about.name)
            layout = self.layout.sheet(found[1].upper()) if found else None
            if about.visible != calamine.SheetVisibleEnum.Visible:
                self._fault("工作表被隐藏，没有读取，请取消隐藏或删去", about.name)
            elif about.typ != calamine.SheetTypeEnum.WorkSheet or layout is None:
                self._fault("申报模板没有这张工作表，没有读取，请删去", about.name)
            elif (other := self.sheets.get(layout.code)) is not None:
                self._fault(f"{layout.code}有两张工作表，另一张是“{other.name}”，请合成一张", about.name)
            else:
                self.sheets[layout.code] = ReadSheet(layout, about.name)
        for layout in self.layout.sheets:
            if layout.code in self.sheets:
                continue
            if layout is self.layout.first:
                raise FileRefused(f"工作簿没有工作表“{layout.title}”，请下载现行模板重新填写。")
            lacking = "，按没有填写读入" if layout.declared.may_be_empty else "，请从现行模板补上"
            self._fault(f"没有工作表“{layout.title}”{lacking}", blocks=not layout.declared.may_be_empty)

    def _columns(self, sheet: ReadSheet, head: Sequence[Cell]) -> dict[str, int]:
        layout = sheet.layout
        columns: dict[str, int] = {}
        for at, cell in enumerate(head):
            found = _COLUMN.match(cell) if isinstance(cell, str) else None
            one = layout.known.get(found[1].upper()) if found else None
            if one is not None and one.column not in columns:
                columns[one.column] = at
            elif one is not None:
                self._fault(f"{one.code}有两栏，只读取了前一栏，请删去一栏", sheet.name, CODE_ROW, at + 1)
            elif not _blank(cell):
                words = f"“{clipped(str(cell))}”不是这张表的指标编号，这一栏没有读取，请改回或删去这一栏"
                self._fault(words, sheet.name, CODE_ROW, at + 1)
        for one in layout.columns:
            if one.column not in columns and one is self.layout.key:
                raise FileRefused(
                    f"工作表“{sheet.name}”没有{one.code}{one.title}这一栏，请下载现行模板重新填写。"
                )
            if one.column not in columns:
                self._fault(f"缺少{one.code}{one.title}这一栏，请从现行模板补上", sheet.name, CODE_ROW)
        return columns

    # --- rows ---

    def _rows(self, sheet: ReadSheet) -> None:
        marks = self._marks(sheet)
        count = 0
        with told():
            rows = enumerate(self.workbook.get_sheet_by_name(sheet.name).iter_rows(), start=1)
            head = next((cells for number, cells in rows if number == CODE_ROW), [])
            sheet = ReadSheet(sheet.layout, sheet.name, self._columns(sheet, head))
            self.sheets[sheet.layout.code] = sheet
            strange = sorted(set(range(len(head))) - set(sheet.columns.values()))
            for number, cells in rows:
                if number < FIRST_ROW or all(map(_blank, cells)):
                    continue
                count += 1
                if count > MOST_ROWS:
                    most = f"{MOST_ROWS // 10_000}万行"
                    raise FileRefused(f"工作表“{sheet.name}”超过{most}，请拆成几个文件分别导入。")
                strays = [at for at in strange if not _blank(cells[at])]
                self._row(sheet, number, cells, [*marks.pop(number, ()), *((at + 1, STRAY) for at in strays)])
        for number, marked in marks.items():
            for column, message in marked:
                self._fault(message, sheet.name, number, column)

    def _row(
        self, sheet: ReadSheet, number: int, cells: Sequence[Cell], marked: Sequence[tuple[int, str]]
    ) -> None:
        """The row is its agency's, with what is marked in it; or all of that is a fault of nobody's."""
        key = 0 if self.own else sheet.columns[self.layout.key.column]
        code = "" if self.own else plain_code(cells[key])
        kept = self.read._rows[sheet.layout.code].setdefault(code, [])
        nobodys = self._nobodys(sheet, code)
        twice = "" if nobodys or sheet.layout.many or not kept else self._twice(code, kept[0])
        if nobodys:
            del self.read._rows[sheet.layout.code][code]
        elif not twice:
            common = self.words.setdefault
            kept.append(
                Row(
                    number,
                    tuple([common(c, c) if type(c) is str and len(c) < COMMON else c for c in cells]),
                )
            )
        wrong = [*([(key + 1, nobodys or twice)] if nobodys or twice else []), *marked]
        if wrong:
            faults = self.faults if nobodys else self.read._own.setdefault(code, [])
            agency = "" if nobodys else code
            faults += (Fault(f"{message}。", sheet.name, number, column, agency) for column, message in wrong)

    def _nobodys(self, sheet: ReadSheet, code: str) -> str:
        """Why the row is no agency's, "" when it is one's."""
        if self.own:
            return ""
        if not code:
            return f"没有填写{self.layout.key.title}，不知道是哪家机构的"
        agencies = self.layout.first.code
        if sheet.layout is not self.layout.first and code not in self.read._rows[agencies]:
            return f"{self.layout.key.title}“{clipped(code)}”不在工作表“{self.sheets[agencies].name}”里"
        return ""

    def _twice(self, code: str, before: Row) -> str:
        if self.own:
            way_on = "几家机构请用多家机构的模板"
            return f"一家机构的模板，这张表只填一行，第{before.number}行已经填了；{way_on}"
        return f"{self.layout.key.title}{code}在第{before.number}行已经填过，请删去一行"

    def _marks(self, sheet: ReadSheet) -> dict[int, list[tuple[int, str]]]:
        """What stands in the rows to be read that is no value, by row: formulas and merged cells."""
        looked = self.found.of_sheet(sheet.name)
        marks: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
        for row, column in map(place_of, looked.formulas):
            marks[row].append((column, FORMULA))
        for merged in looked.merged:
            (row, column), (last, _) = (place_of(corner) for corner in (merged.split(":") * 2)[:2])
            for number in range(row, min(last, row + MOST_MARKED) + 1):
                marks[number].append((column, MERGED.format(merged)))
        below = {row: marked for row, marked in marks.items() if row >= FIRST_ROW}
        if sum(map(len, below.values())) > MOST_MARKED:
            raise FileRefused(
                f"工作表“{sheet.name}”从第{min(below)}行起有{MOST_MARKED}处以上的公式或者合并单元格，"
                "请全选复制后“选择性粘贴—数值”、取消合并，再导入。"
            )
        return below


def _of_several(rows: Mapping[str, Sequence[Row]], at: int) -> Iterator[list[tuple[str, Row]]]:
    """The rows of several agencies that have the same number in this column, number by number."""
    first: dict[str, str] = {}
    several: set[str] = set()
    for code, of_agency in rows.items():
        for row in of_agency:
            number = plain_code(row.cells[at])
            if number and first.setdefault(number, code) != code:
                several.add(number)
    if not several:
        return
    places: defaultdict[str, list[tuple[str, Row]]] = defaultdict(list)
    for code, of_agency in rows.items():
        for row in of_agency:
            if (number := plain_code(row.cells[at])) in several:
                places[number].append((code, row))
    yield from places.values()


def plain_code(cell: Cell) -> str:
    """An agency's code as rows are told apart by it: half-width capitals without blanks and hyphens."""
    if isinstance(cell, str):
        if _PLAIN_CODE.fullmatch(cell):
            return cell
        return re.sub(r"[\s-]", "", cell.translate(FULL_WIDTH).translate(DASHES)).upper()[:40]
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return "" if cell is None else str(cell)[:40]


def _blank(cell: Cell) -> bool:
    return cell is None or cell == "" or (isinstance(cell, str) and not cell.strip(_BLANKS))
