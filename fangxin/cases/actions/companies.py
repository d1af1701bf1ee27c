"""企业回复 (二(四)): what a company does on its own desk, in its own database role, and how its reply is taken."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Max, QuerySet

from fangxin.cases.actions.steps import ask_table, begin_step, take_step
from fangxin.cases.models import CompanyTask, Reply, ReplyReturn
from fangxin.complaints.leaving import text_to_pass_on
from fangxin.deadlines.actions import Owner, meet_deadline, start_deadline
from fangxin.deadlines.clock import now, today
from fangxin.documents.actions import Upload, add_attachments
from fangxin.journal.actions import claim_act, record
from fangxin.journal.kinds import Kind
from fangxin.notices.actions import send_notice
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting

LONGEST_ANSWER = 4000
LONGEST_CONTACT = 32
LONGEST_REASON = 1000
S = CompanyTask.State
# What a company may answer on its desk; what an officer takes in on paper; what nobody has answered.
OPEN = (S.NOTIFIED, S.VIEWED, S.REPLIED, S.RETURNED)
OPEN_ON_PAPER = (S.TOLD, *OPEN)
OFF_THE_PLATFORM = (S.UNREACHED, S.TOLD)
UNANSWERED = (S.UNREACHED, S.TOLD, S.NOTIFIED, S.VIEWED, S.RETURNED)


@transaction.atomic
def open_task(task_id: UUID, *, by: Acting) -> CompanyTask:
    """The company has seen the task: first moment and reader are recorded, once (二(四): 每日登录查看)."""
    task = _own_task(task_id, by)
    if task.first_viewed_at is None:
        task.first_viewed_at, task.viewed_by = now(), by.user_name
        if task.state == CompanyTask.State.NOTIFIED:
            task.state = CompanyTask.State.VIEWED
        task.save(update_fields=["first_viewed_at", "viewed_by", "state"])
        record(
            Kind.CASE_COMPANY_OPENS, "case", str(task.case_id), by=by.actor, summary=f"{task.company_name}查看案件",
            details={"task": task.pk}, clause="二(四)",
        )  # fmt: skip
    return task


@transaction.atomic
def reply_to_task(
    task_id: UUID,
    *,
    answers: Sequence[str],
    by: Acting,
    plan: str = "",
    admits_violation: bool = False,
    contact: str = "",
    files: Sequence[Upload] = (),
    reply_id: UUID | None = None,
    act_key: UUID | None = None,
) -> Reply:
    """The company's answer to every point is on file as a new version, and its term is met, late or in time.

    With its `files`, all or nothing. A late answer is taken and marked late (SM-04). ActRefused when a point is
    left without an answer, when a violation is admitted without a plan, when a file is refused, or when the
    department has already decided.
    """
    claim_act(act_key, "reply_to_task", "task", str(task_id))
    task = _own_task(task_id, by)
    if task.state not in OPEN:
        raise ActRefused(f"案件{task.number}的回复已由经办部门处理，不能再提交。如有补充，请联系经办部门。")
    given = checked_answers(
        task.points, answers, plan=plan, admits_violation=admits_violation, contact=contact
    )
    meet_deadline("company_reply", subject_id=task.pk)
    late = task.due_on is not None and today() > task.due_on
    reply = Reply(
        id=reply_id or uuid4(),
        task=task,
        company_id=_company_of(by),
        version=next_version(task),
        answers=given,
        admits_violation=admits_violation,
        plan=plan.strip(),
        by_name=by.user_name,
        contact=contact.strip(),
        replied_on=today(),
        late=late,
    )
    reply.save(force_insert=True)
    note_answered(task, today(), late=late)
    version = reply.version
    record(
        Kind.CASE_COMPANY_REPLIES, "case", str(task.case_id), by=by.actor,
        summary=f"{task.company_name}网上回复（第{version}版{'，逾期' if late else ''}）",
        details={"task": task.pk, "number": version, "late": late},
        clause="二(四)", act_key=act_key,
    )  # fmt: skip
    if files:
        add_attachments("reply", reply.pk, files, purpose="reply_evidence", by=by.actor)
    send_notice(
        title=f"案件 {task.number} 企业已回复", matter_id=task.case_id, to_body_id=task.handling_body_id
    )
    return reply


def checked_answers(
    points: Sequence[str], answers: Sequence[str], *, plan: str, admits_violation: bool, contact: str
) -> list[dict[str, str]]:
    """Each point with its answer. ActRefused when one is left without, when a text is too long, or when a
    violation is admitted without a plan (二(四)、二(五), EX-15)."""
    given = [answer.strip() for answer in answers]
    for number, point in enumerate(points, start=1):
        if len(given) < number or not given[number - 1]:
            raise ActRefused(
                f"请答复第{number}个问题：“{point[:40]}”（须逐条答复所有问题）。", f"answer_{number}"
            )
        if len(given[number - 1]) > LONGEST_ANSWER:
            raise ActRefused(f"第{number}个问题的答复不得超过{LONGEST_ANSWER}字。", f"answer_{number}")
    for name, title, text, longest in (
        ("plan", "整改意见", plan, LONGEST_ANSWER), ("contact", "联系电话", contact, LONGEST_CONTACT),
    ):  # fmt: skip
        if len(text.strip()) > longest:
            raise ActRefused(f"{title}不得超过{longest}字，现有{len(text.strip())}字，请缩短。", name)
    if admits_violation and not plan.strip():
        raise ActRefused("承认存在违法违规行为的，请一并填写整改意见（二(四)、二(五)）。", "plan")
    return [{"point": point, "answer": answer} for point, answer in zip(points, given, strict=False)]


def next_version(task: CompanyTask) -> int:
    """The number of the next answer to the task."""
    return Reply.objects.filter(task=task).count() + 1


def note_answered(task: CompanyTask, on: date, *, late: bool) -> None:
    """The task has its answer; the day of the first one counts, and what was owed and came late stays late."""
    if task.replied_on is None:
        task.replied_on, task.replied_late = on, late
    elif task.state == S.RETURNED:
        task.replied_late = task.replied_late or late
    task.state = S.REPLIED
    task.save(update_fields=["state", "replied_on", "replied_late"])


@transaction.atomic
def ask_again(
    case_id: UUID,
    *,
    task_id: UUID,
    points: Sequence[str],
    reason: str,
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> ReplyReturn:
    """The company's latest reply is back for completion, with the points that are still open; a new term of the
    same length runs from today (SM-04, AMB-60). Every version stays. ActRefused when there is no reply to return,
    or no point is named.
    """
    case = begin_step(case_id, "ask_again", turn=turn, act_key=act_key)
    ask_table(case, "ask_again", by)
    task = locked_task(case_id, task_id, (S.REPLIED,), "只有企业已经回复的，才能退回补充。")
    named = [point for point in task.points if point in set(points)]
    if not named:
        raise ActRefused("请至少选择一个须补充答复的问题。", "points")
    reason = text_to_pass_on(case.complaint_id, reason, "须补充什么", LONGEST_REASON, "reason")
    take_step(
        case, "ask_again", by=by, act_key=act_key, summary=f"退回{task.company_name}补充回复",
        details={"task": task.pk, "company": task.company_id, "points": len(named)},
    )  # fmt: skip
    term = start_deadline(
        "offline_reply" if task.told_on else "company_reply", jurisdiction=case.jurisdiction,
        subject_kind="task", subject_id=task.pk, matter_id=case.pk, owner=Owner(company_id=task.company_id),
    )  # fmt: skip
    task.state, task.due_on = S.RETURNED, term.due_on
    task.save(update_fields=["state", "due_on"])
    returned = ReplyReturn.objects.create(
        task=task, company_id=task.company_id, version=next_version(task) - 1, points=named, reason=reason,
        due_on=term.due_on, by_user_id=by.user_id, on=today(),
    )  # fmt: skip
    if task.company_id is not None and not task.told_on:
        send_notice(
            title=f"案件 {case.number} 请于{term.due_on}前补充回复", matter_id=task.pk, to_company_id=task.company_id
        )  # fmt: skip
    return returned


def locked_task(case_id: UUID, task_id: UUID, states: Collection[str], otherwise: str) -> CompanyTask:
    """The task of the case's latest sending, locked; ActRefused with `otherwise` when it stands in no such state."""
    task = CompanyTask.objects.select_for_update(of=("self",)).filter(pk=task_id, case_id=case_id).first()
    if task is None or task.round != latest_round(case_id):
        raise ActRefused("请选择本案的一家被投诉企业。", "task")
    if task.state not in states:
        raise ActRefused(f"{task.company_name}现为“{task.get_state_display()}”：{otherwise}", "task")
    return task


def _company_of(by: Acting) -> int:
    if by.company_id is None:
        raise ActRefused("没有这件案件，或者它不是发给贵企业的。")
    return by.company_id


def _own_task(task_id: UUID, by: Acting) -> CompanyTask:
    task = (
        CompanyTask.objects.select_for_update(of=("self",))
        .filter(pk=task_id, company_id=_company_of(by))
        .exclude(state__in=OFF_THE_PLATFORM)
        .first()
    )
    if task is None:
        raise ActRefused("没有这件案件，或者它不是发给贵企业的。")
    return task


def latest_round(case_id: UUID) -> int:
    """The number of the latest sending to companies; 0 before the first."""
    latest: int | None = CompanyTask.objects.filter(case_id=case_id).aggregate(latest=Max("round"))["latest"]
    return latest or 0


def locked_tasks(case_id: UUID) -> QuerySet[CompanyTask]:
    """The tasks of a case, locked until the transaction ends: a company may be answering in this second.

    To be asked for before any of their terms is touched: a company takes the two in that order.
    """
    tasks = CompanyTask.objects.filter(case_id=case_id)
    list(tasks.select_for_update().order_by("pk").values_list("pk"))
    return tasks


@transaction.atomic(savepoint=False)
def settle_tasks(case_id: UUID, *, without_reply_because: str) -> int:
    """The department has decided: answered tasks are taken as they are, unanswered ones are closed; how many of these.

    ActRefused when a company has not answered and no reason is given for deciding without it (SM-04).
    """
    tasks = locked_tasks(case_id)
    tasks.filter(state=CompanyTask.State.REPLIED).update(state=CompanyTask.State.ACCEPTED)
    silent = tasks.filter(state__in=UNANSWERED)
    if silent.exists() and not without_reply_because.strip():
        names = "、".join(silent.values_list("company_name", flat=True)[:3])
        raise ActRefused(f"{names}尚未回复。不待回复即提出处理意见的，请说明理由。", "without_reply_because")
    return silent.update(state=CompanyTask.State.CLOSED, closed_because=without_reply_because.strip())
