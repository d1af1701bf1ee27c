"""Opinions, orders and what companies handed in, as the screens show them."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from fangxin.cases.models import Case, CompanyTask, CompanyTelling, OwnRectification, Reply
from fangxin.cases.standing import places_of
from fangxin.cases.workflow import Place
from fangxin.deadlines.clock import today
from fangxin.deadlines.queries import due_words
from fangxin.investigations.models import (
    Inquiry,
    InquiryAnswer,
    InquiryNumber,
    Opinion,
    RectificationCheck,
    RectificationOrder,
    RectificationReport,
)
from fangxin.investigations.sheets import VERIFIED_AS, WRITTEN, form_of
from fangxin.investigations.standing import places_of as places_of_inquiry
from fangxin.investigations.standing import standing_before, standing_of
from fangxin.investigations.workflow import (
    ASKED,
    INQUIRY,
    OFFICER,
    ORDER_TITLES,
    OUT,
    REGISTRY,
    SENDER,
    OrderState,
)
from fangxin.journal.queries import entries_about
from fangxin.organisations.asked_often import Rows, asked_often
from fangxin.organisations.process import NEW, Step
from fangxin.organisations.receipts import hold_receipt
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
    return [(_opinions, case_id), (_orders, case_id), (_inquiries, case_id)]


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
        case "inquiry":
            return Inquiry.objects.filter(pk=subject_id, case_id=case.pk).exists()
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


A_PAGE = 50
UNDER_WAY = ("draft", "awaiting_opinion", "sent", "received", "answered", "declined")
_INQUIRY = (
    "id", "form", "asked_name", "asking_body__name", "state", "number", "sent_on", "due_on", "answered_on",
    "answered_late", "cells",
)  # fmt: skip
BINS: Mapping[str, str] = {
    "todo": "待我办理", "late": "逾期未反馈", "asked": "本部门收到", "sent": "本部门发出", "ended": "已结束",
}  # fmt: skip


def inquiries_of(case_id: UUID) -> list[dict[str, Any]]:
    """The sheets sent and drafted in a case, oldest first, each with how it stands."""
    return [_stands(dict(row)) for row in _inquiries(case_id)]


@asked_often
def _inquiries(case_id: UUID) -> Rows:
    return Inquiry.objects.filter(case_id=case_id).order_by("drafted_on", "pk").values(*_INQUIRY)


def may_ask_others(case: Case, acting: Acting) -> bool:
    """Whether the person may begin a sheet in this case now."""
    return any(
        step.verb == "draft_inquiry" for step in INQUIRY.open_steps(standing_before(case, acting, NEW))
    )


def visible_inquiries(acting: Acting) -> QuerySet[Inquiry]:
    """Those that the person's body asked or was asked, drafts for the asking body alone; the centre and the leaders see all
    that were sent."""
    rows = Inquiry.objects.filter(jurisdiction=acting.jurisdiction)
    if acting.body_id is None or acting.role in {Role.ADMINISTRATOR, Role.AUDIT_OFFICER}:
        return rows.none()
    sent = Q(sent_on__isnull=False)
    own = Q(asking_body_id=acting.body_id) | Q(asked_body_id=acting.body_id) & sent
    if acting.role == Role.LEADER or "call_back" in acting.functions:
        own |= sent
    return rows.filter(own)


def inquiry_for(acting: Acting, inquiry_id: UUID) -> Inquiry | None:
    """The sheet, if the person may see it."""
    rows = visible_inquiries(acting).select_related(
        "case", "case__complaint", "case__officer", "asking_body", "asked_body", "signed_by", "drafted_by"
    )
    return rows.filter(pk=inquiry_id).first()


def inquiry_steps(inquiry: Inquiry, acting: Acting) -> list[Step]:
    """What the person may do on the sheet now, in the order of the table."""
    return list(INQUIRY.open_steps(standing_of(inquiry, acting)))


def sees_the_case(inquiry: Inquiry, acting: Acting) -> bool:
    """The asking body has the whole case; the body asked reads the sheet, its files and its answers only."""
    return SENDER in places_of_inquiry(inquiry, acting)


def may_attach_scan(inquiry: Inquiry, acting: Acting) -> bool:
    """Whether the person stands where the sheet's papers come in."""
    return bool({ASKED, REGISTRY, OFFICER} & places_of_inquiry(inquiry, acting))


def inquiries_for(acting: Acting, bin_: str, *, page: int = 1) -> dict[str, Any]:
    """A page of the bin, soonest due first."""
    rows = visible_inquiries(acting).filter(_in_bin(acting, bin_))
    order = ("-sent_on", "pk") if bin_ == "ended" else ("due_on", "drafted_on", "pk")
    first = (page - 1) * A_PAGE
    found = list(rows.order_by(*order).values(*_INQUIRY)[first : first + A_PAGE + 1])
    return {"rows": [_stands(dict(row)) for row in found[:A_PAGE]], "more": len(found) > A_PAGE}


def inquiry_counts(acting: Acting) -> dict[str, int]:
    """How many lie in each bin: one query."""
    counted = visible_inquiries(acting).aggregate(
        **{name: Count("pk", filter=_in_bin(acting, name)) for name in BINS}
    )
    return {name: int(number) for name, number in counted.items()}


def _in_bin(acting: Acting, bin_: str) -> Q:
    asked, asking = Q(asked_body_id=acting.body_id), Q(asking_body_id=acting.body_id)
    match bin_:
        case "todo":
            return Q(state__in=OUT) & asked | asking & _waits_for(acting)
        case "late":
            return Q(state__in=OUT, due_on__lt=today())
        case "asked":
            return asked & Q(state__in=UNDER_WAY)
        case "sent":
            return asking & Q(state__in=UNDER_WAY)
        case _:
            return ~Q(state__in=UNDER_WAY)


def _waits_for(acting: Acting) -> Q:
    if acting.role == Role.DEPARTMENT_HEAD:
        return Q(state="awaiting_opinion") & ~Q(writers__contains=[acting.user_id])
    if acting.role == Role.CASE_OFFICER:
        return Q(state__in=["draft", "answered", "declined"], case__officer_id=acting.user_id)
    return Q(state="sent", asked_body=None) if acting.role == Role.DEPARTMENT_CLERK else Q(pk__in=[])


def inquiry_answers(inquiry_id: UUID) -> list[dict[str, Any]]:
    """Every answer, refusal and further question of a sheet, oldest first."""
    rows = InquiryAnswer.objects.filter(inquiry_id=inquiry_id).order_by("at", "pk").values(
        "id", "kind", "way", "text", "on", "at", "by_label", "contact", "telephone", "fax", "late"
    )  # fmt: skip
    kinds, ways = dict(InquiryAnswer.Kind.choices), dict(InquiryAnswer.Way.choices)
    return [{**row, "kind_title": kinds[row["kind"]], "way_title": ways[row["way"]]} for row in rows]


def inquiry_story(inquiry: Inquiry) -> list[dict[str, Any]]:
    """What happened to the sheet: the entries of its case's journal that are about it."""
    entries = entries_about("case", inquiry.case_id).filter(details__inquiry=str(inquiry.pk))
    return [dict(row) for row in entries.values("at", "summary", "actor_label", "clause")]


def _stands(row: dict[str, Any]) -> dict[str, Any]:
    out = row["state"] in OUT
    # Not the case's title: that is the complainant's own.
    reason = row.pop("cells").get(WRITTEN[row["form"]]["reason"], "")
    return {
        **row,
        "reason": reason,
        "state_title": INQUIRY.states[row["state"]],
        "late": out and row["due_on"] is not None and row["due_on"] < today(),
        "due": due_words(row["due_on"], today()) if out and row["due_on"] else None,
    }


def form_title(inquiry: Inquiry) -> str:
    """The title printed on the form, which is not everywhere the one the text calls it by (SD-03)."""
    return form_of(inquiry.form, inquiry.jurisdiction).title


def sheet_of_code(code: str) -> dict[str, Any] | None:
    """Which sheet bears this verification code: its title, number, issuer, day, and whether it is void; nothing of its case."""
    _, digest = hold_receipt(VERIFIED_AS, code)
    # Not first(): whoever verifies may not read the column it would order by.
    for row in InquiryNumber.objects.filter(secret_hash=digest).values(*_VERIFIED):
        return {**row, "title": form_of(row["form"], row["jurisdiction"]).title}
    return None


_VERIFIED = ("jurisdiction", "issuer", "form", "text", "issued_on", "voided_on")
