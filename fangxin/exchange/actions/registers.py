"""Filing and practitioner management are taken in as they are told (二（二）): a row is new, renewed, known or refused.

The same file twice changes nothing the second time. Who is not in a file stays as they were: it may be of one
place only.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from fangxin.agencies.actions import publish_roster
from fangxin.agencies.models import Agency, FiledAgency, Practitioner
from fangxin.exchange.actions.beginning import journal_import
from fangxin.exchange.models import ImportedRow, ImportRun
from fangxin.exchange.refusals import FileRefused
from fangxin.exchange.register_columns import (
    KEY_OF_FILING,
    ROSTER,
    filing_fields,
    filing_names,
    roster_names,
    text_of,
    understood,
)
from fangxin.exchange.tables import Row, Table, open_table
from fangxin.journal.actions import claim_act
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting, Role
from fangxin.rules.identifiers import IdentifierWrong, check_company_code
from fangxin.rules.indicators import IndicatorWrong, catalogue

FILING, PRACTITIONERS = "filing", "practitioners"
TITLES = {FILING: "企业备案资料", PRACTITIONERS: "从业人员"}
BATCH = 1000
KINDS = {
    "房地产经纪人": Practitioner.Kind.BROKER, "经纪人": Practitioner.Kind.BROKER, "broker": Practitioner.Kind.BROKER,
    "房地产经纪人协理": Practitioner.Kind.ASSISTANT, "经纪人协理": Practitioner.Kind.ASSISTANT,
    "协理": Practitioner.Kind.ASSISTANT, "assistant": Practitioner.Kind.ASSISTANT,
}  # fmt: skip
YES_NO = {"专职": True, "是": True, "兼职": False, "否": False}


class RowRefused(Exception):
    """This row is not taken; `column` is the name of the column, the message says why and what to do."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


@dataclass
class _Told:
    """One row: its key, what it says, and what became of it."""

    number: int
    key: str = ""
    given: dict[str, Any] = field(default_factory=dict)
    result: str = ImportedRow.Result.KNOWN
    remarks: list[dict[str, str]] = field(default_factory=list)


def may_import_registers(by: Acting) -> bool:
    """Whether the person's body takes in what filing and practitioner management have (二（二）)."""
    return by.role is Role.REVIEWER and bool(by.functions & {"import_agencies", "review"})


@transaction.atomic
def import_register(
    kind: str, name: str, content: bytes, *, by: Acting, dry_run: bool = False, act_key: UUID | None = None
) -> ImportRun:
    """The rows of the file are in the filing or the roster, each told in the run's report; of a dry run, would be.

    The brokers the public reads of an agency follow its roster. A body without `import_agencies` takes in its own
    place only. FileRefused for a file that is no such table; ActRefused without the right.
    """
    claim_act(act_key, f"import_{kind}", "import", hashlib.sha256(content).hexdigest()[:16])
    if not may_import_registers(by):
        raise ActRefused("备案资料和从业人员由省住建厅或者负责审核的主管部门的审核员导入（二（二））。")
    table = _opened(kind, name, content, by.jurisdiction)
    run = ImportRun(
        jurisdiction=by.jurisdiction, body_id=by.body_id or 0, begun_by_id=by.user_id, membership_id=by.membership_id,
        file_name=name[:200], sha256=hashlib.sha256(content).hexdigest(), layout=table.layout[:120],
        header=list(table.header), columns=_columns(kind, table, by.jurisdiction), default_source=kind,
        remark=table.remark[:500], state=ImportRun.State.DONE, dry_run=dry_run, attempt=1, finished_at=timezone.now(),
    )  # fmt: skip
    run.save(force_insert=True)
    take = _take_filing if kind == FILING else _take_people
    met: dict[str, int] = {}
    touched: set[str] = set()
    for batch in _batches(table.rows()):
        told = [_read(kind, row, run, met) for row in batch]
        sound = [one for one in told if one.result != ImportedRow.Result.REFUSED]
        touched |= take(sound, by, dry_run=dry_run)
        _report(run, told)
    run.save()
    if touched and not dry_run and kind == PRACTITIONERS:
        publish_roster(by.jurisdiction, touched)
    journal_import(
        run,
        by,
        f"{'试' if dry_run else ''}导入{TITLES[kind]}",
        counted=True,
        act_key=act_key,
        clause="二(二)",
    )
    return run


def _opened(kind: str, name: str, content: bytes, jurisdiction: str) -> Table:
    if kind not in TITLES:
        raise FileRefused("请选择导入企业备案资料还是从业人员。")
    titles = (
        [name for one in ROSTER for name in (one.title, *one.names.split())]
        if kind == PRACTITIONERS
        else [
            name
            for code, one in filing_fields(jurisdiction).items()
            for name in (code, one.title, f"{code} {one.title}", f"{code}{one.title}")
        ]
    )
    return open_table(name, content, frozenset(titles))


def _columns(kind: str, table: Table, jurisdiction: str) -> dict[str, int]:
    if kind == PRACTITIONERS:
        needed = {one.key: one.title for one in ROSTER if one.needed}
        return understood(table.header, roster_names(), needed)
    title = catalogue(jurisdiction).field(KEY_OF_FILING).title
    return understood(table.header, filing_names(jurisdiction), {KEY_OF_FILING: title})


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _read(kind: str, row: Row, run: ImportRun, met: dict[str, int]) -> _Told:
    told = _Told(row.number)
    try:
        if row.trouble:
            raise RowRefused("", row.trouble)
        cells = {
            key: text_of(row.cells[at]) if at < len(row.cells) else "" for key, at in run.columns.items()
        }
        reads: Callable[[Mapping[str, str], str, _Told], None] = (
            _read_filing if kind == FILING else _read_person
        )
        reads(cells, run.jurisdiction, told)
        if (first := met.setdefault(told.key, row.number)) != row.number:
            raise RowRefused("", f"与第{first}行重复，只取第{first}行；请核对哪一行正确。")
    except RowRefused as refused:
        told.result = ImportedRow.Result.REFUSED
        told.remarks = [{"column": refused.column, "value": "", "message": str(refused)}]
    return told


def _read_filing(cells: Mapping[str, str], jurisdiction: str, told: _Told) -> None:
    fields = filing_fields(jurisdiction)
    told.key = _code(cells[KEY_OF_FILING], fields[KEY_OF_FILING].title)
    values: dict[str, dict[str, Any]] = {}
    for code, text in cells.items():
        one = fields[code]
        try:
            value = one.plain(one.read(text))
        except IndicatorWrong as wrong:
            # What filing has otherwise is left out, and said: the rest can still be compared.
            told.remarks.append(
                {"column": one.title, "value": "", "message": f"{wrong.message}这一格没有导入。"}
            )
            continue
        if value not in (None, "", []):
            values.setdefault(one.table, {})[one.column] = value
    told.given = values


def _read_person(cells: Mapping[str, str], jurisdiction: str, told: _Told) -> None:
    number = catalogue(jurisdiction).field("J7-06")
    try:
        told.key = number.read(cells["registration_no"]) or ""
    except IndicatorWrong as wrong:
        raise RowRefused("注册号", wrong.message) from None
    if not told.key:
        raise RowRefused("注册号", "没有填写注册号，请补填。")
    name = cells["name"]
    if not name or len(name) > 50:
        raise RowRefused("姓名", "姓名没有填写，或者超过50字，请核对。")
    kind = KINDS.get(cells["kind"].strip())
    if kind is None:
        raise RowRefused("类别", "类别应为“房地产经纪人”或者“房地产经纪人协理”，请核对。")
    full_time = cells.get("full_time", "")
    if full_time and full_time not in YES_NO:
        raise RowRefused("专职", "应为“专职”或者“兼职”（“是”或者“否”），请核对。")
    until = None
    if cells.get("valid_until"):
        try:
            until = catalogue(jurisdiction).field("J1-15").read(cells["valid_until"])
        except IndicatorWrong:
            raise RowRefused("有效期至", "日期应如 2026-12-31，请核对。") from None
    told.given = {
        "name": name, "kind": kind.value, "agency_code": _code(cells["agency_code"], "注册机构代码"),
        "full_time": YES_NO.get(full_time), "valid_until": until,
    }  # fmt: skip


def _code(text: str, title: str) -> str:
    try:
        return check_company_code(text).text
    except IdentifierWrong as wrong:
        raise RowRefused(title, f"{wrong}，请核对。") from None


def _take_filing(sound: list[_Told], by: Acting, *, dry_run: bool) -> set[str]:
    there = {
        one.code: one
        for one in FiledAgency.objects.select_for_update().filter(
            jurisdiction=by.jurisdiction, code__in=[told.key for told in sound]
        )
    }
    entered = _entered(by.jurisdiction, {told.key for told in sound})
    now, new, renewed = timezone.now(), [], []
    for told in sound:
        place = told.given.get("J1") or {}
        if _elsewhere(by, entered.get(told.key), place.get("city"), place.get("county")):
            _refuse(told, "所在地", "这家机构不在本部门管辖范围内，由它所在地的主管部门或者省住建厅导入。")
            continue
        agency = entered.get(told.key)
        company = agency.company_id if agency else None
        filed = there.get(told.key)
        if filed is None:
            told.result = ImportedRow.Result.ADDED
            new.append(
                FiledAgency(
                    jurisdiction=by.jurisdiction, code=told.key, values=told.given, company_id=company
                )
            )
        elif filed.values != told.given:
            _renewed(told)
            filed.values, filed.company_id, filed.imported_at = told.given, company, now
            renewed.append(filed)
    if not dry_run:
        FiledAgency.objects.bulk_create(new, batch_size=BATCH)
        FiledAgency.objects.bulk_update(renewed, ["values", "company_id", "imported_at"], batch_size=BATCH)
    return set()


def _take_people(sound: list[_Told], by: Acting, *, dry_run: bool) -> set[str]:
    there = {
        one.registration_no: one
        for one in Practitioner.objects.select_for_update().filter(
            jurisdiction=by.jurisdiction, registration_no__in=[told.key for told in sound]
        )
    }
    codes = {told.given["agency_code"] for told in sound} | {one.agency_code for one in there.values()}
    entered = _entered(by.jurisdiction, codes)
    now, new, renewed, touched = timezone.now(), [], [], set()
    for told in sound:
        person = there.get(told.key)
        of = {told.given["agency_code"]} | ({person.agency_code} if person else set())
        if any(_elsewhere(by, entered.get(code), None, None) for code in of):
            _refuse(
                told, "注册机构代码", "注册机构不在本部门管辖范围内，由它所在地的主管部门或者省住建厅导入。"
            )
            continue
        if person is None:
            told.result = ImportedRow.Result.ADDED
            new.append(Practitioner(jurisdiction=by.jurisdiction, registration_no=told.key, **told.given))
        elif any(getattr(person, name) != value for name, value in told.given.items()):
            _renewed(told)
            for name, value in told.given.items():
                setattr(person, name, value)
            person.imported_at = now
            renewed.append(person)
        else:
            continue
        touched |= of
    if not dry_run:
        Practitioner.objects.bulk_create(new, batch_size=BATCH)
        Practitioner.objects.bulk_update(
            renewed,
            ["name", "kind", "agency_code", "full_time", "valid_until", "imported_at"],
            batch_size=BATCH,
        )
    return touched


def _entered(jurisdiction: str, codes: set[str]) -> dict[str, Agency]:
    """The agencies of these codes, former ones too."""
    found = {}
    for one in Agency.objects.filter(jurisdiction=jurisdiction, former_codes__overlap=sorted(codes)):
        found.update(dict.fromkeys(set(one.former_codes) & codes, one))
    found.update({one.code: one for one in Agency.objects.filter(jurisdiction=jurisdiction, code__in=codes)})
    return found


def _elsewhere(by: Acting, agency: Agency | None, city: str | None, county: str | None) -> bool:
    if "import_agencies" in by.functions:
        return False
    if agency is not None:
        return by.body_id not in (agency.reviewing_body_id, agency.city_body_id)
    return by.district not in (city, county)


def _refuse(told: _Told, column: str, message: str) -> None:
    told.result = ImportedRow.Result.REFUSED
    told.remarks = [{"column": column, "value": "", "message": message}]


def _renewed(told: _Told) -> None:
    told.remarks = [*told.remarks, {"column": "", "value": "", "message": "与上次导入的不同，已按本次更新。"}]


def _report(run: ImportRun, told: list[_Told]) -> None:
    ImportedRow.objects.bulk_create(
        ImportedRow(
            run=run, attempt=1, row=one.number, result=one.result, external_number=one.key[:64], remarks=one.remarks
        )
        for one in told
    )  # fmt: skip
    run.total += len(told)
    run.read += len(told)
    for one in told:
        run.added += one.result == ImportedRow.Result.ADDED
        run.refused += one.result == ImportedRow.Result.REFUSED
        run.known += one.result == ImportedRow.Result.KNOWN
        run.differing += one.result == ImportedRow.Result.KNOWN and bool(one.remarks)
        run.noted += bool(one.remarks) and one.result != ImportedRow.Result.REFUSED
