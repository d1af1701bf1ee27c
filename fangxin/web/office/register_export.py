"""One table of the register as a file, each agency with the columns that the reader may see of it (四（三）)."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from fangxin.agencies import review
from fangxin.agencies.values import declared_tables
from fangxin.deadlines.clock import today
from fangxin.disclosure.actions import read_table
from fangxin.exchange.queries import neutral
from fangxin.rules.indicators import Field, IndicatorWrong, Table
from fangxin.web.access import ActingRequest, office
from fangxin.web.office.register import REVIEWING
from fangxin.web.office.review_forms import AgencySearchForm, place_words

# Each agency's look is an entry of the journal, written before the file is given.
MOST = 1000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BEFORE_EACH = ("机构名称", "法人代码", "所在地", "状态")


@office(*REVIEWING)
@require_safe
def register_export(request: ActingRequest, table: str) -> HttpResponse:
    """The agencies of a search with one table of their records, as XLSX or CSV; no cell is a formula."""
    acting = request.acting
    of_table = next((one for one in declared_tables(acting.jurisdiction) if one.code == table), None)
    form = AgencySearchForm(request.GET, jurisdiction=acting.jurisdiction)
    if of_table is None or not form.is_valid():
        raise Http404
    given = form.cleaned_data
    agencies = review.agencies_exported(
        acting.jurisdiction, words=given["q"], city=given["city"], county=given["county"],
        standing=given["standing"], at_most=MOST,
    )  # fmt: skip
    if agencies is None:
        messages.error(request, f"一次最多导出{MOST}家机构，请按城市或者县（市、区）分开导出。")
        return redirect(f"{reverse('register_agencies')}?{request.GET.urlencode()}")
    told = read_table(agencies, table, acting)
    seen = {column for _, rows in told for row in rows for column in row}
    fields = [one for one in of_table.all_fields if one.column in seen and one.type != "image"]
    header = [*BEFORE_EACH, *(f"{one.code} {one.title}{one.mark}" for one in fields)]
    lines = list(_lines(told, fields, acting.jurisdiction))
    if request.GET.get("as") == "csv":
        return _file(_as_csv(header, lines), "text/csv; charset=utf-8", f"{of_table.title}-{today()}.csv")
    return _file(_as_workbook(of_table, header, lines), XLSX, f"{of_table.title}-{today()}.xlsx")


def _lines(
    told: Sequence[tuple[Any, Sequence[dict[str, Any]]]], fields: Sequence[Field], jurisdiction: str
) -> Iterator[list[str]]:
    for agency, rows in told:
        place = place_words(jurisdiction, agency.city, agency.county)
        start = [agency.company.name, agency.code, place, agency.get_standing_display()]
        for row in rows:
            yield [*start, *(_words(one, row.get(one.column)) for one in fields)]


def _words(field: Field, value: Any) -> str:
    try:
        return field.display(value)
    except IndicatorWrong:
        return str(value)


def _as_csv(header: Sequence[str], lines: Sequence[Sequence[str]]) -> bytes:
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(header)
    writer.writerows([neutral(cell) for cell in line] for line in lines)
    return f"\ufeff{written.getvalue()}".encode()


def _as_workbook(table: Table, header: Sequence[str], lines: Sequence[Sequence[str]]) -> bytes:
    """Every cell a text: what begins like a formula is calculated by nobody."""
    import xlsxwriter

    written = io.BytesIO()
    # Nothing of a record lies open in a folder for temporary files.
    with xlsxwriter.Workbook(written, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet(f"{table.code} {table.title}"[:31])
        bold = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        for at, title in enumerate(header):
            sheet.write_string(0, at, title, bold)
        for number, line in enumerate(lines, start=1):
            for at, cell in enumerate(line):
                sheet.write_string(number, at, cell)
        sheet.freeze_panes(1, 2)
        sheet.set_column(0, 1, 24)
        sheet.set_column(2, max(2, len(header) - 1), 18)
    return written.getvalue()


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(
        content, content_type=kind,
        headers={"Content-Disposition": content_disposition_header(True, name) or "", "Cache-Control": "no-store"},
    )  # fmt: skip
