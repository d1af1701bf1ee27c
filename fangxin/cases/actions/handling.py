"""案件受理, and the department's ways out of a case that is not its own (二(三))."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.db import transaction

from fangxin.cases.actions.companies import UNANSWERED, latest_round, locked_tasks
from fangxin.cases.actions.days import lapse_extension
from fangxin.cases.actions.sending import send_to_company
from fangxin.cases.actions.steps import begin_step, take_step
from fangxin.cases.models import Case, CompanyTask, Hop, Proposal
from fangxin.cases.terms import reason_titles, refusal_told
from fangxin.complaints.actions import note_progress
from fangxin.deadlines.actions import Owner, cancel_deadlines, hand_over_deadlines, start_deadline
from fangxin.deadlines.clock import now, today
from fangxin.notices.actions import send_notice
from fangxin.organisations import fields
from fangxin.organisations.asked_often import Rows, asked_often
from fangxin.organisations.models import Body, Company
from fangxin.organisations.queries import company, company_matching, officers_of
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting
from fangxin.organisations.written_often import insert

LONGEST_SUMMARY = 4000
LONGEST_POINT = 300
LONGEST_NAME = 200
LONGEST_REASON = 1000
MOST_POINTS = 20


@dataclass(frozen=True)
class Respondent:
    """A company the case is sent to: one of the register, or a name the register does not have."""

    company_id: int | None
    name: str


@transaction.atomic
def accept_case(
    case_id: UUID,
    *,
    officer_id: int,
    summary: str,
    points: Sequence[str],
    respondents: Sequence[Respondent],
    by: Acting,
    project_name: str = "",
    turn: int | None = None,
    act_key: UUID | None = None,
) -> Case:
    """The department has taken the case on and named its officer; ten working days run from today (二(六)).

    Approving `summary`, the 转办摘要, is part of accepting: it alone, with the `project_name` approved beside it,
    goes, by itself and in that form, to every respondent on the platform, each with a task and a clock of 3个工作日 of its own (二(四)). A respondent the
    platform cannot reach gets a task marked so (二(五)). ActRefused for an officer of another department, no
    summary, no point, or no respondent.
    """
    case = begin_step(case_id, "accept_case", turn=turn, act_key=act_key)
    summary, asked = summary.strip(), [point.strip() for point in points if point.strip()]
    _check_acceptance(case, officer_id, summary, asked, project_name)
    named = _named(respondents)
    take_step(
        case, "accept_case", by=by, act_key=act_key, summary="受理，批准转办摘要",
        details={"officer": officer_id, "points": len(asked), "respondents": len(named)},
        changes={"officer_id": officer_id, "summary": summary, "points": asked, "accepted_on": today()},
    )  # fmt: skip
    handling = start_deadline(
        "handling_opinion", jurisdiction=case.jurisdiction, subject_kind="case", subject_id=case.pk,
        matter_id=case.pk, owner=Owner(body_id=case.handling_body_id, user_id=officer_id),
    )  # fmt: skip
    case.due_on = handling.due_on
    case.save(update_fields=["due_on"])
    _send_to_companies(case, named, project_name.strip())
    send_notice(
        title=f"案件 {case.number} 由您经办，{case.due_on}前提出处理意见",
        matter_id=case.pk,
        to_user_id=officer_id,
    )
    note_progress(case.complaint_id, "已受理", "经办部门已受理并转被投诉单位答复。", due_on=case.due_on)
    return case


@transaction.atomic
def reassign_officer(
    case_id: UUID,
    *,
    officer_id: int,
    reason: str,
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> Case:
    """Another officer of the same department owns the case and its running terms; the due days do not move."""
    case = begin_step(case_id, "reassign_officer", turn=turn, act_key=act_key)
    _check_officer(case, officer_id)
    reason = fields.text(reason, "改派原因", LONGEST_REASON, "reason")
    former = case.officer_id
    take_step(
        case, "reassign_officer", by=by, choice=case.status, act_key=act_key,
        details={"previous": former, "officer": officer_id, "reason": reason},
        changes={"officer_id": officer_id},
    )  # fmt: skip
    assert case.handling_body_id is not None  # noqa: S101 - an accepted case has a department
    hand_over_deadlines(matter_id=case.pk, body_id=case.handling_body_id, user_id=officer_id)
    send_notice(title=f"案件 {case.number} 改由您经办", matter_id=case.pk, to_user_id=officer_id)
    return case


@transaction.atomic
def propose_return(
    case_id: UUID,
    *,
    reason_code: str,
    reason: str,
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> Case:
    """The return waits for the head of the department; nothing has left yet, and the clock runs on (二(三))."""
    return _propose("return", "propose_return", case_id, reason_code, reason, by, turn, act_key)


@transaction.atomic
def propose_refusal(
    case_id: UUID,
    *,
    reason_code: str,
    reason: str,
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> Case:
    """The refusal waits for the head of the department; the clock runs on (二(三))."""
    return _propose("refusal", "propose_refusal", case_id, reason_code, reason, by, turn, act_key)


@transaction.atomic
def approve_proposal(
    case_id: UUID, *, opinion: str, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Case:
    """The case is back with whoever sent it, or refused, by leave of the head, who did not propose it (二(三)).

    A returned case goes to its immediate sender; its running terms and open company tasks end. A refused case
    ends, and its author is told the reason chosen from the list and what can be done now; what the officers
    wrote to each other stays theirs.
    """
    case = begin_step(case_id, "approve_proposal", turn=turn, act_key=act_key)
    proposal = _open_proposal(case)
    opinion = fields.text(opinion, "领导意见", LONGEST_REASON, "opinion")
    if proposal.kind == "return":
        return _return_case(case, proposal, opinion, by, act_key)
    return _refuse_case(case, proposal, opinion, by, act_key)


@transaction.atomic
def reject_proposal(
    case_id: UUID, *, opinion: str, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Case:
    """The head did not agree: the case stands where it stood before the proposal, with the head's opinion kept."""
    case = begin_step(case_id, "reject_proposal", turn=turn, act_key=act_key)
    proposal = _open_proposal(case)
    opinion = fields.text(opinion, "领导意见（提出人据此继续办理）", LONGEST_REASON, "opinion")
    take_step(
        case, "reject_proposal", by=by, choice=proposal.status_before, act_key=act_key,
        summary=f"不同意{proposal.get_kind_display()}", details={"opinion": opinion},
    )  # fmt: skip
    _decide(proposal, by, approved=False, opinion=opinion)
    send_notice(
        title=f"案件 {case.number} 未批准{proposal.get_kind_display()}，请继续办理", matter_id=case.pk,
        to_user_id=proposal.proposed_by_id,
    )  # fmt: skip
    return case


def _check_acceptance(
    case: Case, officer_id: int, summary: str, points: Sequence[str], project_name: str
) -> None:
    if not summary:
        raise ActRefused("请核定转办摘要：企业只看到摘要，看不到投诉原文。", "summary")
    if len(summary) > LONGEST_SUMMARY:
        raise ActRefused(f"转办摘要不得超过{LONGEST_SUMMARY}字，现有{len(summary)}字。", "summary")
    if not points:
        raise ActRefused("请至少列出一个须企业答复的问题，每行一个（二(六)1：答复了所有问题）。", "points")
    if len(points) > MOST_POINTS:
        raise ActRefused(f"须答复的问题最多{MOST_POINTS}个，现有{len(points)}个，请合并。", "points")
    for number, point in enumerate(points, start=1):
        if len(point) > LONGEST_POINT:
            raise ActRefused(
                f"第{number}个问题不得超过{LONGEST_POINT}字，现有{len(point)}字，请缩短。", "points"
            )
    if len(project_name) > LONGEST_NAME:
        raise ActRefused(f"项目名称不得超过{LONGEST_NAME}字，请缩短。", "project_name")
    _check_officer(case, officer_id)


def _check_officer(case: Case, officer_id: int) -> None:
    if case.handling_body_id is None or officer_id not in {
        person.user_id for person in officers_of(case.handling_body_id)
    }:
        raise ActRefused("请在本部门的经办人中选择一位（二(三)：分派给经办人员调查办理）。", "officer")


def _named(respondents: Sequence[Respondent]) -> list[tuple[str, Company | None]]:
    """Each respondent once: its name, and its entry in the register if it has one.

    A written name that one company bears is that company: it is asked on the platform, and not twice.
    ActRefused for nobody at all, and for a company without a name.
    """
    named: dict[tuple[str, Company | None], None] = {}
    for respondent in respondents:
        if respondent.company_id is not None:
            found = company(respondent.company_id)
            if found is None:
                raise ActRefused("所选企业不在登记册中，请重新查找。", "respondents")
        else:
            found = company_matching(respondent.name)
        name = found.name if found else fields.text(respondent.name, "企业名称", LONGEST_NAME, "respondents")
        named[name, found] = None
    if not named:
        raise ActRefused("请至少列出一家被投诉企业；登记册中没有的，填写其名称（二(五)）。", "respondents")
    return list(named)


def _send_to_companies(case: Case, named: Sequence[tuple[str, Company | None]], project_name: str) -> None:
    assert case.handling_body_id is not None  # noqa: S101 - only a department's case is accepted
    # Counted from the tasks: a case comes back by a return, by a reopening, and after a refusal.
    this_round = latest_round(case.pk) + 1
    for name, found in named:
        reachable = found is not None and found.on_platform
        task = CompanyTask(
            id=uuid4(),
            case_id=case.pk,
            number=case.number,
            company=found,
            company_name=name,
            handling_body_id=case.handling_body_id,
            link=case.link,
            # As approved: what the citizen put there may say in which room they live.
            project_name=project_name,
            summary=case.summary,
            points=case.points,
            state=CompanyTask.State.NOTIFIED if reachable else CompanyTask.State.UNREACHED,
            sent_on=today(),
            round=this_round,
        )
        insert(task)
        if reachable and found is not None:
            send_to_company(case, task, found.pk)


def _propose(
    kind: str, verb: str, case_id: UUID, reason_code: str, reason: str, by: Acting, turn: int | None,
    act_key: UUID | None,
) -> Case:  # fmt: skip
    case = begin_step(case_id, verb, turn=turn, act_key=act_key)
    if reason_code not in reason_titles(case.jurisdiction, kind):
        raise ActRefused("请在列表中选择一项理由（二(三)）。", "reason_code")
    reason = fields.text(reason, "说明（部门领导据此决定）", LONGEST_REASON, "reason")
    before = case.status
    step = take_step(
        case, verb, by=by, act_key=act_key, details={"reason_code": reason_code, "reason": reason}
    )
    Proposal.objects.create(
        case=case, kind=kind, status_before=before, reason_code=reason_code, reason=reason,
        proposed_by_id=by.user_id,
    )  # fmt: skip
    send_notice(
        title=f"案件 {case.number} {step.title}，请部门领导审批", matter_id=case.pk, to_body_id=by.body_id
    )
    return case


def _return_case(case: Case, proposal: Proposal, opinion: str, by: Acting, act_key: UUID | None) -> Case:
    sender_id = case.sender_id or case.sorting_body_id
    to_hub = case.link != "" and "hub_property" in _functions(sender_id)
    step = take_step(
        case, "approve_return", by=by, choice="at_hub" if to_hub else "registered", act_key=act_key,
        details={"opinion": opinion, "reason_code": proposal.reason_code},
        changes={"holder_id": sender_id, "sorting_body_id": case.sorting_body_id if to_hub else sender_id,
                 "handling_body_id": None, "officer_id": None, "due_on": None, "accepted_on": None,
                 "extension_asked_by_id": None, "reported_to_id": None, "returned_times": case.returned_times + 1},
    )  # fmt: skip
    _decide(proposal, by, approved=True, opinion=opinion)
    _end_what_runs(case)
    Hop.objects.create(
        case=case, from_body_id=by.body_id, to_body_id=sender_id, kind="return", reason=proposal.reason[:500],
        by_user_id=by.user_id, on=today(), clause=step.clause,
    )  # fmt: skip
    send_notice(title=f"案件 {case.number} 被退回，请重新分派", matter_id=case.pk, to_body_id=sender_id)
    note_progress(case.complaint_id, "重新分派", "原经办部门认为不属于其业务范围，正在重新分派。")
    return case


def _refuse_case(case: Case, proposal: Proposal, opinion: str, by: Acting, act_key: UUID | None) -> Case:
    take_step(
        case, "approve_refusal", by=by, act_key=act_key,
        details={"opinion": opinion, "reason_code": proposal.reason_code},
        changes={"closed_on": today(), "extension_asked_by_id": None},
    )  # fmt: skip
    _decide(proposal, by, approved=True, opinion=opinion)
    _end_what_runs(case)
    note_progress(case.complaint_id, "不予受理", refusal_told(case.jurisdiction, proposal.reason_code))
    send_notice(title=f"您的投诉 {case.number} 有新的进展", to_complainant_of=case.complaint_id)
    return case


def _end_what_runs(case: Case) -> None:
    tasks = locked_tasks(case.pk)
    lapse_extension(case)
    cancel_deadlines(matter_id=case.pk)
    # What was answered stays as it was answered: nobody of this department reads a later version.
    tasks.filter(state=CompanyTask.State.REPLIED).update(state=CompanyTask.State.ACCEPTED)
    tasks.filter(state__in=UNANSWERED).update(state=CompanyTask.State.CLOSED)


def _open_proposal(case: Case) -> Proposal:
    found: list[Proposal] = _waiting_proposals(case.pk)
    if not found:
        raise ActRefused(f"案件{case.number}没有等待批准的回退或不予受理。")
    return found[0]


@asked_often
def _waiting_proposals(case_id: UUID) -> Rows:
    return Proposal.objects.filter(case_id=case_id, approved=None)


def _decide(proposal: Proposal, by: Acting, *, approved: bool, opinion: str) -> None:
    proposal.approved, proposal.opinion = approved, opinion
    proposal.decided_by_id, proposal.decided_at = by.user_id, now()
    proposal.save(update_fields=["approved", "opinion", "decided_by_id", "decided_at"])


def _functions(body_id: int) -> frozenset[str]:
    return frozenset(Body.objects.values_list("functions", flat=True).get(pk=body_id))
