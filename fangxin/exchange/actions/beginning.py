"""A file lies before us: whose, what its columns mean, and that somebody said to begin."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

from django.db import transaction

from fangxin.cases.actions.intake import may_enter
from fangxin.documents import storage
from fangxin.documents.sealing import seal_text
from fangxin.exchange.columns import NEEDED, SEALED, signature
from fangxin.exchange.models import ColumnMemory, ImportRun
from fangxin.exchange.queries import HIDDEN, IMPORTING, sample_aad, understood
from fangxin.exchange.refusals import FileRefused
from fangxin.exchange.tables import Row, Table
from fangxin.journal.actions import claim_act, record
from fangxin.journal.kinds import Kind
from fangxin.organisations.audience import as_the_queue
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting
from fangxin.rules import book

FOLDER = "imports"


def check_columns(header: Sequence[str], columns: Mapping[str, int]) -> None:
    """Passes when a title or a text is among the columns. FileRefused names what there is instead."""
    if not any(key in columns for key in NEEDED):
        names = "、".join(f"“{name[:20]}”" for name in header[:12] if name)
        raise FileRefused(
            f"没有认出“标题”或“主要内容”列，现有的列是：{names}。请改列名，或指明哪一列是标题、哪一列是主要内容。",
            "columns",
        )


def check_right(source: str, by: Acting) -> None:
    """Passes when the person may enter cases of that source. ActRefused says who may (二（一）)."""
    rule = next((one for one in book(by.jurisdiction).sources if one.key == source), None)
    if rule is None:
        raise ActRefused("没有这种来源，请在列表中选择。", "default_source")
    if refusal := may_enter(rule, by):
        raise ActRefused(refusal, "default_source")


@transaction.atomic
def begin_run(
    name: str, content: bytes, table: Table, columns: Mapping[str, int], *, source: str, by: Acting
) -> tuple[ImportRun, bool]:
    """A file lies before us and its rows may be taken; (run, resumed).

    An interrupted import of this very file, read in the same way, goes on where it stopped.
    """
    check_columns(table.header, columns)
    check_right(source, by)
    digest = hashlib.sha256(content).hexdigest()
    interrupted = (
        ImportRun.objects.select_for_update()
        .filter(
            sha256=digest, jurisdiction=by.jurisdiction, state=ImportRun.State.RUNNING, dry_run=False,
            columns=dict(columns), default_source=source,
        )
        .order_by("-created_at")
        .first()
    )  # fmt: skip
    if interrupted is not None:
        journal_import(interrupted, by, "继续导入工单", resumed=True)
        return interrupted, True
    run = _new_run(name, digest, table, columns, source=source, by=by)
    run.state, run.attempt = ImportRun.State.RUNNING, 1
    run.save(force_insert=True)
    journal_import(run, by, "开始导入工单")
    return run, False


@transaction.atomic
def keep_upload(
    name: str, content: bytes, table: Table, *, source: str, by: Acting, act_key: UUID | None = None
) -> UUID:
    """The file waits, sealed, for somebody to confirm what its columns mean; returns the number it waits under.

    ActRefused for a role that does not import, AlreadyDone for the same form sent twice.
    """
    if by.role not in IMPORTING:
        raise ActRefused(f"{by.role.title}不导入工单，请由录入员或分件员导入。", "file")
    columns = understood(table.header, by)
    run = _new_run(name, hashlib.sha256(content).hexdigest(), table, columns, source=source, by=by)
    claim_act(act_key, "keep_upload", "import", run.pk)
    run.sample = seal_text(_sample(table, columns), sample_aad(run.pk))
    run.stored_at = storage.put(FOLDER, content)
    run.save(force_insert=True)
    return run.pk


@transaction.atomic
def start_run(
    run_id: UUID,
    columns: Mapping[str, int],
    *,
    source: str,
    dry_run: bool,
    by: Acting,
    act_key: UUID | None = None,
) -> None:
    """The import waits for the worker, its columns are remembered for the next table with this header.

    ActRefused when it runs already, was done, no column is a title or a text, or the person may not enter
    cases of that source. AlreadyDone for the same form sent twice.
    """
    claim_act(act_key, "start_import", "import", run_id)
    run = _locked(run_id, by)
    tried = run.state == ImportRun.State.DONE and run.dry_run
    if run.state not in {ImportRun.State.DRAFT, ImportRun.State.FAILED} and not tried:
        raise ActRefused("这次导入正在进行或已经完成，请刷新页面查看。")
    if not run.stored_at:
        raise ActRefused("文件已经删除，请重新上传。")
    check_columns(run.header, columns)
    if not dry_run:
        check_right(source, by)
    remember_columns(run.header, columns, source=source, by=by)
    run.columns, run.default_source, run.dry_run = dict(columns), source, dry_run
    run.state, run.attempt, run.failure = ImportRun.State.QUEUED, run.attempt + 1, ""
    run.begun_by_id, run.membership_id = by.user_id, by.membership_id
    run.read = run.added = run.known = run.differing = run.refused = run.noted = 0
    run.finished_at = None
    run.save()
    if not dry_run:
        journal_import(run, by, "开始导入工单", act_key=act_key)
    defer_run(run_id)


@transaction.atomic
def resume_run(run_id: UUID, *, by: Acting) -> None:
    """An import that stopped half-way waits for the worker again; rows already taken stay taken."""
    run = _locked(run_id, by)
    if run.state not in {ImportRun.State.QUEUED, ImportRun.State.RUNNING, ImportRun.State.FAILED}:
        raise ActRefused("这次导入已经完成，不用继续。")
    if run.attempt == 0 or not run.stored_at:
        raise ActRefused("这次导入不能在页面上继续：文件没有存放在平台。请重新上传，已导入的行不会重复。")
    run.state, run.failure = ImportRun.State.QUEUED, ""
    run.save()
    defer_run(run_id)


@transaction.atomic
def remember_columns(header: Sequence[str], columns: Mapping[str, int], *, source: str, by: Acting) -> None:
    """The next table with this header is read as this one."""
    used = {at: key for key, at in columns.items()}
    chosen = {name: used.get(at, "") for at, name in enumerate(header) if name}
    ColumnMemory.objects.update_or_create(
        body_id=by.body_id or 0,
        signature=signature(header),
        defaults={"jurisdiction": by.jurisdiction, "chosen": chosen, "default_source": source},
    )


def _new_run(
    name: str, digest: str, table: Table, columns: Mapping[str, int], *, source: str, by: Acting
) -> ImportRun:
    return ImportRun(
        id=uuid4(), jurisdiction=by.jurisdiction, body_id=by.body_id or 0, begun_by_id=by.user_id,
        membership_id=by.membership_id, file_name=name[-200:], sha256=digest, layout=table.layout[:120],
        header=list(table.header), columns=dict(columns), default_source=source, remark=table.remark[:500],
        total=sum(1 for _ in table.rows()),
    )  # fmt: skip


def _sample(table: Table, columns: Mapping[str, int]) -> str:
    hidden = {at for key, at in columns.items() if key in SEALED}

    def shown(row: Row) -> list[str]:
        cells = ["" if cell is None else str(cell) for cell in row.cells]
        return [HIDDEN if at in hidden and cell else cell[:60] for at, cell in enumerate(cells)]

    rows = [{"row": row.number, "cells": shown(row)} for row in table.sample()]
    return json.dumps(rows, ensure_ascii=True)


def _locked(run_id: UUID, by: Acting) -> ImportRun:
    run = ImportRun.objects.select_for_update().filter(pk=run_id, body_id=by.body_id or 0).first()
    if run is None or by.role not in IMPORTING:
        raise ActRefused("没有这次导入，或者您无权办理。")
    return run


def defer_run(run_id: UUID) -> None:
    """The worker takes the import up when the transaction is done."""
    from fangxin.exchange.tasks import run_import

    with as_the_queue():
        run_import.defer(run_id=str(run_id))


def journal_import(
    run: ImportRun,
    by: Acting,
    summary: str,
    *,
    resumed: bool = False,
    counted: bool = False,
    act_key: UUID | None = None,
    clause: str = "二(一)",
) -> None:
    """The journal has the import, by the file's digest and its counts; a file's name may name a person."""
    details: dict[str, object] = {"sha256": run.sha256[:16], "rows": run.total, "resumed": resumed}
    if counted:
        details |= {"accepted": run.added, "known": run.known, "refused": run.refused}
    record(
        Kind.IMPORT, "import", run.pk, by=by.actor, summary=summary, details=details, clause=clause,
        act_key=act_key, jurisdiction=run.jurisdiction,
    )  # fmt: skip
