"""Reading imports: whose they are, what is known already, what a report says."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from fangxin.cases.actions.intake import may_enter
from fangxin.complaints.actions import Grievance
from fangxin.complaints.models import Complaint
from fangxin.documents import storage
from fangxin.documents.sealing import open_text
from fangxin.exchange.columns import FIELDS, SEALED, guessed, plain, signature
from fangxin.exchange.declarations.faults import Fault
from fangxin.exchange.models import ColumnMemory, ImportedRow, ImportRun
from fangxin.exchange.orders import Order
from fangxin.organisations.queries import acting, bodies, memberships_of, people_of_body, user_named
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting, Role
from fangxin.rules import book

IMPORTING = (Role.INTAKE_CLERK, Role.DISPATCHER, Role.ADMINISTRATOR)
STALLED_AFTER = timedelta(minutes=2)
SHOWN_ROWS = 200
# In the place of a source of cases: the run takes in the province's workbook of agencies.
AGENCIES = "agencies"
HIDDEN = "（密封）"
# What makes two records of one work order differ, and what a person calls it.
COMPARED: Mapping[str, str] = {
    "title": "标题",
    "text": "主要内容",
    "respondent_name": "企业名称",
    "project_name": "项目名称",
    "district": "区县",
    "earlier_answer": "原承办单位答复",
    "received_at": "创建时间",
}
_FORMULA_STARTS = tuple("=+-@\t\r＝＋－＠")


def importer(jurisdiction: str, username: str = "", source: str = "hotline") -> Acting:
    """Who acts when a file is imported: the named user, or the first clerk who may enter `source`.

    ActRefused when there is nobody, or the named user may not.
    """
    rule = next((one for one in book(jurisdiction).sources if one.key == source), None)
    if rule is None:
        titles = "、".join(f"{one.key}（{one.title}）" for one in book(jurisdiction).sources)
        raise ActRefused(f"没有名为“{source[:20]}”的来源，应为：{titles}。", "source")
    if username:
        user = user_named(username)
        if user is None or not user.is_active:
            raise ActRefused(f"没有账号“{username[:40]}”，或账号已停用。", "as")
        mine = [one for one in memberships_of(user.pk) if one.jurisdiction == jurisdiction and one.in_office]
    else:
        mine = [one for one in _clerks(jurisdiction, rule.entered_by) if not may_enter(rule, one)]
    allowed = [one for one in mine if not may_enter(rule, one)]
    if allowed:
        return allowed[0]
    if mine:
        raise ActRefused(may_enter(rule, mine[0]), "as")
    raise ActRefused(
        f"没有人可以录入“{rule.title}”的案件（{rule.clause}），请先开设账号（fangxin create-account）。",
        "as",
    )


def _clerks(jurisdiction: str, functions: Sequence[str]) -> Iterator[Acting]:
    order = {name: place for place, name in enumerate(functions)}
    entering = [body for body in bodies(jurisdiction) if body.code in order]
    for body in sorted(entering, key=lambda body: order[body.code]):
        for person in people_of_body(body.pk, Role.INTAKE_CLERK, Role.DISPATCHER):
            if one := acting(person.membership_id, person.user_id):
                yield one


def understood(header: Sequence[str], by: Acting, given: Mapping[str, str] | None = None) -> dict[str, int]:
    """Field → column: as `given` now, else as this body last read such a table, else by the names."""
    kept = remembered(header, by)
    before = kept.chosen if kept else {}
    given = {plain(name): key for name, key in (given or {}).items()}
    taken = set(given.values())
    return guessed(header, {name: key for name, key in before.items() if key not in taken} | given)


def remembered(header: Sequence[str], by: Acting) -> ColumnMemory | None:
    """What this body last took a table with this header to mean."""
    return ColumnMemory.objects.filter(body_id=by.body_id or 0, signature=signature(header)).first()


def known_orders(orders: Sequence[Order], jurisdiction: str) -> dict[tuple[str, str], tuple[str, list[str]]]:
    """By source and work order number: the number of the complaint that is there, and what differs."""
    wanted = {(order.source, order.number): order for order in orders if order.number}
    if not wanted:
        return {}
    found = Complaint.objects.filter(
        jurisdiction=jurisdiction,
        source__in={source for source, _ in wanted},
        external_number__in={number for _, number in wanted},
    ).values("source", "external_number", "number", *COMPARED)
    return {
        key: (row["number"], differences(wanted[key].grievance, row))
        for row in found
        if (key := (row["source"], row["external_number"])) in wanted
    }


def differences(grievance: Grievance, other: Mapping[str, Any]) -> list[str]:
    """In what the row differs from another record of the order; what the file leaves out does not count."""
    return [
        title
        for name, title in COMPARED.items()
        if (told := getattr(grievance, name)) not in {"", None} and told != other[name]
    ]


def done_acts(keys: Iterable[UUID]) -> set[UUID]:
    """Which of these acts have been done."""
    with connection.cursor() as cursor:
        cursor.execute("select key from journal_act where key = any(%s)", [list(keys)])
        return {key for (key,) in cursor.fetchall()}


def runs_of(by: Acting) -> list[dict[str, Any]]:
    """The latest imports of the person's body, newest first."""
    rows = ImportRun.objects.filter(body_id=by.body_id or 0).order_by("-created_at").values(
        "id", "file_name", "begun_by__full_name", "state", "dry_run", "total", "read", "added", "known",
        "refused", "created_at", "finished_at", "default_source",
    )[:100]  # fmt: skip
    return [{**row, "state_title": state_title(row["state"], row["dry_run"])} for row in rows]


def state_title(state: str, dry_run: bool) -> str:
    """试导入已完成, 导入中, 待确认."""
    title = dict(ImportRun.State.choices)[state]
    return f"试{title}" if dry_run and state == "running" else f"试导入{title}" if dry_run else title


def run_for(by: Acting, run_id: UUID) -> ImportRun | None:
    """The import, if it is of the person's body; None when it is not theirs, or not there."""
    return ImportRun.objects.filter(pk=run_id, body_id=by.body_id or 0).select_related("begun_by").first()


def is_stalled(run: ImportRun) -> bool:
    """True when nothing has happened for so long that whoever was importing has probably ended."""
    return (
        run.state in {ImportRun.State.QUEUED, ImportRun.State.RUNNING}
        and timezone.now() - run.touched_at > STALLED_AFTER
    )


def sample_of(run: ImportRun) -> list[dict[str, Any]]:
    """The first rows as the office may see them: number and cells, without anything of an identity."""
    if run.sample is None:
        return []
    rows: list[dict[str, Any]] = json.loads(open_text(bytes(run.sample), sample_aad(run.pk)))
    # Hidden since the upload, or since somebody said what the column means.
    hidden = {at for key, at in run.columns.items() if key in SEALED}
    for row in rows:
        row["cells"] = [HIDDEN if at in hidden and cell else cell for at, cell in enumerate(row["cells"])]
    return rows


def sample_aad(run_id: UUID) -> str:
    """The place for which the sample rows are sealed."""
    return f"exchange.sample:{run_id}"


def report_aad(run_id: UUID) -> str:
    """The place for which what was wrong with a workbook is sealed."""
    return f"exchange.report:{run_id}"


def faults_of(run: ImportRun) -> list[Fault]:
    """What was wrong with the workbook of agencies, what blocks first."""
    if run.report is None:
        return []
    found = [Fault(*one) for one in json.loads(open_text(bytes(run.report), report_aad(run.pk)))]
    return sorted(found, key=lambda one: (not one.blocks, one.sheet, one.row, one.column))


def returned_workbook(run: ImportRun) -> bytes | None:
    """The workbook with every fault at its cell, as long as it is kept; None when nothing was wrong."""
    return storage.get(run.returned_at) if run.returned_at else None


def troubled_rows(run: ImportRun) -> list[dict[str, Any]]:
    """The first rows of the present attempt that have something to say."""
    rows = ImportedRow.objects.filter(run=run, attempt=run.attempt).exclude(remarks=[]).order_by("row")
    results = dict(ImportedRow.Result.choices)
    return [
        {**row, "result_title": results[row["result"]]}
        for row in rows.values("row", "result", "external_number", "case_number", "remarks")[:SHOWN_ROWS]
    ]


def report_rows(run_id: UUID, attempt: int) -> Iterator[dict[str, Any]]:
    """Every row of one attempt with what became of it, in the order of the file."""
    rows = ImportedRow.objects.filter(run_id=run_id, attempt=attempt).order_by("row")
    results = dict(ImportedRow.Result.choices)
    for row in rows.values("row", "result", "external_number", "case_number", "remarks").iterator(2_000):
        yield {**row, "result_title": results[row["result"]]}


def report_text(rows: Iterable[Mapping[str, Any]]) -> str:
    """The report as CSV with a BOM, as Excel reads it: one line a remark, one for a row without any.

    No cell of it is a formula to whoever opens it.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(["行号", "结果", "工单编号", "案件编号", "列", "内容", "说明"])
    for row in rows:
        for remark in row["remarks"] or [{}]:
            cells = (
                row["row"], row["result_title"], row["external_number"], row["case_number"],
                remark.get("column", ""), remark.get("value", ""), remark.get("message", ""),
            )  # fmt: skip
            writer.writerow([neutral(str(cell)) for cell in cells])
    return f"\ufeff{written.getvalue()}"


def neutral(cell: str) -> str:
    """The cell, with an apostrophe before what a spreadsheet would calculate."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def unused_columns(header: Sequence[str], columns: Mapping[str, int]) -> list[str]:
    """The columns of which nothing is imported."""
    used = set(columns.values())
    return [name for at, name in enumerate(header) if at not in used and name]


def field_choices() -> list[tuple[str, str]]:
    """What a column may be taken to mean."""
    return [(field.key, field.title + ("（密封）" if field.sealed else "")) for field in FIELDS.values()]
