"""Opinions, orders and what companies handed in, as the screens show them."""

from datetime import date
from typing import Any
from uuid import UUID

from fangxin.cases.models import Case, CompanyTask, CompanyTelling, OwnRectification, Reply
from fangxin.cases.standing import places_of
from fangxin.cases.workflow import Place
from fangxin.deadlines.clock import today
from fangxin.deadlines.queries import due_words
from fangxin.investigations.models import (
    Opinion,
    RectificationCheck,
    RectificationOrder,
    RectificationReport,
)
from fangxin.investigations.workflow import ORDER_TITLES, OrderState
from fangxin.organisations.asked_often import Rows, asked_often
from fangxin.organisations.roles import Acting, Role
from fangxin.rules import book
from fangxin.rules.terms import Unit

_ORDER = (
    "id", "case_id", "number", "company_id", "company_name", "violations", "requirements", "served_on", "due_on",
    "state", "issued_by__full_name", "verified_on", "task_id", "company__on_platform",
)  # fmt: skip

_REPORT = ("id", "order_id", "kind", "text", "by_name", "on", "late")


def opinions_of(case_id: UUID) -> list[dict[str, Any]]:
    """The handling opinions of a case, oldest first, violations with their names."""
    return [{**row, "violation_titles": violation_titles(row["violations"])} for row in _opinions(case_id)]


@asked_often
def _opinions(case_id: UUID) -> Rows:
    return Opinion.objects.filter(case_id=case_id).order_by("pk").values(
        "outcome", "affirmed", "findings", "legal_basis", "violations", "text", "without_reply_because",
        "by_user__full_name", "on", "late",
    )  # fmt: skip


def asked_of_a_case(case_id: UUID) -> list[tuple[Any, ...]]:
    """What a case's page asks of this module, for `asked_ahead`."""
    return [(_opinions, case_id), (_orders, case_id)]


def orders_of(case_id: UUID) -> list[dict[str, Any]]:
    """The orders of a case with every plan, result and check. Three queries; one when there is no order."""
    orders = _orders(case_id)
    if not orders:
        return []
    checks: dict[UUID, list[dict[str, Any]]] = {}
    for check in _checks(case_id):
        checks.setdefault(check["order_id"], []).append(check)
    reports = _by_order(_reports(case_id))
    return [{**_shown(order, reports), "checks": checks.get(order["id"], [])} for order in orders]


@asked_often
def _orders(case_id: UUID) -> Rows:
    return (
        RectificationOrder.objects.filter(case_id=case_id)
        .order_by("served_on", "company_name")
        .values(*_ORDER)
    )


@asked_often
def _checks(case_id: UUID) -> Rows:
    return RectificationCheck.objects.filter(order__case_id=case_id).order_by("pk").values(
        "order_id", "accepted", "opinion", "by_user__full_name", "on"
    )  # fmt: skip


def orders_for_company(company_id: int, *, order_id: UUID | None = None) -> list[dict[str, Any]]:
    """The company's own orders, soonest due first, with what it handed in; one order when named."""
    rows = RectificationOrder.objects.filter(company_id=company_id)
    if order_id is not None:
        rows = rows.filter(pk=order_id)
    columns = tuple(name for name in _ORDER if not name.startswith(("issued_by", "company__")))
    orders = list(rows.order_by("due_on").values(*columns)[:200])
    reports = _by_order(_reports_of_company(company_id))
    return [_shown(order, reports) for order in orders]


def violation_titles(codes: list[str]) -> list[str]:
    """“BR-07 侵占、挪用交易资金” for each code of the catalogue."""
    known = {violation.code: violation.act for violation in book("national").violations}
    return [f"{code} {known.get(code, '')}" for code in codes]


@asked_often
def _reports(case_id: UUID) -> Rows:
    return RectificationReport.objects.filter(order__case_id=case_id).order_by("at").values(*_REPORT)


@asked_often
def _reports_of_company(company_id: int) -> Rows:
    return RectificationReport.objects.filter(company_id=company_id).order_by("at").values(*_REPORT)


def _by_order(reports: list[dict[str, Any]]) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = {}
    for report in reports:
        found.setdefault(report["order_id"], []).append(report)
    return found


def _shown(order: dict[str, Any], reports: dict[UUID, list[dict[str, Any]]]) -> dict[str, Any]:
    state = OrderState(order["state"])
    return {
        **order,
        "state_title": ORDER_TITLES[state],
        "violation_titles": violation_titles(order["violations"]),
        "reports": reports.get(order["id"], []),
        "due": due_words(order["due_on"], today(), _unit(order["served_on"]))
        if state in {OrderState.ORDERED, OrderState.PLANNED}
        else None,
    }


def _unit(served_on: date) -> Unit:
    """In what the term of an order served on the day is counted (二(六)3: 日)."""
    return book("beijing").limit("ordered_rectification", on=served_on).unit


def is_of_case(case: Case, subject_kind: str, subject_id: str) -> bool:
    """Whether a thing that has attachments belongs to the case: its complaint, what a company was
    sent or told, a reply, a report."""
    match subject_kind:
        case "complaint":
            return subject_id == str(case.complaint_id)
        case "task":
            return CompanyTask.objects.filter(pk=subject_id, case_id=case.pk).exists()
        case "reply":
            return Reply.objects.filter(pk=subject_id, task__case_id=case.pk).exists()
        case "telling":
            return CompanyTelling.objects.filter(pk=subject_id, task__case_id=case.pk).exists()
        case "own_rectification":
            return OwnRectification.objects.filter(pk=subject_id, task__case_id=case.pk).exists()
        case "report":
            return RectificationReport.objects.filter(pk=subject_id, order__case_id=case.pk).exists()
        case _:
            return False


def judges_files(case: Case, acting: Acting) -> bool:
    """Whether this person decides what becomes of the case's files: clerk or officer of the department that has it."""
    at_work = acting.role in {Role.DEPARTMENT_CLERK, Role.CASE_OFFICER}
    return at_work and Place.HANDLING in places_of(case, acting)


def confirmed_orders(company_ids: Any) -> list[dict[str, Any]]:
    """The orders to rectify that these companies were served, with what each confirmed; `company_ids` may be a query."""
    rows = RectificationOrder.objects.filter(company_id__in=company_ids).order_by("served_on", "pk")
    return [dict(row) for row in rows.values("company_id", "number", "violations", "served_on")]
