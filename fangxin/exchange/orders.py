"""One row of somebody's table, read as a work order. What cannot be read is said, column by column."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from fangxin.cases.terms import district_titles, source_titles
from fangxin.complaints.actions import Grievance
from fangxin.deadlines.clock import SHANGHAI
from fangxin.exchange.columns import FIELDS, SEALED, plain
from fangxin.exchange.tables import Row
from fangxin.exchange.workbooks import Cell
from fangxin.journal.actions import without_identity
from fangxin.rules.divisions import divisions

# A title, where there is none, is the beginning of the text.
TITLE_FROM_TEXT = 40
EARLIEST_YEAR = 1990
_UNSTORABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffd]")
_MOMENT = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
    r"(?:[\sT]*(\d{1,2})\s*[:时]\s*(\d{1,2})\s*(?:[:分]\s*(\d{1,2})(?:\.\d+)?\s*秒?|分)?)?"
)
_WITH_ZONE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*(?:Z|[+-]\d\d:?\d\d)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?")
_OTHER_SOURCE_NAMES: Mapping[str, str] = {
    "hotline": "12345 12345热线 热线 市民热线 政务服务便民热线 便民服务热线 12345市民服务热线 "
    "接诉即办 电话 来电",
    "media": "网络舆情 舆情 媒体",
    "supervised": "督办 督察 督查督办",
    "referred": "上级转办",
    "district": "区县",
}
# 经开区 has no code of its own in GB/T 2260.
_DISTRICT_NAMES: Mapping[str, Mapping[str, str]] = {
    "beijing": {
        "北京经济技术开发区": "110302",
        "亦庄": "110302",
        "亦庄开发区": "110302",
        "经济技术开发区": "110302",
    }
}


@dataclass(frozen=True, slots=True)
class Remark:
    """What is wrong with, or worth knowing of, one cell. `value` is shortened and never an identity."""

    column: str
    value: str
    message: str


@dataclass(frozen=True, slots=True)
class Order:
    """A row as a work order. With `wrong`, the row is refused; `notes` only go into the report."""

    place: int
    row: int
    source: str
    grievance: Grievance
    person: Mapping[str, str]
    has_caller: bool
    wrong: tuple[Remark, ...] = ()
    notes: tuple[Remark, ...] = ()

    @property
    def number(self) -> str:
        """The work order's own number, "" without one."""
        return self.grievance.external_number or ""


@dataclass(frozen=True)
class Reading:
    """How the rows of one table are to be read: whose, which column is what, what the table calls them."""

    jurisdiction: str
    header: Sequence[str]
    columns: Mapping[str, int]
    default_source: str
    moment: datetime

    def order(self, row: Row, place: int) -> Order:
        """The row as a work order; `place` is its place among the rows that are not blank, from 0."""
        return _Reader(self, row).order(place)


class _Reader:
    """Reads one row and gathers what is wrong with it."""

    def __init__(self, reading: Reading, row: Row) -> None:
        self.reading = reading
        self.row = row
        self.wrong: list[Remark] = []
        self.notes: list[Remark] = []

    def order(self, place: int) -> Order:
        """The work order, complete or with what is wrong."""
        if self.row.trouble:
            self.wrong.append(Remark("（整行）", "", self.row.trouble))
        values = {
            key: self.text(key) for key in self.reading.columns if key not in {"received_at", "answered_at"}
        }
        source = self.source(values.get("source", ""))
        received_at = self.moment("received_at")
        grievance = Grievance(
            title=self.title(values), text=values.get("text") or values.get("title", ""),
            respondent_name=values.get("respondent_name", ""),
            respondent_person=values.get("respondent_person", ""),
            project_name=values.get("project_name", ""), project_address=self.address(values),
            district=self.district(values.get("district", "")),
            external_number=values.get("external_number") or None, origin_document=self.origin(values),
            earlier_answer=self.answer(values), received_at=received_at,
        )  # fmt: skip
        person = {key: value for key, value in values.items() if key in SEALED and value}
        return Order(
            place, self.row.number, source, grievance, person, bool(person or values.get("caller_code")),
            tuple(self.wrong), tuple(self.notes),
        )  # fmt: skip

    # --- cells ---

    def cell(self, key: str) -> Cell:
        at = self.reading.columns.get(key, -1)
        return self.row.cells[at] if 0 <= at < len(self.row.cells) else None

    def column(self, key: str) -> str:
        at = self.reading.columns.get(key, -1)
        return self.reading.header[at] if 0 <= at < len(self.reading.header) else FIELDS[key].title

    def refuse(self, key: str, message: str, value: str = "") -> None:
        self.wrong.append(Remark(self.column(key), shown(key, value), message))

    def note(self, key: str, message: str, value: str = "") -> None:
        self.notes.append(Remark(self.column(key), shown(key, value), message))

    def text(self, key: str) -> str:
        """The cell as text; "" and a remark when it cannot be kept as it is."""
        value = self.cell(key)
        if isinstance(value, float) and (not value.is_integer() or abs(value) >= 1e15):
            self.refuse(key, "是数字格式，可能已经丢失末尾几位。请将该列设为文本格式后重新填写。")
            return ""
        text = _as_text(value)
        if found := _UNSTORABLE.search(text):
            self.refuse(key, f"含有无法识别的字符（{_named(found[0])}），可能是编码损坏。请改正后重新导入。")
            return ""
        longest = FIELDS[key].longest
        if len(text) > longest:
            self.refuse(key, f"不得超过 {longest} 字，现有 {len(text)} 字。", text)
            return ""
        return text

    # --- fields ---

    def title(self, values: Mapping[str, str]) -> str:
        title, text = values.get("title", ""), values.get("text", "")
        if title:
            if not text and not self.wrong and "text" in self.reading.columns:
                self.note("text", "为空，以标题作为内容。")
            return title
        if not text:
            if not self.wrong:
                key = "text" if "text" in self.reading.columns else "title"
                self.refuse(key, "标题和内容都是空的，至少填写一项。")
            return ""
        if "title" in self.reading.columns:
            self.note("title", f"为空，以内容的前 {TITLE_FROM_TEXT} 字作为标题。")
        return " ".join(text.split())[:TITLE_FROM_TEXT]

    def source(self, name: str) -> str:
        if not name:
            return self.reading.default_source
        known = _sources(self.reading.jurisdiction)
        found = known.get(plain(name))
        if found is None:
            self.refuse(
                "source",
                f"没有这种来源，应为：{'、'.join(source_titles(self.reading.jurisdiction).values())}。",
                name,
            )
            return self.reading.default_source
        return found

    def district(self, name: str) -> str:
        if not name:
            return ""
        found = _districts(self.reading.jurisdiction).get(_district_plain(name))
        if found is None:
            self.note("district", "不认识这个区县，案件未填区县，请在分件时选择。", name)
            return ""
        return found

    def address(self, values: Mapping[str, str]) -> str:
        parts = [values.get(key, "") for key in ("street", "community", "project_address")]
        address = "".join(part for part in parts if part)
        if len(address) > FIELDS["project_address"].longest:
            self.refuse("project_address", f"连同街乡镇、社区不得超过 300 字，现有 {len(address)} 字。")
        return address

    def origin(self, values: Mapping[str, str]) -> str:
        """The number of the letter it came with, or the code by which the hotline knows its caller."""
        if document := values.get("origin_document", ""):
            return document
        code = values.get("caller_code", "")
        return f"来电人代号 {code}" if code else ""

    def answer(self, values: Mapping[str, str]) -> str:
        answer = values.get("earlier_answer", "")
        answered_at = self.moment("answered_at") if answer or self.cell("answered_at") else None
        if answered_at is None:
            return answer
        return f"{answer}\n（答复时间 {answered_at:%Y-%m-%d %H:%M}）" if answer else ""

    def moment(self, key: str) -> datetime | None:
        """The moment in the cell, in Asia/Shanghai; None and a remark when there is none or it cannot be."""
        value = self.cell(key)
        if key not in self.reading.columns:
            return None
        if value is None or value == "":
            if key == "received_at":
                self.note(key, "为空，以导入时间作为收到时间。")
            return None
        try:
            moment = _moment(value)
        except ValueError as wrong:
            self.refuse(key, str(wrong), _as_text(value))
            return None
        if moment > self.reading.moment + timedelta(minutes=10):
            self.refuse(key, "晚于现在，请核对。", _as_text(value))
            return None
        if moment.year < EARLIEST_YEAR:
            self.refuse(key, f"早于 {EARLIEST_YEAR} 年，请核对。", _as_text(value))
            return None
        return moment


def shown(key: str, value: str) -> str:
    """The value as a report may show it: nothing of an identity, of prose only how long it is."""
    if not value:
        return ""
    if key in SEALED or key == "caller_code":
        return "（不显示）"
    if FIELDS[key].prose:
        return f"（{len(value)} 字）"
    value = without_identity(_UNSTORABLE.sub("□", value))
    return value if len(value) <= 20 else f"{value[:20]}…"


def _as_text(value: Cell) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case int():
            return str(value)
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S}"
        case date() | time() | timedelta():
            return str(value)
    text = value.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n").replace("\x0c", "\n")
    return text.replace("_x000D_", "").strip("\ufeff \t\n\u3000")


def _named(mark: str) -> str:
    return f"U+{ord(mark):04X}"


def _moment(value: Cell) -> datetime:
    """ValueError, in Chinese, for what is no moment."""
    match value:
        case datetime():
            return value.replace(tzinfo=SHANGHAI)
        case date():
            return datetime(value.year, value.month, value.day, tzinfo=SHANGHAI)
        case float() if 20_000 <= value < 100_000:
            # How Excel counts: days since 1899-12-30.
            return datetime(1899, 12, 30, tzinfo=SHANGHAI) + timedelta(days=value)
    text = unicodedata.normalize("NFKC", _as_text(value)).strip()
    if _WITH_ZONE.fullmatch(text):
        with suppress(ValueError):
            return datetime.fromisoformat(text).astimezone(SHANGHAI)
    found = _MOMENT.fullmatch(text) or _COMPACT.fullmatch(text)
    if found is None:
        raise ValueError("不是日期时间，应如 2026-02-25 14:03。")
    numbers = [int(part) if part else 0 for part in found.groups()]
    year, month, day, hour, minute, second = numbers
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)
    except ValueError:
        raise ValueError("没有这样的日期或时间，应为真实的日期，如 2026-02-25 14:03。") from None


@cache
def _sources(jurisdiction: str) -> Mapping[str, str]:
    titles = source_titles(jurisdiction)
    usual = {
        plain(name): key
        for key, names in _OTHER_SOURCE_NAMES.items()
        if key in titles
        for name in names.split()
    }
    return usual | {plain(title): key for key, title in titles.items()} | {key: key for key in titles}


@cache
def _districts(jurisdiction: str) -> Mapping[str, str]:
    """Names and codes, present and former, with and without 市 and 区, → the present code."""
    titles = district_titles(jurisdiction)
    names = {_district_plain(title): code for code, title in titles.items()}
    names |= {code: code for code in titles}
    names |= {_district_plain(name): code for name, code in _DISTRICT_NAMES.get(jurisdiction, {}).items()}
    for former in divisions().former:
        if len(former.now) == 1 and former.now[0] in titles:
            names.setdefault(_district_plain(former.name), former.now[0])
            names.setdefault(former.code, former.now[0])
    return names


def _district_plain(name: str) -> str:
    name = re.sub(r"\s", "", unicodedata.normalize("NFKC", name))
    name = re.sub(r"^北京市?|^福建省", "", name) or name
    return re.sub(r"(?<=..)[区县市]$", "", name)
