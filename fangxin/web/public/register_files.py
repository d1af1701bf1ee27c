"""Files of the register for anybody to take: the result of a search, and the whole of what is public (DOC-48)."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, TypeVar

from axes.helpers import get_client_ip_address as client_address
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from fangxin.agencies import published
from fangxin.deadlines.clock import today
from fangxin.exchange.queries import neutral
from fangxin.organisations.audience import Audience, Speaker, speaking_as
from fangxin.rules.indicators import catalogue
from fangxin.web.access import public
from fangxin.web.public import REGISTER
from fangxin.web.public.allowance import Allowance
from fangxin.web.public.places import named
from fangxin.web.public.register import wanted_by
from fangxin.web.public.register_forms import AgencySearch
from fangxin.web.public.shown import TABLES, shown_fields, words

T = TypeVar("T")
PEOPLE = "people"
FILES = (*TABLES, PEOPLE)
RESULT = ("机构名称", "法人代码", "所在地", "状态", "经纪人数", "并入", "总机构", "最近更新")
BEFORE_EACH = ("机构名称", "法人代码", "状态", "登记起始日期")


@public
@require_safe
def agencies_file(request: HttpRequest) -> HttpResponseBase:
    """What a search finds, up to the three thousand that are counted, as CSV."""
    form = AgencySearch(request.GET)
    if not form.is_valid():
        return render(request, "public/agencies.html", {"form": form}, status=422)
    return streamed("机构查询结果", RESULT, _found(wanted_by(form)))


@public
@require_safe
def register_file(request: HttpRequest, table: str) -> HttpResponseBase:
    """One table of everything that is public, as CSV; class P only. An address may take a few an hour."""
    if table not in FILES:
        raise Http404
    allowance, address = (
        Allowance("register files", settings.REGISTER_FILES_PER_HOUR, 3600),
        client_address(request),
    )
    if allowance.used_up(address):
        page = HttpResponse(
            "下载过于频繁，请一小时后再试。", status=429, content_type="text/plain; charset=utf-8"
        )
        page["Retry-After"] = str(allowance.wait)
        return page
    allowance.count(address)
    header: tuple[str, ...]
    if table == PEOPLE:
        header = ("机构名称", "法人代码", "类别", "姓名", "注册号", "专职")
        return streamed("经纪人员", header, _everybody())
    fields = shown_fields(table, today())
    header = (*BEFORE_EACH, *(f"{one.code} {one.title}" for one in fields if one.type != "image"))
    return streamed(catalogue(REGISTER).table(table).title, header, _everything(table))


def streamed(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """CSV with a BOM, as Excel reads it, sent as it is read; no cell is a formula to whoever opens it."""
    writer = csv.writer(_Echo())

    def lines() -> Iterator[bytes]:
        yield b"\xef\xbb\xbf"
        yield writer.writerow(header).encode()
        for row in rows:
            yield writer.writerow([neutral(str(cell)) for cell in row]).encode()

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = str(
        content_disposition_header(as_attachment=True, filename=f"{name}-{today()}.csv")
    )
    return response


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def as_public(read: Callable[[], T]) -> T:
    """Reads in the public's role: what is streamed is read when the request's own transaction is over."""
    with speaking_as(Speaker(Audience.PUBLIC)):
        return read()


def _found(wanted: published.Wanted) -> Iterator[Sequence[Any]]:
    page = 1
    while True:
        found = as_public(partial(published.search, wanted, page))
        for row in found.rows:
            yield (
                row["name"], row["code"], named(row["city"], row["county"]),
                published.titles_of_standing()[row["standing"]], row["brokers"], row["merged_into_code"],
                row["head_office_code"], row["updated_on"],
            )  # fmt: skip
        if page >= found.pages:
            return
        page += 1


def _everything(table: str) -> Iterator[Sequence[Any]]:
    fields = [one for one in shown_fields(table, today()) if one.type != "image"]
    many = catalogue(REGISTER).table(table).many
    after = 0
    while found := as_public(partial(published.every_profile, REGISTER, after)):
        for one in found:
            start = (
                one["agency__name"], one["agency__code"],
                published.titles_of_standing()[one["agency__standing"]], one["from_on"],
            )  # fmt: skip
            of_table = one["values"].get(table)
            for row in (of_table or ()) if many else (of_table or {},):
                yield (*start, *(words(field, row.get(field.column)) for field in fields))
        after = found[-1]["agency_id"]


def _everybody() -> Iterator[Sequence[Any]]:
    after = 0
    while found := as_public(partial(published.everybody, REGISTER, after)):
        for one in found:
            kind = "房地产经纪人协理" if one["kind"] == "assistant" else "房地产经纪人"
            full_time = {True: "专职", False: "兼职", None: ""}[one["full_time"]]
            yield (
                one["agency__name"],
                one["agency__code"],
                kind,
                one["name"],
                one["registration_no"],
                full_time,
            )
        after = found[-1]["pk"]
