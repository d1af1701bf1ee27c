"""企业回复: what a company does on its own desk (二(四)). Runs in the company's own database role."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Max, QuerySet

from fangxin.cases.models import CompanyTask, Reply
from fangxin.deadlines.actions import meet_deadline
from fangxin.deadlines.clock import now, today
from fangxin.documents.actions import Upload, add_attachments
from fangxin.journal.actions import claim_act, record
from fangxin.journal.kinds import Kind
from fangxin.notices.actions import send_notice
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting

LONGEST_ANSWER = 4000
LONGEST_CONTACT = 32
OPEN = (CompanyTask.State.NOTIFIED, CompanyTask.State.VIEWED, CompanyTask.State.REPLIED)


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
    given = [answer.strip() for answer in answers]
    for number, point in enumerate(task.points, start=1):
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
    meet_deadline("company_reply", subject_id=task.pk)
    late = task.due_on is not None and today() > task.due_on
    version = Reply.objects.filter(task=task).count() + 1
    reply = Reply(
        id=reply_id or uuid4(),
        task=task,
        company_id=_company_of(by),
        version=version,
        answers=[
            {"point": point, "answer": answer} for point, answer in zip(task.points, given, strict=False)
        ],
        admits_violation=admits_violation,
        plan=plan.strip(),
        by_name=by.user_name,
        contact=contact.strip(),
        replied_on=today(),
        late=late,
    )
    reply.save(force_insert=True)
    if task.state != CompanyTask.State.REPLIED:
        task.replied_on, task.replied_late = today(), late
    task.state = CompanyTask.State.REPLIED
    task.save(update_fields=["state", "replied_on", "replied_late"])
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


def _company_of(by: Acting) -> int:
    if by.company_id is None:
        raise ActRefused("没有这件案件，或者它不是发给贵企业的。")
    return by.company_id


def _own_task(task_id: UUID, by: Acting) -> CompanyTask:
    task = (
        CompanyTask.objects.select_for_update(of=("self",))
        .filter(pk=task_id, company_id=_company_of(by))
        .exclude(state=CompanyTask.State.UNREACHED)
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
    silent = tasks.filter(
        state__in=[CompanyTask.State.UNREACHED, CompanyTask.State.NOTIFIED, CompanyTask.State.VIEWED]
    )
    if silent.exists() and not without_reply_because.strip():
        names = "、".join(silent.values_list("company_name", flat=True)[:3])
        raise ActRefused(f"{names}尚未回复。不待回复即提出处理意见的，请说明理由。", "without_reply_because")
    return silent.update(state=CompanyTask.State.CLOSED)
