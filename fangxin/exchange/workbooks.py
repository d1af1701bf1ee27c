"""Reads XLSX, once it is known that reading it is safe."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

import python_calamine as calamine

from fangxin.exchange.refusals import FileRefused
from fangxin.exchange.survey import AGAIN, look_through

Cell = str | float | bool | datetime | date | time | timedelta | None

_SHEETS = 50
ONLY_FORMULAS = "表中只有公式，没有计算结果，请在 Excel 中打开、把内容粘贴为值并保存后导入。"


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


@contextmanager
def told() -> Iterator[None]:
    """What the reader cannot read is refused in a sentence."""
    try:
        yield
    except calamine.PasswordError:
        raise FileRefused("工作簿设置了密码，请去掉密码后重新保存再导入。") from None
    except calamine.CalamineError:
        raise FileRefused(f"工作簿已损坏，不能读取，{AGAIN}") from None


def open_sheets(content: bytes) -> Sheets:
    """The workbook's sheets. FileRefused when it is damaged, locked, has macros, or needs too much memory."""
    has_formulas = look_through(content).formulas
    with told():
        sheets = Sheets(calamine.load_workbook(io.BytesIO(content)), has_formulas)
    if not sheets.names:
        raise FileRefused(
            ONLY_FORMULAS if has_formulas else "工作簿中没有内容，请检查是否选错了文件或工作表。"
        )
    return sheets
