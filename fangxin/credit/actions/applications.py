"""What the unit may ask for about a published record, and how the department answers (四（四）, AMB-40, AMB-41)."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from fangxin.credit.actions.publishing import mark_objection, publish_bad_record, take_down
from fangxin.credit.actions.records import decided_on
from fangxin.credit.actions.steps import allowed_anew, begin_step, journal_step, keep_files, take_step
from fangxin.credit.models import Application, BadRecord
from fangxin.credit.standing import parts_in
from fangxin.credit.workflow import APPLICATION, BAD_RECORD
from fangxin.deadlines.clock import today
from fangxin.documents.actions import Upload
from fangxin.journal.actions import claim_act, record
from fangxin.journal.kinds import Kind
from fangxin.notices.actions import send_notice
from fangxin.organisations import fields
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting
from fangxin.rules import book
from fangxin.rules.terms import Unit
from fangxin.rules.workdays import calendar

LONGEST = 2000
VERBS = {
    Application.Kind.ASSESSMENT: "ask_for_assessment",
    Application.Kind.WITHDRAWAL: "apply_for_withdrawal",
    Application.Kind.REPAIR: "apply_for_repair",
    Application.Kind.OBJECTION: "object_to_record",
}


@transaction.atomic
def apply(
    record_id: UUID,
    kind: str,
    *,
    text: str,
    commitment: bool = False,
    evidence: Sequence[Upload] = (),
    by: Acting,
    act_key: UUID | None = None,
) -> Application:
    """The unit's application waits for the department that entered the record; an objection is marked at once.

    ActRefused when the record is not public, an application of the kind waits already, a repair comes without the
    commitment or before the rectification was accepted, or what is asked may only be asked later (AMB-40).
    """
    kind = Application.Kind(kind)
    claim_act(act_key, VERBS[kind], BAD_RECORD.name, str(record_id))
    found = (
        BadRecord.objects.select_for_update(of=("self",))
        .select_related("agency")
        .filter(pk=record_id)
        .first()
    )
    if found is None:
        raise ActRefused("没有这条记录，或者您无权办理。")
    step, after = allowed_anew(APPLICATION, found.agency, VERBS[kind], by)
    if found.state != "published":
        raise ActRefused(
            f"这条记录现为“{found.get_state_display()}”，只有公示中的可以申请（{step.clause}）。"
        )
    text = fields.text(text, "申请理由", LONGEST, "text")
    if kind in (Application.Kind.WITHDRAWAL, Application.Kind.REPAIR):
        _expect_minimum(found)
    if kind == Application.Kind.REPAIR:
        if found.rectified_on is None:
            raise ActRefused("申请信用修复须先经考核验收合格（四（四）；《信用修复管理办法》）。")
        if not commitment:
            raise ActRefused("申请信用修复须作出信用承诺，请勾选。", "commitment")
    if kind == Application.Kind.ASSESSMENT and not evidence:
        raise ActRefused("请上传整改的材料。", "evidence")
    made = Application(
        agency=found.agency, company_id=found.company_id, jurisdiction=found.jurisdiction, record=found, kind=kind,
        state=after, body_id=found.body_id, text=text, commitment=commitment, entered_by_id=by.user_id,
        entered_on=today(), due_on=_objection_due(found) if kind == Application.Kind.OBJECTION else None,
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        raise ActRefused(f"已有一份{kind.label}申请在处理中，请等处理完再提出。") from None
    keep_files("application", made, evidence, by)
    journal_step(
        APPLICATION, step, made, by=by, act_key=act_key, details={"after": after, "record": found.pk}
    )
    if kind == Application.Kind.OBJECTION:
        mark_objection(found)
    send_notice(title=f"有{kind.label}申请待处理", matter_id=made.pk, to_body_id=found.body_id)
    return made


@transaction.atomic
def begin_assessment(
    application_id: UUID, *, assessed_on: date, assessors: str, by: Acting, turn: int | None = None,
    act_key: UUID | None = None,
) -> Application:  # fmt: skip
    """The department has set day and people of the assessment (考核验收)."""
    found = _begin(application_id, "begin_assessment", by, turn, act_key)
    assessors = fields.text(assessors, "验收人员", 200, "assessors")
    take_step(
        APPLICATION, found, "begin_assessment", by=by, act_key=act_key,
        changes={"assessed_on": assessed_on, "assessors": assessors},
    )  # fmt: skip
    return found


@transaction.atomic
def conclude_assessment(
    application_id: UUID, *, passed: bool, result: str, by: Acting, turn: int | None = None,
    act_key: UUID | None = None,
) -> Application:  # fmt: skip
    """Passed: the result stands beside the record, which stays (四（四）). Failed: the unit may ask again."""
    found = _begin(application_id, "conclude_assessment", by, turn, act_key)
    result = fields.text(result, "整改结果", LONGEST, "result")
    if found.assessed_on is None or found.assessed_on > today():
        raise ActRefused(f"考核验收定在{found.assessed_on}，之后才能作结论。", "result")
    _decide(found, "conclude_assessment", "passed" if passed else "failed", result, by, act_key)
    if passed:
        bad = found.record
        bad.rectified_on, bad.rectification_result = today(), result
        bad.save(update_fields=["rectified_on", "rectification_result"])
        if bad.state == "published":
            publish_bad_record(bad)
    return found


@transaction.atomic
def consent_to_withdrawal(
    application_id: UUID,
    *,
    opinion: str = "",
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> Application:
    """The record is public no longer, on the unit's application and with the department's consent (四（四）).

    It stays on file for its time. ActRefused before the minimum of its class has passed (AMB-40).
    """
    found = _begin(application_id, "consent_to_withdrawal", by, turn, act_key)
    bad = BadRecord.objects.select_for_update(of=("self",)).select_related("agency").get(pk=found.record_id)
    if found.kind not in (Application.Kind.WITHDRAWAL, Application.Kind.REPAIR):
        raise ActRefused("只有撤销公示或者信用修复的申请可以同意撤销。")
    _expect_minimum(bad)
    _decide(found, "consent_to_withdrawal", "", opinion, by, act_key)
    if bad.state == "published":
        bad.state, bad.turn, bad.taken_down_on = "withdrawn", bad.turn + 1, today()
        bad.save(update_fields=["state", "turn", "taken_down_on"])
        take_down(bad.pk)
        record(
            Kind.CREDIT_WITHDRAW, BAD_RECORD.name, bad.pk, by=by.actor, summary="撤销公示",
            details={"agency": bad.agency_id, "application": found.pk}, clause="四(四)", jurisdiction=bad.jurisdiction,
        )  # fmt: skip
    return found


@transaction.atomic
def refuse_withdrawal(
    application_id: UUID, *, reason: str, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Application:
    """The record stays public; the unit may apply again."""
    found = _begin(application_id, "refuse_withdrawal", by, turn, act_key)
    if found.kind not in (Application.Kind.WITHDRAWAL, Application.Kind.REPAIR):
        raise ActRefused("只有撤销公示或者信用修复的申请可以这样答复。")
    _decide(
        found, "refuse_withdrawal", "", fields.text(reason, "不同意的理由", LONGEST, "reason"), by, act_key
    )
    return found


@transaction.atomic
def decide_objection(
    application_id: UUID, *, upheld: bool, reason: str, by: Acting, turn: int | None = None,
    act_key: UUID | None = None,
) -> Application:  # fmt: skip
    """Somebody who had no part in the record has decided; the mark goes, and one upheld leads to a correction (AMB-41)."""
    found = _begin(application_id, "decide_objection", by, turn, act_key)
    if found.kind != Application.Kind.OBJECTION:
        raise ActRefused("这不是异议。")
    bad = found.record
    reason = fields.text(reason, "处理理由", LONGEST, "reason")
    _decide(
        found,
        "decide_objection",
        "upheld" if upheld else "rejected",
        reason,
        by,
        act_key,
        acted_as=parts_in(found, by),
    )
    if bad.state == "published":
        publish_bad_record(bad)
    return found


def _decide(
    found: Application, verb: str, choice: str, opinion: str, by: Acting, act_key: UUID | None, **how: Any
) -> None:
    take_step(
        APPLICATION, found, verb, by=by, choice=choice, act_key=act_key, details={"record": found.record_id},
        changes={"opinion": opinion.strip()[:LONGEST], "decided_by_id": by.user_id, "decided_on": today()}, **how,
    )  # fmt: skip
    send_notice(
        title=f"您的{found.get_kind_display()}申请已有结果：{found.get_state_display()}", matter_id=found.pk,
        to_company_id=found.company_id,
    )  # fmt: skip


def _begin(
    application_id: UUID, verb: str, by: Acting, turn: int | None, act_key: UUID | None
) -> Application:
    return begin_step(APPLICATION, Application, application_id, verb, by=by, turn=turn, act_key=act_key)


def _expect_minimum(bad: BadRecord) -> None:
    kept = book("national").record_classes[bad.record_class]
    if not book(bad.jurisdiction).value("conduct.minimum_binds_withdrawal", on=today()).value:
        return
    if today() < (first := kept.may_be_repaired_from(decided_on(bad))):
        raise ActRefused(
            f"类别“{kept.title}”的最短公示期为{kept.least_months}个月，自{first}起才可以申请并同意（AMB-40，《信用修复管理办法》）。"
        )


def _objection_due(bad: BadRecord) -> date:
    days = book(bad.jurisdiction).value("conduct.objection_decided_within", on=today()).value
    return calendar().due_day(today(), int(str(days)), Unit.WORKING_DAY).due_on
