"""Telling the complainant, calling back, closing, reopening (二(六)1–2, 二(七))."""

from uuid import UUID

from django.db import transaction

from fangxin.cases.actions.steps import begin_step, take_step
from fangxin.cases.models import CallBack, Case
from fangxin.cases.terms import SOLVED, TOLD_HOW, satisfaction_titles
from fangxin.complaints.actions import note_progress
from fangxin.deadlines.actions import Owner, cancel_deadlines, start_deadline
from fangxin.deadlines.clock import today
from fangxin.notices.actions import send_notice
from fangxin.organisations import fields
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting
from fangxin.rules import book

LONGEST_ANSWER = 4000
LONGEST_COMMENT = 1000


@transaction.atomic
def tell_complainant(
    case_id: UUID,
    *,
    told_how: str,
    text: str,
    by: Acting,
    reason: str = "",
    turn: int | None = None,
    act_key: UUID | None = None,
) -> Case:
    """The complainant can read the result, and the case waits for its call-back (二(六)1、2).

    `told_how` is directly, by_company (relayed through the platform: the company never learns whom it answers),
    not_told (allowed for a civil dispute, with a reason) or not_applicable (nobody complained). ActRefused when
    the choice and the facts do not agree.
    """
    case = begin_step(case_id, "tell_complainant", turn=turn, act_key=act_key)
    if told_how not in TOLD_HOW:
        raise ActRefused("请选择告知方式。", "told_how")
    if told_how == "not_applicable" and case.complaint.has_complainant:
        raise ActRefused("本案有投诉人，不能选“无投诉人”。", "told_how")
    if told_how != "not_applicable" and not _somebody_can_read(case):
        raise ActRefused("本案没有投诉人（二(一)3、4），请选“无投诉人”。", "told_how")
    if told_how == "not_told" and case.outcome != "civil_dispute":
        raise ActRefused(
            "只有民事纠纷可以不告知（二(六)2：可将企业回复意见告知），其余须回复投诉人。", "told_how"
        )
    if told_how == "not_told" and not reason.strip():
        raise ActRefused("不告知投诉人的，请说明理由。", "reason")
    if told_how in {"directly", "by_company"}:
        text = fields.text(text, "回复投诉人的内容", LONGEST_ANSWER, "text")
    take_step(
        case, "tell_complainant", by=by, act_key=act_key, summary=f"告知投诉人：{TOLD_HOW[told_how]}",
        details={"told_how": told_how, "reason": reason}, changes={"handled_on": today(), "due_on": None},
    )  # fmt: skip
    if told_how in {"directly", "by_company"}:
        note_progress(case.complaint_id, "办理结果", text)
        send_notice(title=f"您的投诉 {case.number} 已有办理结果", to_complainant_of=case.complaint_id)
    return case


@transaction.atomic
def record_callback(
    case_id: UUID,
    *,
    contacted: bool,
    solved: str,
    satisfaction: str,
    comment: str,
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> Case:
    """One attempt is on file; a completed call-back, or one that does not apply, closes the case (二(七), SM-18).

    Not reached: the case stays for another attempt. `satisfaction` is one of the rulebook's answers. A
    dissatisfied complainant's case is closed with the answer kept and may be reopened.
    """
    case = begin_step(case_id, "record_callback", turn=turn, act_key=act_key)
    applicable = case.complaint.has_complainant
    if contacted and applicable:
        if satisfaction not in satisfaction_titles(case.jurisdiction):
            raise ActRefused("请选择满意、基本满意或不满意。", "satisfaction")
        if solved not in SOLVED:
            raise ActRefused("请选择诉求是否解决。", "solved")
    else:
        solved = satisfaction = ""
    if len(comment) > LONGEST_COMMENT:
        raise ActRefused(f"回访记录不得超过{LONGEST_COMMENT}字，现有{len(comment)}字，请缩短。", "comment")
    done = contacted or not applicable
    take_step(
        case, "record_callback", by=by, choice="closed" if done else "attempted", act_key=act_key,
        summary=_said(applicable, contacted, satisfaction, case.jurisdiction),
        details={"contacted": contacted, "solved": solved, "satisfaction": satisfaction},
        changes={"closed_on": today()} if done else {},
    )  # fmt: skip
    CallBack.objects.create(
        case=case, on=today(), by_user_id=by.user_id, contacted=contacted, applicable=applicable,
        solved=solved, satisfaction=satisfaction, comment=comment,
    )  # fmt: skip
    if done:
        cancel_deadlines(matter_id=case.pk)
        note_progress(case.complaint_id, "已办结归档", "感谢您的监督。")
    return case


@transaction.atomic
def reopen_case(
    case_id: UUID, *, reason: str, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Case:
    """The same department and officer look into it again, with a new term of ten working days (二(七), AMB-11).

    Only where the complainant was not satisfied when called back.
    """
    case = begin_step(case_id, "reopen_case", turn=turn, act_key=act_key)
    reason = fields.text(reason, "重新办理的理由", 1000, "reason")
    take_step(
        case, "reopen_case", by=by, act_key=act_key, details={"reason": reason},
        changes={"reopened_times": case.reopened_times + 1, "outcome": "", "handled_on": None, "closed_on": None},
    )  # fmt: skip
    deadline = start_deadline(
        "handling_opinion", jurisdiction=case.jurisdiction, subject_kind="case", subject_id=case.pk,
        matter_id=case.pk, owner=Owner(body_id=case.handling_body_id, user_id=case.officer_id),
    )  # fmt: skip
    case.due_on = deadline.due_on
    case.save(update_fields=["due_on"])
    send_notice(title=f"案件 {case.number} 重新办理", matter_id=case.pk, to_user_id=case.officer_id)
    note_progress(case.complaint_id, "重新办理", "根据回访情况重新办理。", due_on=case.due_on)
    return case


def _somebody_can_read(case: Case) -> bool:
    """Whoever complained, though they gave no name, follows the case by number and secret."""
    return case.complaint.has_complainant or book(case.jurisdiction).source(case.source).complainant


def _said(applicable: bool, contacted: bool, satisfaction: str, jurisdiction: str) -> str:
    if not applicable:
        return "无投诉人，不需回访"
    if not contacted:
        return "回访未联系上投诉人"
    return f"回访：{satisfaction_titles(jurisdiction)[satisfaction]}"
