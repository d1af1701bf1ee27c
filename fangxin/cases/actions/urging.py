"""催办 (二(五)), and 督促、协调 by the competent city department (二(七)): numbered acts with what was answered."""

from uuid import UUID

from django.db import transaction

from fangxin.cases.actions.companies import latest_round
from fangxin.cases.actions.steps import ask_table, begin_step, take_step
from fangxin.cases.models import Case, CompanyTask, Urging
from fangxin.complaints.leaving import keep_author_out
from fangxin.deadlines.clock import today
from fangxin.notices.actions import send_notice
from fangxin.organisations import fields
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting

LONGEST_TEXT = 1000
LONGEST_ADDRESSEE = 100


@transaction.atomic
def urge_company(
    case_id: UUID,
    *,
    task_id: UUID,
    channel: str,
    addressee: str,
    text: str,
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> Urging:
    """The company has been urged once more, and the urging is on the case and in the company's record (二(五)).

    By the platform, the company reads it on its own desk. ActRefused for a channel that does not reach it.
    """
    case = begin_step(case_id, "urge_company", turn=turn, act_key=act_key)
    ask_table(case, "urge_company", by)
    task = CompanyTask.objects.select_related("company").filter(pk=task_id, case_id=case.pk).first()
    if task is None or task.round != latest_round(case.pk):
        raise ActRefused("请选择本案的一家被投诉企业。", "task")
    on_platform = task.company is not None and task.company.on_platform and task.told_on is None
    if channel == Urging.Channel.PLATFORM and not on_platform:
        raise ActRefused(f"{task.company_name}未入驻平台，请选择电话、传真等方式催办（二(五)）。", "channel")
    keep_author_out(case.complaint_id, text, "催办内容", "text")
    urging = _new_urging(case, channel, addressee, text, by)
    urging.task, urging.company_id = task, task.company_id
    take_step(
        case, "urge_company", by=by, choice=case.status, act_key=act_key,
        summary=f"第{urging.number}次催办：{task.company_name}（{urging.get_channel_display()}）",
        details={"task": task.pk, "company": task.company_id, "number": urging.number, "channel": channel},
    )  # fmt: skip
    urging.save()
    if on_platform:
        send_notice(
            title=f"催办：请尽快办理案件 {case.number}", matter_id=task.pk, to_company_id=task.company_id
        )
    return urging


@transaction.atomic
def urge_department(
    case_id: UUID,
    *,
    kind: str,
    channel: str,
    addressee: str,
    text: str,
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> Urging:
    """The department that has the case has been urged, or the matter coordinated, by the one it reported to (二(七))."""
    case = begin_step(case_id, "urge_department", turn=turn, act_key=act_key)
    ask_table(case, "urge_department", by)
    if kind not in {"urge", "coordinate"}:
        raise ActRefused("请选择督促或协调（二(七)）。", "kind")
    urging = _new_urging(case, channel, addressee, text, by)
    urging.kind, urging.body_id = kind, case.handling_body_id
    what = "督促" if kind == "urge" else "协调"
    take_step(
        case, "urge_department", by=by, choice=kind, act_key=act_key,
        summary=f"第{urging.number}次催办：{what}经办部门（{urging.get_channel_display()}）",
        details={"body": case.handling_body_id, "number": urging.number, "channel": channel},
    )  # fmt: skip
    urging.save()
    title = f"案件 {case.number} 主管部门{what}，请加快办理"
    send_notice(title=title, matter_id=case.pk, to_user_id=case.officer_id)
    send_notice(title=title, matter_id=case.pk, to_body_id=case.handling_body_id)
    return urging


@transaction.atomic
def record_answer(
    case_id: UUID,
    *,
    number: int,
    answer: str,
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> Urging:
    """What was answered to an urging stands beside it, once."""
    case = begin_step(case_id, "record_answer", turn=turn, act_key=act_key)
    ask_table(case, "record_answer", by)
    urging = Urging.objects.filter(case=case, number=number, answered_on=None).first()
    if urging is None:
        raise ActRefused("请选择一次尚未登记答复的催办。", "urging")
    urging.answer = fields.text(answer, "答复", LONGEST_TEXT, "answer")
    urging.answered_on = today()
    take_step(
        case, "record_answer", by=by, choice=case.status, act_key=act_key,
        summary=f"登记第{number}次催办的答复", details={"number": number},
    )  # fmt: skip
    urging.save(update_fields=["answer", "answered_on"])
    return urging


def _new_urging(case: Case, channel: str, addressee: str, text: str, by: Acting) -> Urging:
    if channel not in Urging.Channel.values:
        raise ActRefused("请选择催办的方式。", "channel")
    assert by.body_id is not None  # noqa: S101 - the table lets bodies alone urge
    return Urging(
        case=case, number=Urging.objects.filter(case=case).count() + 1, kind="urge", channel=channel,
        addressee=fields.text(addressee, "对象", LONGEST_ADDRESSEE, "addressee"),
        text=fields.text(text, "催办内容", LONGEST_TEXT, "text"), by_body_id=by.body_id, by_user_id=by.user_id,
        on=today(),
    )  # fmt: skip
