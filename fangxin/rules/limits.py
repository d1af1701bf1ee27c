"""Terms of the law by name: how long, from when, and in whose words."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from fangxin.rules.citation import Cited
from fangxin.rules.terms import Term, Unit
from fangxin.rules.workdays import Calendar, DueDay


@dataclass(frozen=True, kw_only=True)
class Otherwise(Cited):
    """Another passage about the same term: one that contradicts it, or one that allows a departure."""

    title: str = ""
    within: Term | None = None


@dataclass(frozen=True, kw_only=True)
class Limit(Cited):
    """A term in force from `starts_from` on (None: the text bears no date).

    `starts` names the event that starts it, `owed_by` who must act. `warn` is the shorter term of a passage
    that contradicts this one. `not_before` turns it round: nothing may be done until the term has passed.
    """

    key: str
    title: str
    starts: str
    owed_by: str
    within: Term
    starts_from: date | None = field(metadata={"yaml": "from"})
    roll: bool = True
    warn: Term | None = None
    not_before: bool = False
    against: tuple[Otherwise, ...] = ()
    departures: tuple[Otherwise, ...] = ()
    settled_in: str = ""
    note: str = ""

    @property
    def n(self) -> int:
        """How many."""
        return self.within.n

    @property
    def unit(self) -> Unit:
        """Of what: 工作日 or 日."""
        return self.within.unit

    def due_day(self, start: date, calendar: Calendar) -> DueDay:
        """The last day of this term. Raises `CalendarMissing`."""
        return calendar.due_day(start, self.n, self.unit, roll=self.roll)

    def warning_day(self, start: date, calendar: Calendar) -> date | None:
        """The day to warn on, as the contradicting passage counts it, without a roll."""
        if self.warn is None:
            return None
        return calendar.due_day(start, self.warn.n, self.warn.unit, roll=False).due_on

    def first_permitted_day(self, start: date, calendar: Calendar) -> date:
        """The day after the term, the earliest for what had to wait for it. Raises `CalendarMissing`."""
        return self.due_day(start, calendar).due_on + timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Value(Cited):
    """A single value in force from `starts_from` on (None: always)."""

    key: str
    title: str
    value: object
    starts_from: date | None = field(metadata={"yaml": "from"})
    settled_in: str = ""
    note: str = ""
