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
from fangxin.rules.terms import Term

# No score, and no points of an item, are further from nothing than that.
FURTHEST = Decimal(9999)
SUBJECTS: Mapping[str, str] = {"agency": "机构", "broker": "经纪人员"}
PARTS = ("市场行为", "业务操作")
# In which of its states a record may count. What was annulled never does: it should not have been there.
COUNTABLE: Mapping[str, str] = {"published": "公示中的", "withdrawn": "已撤销公示的", "expired": "公示期满的"}


@dataclass(frozen=True)
class FactKind:
    """A kind of fact that a scheme may count: what may be asked of it, and which of that is a number."""

    title: str
    about: Mapping[str, str]
    numbers: frozenset[str] = frozenset()


# What `fangxin.credit.facts` finds of everybody; a scheme that asks for anything else would count nothing.
FACTS: Mapping[str, FactKind] = {
    "good_record": FactKind("良好行为", {"level": "级别", "body_kind": "颁奖单位"}),
    "bad_record": FactKind("不良行为", {"record_class": "类别", "source": "来源"}),
    "quarterly_update": FactKind("季度更新", {"late": "逾期"}),
    "standing": FactKind(
        "登记内容",
        {
            "brokers": "经纪人数", "full_time_brokers": "专职经纪人数", "branches": "分支机构数", "years": "入册年数",
            "representative_is_broker": "法定代表人是经纪人",
        },
        frozenset({"brokers", "full_time_brokers", "branches", "years"}),
    ),
}  # fmt: skip


def _sound_condition(where: str, of: str, when: Mapping[str, Any]) -> None:
    """ValueError where a condition asks for what there is not."""
    if of not in FACTS:
        raise ValueError(f"{where}：of 只能是{'、'.join(FACTS)}，没有“{of}”")
    for name, wanted in when.items():
        if name not in FACTS[of].about:
            raise ValueError(f"{where}：{of} 没有“{name}”；可以写：{'、'.join(FACTS[of].about)}")
        choices = wanted if isinstance(wanted, list | tuple) else (wanted,)
        if not isinstance(wanted, Mapping) and not all(isinstance(one, str | int) for one in choices):
            raise ValueError(f"{where}：“{name}”应当是一个词、一个数，或者它们的列表")
        if isinstance(wanted, Mapping) and (
            set(wanted) != {"at_least"}
            or type(wanted["at_least"]) is not int
            or name not in FACTS[of].numbers
        ):
            raise ValueError(f"{where}：“{name}”的界限只能写成 {{at_least: 整数}}，而且只用于数")


def _bounded(where: str, number: Decimal) -> None:
    if abs(number) > FURTHEST or number != round(number, 2):
        raise ValueError(f"{where}：“{number}”应当在±{FURTHEST}之间，至多两位小数")


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
    """One thing that counts. `of` is the kind of fact; `when` what must be so of it: a value, any of a list, or a
    number that is `at_least` so much.

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
        if self.subject not in SUBJECTS:
            raise ValueError(f"{self.code}：subject 只能是{'、'.join(SUBJECTS)}")
        if self.part not in PARTS:
            raise ValueError(f"{self.code}：part 只能是{'、'.join(PARTS)}")
        _sound_condition(self.code, self.of, self.when)
        if self.amount_of and self.amount_of not in FACTS[self.of].numbers:
            raise ValueError(f"{self.code}：{self.of} 的“{self.amount_of}”不是可以计数的")
        if self.cap is not None and self.cap <= 0:
            raise ValueError(f"{self.code}：cap 应当大于0")
        for number in (self.points, self.cap or Decimal(0)):
            _bounded(self.code, number)


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
        _sound_condition(self.key, self.of, self.when)


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
        if not begins:
            raise ValueError("bands 不能为空")
        if self.lowest >= self.highest or not self.lowest <= self.base <= self.highest:
            raise ValueError("lowest、base、highest 应当由小到大")
        if min(begins) > self.lowest:
            raise ValueError(f"bands 没有说{self.lowest}分属于哪一等：最低的界限不得高于 lowest")
        for number in (self.base, self.lowest, self.highest, *begins):
            _bounded("分数", number)
        if self.cycle_months < 1:
            raise ValueError("cycle_months 应当至少为1")
        if strange := set(self.counted_states) - set(COUNTABLE):
            raise ValueError(
                f"counted_states 只能写{'、'.join(COUNTABLE)}，没有“{'、'.join(sorted(strange))}”"
            )
        Term.parse(self.objection_days)
        known = set(self.grades)
        if self.newcomer is not None and self.newcomer.grade not in known:
            raise ValueError(f"newcomer 的等级“{self.newcomer.grade}”不在 bands 里")
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
