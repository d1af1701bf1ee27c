"""督办 (二(七)): orders of 城研中心 to departments and companies; acknowledged, answered, closed, raised when unanswered."""

from datetime import date
from uuid import UUID, uuid4

from django.db import transaction

from fangxin.cases.actions.steps import ask_table, begin_step, locked_case, take_step
from fangxin.cases.models import Case, CompanyTask, SupervisionCounter, SupervisionOrder
from fangxin.cases.supervision import UNANSWERED, supervision_step
from fangxin.cases.terms import supervision_levels
from fangxin.complaints.leaving import text_to_pass_on
from fangxin.deadlines.actions import CLOCK, Owner, meet_deadline, start_deadline
from fangxin.deadlines.clock import today
from fangxin.journal.actions import claim_act, record
from fangxin.journal.kinds import Kind
from fangxin.notices.actions import send_notice
from fangxin.organisations import fields
from fangxin.organisations.queries import body
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting
from fangxin.rules import book, calendar

LONGEST_TEXT = 1000
LONGEST_ANSWER = 2000
TERM = "supervision_answer"
# The level at which the division hears of it that is to urge or coordinate by 二(七), and sees the case from then on.
COMPETENT = 2


@transaction.atomic
def issue_supervision(
    case_id: UUID,
    *,
    company_id: int | None,
    text: str,
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> SupervisionOrder:
    """A numbered order has gone to the department that has the case or, with `company_id`, to one of its companies.

    Its answer is owed within the rulebook's days. Numbers run through the year without gaps. ActRefused for a
    company that is not on the platform (the department urges it, 二(五)), and for a case with no department.
    """
    case = begin_step(case_id, "issue_supervision", turn=turn, act_key=act_key)
    ask_table(case, "issue_supervision", by)
    text = text_to_pass_on(case.complaint_id, text, "督办要求", LONGEST_TEXT, "text")
    if company_id is not None and not _is_asked_online(case, company_id):
        raise ActRefused("这家企业不在本案的网上任务中，请督办经办部门。", "whom")
    order = SupervisionOrder(
        id=uuid4(), case_id=case.pk, case_number=case.number, number=_next_number(case.jurisdiction),
        body_id=None if company_id else case.handling_body_id, company_id=company_id, text=text,
        issued_by_id=by.user_id, issued_on=today(),
    )  # fmt: skip
    take_step(
        case, "issue_supervision", by=by, choice=case.status, act_key=act_key, summary=f"发出督办{order.number}",
        details={"number": order.number, "company": company_id, "body": order.body_id},
    )  # fmt: skip
    order.due_on = _owe(case, order, case.officer_id if order.body_id else None)
    order.save(force_insert=True)
    send_notice(
        title=f"督办 {order.number}：案件 {case.number}，{order.due_on}前答复",
        matter_id=order.pk if company_id else case.pk, to_company_id=company_id, to_body_id=order.body_id,
    )  # fmt: skip
    return order


@transaction.atomic
def acknowledge_supervision(
    case_id: UUID, *, order_id: UUID, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> SupervisionOrder:
    """The department has taken note of the order."""
    case = begin_step(case_id, "acknowledge_supervision", turn=turn, act_key=act_key)
    ask_table(case, "acknowledge_supervision", by)
    order = _order_of_department(case, order_id)
    step = supervision_step("acknowledge", order.state)
    _taken(case, "acknowledge_supervision", f"签收督办{order.number}", order, by, act_key)
    order.state, order.acknowledged_on = step.after, today()
    order.save(update_fields=["state", "acknowledged_on"])
    return order


@transaction.atomic
def answer_supervision(
    case_id: UUID,
    *,
    order_id: UUID,
    answer: str,
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> SupervisionOrder:
    """The department's answer is on file, in time or late."""
    case = begin_step(case_id, "answer_supervision", turn=turn, act_key=act_key)
    ask_table(case, "answer_supervision", by)
    order = _order_of_department(case, order_id)
    supervision_step("answer", order.state)
    answer = fields.text(answer, "答复", LONGEST_ANSWER, "answer")
    _taken(case, "answer_supervision", f"答复督办{order.number}", order, by, act_key)
    _answered(order, answer, by)
    return order


@transaction.atomic
def close_supervision(
    case_id: UUID,
    *,
    order_id: UUID,
    suffices: bool,
    conclusion: str,
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> SupervisionOrder:
    """城研中心 is content and the order is closed, or wants another answer, within the same number of days again."""
    case = begin_step(case_id, "close_supervision", turn=turn, act_key=act_key)
    ask_table(case, "close_supervision", by)
    order = (
        SupervisionOrder.objects.select_for_update(of=("self",)).filter(pk=order_id, case_id=case.pk).first()
    )
    if order is None:
        raise ActRefused("请选择本案的一份督办。", "order")
    step = supervision_step("close" if suffices else "return", order.state)
    conclusion = text_to_pass_on(case.complaint_id, conclusion, "意见", LONGEST_TEXT, "conclusion")
    _taken(case, "close_supervision", f"{step.title}：{order.number}", order, by, act_key)
    order.state, order.conclusion = step.after, conclusion
    if suffices:
        order.closed_on = today()
    else:
        order.due_on = _owe(case, order, case.officer_id if order.body_id else None)
        send_notice(
            title=f"督办 {order.number} 请再答复", matter_id=order.pk if order.company_id else case.pk,
            to_company_id=order.company_id, to_body_id=order.body_id,
        )  # fmt: skip
    order.save(update_fields=["state", "conclusion", "closed_on", "due_on"])
    return order


@transaction.atomic
def answer_own_supervision(
    order_id: UUID, *, answer: str, by: Acting, act_key: UUID | None = None
) -> SupervisionOrder:
    """The company's answer to the order it was given is on file. Runs in the company's own database role."""
    claim_act(act_key, "answer_own_supervision", "supervision", str(order_id))
    order = _own_order(order_id, by)
    supervision_step("answer", order.state)
    answer = fields.text(answer, "答复", LONGEST_ANSWER, "answer")
    _answered(order, answer, by)
    record(
        Kind.CASE_COMPANY_ANSWERS_SUPERVISION, "case", str(order.case_id), by=by.actor,
        summary=f"企业答复督办{order.number}{'（逾期）' if order.answered_late else ''}",
        details={"number": order.number, "late": order.answered_late}, clause="二(七)", act_key=act_key,
    )  # fmt: skip
    return order


@transaction.atomic
def open_own_supervision(order_id: UUID, *, by: Acting) -> SupervisionOrder:
    """The company has seen the order: that is its acknowledgement, once."""
    order = _own_order(order_id, by)
    if order.state == SupervisionOrder.State.ISSUED:
        order.state, order.acknowledged_on = SupervisionOrder.State.ACKNOWLEDGED, today()
        order.save(update_fields=["state", "acknowledged_on"])
        record(
            Kind.CASE_COMPANY_SEES_SUPERVISION, "case", str(order.case_id), by=by.actor,
            summary=f"企业签收督办{order.number}", details={"number": order.number}, clause="二(七)",
        )  # fmt: skip
    return order


def raise_unanswered() -> int:
    """Every order whose days are over without an answer stands a level higher, and that level is told; how many (AMB-62)."""
    unanswered = SupervisionOrder.objects.filter(state__in=UNANSWERED, due_on__lt=today())
    return sum(
        _raised(case_id, pk) for case_id, pk in list(unanswered.order_by("pk").values_list("case_id", "pk"))
    )


@transaction.atomic
def _raised(case_id: UUID, order_id: UUID) -> bool:
    case = locked_case(case_id)
    order = SupervisionOrder.objects.select_for_update(of=("self",)).get(pk=order_id)
    levels = supervision_levels(case.jurisdiction)
    if (
        order.state not in UNANSWERED or order.due_on >= today() or case.has_ended or order.level == len(levels)
    ):  # fmt: skip
        return False
    order.level += 1
    limit = book(case.jurisdiction).limit(TERM, on=today())
    order.due_on = limit.due_day(today(), calendar()).due_on
    order.save(update_fields=["level", "due_on"])
    record(
        Kind.CASE_RAISE_SUPERVISION, "case", str(case.pk), by=CLOCK,
        summary=f"督办{order.number}未按期答复，升至{levels[order.level - 1]}",
        details={"number": order.number, "level": order.level}, clause="二(七)", jurisdiction=case.jurisdiction,
    )  # fmt: skip
    title = f"督办 {order.number} 未按期答复：案件 {case.number}"
    division = body(book(case.jurisdiction).supervisor(link=case.link).body)
    if order.level == COMPETENT:
        Case.objects.filter(pk=case.pk).update(reported_to=division)
    centre = body(book(case.jurisdiction).routes[0].sorted_by)
    send_notice(
        title=title, matter_id=case.pk, to_body_id=division.pk if order.level == COMPETENT else centre.pk
    )
    return True


def _owe(case: Case, order: SupervisionOrder, user_id: int | None) -> date:
    term = start_deadline(
        TERM, jurisdiction=case.jurisdiction, subject_kind="supervision", subject_id=order.pk, matter_id=case.pk,
        owner=Owner(body_id=order.body_id, user_id=user_id, company_id=order.company_id),
    )  # fmt: skip
    return term.due_on


def _answered(order: SupervisionOrder, answer: str, by: Acting) -> None:
    in_time = meet_deadline(TERM, subject_id=order.pk)
    order.state, order.answer, order.answered_on = SupervisionOrder.State.ANSWERED, answer, today()
    order.answered_late = order.answered_late or not in_time
    order.answered_by = by.user_name
    order.save(update_fields=["state", "answer", "answered_on", "answered_late", "answered_by"])


def _taken(
    case: Case, verb: str, summary: str, order: SupervisionOrder, by: Acting, act_key: UUID | None
) -> None:
    take_step(
        case,
        verb,
        by=by,
        choice=case.status,
        act_key=act_key,
        summary=summary,
        details={"number": order.number},
    )


def _order_of_department(case: Case, order_id: UUID) -> SupervisionOrder:
    order = (
        SupervisionOrder.objects.select_for_update(of=("self",))
        .filter(pk=order_id, case_id=case.pk, body=case.handling_body)
        .first()
    )
    if order is None:
        raise ActRefused("请选择发给本部门的一份督办。", "order")
    return order


def _own_order(order_id: UUID, by: Acting) -> SupervisionOrder:
    order = None
    if by.company_id is not None:
        orders = SupervisionOrder.objects.select_for_update(of=("self",))
        order = orders.filter(pk=order_id, company_id=by.company_id).first()
    if order is None:
        raise ActRefused("没有这份督办，或者它不是发给贵企业的。")
    return order


def _is_asked_online(case: Case, company_id: int) -> bool:
    tasks = CompanyTask.objects.filter(case_id=case.pk, company_id=company_id, company__on_platform=True)
    return tasks.filter(told_on=None).exists()


def _next_number(jurisdiction: str) -> str:
    year = today().year
    SupervisionCounter.objects.get_or_create(year=year)
    counter = SupervisionCounter.objects.select_for_update().get(year=year)
    counter.last += 1
    counter.save(update_fields=["last"])
    pattern = str(book(jurisdiction).value("numbering.supervision_order", on=today()).value)
    return pattern.format(year=year, n=counter.last)
