"""Deciding a case, ordering rectification, and checking it (二(六))."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID, uuid4

from django.db import transaction

from fangxin.cases.actions.companies import OPEN, latest_round, settle_tasks
from fangxin.cases.actions.days import lapse_extension
from fangxin.cases.actions.steps import ask_table, begin_step, locked_case, take_step
from fangxin.cases.models import Case, CompanyTask
from fangxin.complaints.actions import note_progress
from fangxin.complaints.leaving import text_to_pass_on
from fangxin.deadlines.actions import (
    Owner,
    cancel_deadlines,
    meet_deadline,
    recount_provisional,
    resume_deadline,
    start_deadline,
)
from fangxin.deadlines.clock import today
from fangxin.deadlines.queries import moved_terms
from fangxin.documents.actions import (
    NoSuchAttachment,
    Upload,
    add_attachments,
    quarantine_attachment,
    release_attachment,
)
from fangxin.documents.queries import subject_of
from fangxin.investigations.models import (
    Inquiry,
    Opinion,
    RectificationCheck,
    RectificationOrder,
    RectificationReport,
)
from fangxin.investigations.queries import is_of_case, judges_files
from fangxin.investigations.workflow import OrderState, order_step
from fangxin.journal.actions import claim_act, record
from fangxin.journal.kinds import Kind
from fangxin.notices.actions import send_notice
from fangxin.organisations import fields
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting
from fangxin.rules import book
from fangxin.rules.book import RuleUnknown

LONGEST_TEXT = 8000
LONGEST_NAME = 56
SHOWS_ITS_DAY: Mapping[str, type[Case] | type[CompanyTask] | type[RectificationOrder] | type[Inquiry]] = {
    "case": Case, "task": CompanyTask, "order": RectificationOrder, "inquiry": Inquiry,
}  # fmt: skip
LONGEST_REASON = 500


@transaction.atomic
def submit_opinion(
    case_id: UUID,
    *,
    outcome: str,
    affirmed: Collection[str],
    findings: str,
    text: str,
    by: Acting,
    legal_basis: str = "",
    violations: Sequence[str] = (),
    without_reply_because: str = "",
    turn: int | None = None,
    act_key: UUID | None = None,
) -> Case:
    """The handling opinion is on file and its ten working days are met, late or in time (二(六)).

    `affirmed` are the conditions ticked; the outcome stands only when the rulebook's groups hold (AMB-08).
    A violation names at least one act of the catalogue and its legal basis, and waits for the order. Company
    tasks without an answer are closed for the reason given. ActRefused names what is missing.
    """
    case = begin_step(case_id, "submit_opinion", turn=turn, act_key=act_key)
    try:
        rule = book(case.jurisdiction).outcome(outcome)
    except RuleUnknown as unknown:
        raise ActRefused("请选择一种处理结论（二(六)1–3）。", "outcome") from unknown
    if refusal := rule.refusal(affirmed):
        raise ActRefused(f"{refusal}。", "affirmed")
    _check_texts(outcome, findings, text, legal_basis, violations)
    if len(without_reply_because) > LONGEST_REASON:
        raise ActRefused(f"不待企业回复的理由不得超过{LONGEST_REASON}字，请缩短。", "without_reply_because")
    violations = violations if outcome == "violation" else ()
    take_step(
        case, "submit_opinion", by=by, choice=outcome, act_key=act_key,
        summary=f"提出处理意见：{rule.short}", details={"outcome": outcome, "violations": list(violations)},
        changes={"outcome": outcome, "due_on": None, "extension_asked_by_id": None},
    )  # fmt: skip
    late = not meet_deadline("handling_opinion", subject_id=case.pk)
    lapse_extension(case)
    Opinion.objects.create(
        case=case, outcome=outcome, affirmed=sorted({*affirmed} & {*rule.conditions}), findings=findings.strip(),
        legal_basis=legal_basis.strip(), violations=list(violations), text=text.strip(),
        without_reply_because=without_reply_because.strip(), by_user_id=by.user_id, on=today(), late=late,
        rulebook_version=book(case.jurisdiction).version,
    )  # fmt: skip
    settle_tasks(case.pk, without_reply_because=without_reply_because)
    for reply in ("company_reply", "offline_reply"):
        cancel_deadlines(matter_id=case.pk, rule_key=reply)
    note_progress(case.complaint_id, "已提出处理意见", "经办部门已完成调查，正在作后续处理。")
    if outcome == "violation":
        send_notice(
            title=f"案件 {case.number} 待责令整改，请部门领导签发",
            matter_id=case.pk,
            to_body_id=case.handling_body_id,
        )
    return case


@transaction.atomic
def order_rectification(
    case_id: UUID,
    *,
    task_ids: Sequence[UUID],
    requirements: str,
    served_on: date,
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> Case:
    """Each chosen company is ordered to rectify, with a clock of 15日 from the day of service (二(六)3).

    `served_on` is not after today and not before the opinion. The order follows a violation only: the table
    has no other way to it (TVX-17).
    """
    case = begin_step(case_id, "order_rectification", turn=turn, act_key=act_key)
    opinion = Opinion.objects.filter(case=case).order_by("-pk").first()
    requirements = text_to_pass_on(
        case.complaint_id, requirements, "整改要求（改正什么、如何证明）", LONGEST_TEXT, "requirements"
    )
    if served_on > today() or (opinion is not None and served_on < opinion.on):
        raise ActRefused("送达日期应在处理意见之后、今天或今天之前。", "served_on")
    # Who found the violation does not sign the order, though the case has another officer by now.
    if opinion is not None and opinion.by_user_id == by.user_id:
        raise ActRefused("责令整改须由处理意见提出人以外的部门领导签发（二(六)3）。")
    tasks = list(CompanyTask.objects.filter(pk__in=task_ids, case_id=case.pk, round=latest_round(case.pk)))
    if not tasks or len(tasks) != len(set(task_ids)):
        raise ActRefused("请至少选择一家被责令整改的企业。", "companies")
    take_step(
        case, "order_rectification", by=by, act_key=act_key,
        details={"companies": [task.company_id for task in tasks], "served_on": served_on.isoformat()},
    )  # fmt: skip
    due_days = [_issue_order(case, opinion, task, requirements, served_on, by) for task in tasks]
    case.due_on = max(due_days)
    case.save(update_fields=["due_on"])
    note_progress(case.complaint_id, "责令整改", "经查存在违法违规行为，已责令企业整改。", due_on=case.due_on)
    return case


@transaction.atomic
def hand_in_rectification(
    order_id: UUID,
    *,
    kind: str,
    text: str,
    by: Acting,
    files: Sequence[Upload] = (),
    act_key: UUID | None = None,
) -> RectificationReport:
    """The company's plan or result is on file; the result meets the clock of 15日, late or in time (二(六)3).

    With its `files`, all or nothing. Runs in the company's own database role. ActRefused for a result before
    its plan, or when a file is refused.
    """
    claim_act(act_key, "hand_in_rectification", "order", str(order_id))
    order = _own_order(order_id, by)
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise ActRefused(f"请填写内容，不超过{LONGEST_TEXT}字。", "text")
    step = order_step("hand_in_plan" if kind == "plan" else "hand_in_result", OrderState(order.state))
    order.state = step.after.value
    order.save(update_fields=["state"])
    late = today() > order.due_on
    report = RectificationReport(
        id=uuid4(), order=order, company_id=order.company_id, kind=kind, text=text.strip(),
        by_name=by.user_name, on=today(), late=late,
    )  # fmt: skip
    report.save(force_insert=True)
    if kind == "result":
        meet_deadline("ordered_rectification", subject_id=order.pk)
    record(
        Kind.RECTIFICATION_PLAN if kind == "plan" else Kind.RECTIFICATION_RESULT, "case", str(order.case_id),
        by=by.actor, summary=f"{order.company_name}{step.title}{'（逾期）' if late else ''}",
        details={"order": order.pk}, clause=step.clause, act_key=act_key,
    )  # fmt: skip
    if files:
        add_attachments("report", report.pk, files, purpose="rectification_evidence", by=by.actor)
    send_notice(
        title=f"案件 {order.number} 企业{step.title}",
        matter_id=order.case_id,
        to_body_id=order.handling_body_id,
    )
    return report


@transaction.atomic
def register_report(
    case_id: UUID,
    *,
    order_id: UUID,
    kind: str,
    text: str,
    received_on: date,
    by_name: str,
    files: Sequence[Upload],
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> RectificationReport:
    """The plan or result that a company off the platform handed in on paper is on file with its scan (二(六)3).

    It counts from the day it came in, as what a company hands in online does. ActRefused for a company that hands
    in online, and without a scan.
    """
    case = begin_step(case_id, "register_report", turn=turn, act_key=act_key)
    ask_table(case, "register_report", by)
    order = (
        RectificationOrder.objects.select_for_update(of=("self",))
        .filter(pk=order_id, case_id=case.pk)
        .select_related("company")
        .first()
    )
    if order is None:
        raise ActRefused("本案没有这份责令整改。", "order")
    if order.company is not None and order.company.on_platform:
        raise ActRefused(f"{order.company_name}已入驻平台，请其在网上上报（二(六)3）。", "order")
    text = fields.text(text, "内容", LONGEST_TEXT, "text")
    by_name = fields.text(by_name, "填报人", LONGEST_NAME, "by_name")
    if not order.served_on <= received_on <= today():
        raise ActRefused(f"收到日期应在{order.served_on}送达之后、今天或今天之前。", "received_on")
    if not files:
        raise ActRefused("请上传书面材料的扫描件。", "files")
    step = order_step("hand_in_plan" if kind == "plan" else "hand_in_result", OrderState(order.state))
    late = received_on > order.due_on
    take_step(
        case, "register_report", by=by, act_key=act_key,
        summary=f"登记{order.company_name}书面{step.title.removeprefix('上报')}{'（逾期）' if late else ''}",
        details={"order": order.pk, "kind": kind, "late": late, "received_on": received_on.isoformat()},
    )  # fmt: skip
    order.state = step.after.value
    order.save(update_fields=["state"])
    report = RectificationReport(
        id=uuid4(), order=order, company_id=order.company_id, kind=kind, text=text, by_name=f"{by_name}（书面）",
        on=received_on, late=late,
    )  # fmt: skip
    report.save(force_insert=True)
    if kind == "result":
        meet_deadline("ordered_rectification", subject_id=order.pk, on=received_on)
    add_attachments("report", report.pk, files, purpose="rectification_evidence", by=by.actor)
    return report


def recount_due_days(*, dry_run: bool = False) -> list[dict[str, str]]:
    """Terms counted without a published holiday notice are counted afresh, and case, task and order show the new day.

    Returns the changed terms (see `recount_provisional`); `dry_run` lists them and writes nothing. The days are
    shown in transactions of their own, and again at each call: whoever acts holds a task before its term, and
    a recount that held them the other way round would stand in each other's way.
    """
    changed = recount_provisional(dry_run=dry_run)
    for subject_kind, subject_id, matter_id, due_on in [] if dry_run else moved_terms():
        SHOWS_ITS_DAY[subject_kind].objects.filter(pk=subject_id).update(due_on=due_on)
        if subject_kind == "order":
            Case.objects.filter(pk=matter_id).update(due_on=due_on)
    return changed


@transaction.atomic
def check_rectification(
    case_id: UUID,
    *,
    order_id: UUID,
    accepted: bool,
    opinion: str,
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> Case:
    """The result of one order is accepted or sent back to be redone (SM-05a).

    When the last order of the case is accepted, the complainant is to be told; redoing does not give new days:
    a term met late stays late, and one sent back runs to its first due day.
    """
    case = begin_step(case_id, "check_rectification", turn=turn, act_key=act_key)
    order = (
        RectificationOrder.objects.select_for_update(of=("self",))
        .filter(pk=order_id, case_id=case.pk)
        .first()
    )
    if order is None:
        raise ActRefused("本案没有这份责令整改。", "order")
    opinion = text_to_pass_on(case.complaint_id, opinion, "验收意见", LONGEST_TEXT, "opinion")
    step = order_step("verify" if accepted else "redo", OrderState(order.state))
    others_open = (
        RectificationOrder.objects.filter(case_id=case.pk)
        .exclude(pk=order.pk)
        .exclude(state=OrderState.VERIFIED)
        .exists()
    )
    finished = accepted and not others_open
    take_step(
        case, "check_rectification", by=by, choice="accepted" if finished else "redo",
        act_key=act_key, summary=f"{order.company_name}：{step.title}",
        details={"order": order.pk, "result": "accepted" if accepted else "redo"},
        changes={"due_on": None} if finished else {},
    )  # fmt: skip
    order.state = step.after.value
    order.verified_on = today() if accepted else None
    order.save(update_fields=["state", "verified_on"])
    if not accepted:
        resume_deadline("ordered_rectification", subject_id=order.pk)
    RectificationCheck.objects.create(
        order=order, accepted=accepted, opinion=opinion, by_user_id=by.user_id, on=today()
    )
    if order.company_id is not None:
        send_notice(
            title=f"案件 {case.number} {step.title}", matter_id=order.pk, to_company_id=order.company_id
        )
    return case


def _check_texts(outcome: str, findings: str, text: str, legal_basis: str, violations: Sequence[str]) -> None:
    for name, title, given in (("findings", "调查情况", findings), ("text", "处理意见", text)):
        if not given.strip():
            raise ActRefused(f"请填写{title}。", name)
        if len(given) > LONGEST_TEXT:
            raise ActRefused(f"{title}不得超过{LONGEST_TEXT}字，现有{len(given)}字。", name)
    if len(legal_basis) > LONGEST_TEXT:
        raise ActRefused(
            f"法律依据不得超过{LONGEST_TEXT}字，现有{len(legal_basis)}字，请缩短。", "legal_basis"
        )
    if outcome != "violation":
        return
    known = {violation.code for violation in book("national").violations}
    if not violations or not set(violations) <= known:
        raise ActRefused("请在违法违规行为目录中至少选择一项。", "violations")
    if not legal_basis.strip():
        raise ActRefused("请填写认定违法违规的法律依据（二(六)：依据相关法律法规核实）。", "legal_basis")


def _issue_order(
    case: Case, opinion: Opinion | None, task: CompanyTask, requirements: str, served_on: date, by: Acting
) -> date:
    order_id = uuid4()
    deadline = start_deadline(
        "ordered_rectification", jurisdiction=case.jurisdiction, subject_kind="order", subject_id=order_id,
        matter_id=case.pk, owner=Owner(company_id=task.company_id, body_id=case.handling_body_id), on=served_on,
    )  # fmt: skip
    RectificationOrder(
        id=order_id, case_id=case.pk, number=case.number, task=task, company_id=task.company_id,
        company_name=task.company_name, violations=opinion.violations if opinion else [],
        requirements=requirements, handling_body_id=case.handling_body_id or 0, served_on=served_on,
        due_on=deadline.due_on, issued_by_id=by.user_id,
    ).save(force_insert=True)  # fmt: skip
    if task.company_id is not None:
        send_notice(
            title=f"案件 {case.number} 责令整改，{deadline.due_on}前上报方案和结果", matter_id=order_id,
            to_company_id=task.company_id,
        )  # fmt: skip
    return deadline.due_on


def _own_order(order_id: UUID, by: Acting) -> RectificationOrder:
    if by.company_id is None:
        raise ActRefused("没有这份责令整改，或者它不是发给贵企业的。")
    order = (
        RectificationOrder.objects.select_for_update(of=("self",))
        .filter(pk=order_id, company_id=by.company_id)
        .first()
    )
    if order is None:
        raise ActRefused("没有这份责令整改，或者它不是发给贵企业的。")
    return order


@transaction.atomic
def release_file(
    case_id: UUID,
    attachment_id: UUID,
    *,
    task_ids: Collection[UUID],
    reason: str,
    by: Acting,
    act_key: UUID | None = None,
) -> None:
    """Each company of these tasks sees the cleaned copy of a complainant's picture beside its task (二(四)).

    The department that has the case judges that the picture names nobody, and says why the company needs it.
    ActRefused for any other file, for a company that has nothing to answer, and for anybody else.
    """
    claim_act(act_key, "release_file", "case", str(case_id))
    case = _case_whose_files_one_judges(case_id, by)
    if subject_of(attachment_id) != ("complaint", str(case.complaint_id)):
        raise NoSuchAttachment("没有这个附件。")
    reason = fields.text(reason, "转给企业的理由", LONGEST_REASON, "reason")
    tasks = CompanyTask.objects.filter(
        case_id=case.pk, pk__in=task_ids, state__in=OPEN, company__isnull=False
    )
    to = {task.company_id: ("task", task.pk) for task in tasks.order_by("round") if task.company_id}
    if not to or len(tasks) != len(set(task_ids)):
        raise ActRefused("请选择须回复的企业；已经处理完毕的不再转送。", "tasks")
    released = release_attachment(
        attachment_id, to=to, reason=reason, by=by.actor, told_of=("case", case.pk)
    )  # fmt: skip
    for copy in released:
        send_notice(
            title=f"案件 {case.number} 有新的附件", matter_id=case.pk, to_company_id=copy.company_id
        )  # fmt: skip


@transaction.atomic
def quarantine_file(
    case_id: UUID, attachment_id: UUID, *, reason: str, by: Acting, act_key: UUID | None = None
) -> None:
    """Nobody opens the file of the case, nor a released copy of it, any more; why stands in the journal.

    ActRefused for a file of another case, and for anybody but the department that has the case.
    """
    claim_act(act_key, "quarantine_file", "case", str(case_id))
    case = _case_whose_files_one_judges(case_id, by)
    subject = subject_of(attachment_id)
    if subject is None or not is_of_case(case, *subject):
        raise NoSuchAttachment("没有这个附件。")
    reason = fields.text(reason, "隔离的理由", LONGEST_REASON, "reason")
    quarantine_attachment(attachment_id, reason=reason, by=by.actor, told_of=("case", case.pk))


def _case_whose_files_one_judges(case_id: UUID, by: Acting) -> Case:
    case = locked_case(case_id)
    if not judges_files(case, by):
        raise ActRefused("附件由本案经办部门的专人或经办人处置。")
    return case
