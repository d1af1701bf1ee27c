"""Scores: plain values in, a score out whose every line names record, item, points and clause.

No database and no clock: whoever has the facts can recompute the score (三（三）).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from fangxin.rules.conduct import months_after
from fangxin.rules.evaluation import Direction, Item, Override, Scheme

ZERO = Decimal(0)
# What an agency is at the end of a cycle is seldom like another's; the others are few.
MOST_ALIKE = 5000


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that may count: its kind, the record it lies in, its day, and what is so of it."""

    kind: str
    key: str
    on: date
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Subject:
    """An agency, or a broker, with what is on record of them."""

    kind: str
    key: str
    entered_on: date
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a score. `cut`: how many of the item's points its cap took away."""

    item: str
    title: str
    part: str
    record: str
    on: date | None
    points: Decimal
    cut: Decimal
    basis: str


@dataclass(frozen=True, slots=True)
class Score:
    """A score with its lines; `because` says what decided the grade besides the points."""

    subject: str
    points: Decimal
    grade: str
    lines: tuple[Line, ...]
    because: str = ""


@dataclass(frozen=True, slots=True)
class _Ready:
    """An item with what can be worked out before any subject is seen; items of one `group` share a cap."""

    item: Item
    holds: Callable[[Fact], bool]
    group: str
    cap: Decimal | None
    basis: str


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
        self._alike: dict[tuple[Any, ...], tuple[_Ready, ...]] = {}
        self._overrides = [(override, _condition(override.when)) for override in scheme.overrides]
        self._better = {grade: rank for rank, grade in enumerate(scheme.grades)}

    def score(self, subject: Subject, *, since: date, until: date) -> Score:
        """The score over the days from `since` to `until`, both included, as it stands at the end of `until`."""
        lines = self._lines(subject, since, until)
        scheme = self.scheme
        whole = scheme.base + sum((line.points for line in lines), ZERO)
        points = min(max(whole, scheme.lowest), scheme.highest)
        if points != whole:
            bound = "上限" if points < whole else "下限"
            lines.append(_bound_line(scheme, f"总分{bound}", points - whole))
        grade, because = self._grade(subject, points, since, until)
        return Score(subject.key, points, grade, tuple(lines), because)

    def _lines(self, subject: Subject, since: date, until: date) -> list[Line]:
        lines: list[Line] = []
        seen_once: set[str] = set()
        spent: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for fact in subject.facts:
            for ready in self._counted_by(subject.kind, fact):
                item = ready.item
                if (item.once and item.code in seen_once) or not _counts(fact, item, since, until):
                    continue
                if not (points := _points(item, fact)):
                    continue
                seen_once.add(item.code)
                given = _within(points, spent[ready.group], ready.cap)
                spent[ready.group] += given
                lines.append(
                    Line(
                        item.code,
                        item.title,
                        item.part,
                        fact.key,
                        fact.on,
                        given,
                        points - given,
                        ready.basis,
                    )
                )
        return lines

    def _counted_by(self, kind: str, fact: Fact) -> tuple[_Ready, ...]:
        """The items of that kind of subject whose condition holds of the fact."""
        alike = (kind, fact.kind, *fact.about.items())
        found = self._alike.get(alike)
        if found is None:
            found = tuple(ready for ready in self._items.get((kind, fact.kind), ()) if ready.holds(fact))
            if len(self._alike) < MOST_ALIKE:
                self._alike[alike] = found
        return found

    def _grade(self, subject: Subject, points: Decimal, since: date, until: date) -> tuple[str, str]:
        scheme, grade, because = self.scheme, self.scheme.grade_of(points), ""
        newcomer = scheme.newcomer
        if newcomer is not None and until < months_after(subject.entered_on, newcomer.months):
            grade, because = newcomer.grade, newcomer.title
        for override, holds in self._overrides:
            found = next(
                (f for f in subject.facts if f.kind == override.of and since <= f.on <= until and holds(f)),
                None,
            )
            if found is not None and (decided := self._overridden(override, grade)) != grade:
                grade, because = decided, f"{override.title}（{found.key}）"
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


def _within(points: Decimal, spent: Decimal, cap: Decimal | None) -> Decimal:
    """What of the points is left under the cap, which bounds an item of plus points above and one of minus below."""
    if cap is None:
        return points
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
