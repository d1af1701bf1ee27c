"""An official error is put right by two people, without anybody's application (AMB-25)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from fangxin.credit.actions.publishing import publish_bad_record, take_down
from fangxin.credit.actions.records import checked_conduct
from fangxin.credit.actions.steps import begin_step, take_step
from fangxin.credit.models import BadRecord, Correction
from fangxin.credit.standing import parts_in
from fangxin.credit.workflow import BAD_RECORD
from fangxin.deadlines.clock import today
from fangxin.notices.actions import send_notice
from fangxin.organisations import fields
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting
from fangxin.rules.indicators import catalogue

LONGEST = 2000


@transaction.atomic
def propose_correction(
    record_id: UUID,
    *,
    kind: str,
    reason: str,
    values: Mapping[str, Any] | None = None,
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> Correction:
    """The correction waits for a second official; what is public stays as it is until then.

    `kind` "amended" with the changed `values` of J4, or "annulled". ActRefused when one waits already, or nothing
    would change.
    """
    record = begin_step(
        BAD_RECORD, BadRecord, record_id, "propose_correction", by=by, turn=turn, act_key=act_key
    )
    reason = fields.text(reason, "更正的理由", LONGEST, "reason")
    if record.corrections.filter(decided_on=None).exists():
        raise ActRefused("已有一份更正待批准，请先办结。")
    if kind not in Correction.Kind.values:
        raise ActRefused("请选择更正内容还是撤下。", "kind")
    before = plain_values(record)
    after = {**before, **(values or {})} if kind == Correction.Kind.AMENDED else {}
    if kind == Correction.Kind.AMENDED:
        checked = checked_conduct(record.agency, after)
        after = {name: value for name, value in _plain(record, checked).items() if value is not None}
        if after == before:
            raise ActRefused("更正前后没有不同，请填写要更正的内容。", "values")
    take_step(
        BAD_RECORD,
        record,
        "propose_correction",
        by=by,
        choice=record.state,
        act_key=act_key,
        details={"kind": kind},
    )
    return Correction.objects.create(
        record=record, company_id=record.company_id, kind=kind, reason=reason, before=before, after=after,
        proposed_by_id=by.user_id, proposed_on=today(),
    )  # fmt: skip


@transaction.atomic
def confirm_correction(
    record_id: UUID, *, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> BadRecord:
    """The record says what is right, or is public no longer; the words before are kept, and the public is told 已更正."""
    record = begin_step(
        BAD_RECORD, BadRecord, record_id, "confirm_correction", by=by, turn=turn, act_key=act_key
    )
    waiting = record.corrections.filter(decided_on=None).first()
    if waiting is None:
        raise ActRefused("没有待批准的更正。")
    annulled = waiting.kind == Correction.Kind.ANNULLED
    changes: dict[str, Any] = {"corrected_on": today()}
    if annulled and record.published_on:
        changes["taken_down_on"] = today()
    if not annulled:
        changes |= checked_conduct(record.agency, waiting.after)
    was_public = record.state == "published"
    take_step(
        BAD_RECORD, record, "confirm_correction", by=by, choice="annulled" if annulled else record.state,
        acted_as=parts_in(record, by), act_key=act_key,
        details={"kind": waiting.kind}, changes=changes,
    )  # fmt: skip
    waiting.decided_by_id, waiting.decided_on = by.user_id, today()
    waiting.save(update_fields=["decided_by_id", "decided_on"])
    if was_public and annulled:
        take_down(record.pk)
    elif was_public:
        publish_bad_record(record)
    send_notice(title="一条不良行为记录已更正", matter_id=record.pk, to_company_id=record.company_id)
    return record


def plain_values(record: BadRecord) -> dict[str, Any]:
    """The values of J4 as JSON holds them."""
    return {
        name: value
        for name, value in _plain(
            record,
            {
                f.column: getattr(record, f.column, None)
                for f in catalogue(record.jurisdiction).table("J4").all_fields
            },
        ).items()
        if value is not None
    }


def _plain(record: BadRecord, values: Mapping[str, Any]) -> dict[str, Any]:
    columns = catalogue(record.jurisdiction).table("J4").by_column
    return {name: columns[name].plain(value) for name, value in values.items() if name in columns}
