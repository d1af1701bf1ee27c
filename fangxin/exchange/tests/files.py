"""Tables as others make them: good ones, and such as nobody should have made."""

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import xlsxwriter

HEADER = (
    "工单编号", "来源", "创建时间", "标题", "主要内容", "来电人代号", "被反映区", "原承办单位答复", "答复时间",
)  # fmt: skip


def line(number: int, **changes: str) -> list[str]:
    """One invented work order."""
    cells = {
        "工单编号": f"HX{number:05}",
        "来源": "便民热线",
        "创建时间": f"2026/1/{number % 28 + 1} 9:{number % 60:02}:04",
        "标题": f"{number}号楼电梯经常停运",
        "主要内容": f"{number}号楼电梯本月停运三次，物业公司说等配件，至今没有修好。",
        "来电人代号": f"A{number:06}",
        "被反映区": "朝阳区",
        "原承办单位答复": "",
        "答复时间": "",
    }
    return list((cells | changes).values())


def lines(how_many: int) -> list[list[str]]:
    return [line(number) for number in range(1, how_many + 1)]


def as_csv(
    rows: Sequence[Sequence[str]],
    header: Sequence[str] = HEADER,
    encoding: str = "utf-8-sig",
    delimiter: str = ",",
) -> bytes:
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=delimiter)
    writer.writerows([header, *rows] if header else rows)
    return written.getvalue().encode(encoding, "surrogatepass")


def as_xlsx(rows: Sequence[Sequence[Any]], header: Sequence[str] = HEADER) -> bytes:
    def fill(book: Any) -> None:
        sheet = book.add_worksheet("工单")
        for at, row in enumerate([header, *rows]):
            for column, cell in enumerate(row):
                sheet.write(at, column, cell)

    return workbook(fill)


def workbook(fill: Callable[[Any], None]) -> bytes:
    written = io.BytesIO()
    book = xlsxwriter.Workbook(
        written, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    fill(book)
    book.close()
    return written.getvalue()


def repacked(
    content: bytes, change: Callable[[str, bytes], bytes], more: dict[str, bytes] | None = None
) -> bytes:
    """The same archive with its parts changed and more parts added."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, part in (more or {}).items():
            new.writestr(name, part)
    return written.getvalue()
