"""The worker's part: a whole import, in the name of whoever started it."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from fangxin.documents import storage
from fangxin.documents.secret_keys import SealingNotReady
from fangxin.exchange.actions.agencies_file import take_agencies
from fangxin.exchange.actions.taking import take_rows
from fangxin.exchange.models import ImportRun
from fangxin.exchange.queries import AGENCIES
from fangxin.exchange.tables import open_table
from fangxin.organisations.audience import Audience, Speaker, speaking_as
from fangxin.organisations.queries import acting
from fangxin.organisations.refusals import ActRefused

UPLOADS_KEPT = timedelta(days=14)
_BROKEN = "导入中途出错，已导入的行都已保存。请点“继续导入”，如再次出错请联系系统管理员。"


def run_in_background(run_id: UUID) -> None:
    """The whole of a waiting import has been done, in the name of whoever started it; or it says why not."""
    with speaking_as(Speaker(Audience.OFFICE)):
        run = ImportRun.objects.filter(pk=run_id).first()
    if run is None or run.state not in {ImportRun.State.QUEUED, ImportRun.State.RUNNING}:
        return
    by = acting(run.membership_id, run.begun_by_id)
    if by is None:
        _stop(run_id, "导入人已经离任，请由其他人员重新上传。")
        return
    try:
        if run.default_source == AGENCIES:
            take_agencies(run, by=by)
        else:
            table = open_table(run.file_name, storage.get(run.stored_at), frozenset(run.header))
            take_rows(run, table, by=by)
    except (ActRefused, SealingNotReady) as refused:
        _stop(run_id, str(refused))
    except Exception:
        _stop(run_id, _BROKEN)
        raise
    _drop_old_uploads()


def _stop(run_id: UUID, why: str) -> None:
    with speaking_as(Speaker(Audience.OFFICE)):
        # Another worker may have finished it meanwhile.
        going = ImportRun.objects.filter(
            pk=run_id, state__in=[ImportRun.State.QUEUED, ImportRun.State.RUNNING]
        )
        going.update(state=ImportRun.State.FAILED, failure=why[:500], touched_at=timezone.now())


def _drop_old_uploads() -> None:
    """Files nobody went on with are not kept: they name people."""
    with speaking_as(Speaker(Audience.OFFICE)):
        old = ImportRun.objects.exclude(stored_at="", returned_at="").filter(
            touched_at__lt=timezone.now() - UPLOADS_KEPT
        )
        kept = list(old.values_list("pk", "stored_at", "returned_at")[:100])
        old.filter(pk__in=[pk for pk, *_ in kept]).update(
            stored_at="", returned_at="", sample=None, report=None
        )
    for place in (place for _, *places in kept for place in places if place):
        storage.remove(place)
