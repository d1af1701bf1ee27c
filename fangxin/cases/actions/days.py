"""Days that do not suffice: extension of complex cases (二(六)), and what is owed for a delay (二(七))."""

from datetime import date
from uuid import UUID

from django.db import transaction

from fangxin.cases.actions.steps import ask_table, begin_step, take_step
from fangxin.cases.models import Case, DelayStatement, Extension
from fangxin.complaints.actions import note_progress
from fangxin.deadlines.actions import extend_deadline
from fangxin.deadlines.clock import today
from fangxin.notices.actions import send_notice
from fangxin.organisations import fields
from fangxin.organisations.models import Body
from fangxin.organisations.queries import body
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting
from fangxin.rules import book

LONGEST_REASON = 1000


@transaction.atomic
def ask_extension(
    case_id: UUID,
    *,
    until: date,
    reason: str,
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> Extension:
    """More days wait for the head's decision; nothing has moved yet, and the clock runs on (二(六), AMB-07).

    ActRefused for a day that is not after the due day and after today.
    """
    case = begin_step(case_id, "ask_extension", turn=turn, act_key=act_key)
    ask_table(case, "ask_extension", by)
    assert case.due_on is not None  # noqa: S101 - a case under investigation has its day
    reason = fields.text(reason, "延期的理由（为什么复杂）", LONGEST_REASON, "reason")
    if until <= max(case.due_on, today()):
        raise ActRefused(f"申请延至的日期应在原截止日{case.due_on}和今天之后。", "until")
    take_step(
        case, "ask_extension", by=by, act_key=act_key, summary=f"申请延期至{until}",
        details={"reason": reason, "due_on": until.isoformat(), "previous_due_on": case.due_on.isoformat()},
        changes={"extension_asked_by_id": by.user_id},
    )  # fmt: skip
    asked = Extension.objects.create(
        case=case,
        old_due_on=case.due_on,
        new_due_on=until,
        reason=reason,
        asked_by_id=by.user_id,
        asked_on=today(),
    )
    send_notice(
        title=f"案件 {case.number} 申请延期至{until}，请部门领导审批",
        matter_id=case.pk,
        to_body_id=by.body_id,
    )
    return asked


@transaction.atomic
def decide_extension(
    case_id: UUID,
    *,
    approved: bool,
    opinion: str,
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> Case:
    """The case is due on the day asked for, by leave of the head, who did not ask; or the old day stands (二(六)).

    The old due day is kept, and an opinion that was overdue already stays late (AMB-07).
    """
    case = begin_step(case_id, "decide_extension", turn=turn, act_key=act_key)
    ask_table(case, "decide_extension", by)
    asked = Extension.objects.get(case=case, approved=None, lapsed=False)
    opinion = fields.text(opinion, "领导意见", LONGEST_REASON, "opinion")
    if approved and asked.new_due_on <= today():
        raise ActRefused(f"申请延至的{asked.new_due_on}已经到了，请不同意后由经办人重新申请。", "approved")
    changes = {"extension_asked_by_id": None} | ({"due_on": asked.new_due_on} if approved else {})
    take_step(
        case, "decide_extension", by=by, choice="approved" if approved else "refused", act_key=act_key,
        summary=f"同意延期至{asked.new_due_on}" if approved else "不同意延期",
        details={
            "opinion": opinion, "due_on": asked.new_due_on.isoformat(),
            "previous_due_on": asked.old_due_on.isoformat(),
        },
        changes=changes,
    )  # fmt: skip
    asked.approved, asked.opinion = approved, opinion
    asked.decided_by_id, asked.decided_on = by.user_id, today()
    asked.save(update_fields=["approved", "opinion", "decided_by_id", "decided_on"])
    if approved:
        extend_deadline(
            "handling_opinion", subject_id=case.pk, until=asked.new_due_on, reason="复杂案件延长处理时限"
        )
        note_progress(
            case.complaint_id, "延长办理时限", "案情复杂，经批准延长办理时限。", due_on=asked.new_due_on
        )
    send_notice(
        title=f"案件 {case.number} {'已同意延期' if approved else '未同意延期'}", matter_id=case.pk,
        to_user_id=asked.asked_by_id,
    )  # fmt: skip
    return case


def lapse_extension(case: Case) -> None:
    """What nobody decided is needed no more: the opinion is there, or the case has left."""
    Extension.objects.filter(case=case, approved=None, lapsed=False).update(lapsed=True)


@transaction.atomic
def explain_delay(
    case_id: UUID, *, reason: str, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Case:
    """The reason of the delay is on file, and the case can go on; the opinion stays late (二(七))."""
    return _state_delay(case_id, "explain_delay", reason, None, by, turn, act_key)


@transaction.atomic
def report_delay(
    case_id: UUID, *, reason: str, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Case:
    """The delay is reported to the city department competent for the link, which sees the case from now on (二(七))."""
    return _state_delay(case_id, "report_delay", reason, "", by, turn, act_key)


def _state_delay(
    case_id: UUID, verb: str, reason: str, to: str | None, by: Acting, turn: int | None, act_key: UUID | None
) -> Case:
    case = begin_step(case_id, verb, turn=turn, act_key=act_key)
    ask_table(case, verb, by)
    assert case.due_on is not None  # noqa: S101 - only what is due can be overdue
    reason = fields.text(reason, "逾期的理由", LONGEST_REASON, "reason")
    division: Body | None = None
    if to is not None:
        division = body(book(case.jurisdiction).supervisor(link=case.link).body)
    take_step(
        case, verb, by=by, act_key=act_key,
        summary=f"逾期上报{division.name}" if division else "注明逾期理由",
        details={"reason": reason, "due_on": case.due_on.isoformat(), "body": division.pk if division else None},
        changes={"delay_explained_for": case.due_on} | ({"reported_to_id": division.pk} if division else {}),
    )  # fmt: skip
    DelayStatement.objects.create(
        case=case, due_on=case.due_on, reason=reason, reported_to=division, by_user_id=by.user_id, on=today()
    )
    if division is not None:
        send_notice(
            title=f"案件 {case.number} 逾期上报，请督促或协调", matter_id=case.pk, to_body_id=division.pk
        )
    return case
