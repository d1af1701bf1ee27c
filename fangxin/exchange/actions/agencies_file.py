"""The province's workbook on its way in: kept, tried or entered by the worker, told by cell (一（一）, AMB-44)."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from fangxin.agencies.actions import may_import
from fangxin.documents import storage
from fangxin.documents.sealing import seal_text
from fangxin.exchange.actions.beginning import FOLDER, defer_run
from fangxin.exchange.actions.taking import as_office
from fangxin.exchange.models import ImportRun
from fangxin.exchange.queries import AGENCIES, report_aad
from fangxin.journal.actions import claim_act
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting

WAITING = frozenset({ImportRun.State.QUEUED, ImportRun.State.RUNNING})


@transaction.atomic
def keep_agencies_file(
    name: str, content: bytes, *, dry_run: bool, by: Acting, act_key: UUID | None = None
) -> UUID:
    """The file lies sealed and waits for the worker, which tries it or enters its agencies; returns its number.

    FileRefused for what is no workbook; ActRefused for anybody but the body that imports agencies; AlreadyDone for
    the same form sent twice.
    """
    from fangxin.exchange.tables import expect_kind

    _expect_right(by)
    expect_kind(name, content, only_workbook=True)
    run = ImportRun(
        id=uuid4(), jurisdiction=by.jurisdiction, body_id=by.body_id or 0, begun_by_id=by.user_id,
        membership_id=by.membership_id, file_name=name[-200:], sha256=hashlib.sha256(content).hexdigest(),
        layout="全省机构申报模板", header=[], default_source=AGENCIES, state=ImportRun.State.QUEUED, attempt=1,
        dry_run=dry_run,
    )  # fmt: skip
    claim_act(act_key, "keep_agencies_file", "import", run.pk)
    run.stored_at = storage.put(FOLDER, content)
    run.save(force_insert=True)
    defer_run(run.pk)
    return run.pk


@transaction.atomic
def enter_agencies_file(run_id: UUID, *, by: Acting, act_key: UUID | None = None) -> None:
    """The file that was tried, or that stopped half-way, waits for the worker; what was entered is not entered twice.

    ActRefused when it waits already, is done, or lies here no more.
    """
    claim_act(act_key, "enter_agencies_file", "import", run_id)
    _expect_right(by)
    run = ImportRun.objects.select_for_update().filter(
        pk=run_id, body_id=by.body_id or 0, default_source=AGENCIES
    ).first()  # fmt: skip
    if run is None:
        raise ActRefused("没有这次导入，或者您无权办理。")
    if run.state == ImportRun.State.DONE and not run.dry_run:
        raise ActRefused("这次导入已经完成，不用继续。")
    if not run.stored_at:
        raise ActRefused("文件已经删除，请重新上传。")
    if run.state == ImportRun.State.DONE:
        run.dry_run, run.attempt = False, run.attempt + 1
        run.read = run.added = run.known = run.refused = run.noted = 0
    run.state, run.failure, run.finished_at = ImportRun.State.QUEUED, "", None
    run.begun_by_id, run.membership_id = by.user_id, by.membership_id
    run.save()
    defer_run(run.pk)


def take_agencies(run: ImportRun, *, by: Acting) -> None:
    """The worker's part: every sound agency is entered or, in a trial, would be; what is wrong is told by cell.

    Whatever it stopped at, it goes on when it is taken again. FileRefused; ActRefused.
    """
    from fangxin.exchange.actions.declarations import import_declarations
    from fangxin.exchange.declarations.returned import write_faults

    content = storage.get(run.stored_at)
    _note(run, by, state=ImportRun.State.RUNNING)
    told = import_declarations(
        run.file_name, content, by=by, dry_run=run.dry_run,
        begun=lambda total: _note(run, by, total=total), progress=lambda read: _note(run, by, read=read),
    )  # fmt: skip
    faults = [*told.faults, *told.refused_at]
    returned = storage.put(FOLDER, write_faults(content, faults)) if faults else ""
    before, kept = run.returned_at, run.stored_at
    # A trial can be entered afterwards; what was entered lies in the register.
    stored_at = kept if run.dry_run else ""
    _note(
        run, by, state=ImportRun.State.DONE, read=told.read, added=told.entered, known=told.known,
        refused=told.not_entered, noted=told.warned, finished_at=timezone.now(), returned_at=returned,
        stored_at=stored_at, report=_sealed(run.pk, faults),
    )  # fmt: skip
    for place in (before, "" if run.dry_run else kept):
        if place:
            storage.remove(place)


def _expect_right(by: Acting) -> None:
    if not may_import(by):
        raise ActRefused("成批导入全省机构由省住建厅的审核员办理（二（二））。")


def _note(run: ImportRun, by: Acting, **changed: object) -> None:
    with as_office(by):
        ImportRun.objects.filter(pk=run.pk).update(touched_at=timezone.now(), **changed)


def _sealed(run_id: UUID, faults: Sequence[object]) -> bytes:
    text = json.dumps([astuple(one) for one in faults], ensure_ascii=False)  # type: ignore[call-overload]
    return seal_text(text, report_aad(run_id))
