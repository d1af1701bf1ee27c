"""What if the scheme were another: everybody on the register counted by both, and who would move from which grade.

Reads only; nothing of it is kept.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from fangxin.credit.facts import Evaluated, everybody
from fangxin.credit.scoring import Line, Score, Scorer
from fangxin.rules.evaluation import SUBJECTS, Scheme

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Mover:
    """Who would have another grade, and why."""

    kind: str
    subject: str
    name: str
    points: Decimal
    points_after: Decimal
    grade: str
    grade_after: str
    why: str


@dataclass
class WhatIf:
    """Everybody counted by two schemes; `moves` counts them by subject, grade before and grade after."""

    before: Scheme
    after: Scheme
    since: date
    until: date
    moves: dict[str, Counter[tuple[str, str]]] = field(
        default_factory=lambda: {kind: Counter() for kind in SUBJECTS}
    )
    movers: list[Mover] = field(default_factory=list)

    @property
    def subjects(self) -> int:
        """How many were counted."""
        return sum(sum(counted.values()) for counted in self.moves.values())

    def totals(self, kind: str) -> tuple[Counter[str], Counter[str]]:
        """How many have each grade before, and after."""
        before, after = Counter[str](), Counter[str]()
        for (one, other), many in self.moves[kind].items():
            before[one] += many
            after[other] += many
        return before, after


def what_if(jurisdiction: str, before: Scheme, after: Scheme, *, since: date, until: date) -> WhatIf:
    """Everybody's grade by the one scheme and by the other, over the same days."""
    found = WhatIf(before, after, since, until)
    one, other = Scorer(before), Scorer(after)
    for now, then in _both(jurisdiction, before, after, since, until):
        scored = one.score(now.subject, since=since, until=until)
        rescored = other.score(then.subject, since=since, until=until)
        kind = now.subject.kind
        found.moves[kind][scored.grade, rescored.grade] += 1
        if scored.grade != rescored.grade:
            found.movers.append(
                Mover(
                    kind, now.subject.key, now.name, scored.points, rescored.points, scored.grade, rescored.grade,
                    reasons(before, after, scored, rescored),
                )
            )  # fmt: skip
    return found


def reasons(before: Scheme, after: Scheme, one: Score, other: Score) -> str:
    """Which lines differ between two scores of the same subject, and what else decided the grade."""
    told = []
    if before.base != after.base:
        told.append(f"起评分 {before.base}→{after.base}")
    given, then = _by_item(one.lines), _by_item(other.lines)
    titles = {line.item: line.title for line in (*one.lines, *other.lines)}
    told += [
        f"{titles[item]} {given.get(item, ZERO):+g}→{then.get(item, ZERO):+g}"
        for item in titles
        if given.get(item, ZERO) != then.get(item, ZERO)
    ]
    if one.points == other.points:
        told.append(f"得分同为{other.points:g}")
    if other.because or one.because:
        told.append(other.because or f"不再适用：{one.because}")
    elif before.bands != after.bands:
        told.append("等级界限不同")
    return "；".join(told)


def _both(
    jurisdiction: str, before: Scheme, after: Scheme, since: date, until: date
) -> Iterator[tuple[Evaluated, Evaluated]]:
    """Everybody with the facts that each scheme counts; read once where both count the same states."""
    subjects = everybody(jurisdiction, before, since=since, until=until)
    if set(before.counted_states) == set(after.counted_states):
        return ((one, one) for one in subjects)
    # Both go through the register in the same order, within one transaction.
    return zip(subjects, everybody(jurisdiction, after, since=since, until=until), strict=True)


def _by_item(lines: tuple[Line, ...]) -> dict[str, Decimal]:
    summed: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for line in lines:
        summed[line.item] += line.points
    return summed
