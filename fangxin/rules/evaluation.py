"""Schemes of evaluation: what counts how much, between which bounds, and which grade a score is.

A scheme is data. What is printed in a document or was found in one is said in `found`; what is ours is said to be.
Only a scheme whose status is `published` may be shown with scores to the public (AMB-21).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

from fangxin.rules.citation import Cited


class SchemeStatus(StrEnum):
    """How far a scheme has come: only a published one is more than a trial."""

    EXAMPLE = "示例"
    DRAFT = "草案"
    PUBLISHED = "公布"


class Direction(StrEnum):
    """Whether more points are better, or worse."""

    FOR = "for"
    AGAINST = "against"


@dataclass(frozen=True, kw_only=True)
class Item(Cited):
    """One thing that counts. `of` is the kind of fact; `when` what must be so of it, a value or any of a list.

    `points` for each such fact, or, with `amount_of`, for each unit of that number beyond `above`. `cap` bounds the
    whole item, or with `capped_with` the sum of those items. `lasts_months`: how long a fact counts from its day;
    0 means while the record itself counts. `part` is the half of the plan it belongs to: 市场行为 or 业务操作.
    """

    code: str
    title: str
    subject: str = "agency"
    part: str
    of: str
    when: dict[str, Any] = field(default_factory=dict)
    points: Decimal
    amount_of: str = ""
    above: int = 0
    once: bool = False
    cap: Decimal | None = None
    capped_with: tuple[str, ...] = ()
    lasts_months: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.once and self.amount_of:
            raise ValueError(f"{self.code}：once 与 amount_of 只能写一项")
        if self.capped_with and self.cap is None:
            raise ValueError(f"{self.code}：写了 capped_with 须写 cap")


@dataclass(frozen=True, kw_only=True)
class Band(Cited):
    """A grade and the score from which it is given (against: from which it is reached)."""

    grade: str
    title: str
    begins: Decimal = field(metadata={"yaml": "from"})


@dataclass(frozen=True, kw_only=True)
class Override(Cited):
    """What the points cannot outweigh: with such a fact the grade is `grade`, or `at_most` it."""

    key: str
    title: str
    of: str
    when: dict[str, Any] = field(default_factory=dict)
    grade: str = ""
    at_most: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if bool(self.grade) == bool(self.at_most):
            raise ValueError(f"{self.key}：grade 与 at_most 必须且只能写一项")


@dataclass(frozen=True, kw_only=True)
class Newcomer(Cited):
    """The grade of a subject that has been on the register for fewer months than that."""

    grade: str
    title: str
    months: int


@dataclass(frozen=True, kw_only=True)
class Scheme(Cited):
    """A whole scheme. `bands` are in the order of the grades, the best first."""

    key: str
    title: str
    status: SchemeStatus
    found: str
    direction: Direction = Direction.FOR
    base: Decimal
    lowest: Decimal
    highest: Decimal
    cycle_months: int
    cycle_begins: date
    carries_over: bool = False
    counted_states: tuple[str, ...]
    certified_by: str
    objection_days: str
    items: tuple[Item, ...]
    bands: tuple[Band, ...]
    overrides: tuple[Override, ...] = ()
    newcomer: Newcomer | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        codes = [item.code for item in self.items]
        if repeated := {code for code in codes if codes.count(code) > 1}:
            raise ValueError(f"评价项目编号重复：{'、'.join(sorted(repeated))}")
        if strange := {code for item in self.items for code in item.capped_with} - set(codes):
            raise ValueError(f"capped_with 提到的“{'、'.join(sorted(strange))}”不在评价项目里")
        begins = [band.begins for band in self.bands]
        if begins != sorted(begins, reverse=self.direction is Direction.FOR) or len(set(begins)) != len(
            begins
        ):
            raise ValueError("bands 应当由好到差，界限不得重复")
        known = set(self.grades)
        if strange := {g for one in self.overrides for g in (one.grade, one.at_most) if g} - known:
            raise ValueError(f"overrides 提到的等级“{'、'.join(sorted(strange))}”不在 bands 里")

    @cached_property
    def grades(self) -> Mapping[str, str]:
        """The titles of the grades, the best first."""
        return {band.grade: band.title for band in self.bands}

    def grade_of(self, points: Decimal) -> str:
        """The grade of a score, by bands alone."""
        if self.direction is Direction.FOR:
            return next((band.grade for band in self.bands if points >= band.begins), self.bands[-1].grade)
        return next(band.grade for band in reversed(self.bands) if points >= band.begins)
