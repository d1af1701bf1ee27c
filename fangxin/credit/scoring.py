"""Scores: plain values in, a score out whose every line names record, item, points and clause.

No database and no clock: whoever has the facts can recompute the score (三（三）).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from fangxin.rules.conduct import months_after
from fangxin.rules.evaluation import Direction, Item, Override, Scheme

ZERO = Decimal(0)
# What an agency is at the end of a cycle is seldom like another's; the others are few.
MOST_ALIKE = 5000
NOTHING: Mapping[str, Any] = MappingProxyType({})


class Fact(NamedTuple):
    """Something that may count: its kind, the record it lies in, its day, and what is so of it."""

    kind: str
    key: str
    on: date
    about: Mapping[str, Any] = NOTHING


class Subject(NamedTuple):
    """An agency, or a broker, with what is on record of them."""

    kind: str
    key: str
    entered_on: date
    facts: tuple[Fact, ...]


class Line(NamedTuple):
    """One line of a score. `cut`: how many of the item's points its cap took away."""

    item: str
    title: str
    part: str
    record: str
    on: date | None
    points: Decimal
    cut: Decimal
    basis: str


class Score(NamedTuple):
    """A score with its lines; `because` says what decided the grade besides the points."""

    subject: str
    points: Decimal
    grade: str
    lines: tuple[Line, ...]
    because: str = ""


class _Ready(NamedTuple):
    """An item with what can be worked out before any subject is seen; items of one `group` share a cap."""

    item: Item
    holds: Callable[[Fact], bool]
    group: str
    cap: Decimal | None
    basis: str


class _Bearing(NamedTuple):
    """What bears upon facts that are alike: the items that count them, and the overrides they bring, by place."""

    items: tuple[_Ready, ...]
    overrides: tuple[int, ...]


class Scorer:
    """A scheme made ready for many subjects: the items are looked up by the kind of fact they count."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        groups = _groups(scheme.items)
        self._items: dict[tuple[str, str], list[_Ready]] = defaultdict(list)
        for item in scheme.items:
            group, cap = groups.get(item.code, (item.code, item.cap))
            self._items[item.subject, item.of].append(
                _Ready(item, _condition(item.when), group, cap, item.basis)
            )
        # Facts alike in all that is so of them are counted by the same items: few kinds of record, very many records.
        self._alike: dict[tuple[Any, ...], _Bearing] = {}
        self._overrides = [(override, _condition(override.when)) for override in scheme.overrides]
        self._better = {grade: rank for rank, grade in enumerate(scheme.grades)}

    def score(self, subject: Subject, *, since: date, until: date) -> Score:
        """The score over the days from `since` to `until`, both included, as it stands at the end of `until`."""
        lines, deciding = self._lines(subject, since, until)
        scheme, whole = self.scheme, self.scheme.base
        for line in lines:
            whole += line.points
        points = min(max(whole, scheme.lowest), scheme.highest)
        if points != whole:
            bound = "上限" if points < whole else "下限"
            lines.append(_bound_line(scheme, f"总分{bound}", points - whole))
        grade, because = self._grade(subject, points, until, deciding)
        return Score(subject.key, points, grade, tuple(lines), because)

    def _lines(self, subject: Subject, since: date, until: date) -> tuple[list[Line], dict[int, str]]:
        """The lines, and of each override that applies its place and the first record that brings it."""
        lines: list[Line] = []
        deciding: dict[int, str] = {}
        seen_once: set[str] = set()
        spent: dict[str, Decimal] = {}
        for fact in subject.facts:
            bearing = self._bearing(subject.kind, fact)
            for place in bearing.overrides:
                if since <= fact.on <= until:
                    deciding.setdefault(place, fact.key)
            for ready in bearing.items:
                item = ready.item
                if (item.once and item.code in seen_once) or not _counts(fact, item, since, until):
                    continue
                if not (points := _points(item, fact)):
                    continue
                seen_once.add(item.code)
                cut = ZERO
                if ready.cap is not None:
                    already = spent.get(ready.group, ZERO)
                    given = _within(points, already, ready.cap)
                    spent[ready.group], points, cut = already + given, given, points - given
                lines.append(
                    Line(item.code, item.title, item.part, fact.key, fact.on, points, cut, ready.basis)
                )
        return lines, deciding

    def _bearing(self, kind: str, fact: Fact) -> _Bearing:
        """The items of that kind of subject whose condition holds of the fact, and the overrides."""
        alike = (kind, fact.kind, *fact.about.items())
        found = self._alike.get(alike)
        if found is None:
            found = _Bearing(
                tuple(ready for ready in self._items.get((kind, fact.kind), ()) if ready.holds(fact)),
                tuple(
                    place
                    for place, (override, holds) in enumerate(self._overrides)
                    if override.of == fact.kind and holds(fact)
                ),
            )
            if len(self._alike) < MOST_ALIKE:
                self._alike[alike] = found
        return found

    def _grade(
        self, subject: Subject, points: Decimal, until: date, deciding: Mapping[int, str]
    ) -> tuple[str, str]:
        scheme, grade, because = self.scheme, self.scheme.grade_of(points), ""
        newcomer = scheme.newcomer
        if newcomer is not None and until < months_after(subject.entered_on, newcomer.months):
            grade, because = newcomer.grade, newcomer.title
        for place in sorted(deciding):
            override = self._overrides[place][0]
            if (decided := self._overridden(override, grade)) != grade:
                grade, because = decided, f"{override.title}（{deciding[place]}）"
        return grade, because

    def _overridden(self, override: Override, grade: str) -> str:
        if override.grade:
            return override.grade
        worst = len(self._better)
        lower = self._better.get(grade, worst) < self._better[override.at_most]
        return override.at_most if lower else grade


def scores(scheme: Scheme, subjects: Iterable[Subject], *, since: date, until: date) -> Iterable[Score]:
    """The score of each subject, one after another; nothing is kept."""
    scorer = Scorer(scheme)
    return (scorer.score(subject, since=since, until=until) for subject in subjects)


def _condition(when: Mapping[str, Any]) -> Callable[[Fact], bool]:
    bounds = {name: value["at_least"] for name, value in when.items() if isinstance(value, Mapping)}
    wanted = {
        name: frozenset(value) if isinstance(value, list | tuple) else frozenset({value})
        for name, value in when.items()
        if name not in bounds
    }
    if not when:
        return lambda _: True

    def holds(fact: Fact) -> bool:
        about = fact.about
        return all(about.get(name) in values for name, values in wanted.items()) and all(
            (about.get(name) or 0) >= least for name, least in bounds.items()
        )

    return holds


def _counts(fact: Fact, item: Item, since: date, until: date) -> bool:
    if fact.on > until:
        return False
    if item.lasts_months:
        return months_after(fact.on, item.lasts_months) > until
    return fact.on >= since


def _points(item: Item, fact: Fact) -> Decimal:
    if not item.amount_of:
        return item.points
    amount = fact.about.get(item.amount_of) or 0
    return item.points * max(0, amount - item.above)


def _within(points: Decimal, spent: Decimal, cap: Decimal) -> Decimal:
    """What of the points is left under the cap, which bounds an item of plus points above and one of minus below."""
    if points >= 0:
        return min(points, max(ZERO, cap - spent))
    return max(points, min(ZERO, -cap - spent))


def _groups(items: Iterable[Item]) -> dict[str, tuple[str, Decimal | None]]:
    """Of each item that shares a cap with others: the name of their group, and the cap."""
    return {
        code: (item.code, item.cap)
        for item in items
        if item.capped_with
        for code in (item.code, *item.capped_with)
    }


def _bound_line(scheme: Scheme, title: str, points: Decimal) -> Line:
    between = f"总分在{scheme.lowest}至{scheme.highest}之间"
    return Line("", title, "", "", None, points, ZERO, f"{between}；{scheme.basis}")


def is_better(scheme: Scheme, one: Decimal, other: Decimal) -> bool:
    """Whether the one score is better than the other under the scheme."""
    return one > other if scheme.direction is Direction.FOR else one < other
