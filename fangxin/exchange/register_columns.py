"""What the columns of filing (企业备案) and practitioner (从业管理) tables mean: indicators by code or title. Plain Python."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from fangxin.agencies.columns import REPEATED, is_sealed
from fangxin.exchange.columns import plain
from fangxin.exchange.refusals import FileRefused
from fangxin.exchange.workbooks import Cell
from fangxin.rules.indicators import Field, catalogue

# Other names of the columns by which a filing is known.
FILING_NAMES: Mapping[str, str] = {
    "J1-01": "企业名称 单位名称 公司名称",
    "J1-02": "统一社会信用代码 企业代码 组织机构代码 信用代码",
    "J1-18": "备案日期 备案时间",
    "J1+01": "所在区县 县区 区县",
}
KEY_OF_FILING = "J1-02"


@dataclass(frozen=True)
class RosterColumn:
    """A column of the practitioner table. `names` are what else it is called."""

    key: str
    title: str
    names: str
    needed: bool = False


ROSTER: tuple[RosterColumn, ...] = (
    RosterColumn("registration_no", "注册号", "登记号 注册证号 登记编号 证书编号 经纪人注册号 协理注册号", True),
    RosterColumn("name", "姓名", "人员姓名 经纪人姓名 协理姓名", True),
    RosterColumn("kind", "类别", "人员类别 资格类别 职业资格", True),
    RosterColumn("agency_code", "注册机构代码", "机构代码 法人代码 统一社会信用代码 执业机构代码 所在机构代码", True),
    RosterColumn("full_time", "专职", "是否专职 专兼职 专职兼职"),
    RosterColumn("valid_until", "有效期至", "有效期 注册有效期 有效期截止 到期日"),
)  # fmt: skip


@cache
def filing_fields(jurisdiction: str) -> dict[str, Field]:
    """What of an agency a filing may tell: the fields of J1 and J2 besides pictures and what lies sealed, by code."""
    tables = (catalogue(jurisdiction).table(code) for code in ("J1", "J2"))
    return {
        field.code: field
        for table in tables
        for field in table.all_fields
        if field.column not in REPEATED and field.type != "image" and not is_sealed(field)
    }


@cache
def filing_names(jurisdiction: str) -> dict[str, str]:
    """Every name of a column, as it is compared, with the code it means; a bare title is J1's before J2's."""
    names: dict[str, str] = {}
    for code, field in filing_fields(jurisdiction).items():
        for name in (code, field.title, f"{code}{field.title}", *FILING_NAMES.get(code, "").split()):
            names.setdefault(plain(name), code)
        if code.startswith("J2"):
            names.setdefault(plain(f"法定代表人{field.title}"), code)
    return names


@cache
def roster_names() -> dict[str, str]:
    """Every name of a column, as it is compared, with the key it means."""
    return {plain(name): one.key for one in ROSTER for name in (one.title, *one.names.split())}


def understood(header: Sequence[str], names: Mapping[str, str], needed: Mapping[str, str]) -> dict[str, int]:
    """Meaning → column; of two columns that mean the same the first. FileRefused names what is needed and missing."""
    columns: dict[str, int] = {}
    for at, name in enumerate(header):
        if (key := names.get(plain(name))) is not None:
            columns.setdefault(key, at)
    if missing := [title for key, title in needed.items() if key not in columns]:
        there = "、".join(f"“{name[:20]}”" for name in header[:12] if name)
        raise FileRefused(f"没有认出“{'、'.join(missing)}”列，现有的列是：{there}。请改列名后再导入。")
    return columns


def text_of(cell: Cell) -> str:
    """The cell as somebody would have typed it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell).strip()
