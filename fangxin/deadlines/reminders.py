"""When somebody who owes something is reminded: before the due day, and after it, as the rulebook says."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import cast

from fangxin.rules import book
from fangxin.rules.terms import Unit
from fangxin.rules.workdays import calendar


def first_look(jurisdiction: str, start: date, due_on: date) -> date:
    """The day to remind: so many working days before the due day as the rulebook says, never before the start."""
    left = cast(int, book(jurisdiction).value("deadlines.remind_before", on=start).value)
    day = due_on
    while left and day > start:
        day -= timedelta(days=1)
        left -= calendar().is_working_day(day)
    return max(day, start + timedelta(days=1))


def next_reminder(jurisdiction: str, start: date, due_on: date, day: date) -> date | None:
    """The next working day after `day` on which the rulebook has the owner reminded once more."""
    counts = cast(Sequence[int], book(jurisdiction).value("deadlines.remind_after", on=start).value)
    days = (calendar().due_day(due_on, count, Unit.WORKING_DAY).due_on for count in counts)
    return next((reminder for reminder in days if reminder > day), None)
