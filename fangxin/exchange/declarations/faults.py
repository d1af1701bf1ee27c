"""What is wrong with a workbook of declarations, and where."""

from dataclasses import dataclass

from fangxin.exchange.survey import letters


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong at a place: rows and columns from 1 as Excel shows them, 0 for the whole row or sheet.

    One that `blocks` must be mended before the agency's declaration is taken; others are shown to both sides.
    `agency` is the code of whose row it is, "" when nobody's.
    """

    message: str
    sheet: str = ""
    row: int = 0
    column: int = 0
    agency: str = ""
    blocks: bool = True

    @property
    def cell(self) -> str:
        """F12; "" when no single cell is meant."""
        return f"{letters(self.column)}{self.row}" if self.row and self.column else ""

    @property
    def place(self) -> str:
        """For a reader: 工作表“J7 …”F12."""
        if not self.sheet:
            return "整个文件"
        row = f"第{self.row}行" if self.row else ""
        return f"工作表“{self.sheet}”{self.cell or row}"
