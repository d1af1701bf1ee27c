"""Companies the platform cannot reach (二(五)): told by copy or fax, answering on paper, taking over online."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction

from fangxin.cases.actions.companies import (
    OFF_THE_PLATFORM,
    OPEN_ON_PAPER,
    S,
    checked_answers,
    locked_task,
    next_version,
    note_answered,
)
from fangxin.cases.actions.sending import send_to_company
from fangxin.cases.actions.steps import ask_table, begin_step, locked_case, take_step
from fangxin.cases.models import Case, CompanyTask, CompanyTelling, OwnRectification, Reply
from fangxin.cases.workflow import Status
from fangxin.deadlines.actions import Owner, cancel_deadlines_of, meet_deadline, start_deadline
from fangxin.deadlines.clock import SHANGHAI, now, today
from fangxin.deadlines.queries import has_term
from fangxin.documents.actions import Upload, add_attachments
from fangxin.organisations import fields
from fangxin.organisations.queries import company_matching
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting
from fangxin.rules import book, calendar

LONGEST_ADDRESS = 100
LONGEST_NAME = 64
LONGEST_TEXT = 4000


@transaction.atomic
def tell_company(
    case_id: UUID,
    *,
    task_id: UUID,
    channel: str,
    address: str,
    told_at: datetime,
    files: Sequence[Upload],
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> CompanyTelling:
    """The company has been told by copy or fax, with proof on file; its 3日 run from the day it was told (二(五)).

    `address` is the fax number, or who signed for the copy. ActRefused for a company that the platform reaches,
    a moment before the sending or after now, and without proof.
    """
    case = begin_step(case_id, "tell_company", turn=turn, act_key=act_key)
    ask_table(case, "tell_company", by)
    task = locked_task(
        case_id, task_id, (S.UNREACHED,), "只有平台无法自动分派的企业，才以复印或传真告知（二(五)）。"
    )
    if channel not in dict(CompanyTelling._meta.get_field("channel").choices or ()):
        raise ActRefused("请选择复印或传真（二(五)）。", "channel")
    address = fields.text(address, "传真号码或签收人", LONGEST_ADDRESS, "address")
    told_on = told_at.astimezone(SHANGHAI).date()
    if told_at > now() or told_on < task.sent_on:
        raise ActRefused(f"告知时间应在{task.sent_on}受理之后、现在之前。", "told_at")
    if not files:
        raise ActRefused("请上传告知的凭证：传真报告单，或企业签收的复印件。", "files")
    take_step(
        case, "tell_company", by=by, act_key=act_key,
        summary=f"以{'传真' if channel == 'fax' else '复印'}告知{task.company_name}",
        details={"task": task.pk, "company": task.company_id, "channel": channel, "told_on": told_on.isoformat()},
    )  # fmt: skip
    telling = CompanyTelling.objects.create(
        task=task, channel=channel, address=address, told_at=told_at, told_on=told_on, by_user_id=by.user_id
    )
    term = start_deadline(
        "offline_reply", jurisdiction=case.jurisdiction, subject_kind="task", subject_id=task.pk,
        matter_id=case.pk, owner=Owner(company_id=task.company_id), on=told_on,
    )  # fmt: skip
    task.state, task.told_on, task.due_on = S.TOLD, told_on, term.due_on
    task.save(update_fields=["state", "told_on", "due_on"])
    add_attachments("telling", telling.pk, files, purpose="case_evidence", by=by.actor)
    return telling


@transaction.atomic
def register_reply(
    case_id: UUID,
    *,
    task_id: UUID,
    answers: Sequence[str],
    received_on: date,
    by_name: str,
    files: Sequence[Upload],
    by: Acting,
    admits_violation: bool = False,
    plan: str = "",
    contact: str = "",
    turn: int | None = None,
    act_key: UUID | None = None,
) -> Reply:
    """The company's written reply is on file as a version of its own, with its scan (二(四)、二(五)).

    Of a company told by copy or fax it is the reply: the 3日 are met, late or in time, by the day it came in, and
    a violation admitted starts the 15日 of its own rectification from the day it was told (AMB-06). Of a company
    on the platform it stands beside the online reply, whose term it does not meet (AMB-60).
    """
    case = begin_step(case_id, "register_reply", turn=turn, act_key=act_key)
    ask_table(case, "register_reply", by)
    task = locked_task(case_id, task_id, OPEN_ON_PAPER, "请先登记以复印或传真告知（二(五)）。")
    given = checked_answers(
        task.points, answers, plan=plan, admits_violation=admits_violation, contact=contact
    )
    by_name = fields.text(by_name, "答复人", LONGEST_NAME, "by_name")
    first = task.told_on or task.sent_on
    if not first <= received_on <= today():
        raise ActRefused(f"收到日期应在{first}告知之后、今天或今天之前。", "received_on")
    if not files:
        raise ActRefused("请上传书面回复的扫描件。", "files")
    late = received_on > _written_due_on(case, task)
    reply = Reply(
        id=uuid4(), task=task, company_id=task.company_id, way=Reply.Way.WRITING, registered_by_id=by.user_id,
        version=next_version(task), answers=given, admits_violation=admits_violation, plan=plan.strip(),
        by_name=by_name, contact=contact.strip(), replied_on=received_on, late=late,
    )  # fmt: skip
    take_step(
        case, "register_reply", by=by, act_key=act_key,
        summary=f"登记{task.company_name}书面回复（第{reply.version}版{'，逾期' if late else ''}）",
        details={
            "task": task.pk, "company": task.company_id, "number": reply.version, "late": late,
            "received_on": received_on.isoformat(),
        },
    )  # fmt: skip
    reply.save(force_insert=True)
    if task.told_on is not None:
        meet_deadline("offline_reply", subject_id=task.pk, on=received_on)
        note_answered(task, received_on, late=late)
        if admits_violation and not has_term("offline_rectification", task.pk):
            start_deadline(
                "offline_rectification", jurisdiction=case.jurisdiction, subject_kind="task", subject_id=task.pk,
                matter_id=case.pk, owner=Owner(company_id=task.company_id), on=task.told_on,
            )  # fmt: skip
    add_attachments("reply", reply.pk, files, purpose="reply_evidence", by=by.actor)
    return reply


@transaction.atomic
def record_rectification(
    case_id: UUID,
    *,
    task_id: UUID,
    text: str,
    done_on: date,
    files: Sequence[Upload],
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> OwnRectification:
    """What the company put right by itself is on file with its proof, and its 15日 are met, late or in time (二(五)).

    ActRefused for a company that owes no such rectification.
    """
    case = begin_step(case_id, "record_rectification", turn=turn, act_key=act_key)
    ask_table(case, "record_rectification", by)
    task = CompanyTask.objects.select_for_update(of=("self",)).filter(pk=task_id, case_id=case.pk).first()
    if task is None or task.told_on is None or not has_term("offline_rectification", task.pk, running=True):
        raise ActRefused("这家企业没有须自行整改的期限：只有书面回复中承认违规的才有（二(五)）。", "task")
    text = fields.text(text, "整改情况", LONGEST_TEXT, "text")
    if not task.told_on <= done_on <= today():
        raise ActRefused(f"完成日期应在{task.told_on}告知之后、今天或今天之前。", "done_on")
    if not files:
        raise ActRefused("请上传整改的证明材料。", "files")
    take_step(
        case, "record_rectification", by=by, choice=case.status, act_key=act_key,
        summary=f"登记{task.company_name}自行整改", details={"task": task.pk, "company": task.company_id},
    )  # fmt: skip
    in_time = meet_deadline("offline_rectification", subject_id=task.pk, on=done_on)
    done = OwnRectification.objects.create(
        task=task, text=text, done_on=done_on, late=not in_time, by_user_id=by.user_id, on=today()
    )
    add_attachments("own_rectification", done.pk, files, purpose="rectification_evidence", by=by.actor)
    return done


def take_over_online() -> int:
    """Tasks of companies that have joined the platform meanwhile are on their desks, each with 3个工作日 from today.

    A term that ran for the paper ends; one that was missed stays missed (AMB-60). Returns how many.
    """
    waiting = CompanyTask.objects.filter(state__in=OFF_THE_PLATFORM).values_list("case_id", "pk")
    return sum(_taken_over(case_id, pk) for case_id, pk in list(waiting.order_by("case_id", "pk")[:1000]))


@transaction.atomic
def _taken_over(case_id: UUID, task_id: UUID) -> bool:
    case = locked_case(case_id)
    task = CompanyTask.objects.select_for_update(of=("self",)).get(pk=task_id)
    found = task.company or company_matching(task.company_name)
    if task.state not in OFF_THE_PLATFORM or found is None or not found.on_platform:
        return False
    if case.status != Status.INVESTIGATING:
        return False
    twin = CompanyTask.objects.filter(case_id=case_id, company=found, round=task.round).exclude(pk=task.pk)
    if twin.exists():
        return False
    cancel_deadlines_of(task.pk)
    task.company, task.state, task.told_on = found, S.NOTIFIED, None
    task.save(update_fields=["company", "state", "told_on"])
    send_to_company(case, task, found.pk)
    return True


def _written_due_on(case: Case, task: CompanyTask) -> date:
    if task.told_on is not None and task.due_on is not None:
        return task.due_on
    limit = book(case.jurisdiction).limit("company_written_reply", on=task.sent_on)
    return limit.due_day(task.sent_on, calendar()).due_on
