"""Who would move under another scheme, as a file: the whole list, where the page shows its beginning."""

import csv
import io
from collections.abc import Iterator

from fangxin.credit.whatif import WhatIf
from fangxin.exchange.queries import neutral
from fangxin.rules.evaluation import SUBJECTS

COLUMNS = ("对象", "代码或注册号", "名称", "原得分", "原等级", "试算得分", "试算等级", "理由")


def as_csv(found: WhatIf) -> bytes:
    """UTF-8 with a BOM, as Excel reads it; no cell is a formula to whoever opens it."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    for row in _rows(found):
        writer.writerow([neutral(cell) for cell in row])
    return f"\ufeff{written.getvalue()}".encode()


def as_xlsx(found: WhatIf) -> bytes:
    """Two sheets: the matrix from grade to grade, and the list. Words are written as words, never as formulas."""
    octets = io.BytesIO()
    import xlsxwriter

    with xlsxwriter.Workbook(
        octets, {"constant_memory": True, "in_memory": True, "strings_to_formulas": False}
    ) as book:
        sheet = book.add_worksheet("等级变化")
        line = 0
        for kind, title in SUBJECTS.items():
            sheet.write_row(line, 0, [f"{title}：原等级＼试算等级", *found.after.grades])
            for grade in found.before.grades:
                line += 1
                sheet.write_row(
                    line, 0, [grade, *(found.moves[kind][grade, to] for to in found.after.grades)]
                )
            line += 2
        movers = book.add_worksheet("名单")
        movers.write_row(0, 0, COLUMNS)
        for number, row in enumerate(_rows(found), 1):
            for column, cell in enumerate(row):
                if column in (3, 5):
                    movers.write_number(number, column, float(cell))
                else:
                    movers.write_string(number, column, cell)
    return octets.getvalue()


def _rows(found: WhatIf) -> Iterator[tuple[str, ...]]:
    for one in found.movers:
        yield (
            SUBJECTS[one.kind], one.subject, one.name, f"{one.points:f}", one.grade, f"{one.points_after:f}",
            one.grade_after, one.why,
        )  # fmt: skip
