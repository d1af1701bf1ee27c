"""Reads the rulebook. Plain Python: no Django, no database, no clock; today's date is always an argument."""

from fangxin.rules.book import Rulebook, RuleUnknown, book
from fangxin.rules.dated import NotInForce
from fangxin.rules.decision_table import NoRowMatches, SeveralRowsMatch
from fangxin.rules.limits import Limit, Value
from fangxin.rules.reader import RulebookBroken
from fangxin.rules.terms import Term, Unit
from fangxin.rules.workdays import Calendar, CalendarMissing, DueDay, calendar

__all__ = [
    "Calendar",
    "CalendarMissing",
    "DueDay",
    "Limit",
    "NoRowMatches",
    "NotInForce",
    "RuleUnknown",
    "Rulebook",
    "RulebookBroken",
    "SeveralRowsMatch",
    "Term",
    "Unit",
    "Value",
    "book",
    "calendar",
]
