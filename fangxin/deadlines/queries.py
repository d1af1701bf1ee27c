"""What is due, by when, and why that day."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from fangxin.deadlines.clock import today
from fangxin.deadlines.models import Deadline
from fangxin.organisations.asked_often import Rows, asked_often
from fangxin.rules.terms import Unit
from fangxin.rules.workdays import calendar

# That many days before the last one, a term asks for attention.
SOON = 2
_COLUMNS = (
    "id", "rule_key", "title", "subject_kind", "subject_id", "starts_on", "amount", "unit", "due_on",
    "first_due_on", "provisional", "explanation", "clause", "quote", "state", "met_on", "missed_on",
    "owner_company_id", "owner_company__name", "owner_body__short_name", "owner_user__full_name",
)  # fmt: skip


def deadlines_of(matter_id: UUID) -> list[dict[str, Any]]:
    """Every term of a matter, running ones first by due day, each with what a screen says of it today."""
    return [{**row, **standing_of(row)} for row in terms_of(matter_id)]


@asked_often
def terms_of(matter_id: UUID) -> Rows:
    """Every term of a matter as it is stored, running ones first by due day."""
    return Deadline.objects.filter(matter_id=matter_id).order_by("met_on", "due_on").values(*_COLUMNS)


def deadlines_of_subject(subject_id: UUID) -> list[dict[str, Any]]:
    """The terms of one task or order, for the company that owes them."""
    columns = [name for name in _COLUMNS if not name.startswith("owner_user__")]
    rows = Deadline.objects.filter(subject_id=subject_id).order_by("due_on").values(*columns)
    return [{**row, **standing_of(row)} for row in rows]


def standing_of(row: Mapping[str, Any], on: date | None = None) -> dict[str, Any]:
    """How a term stands on a day: `tone` (met, late, overdue, today, soon, running), `words`, `days_left`.

    Days left are of the term's own unit, 工作日 or 日.
    """
    day = on or today()
    if row["state"] == Deadline.State.CANCELLED:
        return {"tone": "cancelled", "words": "已终止", "days_left": None}
    if row["state"] == Deadline.State.MET:
        return {"tone": "met", "words": f"已于{row['met_on']}按期完成", "days_left": None}
    if row["state"] == Deadline.State.MET_LATE:
        return {"tone": "late", "words": f"已于{row['met_on']}完成（逾期）", "days_left": None}
    return due_words(row["due_on"], day, Unit(row["unit"]))


def due_words(due_on: date, day: date, unit: Unit = Unit.WORKING_DAY) -> dict[str, Any]:
    """The words for a running term, in the unit in which it is set: 剩n个工作日 or 剩n日, 今日到期, 逾期n个工作日."""
    if unit is not Unit.WORKING_DAY and day != due_on:
        left = (due_on - day).days
        if left < 0:
            return {"tone": "overdue", "words": f"逾期 {-left} 日", "days_left": left}
        return {"tone": "soon" if left <= SOON else "running", "words": f"剩 {left} 日", "days_left": left}
    if day == due_on:
        return {"tone": "today", "words": "今日到期", "days_left": 0}
    if day > due_on:
        late = calendar().working_days_between(due_on, day)
        words = f"逾期 {late} 个工作日" if late else "已逾期"
        return {"tone": "overdue", "words": words, "days_left": -late}
    left = calendar().working_days_between(day, due_on)
    return {"tone": "soon" if left <= SOON else "running", "words": f"剩 {left} 个工作日", "days_left": left}


def late_answers(company_id: int) -> int:
    """How many terms the company has missed, whether it answered afterwards or not."""
    return Deadline.objects.filter(owner_company_id=company_id, missed_on__isnull=False).count()


def has_term(rule_key: str, subject_id: UUID, *, running: bool = False) -> bool:
    """Whether a term of that rule was ever started for the subject; with `running`, whether it still runs."""
    terms = Deadline.objects.filter(rule_key=rule_key, subject_id=subject_id)
    return (terms.filter(state=Deadline.State.RUNNING) if running else terms).exists()


def moved_terms() -> list[tuple[str, UUID, UUID, date]]:
    """The running terms whose day was ever moved: kind and number of the subject, the matter, the present day."""
    moved = Deadline.objects.filter(state=Deadline.State.RUNNING, changes__isnull=False).distinct()
    return list(
        moved.order_by("due_on", "pk").values_list("subject_kind", "subject_id", "matter_id", "due_on")
    )
