"""The public register for other programs: what the pages show, no more; values by indicator, as the catalogue types them."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Router, Schema
from pydantic import WithJsonSchema

from fangxin.agencies import published
from fangxin.agencies.published import MOST_COUNTED, Found
from fangxin.credit.published import notices, records_of
from fangxin.deadlines.clock import today
from fangxin.redress.queries import published_complaints, published_complaints_about
from fangxin.rules.indicators import catalogue
from fangxin.web.api.json_forms import parameters_of, wrong_fields
from fangxin.web.public import REGISTER
from fangxin.web.public.places import named
from fangxin.web.public.publicity import NoticeSearch
from fangxin.web.public.register import wanted_by
from fangxin.web.public.register_forms import AgencySearch, AsOf, PersonSearch, page_number
from fangxin.web.public.shown import TABLES, shown_fields

router = Router(tags=["公示的机构登记"])
PAGE = {
    "in": "query", "name": "page", "required": False, "schema": {"type": "integer", "minimum": 1},
    "description": "页码，每页20条",
}  # fmt: skip


def values_schema() -> dict[str, Any]:
    """The shown fields of every table by column, as the catalogue describes each."""
    tables = {}
    for code in TABLES:
        table = catalogue(REGISTER).table(code)
        properties = {one.column: one.json_schema() for one in shown_fields(code, today())}
        of_row = {"type": "object", "title": table.title, "properties": properties}
        tables[code] = {"type": "array", "title": table.title, "items": of_row} if table.many else of_row
    return {"type": "object", "title": "按表、栏给出的公示内容", "properties": tables}


Values = Annotated[dict[str, Any], WithJsonSchema(values_schema())]


class AgencyRow(Schema):
    """An agency in a list; `found_by` is the former or branch name by which it was found."""

    code: str
    name: str
    city: str
    county: str
    place: str
    standing: str
    brokers: int
    updated_on: date
    merged_into_code: str
    head_office_code: str
    found_by: str


class Agencies(Schema):
    """One page of at most 20; `total` counts to 3001 and no further."""

    agencies: list[AgencyRow]
    total: int
    page: int
    more: bool


class Version(Schema):
    """A published version and the days on which it is in force; `until_on` is the first day without it."""

    number: int
    from_on: date
    until_on: date | None


class Person(Schema):
    """A broker or assistant; `full_time` is null where practitioner management does not say."""

    kind: str
    name: str
    registration_no: str
    full_time: bool | None


class Broker(Person):
    """A broker or assistant with the agency they work for."""

    agency_code: str
    agency_name: str
    place: str


class Brokers(Schema):
    """One page of at most 20; `total` counts to 3001 and no further."""

    brokers: list[Broker]
    total: int
    page: int
    more: bool


class Related(Schema):
    """Another agency."""

    code: str
    name: str


class FormerName(Schema):
    """A name the agency bore until a day."""

    name: str
    until_on: date | None


class Record(Schema):
    """A good or bad record that is public now; `values` are those of J3 or J4 by column, `source` the kind of a bad one's
    source, `person` the broker whose it is. Once taken down it is not here."""

    id: UUID
    kind: str
    agency_code: str
    agency_name: str
    city: str
    county: str
    record_class: str
    source: str
    person: str
    values: dict[str, Any]
    published_on: date
    shown_until: date | None
    comment: str
    rectification_result: str
    rectified_on: date | None
    is_objected: bool
    corrected_on: date | None


class Records(Schema):
    """One page of at most 20; `total` counts to 3001 and no further."""

    records: list[Record]
    total: int
    page: int
    more: bool


class Complaint(Schema):
    """A complaint and its result in the words approved for the public; nothing of who complained. Once over it is not here."""

    number: str
    agency_code: str
    respondent: str
    respondent_kind: str
    city: str
    received_on: date
    summary: str
    result: str
    finding: str
    answered_by: str
    published_on: date
    shown_until: date


class Complaints(Schema):
    """One page of at most 50, the newest first."""

    complaints: list[Complaint]
    page: int
    more: bool


class PublicAgency(Schema):
    """An agency as of a day: what was published then, and who belongs to it now. `version` is null before the first."""

    code: str
    name: str
    city: str
    county: str
    place: str
    standing: str
    on: date
    version: Version | None
    values: Values
    versions: list[Version]
    former_names: list[FormerName]
    people: list[Person]
    more_people: bool
    successor: Related | None
    head_office: Related | None
    records: list[Record]
    complaints: list[Complaint]


@router.get(
    "/agencies", url_name="api_agencies", response=Agencies, summary="查询机构",
    openapi_extra={"parameters": parameters_of(AgencySearch, PAGE)},
)  # fmt: skip
def agencies(request: HttpRequest) -> dict[str, Any]:
    """与机构查询页面相同：名称的任何一部分、拼音首字母、代码、人员注册号，所在地；全名、以此开头的在前，其余按名称。"""
    form = AgencySearch(request.GET)
    if not form.is_valid():
        raise wrong_fields(form)
    found = published.search(wanted_by(form), page_number(request.GET.get("page")))
    rows = [
        {
            **row, "place": named(row["city"], row["county"]),
            "found_by": (row.get("found_by") or {}).get("name", ""),
        }
        for row in found.rows
    ]  # fmt: skip
    return {"agencies": rows, **_counts(found)}


@router.get(
    "/agencies/{code}", url_name="api_agency", response=PublicAgency, summary="一家机构",
    openapi_extra={"parameters": parameters_of(AsOf)},
)  # fmt: skip
def agency(request: HttpRequest, code: str) -> dict[str, Any]:
    """公示的登记内容；on=年-月-日 给出当日的登记。以前的代码给出现在的机构，code 是现在的代码。"""
    form = AsOf(request.GET)
    if not form.is_valid():
        raise wrong_fields(form)
    on = form.cleaned_data["on"]
    shown = published.profile(REGISTER, code, on=on)
    if shown is None and (present := published.present_code(REGISTER, code)):
        shown = published.profile(REGISTER, present, on=on)
    if shown is None:
        raise Http404
    return {
        **shown.agency, "place": named(shown.agency["city"], shown.agency["county"]), "on": on,
        "version": shown.version, "values": _allowed(shown.values), "versions": shown.versions,
        "former_names": shown.names, "people": shown.people[: published.FIRST_FEW],
        "more_people": len(shown.people) > published.FIRST_FEW, "successor": shown.successor,
        "head_office": shown.head_office, "records": records_of(REGISTER, shown.agency["code"], on=on),
        "complaints": published_complaints_about(REGISTER, shown.agency["code"], on=on),
    }  # fmt: skip


@router.get(
    "/records", url_name="api_records", response=Records, summary="查询信用记录公示",
    openapi_extra={"parameters": parameters_of(NoticeSearch, PAGE)},
)  # fmt: skip
def records(request: HttpRequest) -> dict[str, Any]:
    """公示中的良好行为和不良行为，最新的在前；撤下的、期满的不再给出，更正过的带更正日期。"""
    form = NoticeSearch(request.GET)
    if not form.is_valid():
        raise wrong_fields(form)
    found = notices(form.wanted, page_number(request.GET.get("page")))
    counts = {"total": found.total, "page": found.page, "more": found.page < found.pages}
    return {"records": found.rows, **counts}


@router.get(
    "/complaints", url_name="api_complaints", response=Complaints, summary="公示的投诉",
    openapi_extra={"parameters": [PAGE]},
)  # fmt: skip
def complaints(request: HttpRequest) -> dict[str, Any]:
    """经主管部门确定公示的投诉摘要和处理结果，最新的在前；停止公示的、期满的不再给出。"""
    page = page_number(request.GET.get("page"))
    found = published_complaints(REGISTER, page=page)
    return {"complaints": found["rows"], "page": page, "more": found["more"]}


@router.get(
    "/brokers", url_name="api_brokers", response=Brokers, summary="查询经纪人员",
    openapi_extra={"parameters": parameters_of(PersonSearch, PAGE)},
)  # fmt: skip
def brokers(request: HttpRequest) -> dict[str, Any]:
    """姓名（可以只写开头）或者完整的注册号，以及所在的机构。"""
    form = PersonSearch(request.GET)
    if not form.is_valid():
        raise wrong_fields(form)
    text = form.cleaned_data["q"]
    page = page_number(request.GET.get("page"))
    found = published.people_called(REGISTER, text, page) if text else Found((), 0, 1)
    rows = [{**row, "place": named(row["city"], row["county"])} for row in found.rows]
    return {"brokers": rows, **_counts(found)}


def _counts(found: Found) -> dict[str, Any]:
    return {"total": min(found.total, MOST_COUNTED + 1), "page": found.page, "more": found.page < found.pages}


def _allowed(values: Any) -> dict[str, Any]:
    """Only what the catalogue shows today, whatever was published when."""
    kept: dict[str, Any] = {}
    for code in TABLES:
        columns = [one.column for one in shown_fields(code, today())]
        columns += [f"{one.column}_pictures" for one in shown_fields(code, today()) if one.pictures]
        given = values.get(code) or {}
        if isinstance(given, list):
            kept[code] = [{c: row[c] for c in columns if c in row} for row in given]
        else:
            kept[code] = {c: given[c] for c in columns if c in given}
    return kept
