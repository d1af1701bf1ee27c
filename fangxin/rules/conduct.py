"""Good and bad records: where they come from, how long they are shown and kept."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from fangxin.rules.citation import Cited


@dataclass(frozen=True, kw_only=True)
class RecordClass(Cited):
    """A class of bad records. Not `shown`: not published unless the authority finds it necessary, with its reason.

    Months are counted from the day of the document that made the finding.
    """

    key: str
    title: str
    shown: bool
    least_months: int = 0
    most_months: int
    settled_in: str = ""

    def shown_until(self, decided_on: date) -> date:
        """The last day it may be shown, for a finding of that day."""
        return months_after(decided_on, self.most_months)

    def may_be_repaired_from(self, decided_on: date) -> date:
        """The first day on which the display may end by application."""
        return months_after(decided_on, self.least_months)


@dataclass(frozen=True, kw_only=True)
class RecordSource(Cited):
    """A way in which a bad record comes about. `automatic`: the platform drafts it; a person decides even then.

    `needs_finding`: only what has been verified as true. `matter` and `class_` are what such a draft says.
    """

    key: str
    title: str
    needs_finding: bool = False
    automatic: bool = False
    matter: str = ""
    class_: str = ""
    settled_in: str = ""


def months_after(day: date, months: int) -> date:
    """The day of that number so many months later; the month's last where it has no such day (民法典第二百零二条)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
