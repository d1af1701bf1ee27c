"""The quarters of a year, and the life of what an agency owes after each of them (四（二）, SM-13).

Two duties stand in the sentence: 每季度至少更新一次, which any update inside the quarter fulfils, and 每季度后15日之内
提交更新数据, which only a submission after the quarter does. The states below are those of the second.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from fangxin.organisations.refusals import ActRefused
from fangxin.rules import book
from fangxin.rules.limits import Limit
from fangxin.rules.workdays import DueDay, calendar

RULE = "quarterly_update"


@dataclass(frozen=True, order=True)
class Quarter:
    """A quarter of a year: 2026年第1季度."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= 4:
            raise ValueError(f"季度应为1至4，不能是{self.number}")

    @classmethod
    def of(cls, day: date) -> "Quarter":
        """The quarter in which the day lies."""
        return cls(day.year, (day.month - 1) // 3 + 1)

    @property
    def first_day(self) -> date:
        """1 January, April, July or October."""
        return date(self.year, self.number * 3 - 2, 1)

    @property
    def last_day(self) -> date:
        """The day from which the term is counted, itself not counted."""
        return self.after.first_day - timedelta(days=1)

    @property
    def after(self) -> "Quarter":
        """The next one, in which the data of this one are submitted."""
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def before(self) -> "Quarter":
        """The one that ended when this one began."""
        return Quarter(self.year - (self.number == 1), (self.number - 2) % 4 + 1)

    def __str__(self) -> str:
        return f"{self.year}年第{self.number}季度"


def limit_of(jurisdiction: str, quarter: Quarter) -> Limit:
    """The term within which data of the quarter are submitted. Raises RuleUnknown where the law knows none."""
    return book(jurisdiction).limit(RULE, on=quarter.last_day)


def due_day(jurisdiction: str, quarter: Quarter) -> DueDay:
    """The last day to submit data of the quarter, with the account of it. Raises RuleUnknown, CalendarMissing."""
    return limit_of(jurisdiction, quarter).due_day(quarter.last_day, calendar())


class DutyState(StrEnum):
    """Where an agency's submission for a quarter stands; NONE is in no table."""

    NONE = "none"
    OPEN = "open"
    UPDATED = "updated"
    LATE = "late"
    MISSING = "missing"


DUTY_TITLES: Mapping[DutyState, str] = {
    DutyState.NONE: "尚未开放",
    DutyState.OPEN: "待提交",
    DutyState.UPDATED: "已提交",
    DutyState.LATE: "逾期未交",
    DutyState.MISSING: "未更新",
}
OWED = frozenset({DutyState.OPEN, DutyState.LATE})


@dataclass(frozen=True)
class DutyStep:
    """One row: verb, from, to, who, clause."""

    verb: str
    title: str
    before: frozenset[DutyState]
    after: DutyState
    who: str
    clause: str


D = DutyState

DUTY_STEPS: tuple[DutyStep, ...] = (
    DutyStep("open_quarter", "季度后第一日开放", frozenset({D.NONE}), D.OPEN, "系统", "四(二)"),
    DutyStep("submit_declaration", "提交更新数据", OWED, D.UPDATED, "机构", "四(二)"),
    DutyStep("confirm_no_change", "确认无变化", OWED, D.UPDATED, "机构", "AMB-22"),
    DutyStep("mark_late", "过了第15日", frozenset({D.OPEN}), D.LATE, "系统", "四(二)"),
    DutyStep("mark_missing", "下一轮开放时仍未提交", OWED, D.MISSING, "系统", "四(二)"),
    # Only the publication of a year's holidays moves a due day that has passed.
    DutyStep("recount", "放假安排公布后，截止日推后", frozenset({D.LATE}), D.OPEN, "系统", "AMB-01"),
)  # fmt: skip
DUTY_STEP_BY_VERB: Mapping[str, DutyStep] = {step.verb: step for step in DUTY_STEPS}


def duty_step(verb: str, state: DutyState) -> DutyStep:
    """The row for `verb` in that state; ActRefused says what stands in the way."""
    step = DUTY_STEP_BY_VERB[verb]
    if state not in step.before:
        wanted = "、".join(DUTY_TITLES[one] for one in DUTY_TITLES if one in step.before)
        raise ActRefused(
            f"不能{step.title}：本季度现为“{DUTY_TITLES[state]}”，只有“{wanted}”时才可以（{step.clause}）。"
        )
    return step
