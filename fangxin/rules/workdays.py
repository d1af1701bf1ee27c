"""Counting days: when a term of 工作日 or of 日 ends, and why on that day.

The day a term starts is not counted. 工作日 counts every day worked, make-up weekends included. 日 counts
every day; when the last one is a day of rest, the term ends on the next day worked. A legal day is a date
in Asia/Shanghai.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

from fangxin.rules.holidays import Year, read_year
from fangxin.rules.reader import rulebook_folder
from fangxin.rules.terms import LONGEST, Term, Unit

WEEKDAYS = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")


class CalendarMissing(LookupError):
    """A term runs into a year without a calendar file; the message names the file to write."""

    def __init__(self, year: int) -> None:
        super().__init__(
            f"rulebook/calendar/{year}.yaml 还没有：请先录入国务院办公厅{year}年放假通知；"
            "通知未公布的，录入法定节假日并标明 status: provisional"
        )
        self.year = year


@dataclass(frozen=True)
class CountedDay:
    """One day after the start: the how-maniest it is (None when it is not counted), and why."""

    on: date
    nth: int | None
    why: str
    notable: bool

    def __str__(self) -> str:
        return f"{self.on} {weekday(self.on)} {self.why}"


@dataclass(frozen=True)
class DueDay:
    """The last day of a term; it ends at midnight in Beijing. The account is made only when asked for."""

    start: date
    n: int
    unit: Unit
    due_on: date
    rolled_from: date | None
    provisional: bool
    calendar: "Calendar" = field(repr=False, compare=False)

    @cached_property
    def steps(self) -> tuple[CountedDay, ...]:
        """Every day from the one after the start to the due day, counted or passed over."""
        return tuple(self._count_working_days() if self.unit is Unit.WORKING_DAY else self._count_days())

    def explanation(self) -> list[str]:
        """Line by line, for the officer who asks “为什么是这一天”."""
        return [
            f"{self.start} {weekday(self.start)} 起算日，不计入",
            *(str(step) for step in self.steps),
            *self._warnings(),
            f"期限{self._term}，{self.due_on} {weekday(self.due_on)} 届满",
        ]

    def summary(self) -> str:
        """The same in one line: only holidays, make-up days and the roll are named."""
        runs = groupby((step for step in self.steps if step.notable), key=lambda step: _kind(step.why))
        parts = [f"{_span([step.on for step in run])}{kind}" for kind, run in runs]
        told = "；".join([f"自{self.start}起{self._term}，起算日不计", *parts, *self._warnings()])
        return f"{told}；应于{self.due_on}（{weekday(self.due_on)}）届满"

    def as_dict(self) -> dict[str, Any]:
        """What a deadline keeps beside its due day, ready for JSON."""
        return {
            "start": self.start.isoformat(),
            "n": self.n,
            "unit": str(self.unit),
            "due_on": self.due_on.isoformat(),
            "weekday": weekday(self.due_on),
            "rolled_from": self.rolled_from.isoformat() if self.rolled_from else None,
            "provisional": self.provisional,
            "summary": self.summary(),
            "explanation": self.explanation(),
        }

    @property
    def _term(self) -> Term:
        return Term(self.n, self.unit)

    def _days(self) -> Iterator[date]:
        for ordinal in range(self.start.toordinal() + 1, self.due_on.toordinal() + 1):
            yield date.fromordinal(ordinal)

    def _count_working_days(self) -> Iterator[CountedDay]:
        nth = 0
        for day in self._days():
            name = self.calendar.name_of(day)
            if self.calendar.is_working_day(day):
                nth += 1
                yield CountedDay(day, nth, f"{name and name + '，'}计第{nth}个工作日", bool(name))
            else:
                yield CountedDay(day, None, f"{name}，不计", name != "周末")

    def _count_days(self) -> Iterator[CountedDay]:
        last = self.rolled_from or self.due_on
        for nth, day in enumerate(self._days(), start=1):
            name = self.calendar.name_of(day)
            if day < last or last == self.due_on:
                yield CountedDay(day, nth, f"计第{nth}日", False)
            elif day == last:
                yield CountedDay(day, nth, f"计第{nth}日，遇{name}，顺延", True)
            elif day < self.due_on:
                yield CountedDay(day, None, f"{name}，顺延", False)
            else:
                yield CountedDay(day, None, f"{name and name + '，'}顺延至本日", False)

    def _warnings(self) -> list[str]:
        return [
            f"{year}年放假安排尚未公布，暂按周末和法定节假日计算，公布后重算"
            for year in range(self.start.year, self.due_on.year + 1)
            if self.calendar.is_provisional(year)
        ]


class Calendar:
    """The years known to the rulebook, and the counting of days in them."""

    def __init__(self, years: Iterable[Year]) -> None:
        self.years = {year.year: year for year in sorted(years, key=lambda year: year.year)}
        self._names = {day: name for year in self.years.values() for day, name in year.names().items()}
        self._made_up = {day for year in self.years.values() for day in year.work}
        self._working = [day.toordinal() for year in self.years.values() for day in year.working_days()]
        self._provisional = {year.year for year in self.years.values() if year.status == "provisional"}

    def due_day(self, start: date, limit_n: int, unit: Unit, *, roll: bool = True) -> DueDay:
        """The last day of `limit_n` 工作日 or 日 after `start`, which itself is not counted.

        With `roll`, 日 that end on a day of rest end on the next day worked instead. Raises ValueError for a
        count outside 1…9999, and `CalendarMissing` when the term runs into a year without a file.
        """
        if not 1 <= limit_n <= LONGEST:
            raise ValueError(f"期限天数应为1至{LONGEST}，不能是{limit_n}")
        unit, begun = Unit(unit), start.toordinal()
        self._require(start.year, start.year)
        if unit is Unit.WORKING_DAY:
            counted = due = self._working_from(bisect_right(self._working, begun) + limit_n - 1, start.year)
        else:
            counted = due = begun + limit_n
            if roll:
                due = self._working_from(bisect_left(self._working, counted), start.year)
        due_on = date.fromordinal(due)
        self._require(start.year, due_on.year)
        return DueDay(
            start=date.fromordinal(begun),
            n=limit_n,
            unit=unit,
            due_on=due_on,
            rolled_from=None if counted == due else date.fromordinal(counted),
            provisional=any(map(self._provisional.__contains__, range(start.year, due_on.year + 1))),
            calendar=self,
        )

    def is_working_day(self, day: date) -> bool:
        """Whether the day is worked, a make-up weekend included. Raises `CalendarMissing`."""
        self._require(day.year, day.year)
        place = bisect_left(self._working, day.toordinal())
        return place < len(self._working) and self._working[place] == day.toordinal()

    def working_days_between(self, a: date, b: date) -> int:
        """The days worked after `a` up to `b`; negative when `b` is earlier. Raises `CalendarMissing`."""
        self._require(min(a, b).year, max(a, b).year)
        return bisect_right(self._working, b.toordinal()) - bisect_right(self._working, a.toordinal())

    def is_provisional(self, year: int) -> bool:
        """Whether the year is counted without its notice, from weekends and statutory days."""
        return year in self._provisional

    def name_of(self, day: date) -> str:
        """What is particular about the day: 春节放假, 调休上班, 周末; nothing for a common working day."""
        if day in self._names:
            return f"{self._names[day]}放假"
        if day in self._made_up:
            return "调休上班"
        return "周末" if day.weekday() > 4 else ""

    def _working_from(self, place: int, year: int) -> int:
        if place < len(self._working):
            return self._working[place]
        while year in self.years:
            year += 1
        raise CalendarMissing(year)

    def _require(self, first: int, last: int) -> None:
        for year in range(first, last + 1):
            if year not in self.years:
                raise CalendarMissing(year)


def weekday(day: date) -> str:
    """星期一 … 星期日."""
    return WEEKDAYS[day.weekday()]


def calendar() -> Calendar:
    """The calendar of the rulebook in use, read once. Raises `RulebookBroken`."""
    return _read_calendar(rulebook_folder() / "calendar")


@cache
def _read_calendar(folder: Path) -> Calendar:
    return Calendar(read_year(path) for path in sorted(folder.glob("*.yaml")))


def _kind(why: str) -> str:
    """The account of a day without its number, so that like days stand together."""
    return "调休上班，计入" if why.startswith("调休") else why


def _span(days: list[date]) -> str:
    first, last = (f"{day.month}月{day.day}日" for day in (days[0], days[-1]))
    return first if first == last else f"{first}至{last}"
