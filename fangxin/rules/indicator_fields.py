"""The catalogue of indicators (附件1、附件2) as its files give it: tables, their fields, the lists to choose from.

A field checks what somebody wrote in it, shows a value, and tells JSON Schema what it holds. What is public
is said row by row, and nothing is public that no row says is.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as _field
from datetime import date
from enum import StrEnum
from functools import cached_property
from itertools import chain
from typing import Any

from fangxin.rules.citation import Cited
from fangxin.rules.divisions import divisions
from fangxin.rules.indicator_texts import Kind, Wrong, expect_pictures
from fangxin.rules.indicator_values import KINDS

NOTHING = "没有填写"
CODE = re.compile(r"([JT]\d)[-+]\d\d(-\d\d)?")
COLUMN = re.compile(r"[a-z][a-z_]*[a-z]")
CHOSEN = frozenset({"code", "choice", "choices"})
MEASURED = frozenset(
    {"text", "long_text", "reference", "registration_no", "person", "people", "url", "person_id"}
)
MANIFOLD = frozenset({"people", "choices"})
BOUNDED = frozenset({"integer", "money_wan", "percent"})


class IndicatorWrong(ValueError):
    """Not a value of this field; the message names the indicator, the rule and the way on, in Chinese."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Disclosure(StrEnum):
    """Who may be shown a field: anybody, the holder of a grant, or nobody outside the handling of a complaint."""

    PUBLIC = "P"
    AUTHORISED = "A"
    CONFIDENTIAL = "K"


class FilledBy(StrEnum):
    """Who fills a field in."""

    AGENCY = "agency"
    AUTHORITY = "authority"
    BOTH = "both"
    COMPLAINANT = "complainant"
    PLATFORM = "platform"


@dataclass(frozen=True, kw_only=True)
class CodeList(Cited):
    """Values to choose from: codes with titles, titles alone, or the counties of a province.

    `also` gives other usual ways of writing a value. `needs_checking`: the codes are from memory of the standard.
    """

    key: str
    title: str
    items: dict[str, str] = _field(default_factory=dict)
    titles: tuple[str, ...] = ()
    counties_of: str = ""
    also: dict[str, str] = _field(default_factory=dict)
    needs_checking: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if sum(map(bool, (self.items, self.titles, self.counties_of))) != 1:
            raise ValueError("items、titles、counties_of 必须且只能写一项")
        if strange := [code for code in self.also.values() if code not in self.options]:
            raise ValueError(f"also 指向的“{'、'.join(strange)}”不在表内")

    @cached_property
    def options(self) -> dict[str, str]:
        """The titles by their codes, in the order of the list."""
        if self.counties_of:
            return {county.code: county.name for county in divisions().choices(self.counties_of)}
        return self.items or {title: title for title in self.titles}


@dataclass(frozen=True, kw_only=True)
class Passage(Cited):
    """A sentence of the document about a table as a whole."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Field:
    """One indicator: what it is called, which column holds it, what may be written there and who may see it.

    There is one of each in a book, and it equals no other: comparing them property by property took a province's
    import the fourth part of its time.

    `title` is the name as printed, unless `printed` gives the print with its slip. `public` is the mark of the
    document: false where it has ●. A public field with `held_back` is nevertheless not shown, for that reason.
    `clause` and `quote` give the document's own note on it; `ours` the reason for a field it does not have.
    `same_as` is the field whose value is often this one's too; a form offers to copy it. One of ours stands next to
    the field it is `beside`, and behind all others when it names none.
    """

    code: str
    title: str
    printed: str = ""
    column: str
    public: bool
    class_: Disclosure
    held_back: str = ""
    type: str
    unit: str = ""
    list_: str = ""
    options: dict[str, str] = _field(default_factory=dict)
    also: dict[str, str] = _field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    pattern: str = ""
    like: str = ""
    lowest: int | None = None
    highest: int | None = None
    longest: int = 0
    several: int = 1
    pictures: int = 0
    not_future: bool = False
    endless: str = ""
    same_as: str = ""
    beside: str = ""
    required: bool = False
    filled_by: FilledBy = FilledBy.AGENCY
    remark: str = ""
    note: str = ""
    clause: str = ""
    quote: str = ""
    ours: str = ""
    settled_in: str = ""

    def __post_init__(self) -> None:
        for wrong, message in self._faults():
            if wrong:
                raise ValueError(f"{self.code}：{message}")

    def _faults(self) -> tuple[tuple[bool, str], ...]:
        """What may be wrong with the row: whether it is, and what to say."""
        unbounded = self.lowest is None or self.highest is None
        return (
            (not CODE.fullmatch(self.code), "code 应当是 J1-25、J1-20-01 或平台增设的 J1+01 的样式"),
            (not COLUMN.fullmatch(self.column), f"column“{self.column}”应当是小写英文"),
            (self.type not in KINDS, f"没有“{self.type}”这种类型；现有：{'、'.join(KINDS)}"),
            (
                self.public != (self.class_ is Disclosure.PUBLIC),
                "public 与 class 不一致：公示信息为 P，其余为 A 或 K",
            ),
            (bool(self.held_back) and not self.public, "有●的本来就不公示，不必写 held_back"),
            (bool(self.quote) and not self.clause, "有 quote 却没有 clause"),
            ((self.type in CHOSEN) != bool(self.list_), f"{'、'.join(sorted(CHOSEN))} 须写 list，其余不写"),
            (
                (self.type in MEASURED) != (self.longest > 0),
                f"{'、'.join(sorted(MEASURED))} 须写 longest，其余不写",
            ),
            ((self.type == "company_code") != bool(self.kinds), "company_code 须写 kinds，其余不写"),
            (self.type in MANIFOLD and self.several < 2, "可填多项的须写 several"),
            (self.type == "image" and self.pictures < 1, "图片须写 pictures"),
            (self.type in BOUNDED and unbounded, "数须写 lowest 和 highest"),
        )

    def check(self, raw: Any, *, on: date | None = None) -> Any:
        """The value in its normal form, None when nothing is there.

        On the day `on`, a later day is refused where only a past one makes sense. Raises `IndicatorWrong`, also
        when a required field is empty.
        """
        value = self.read(raw, on=on)
        if value is None and self.required:
            raise self.wrong(NOTHING)
        return value

    def read(self, raw: Any, *, on: date | None = None) -> Any:
        """Like `check`, but an empty field is None whether required or not: a draft may have gaps."""
        if raw is None or raw == "":
            return None
        try:
            return self.kind.read(raw, on)
        except Wrong as wrong:
            raise self.wrong(str(wrong), whole=wrong.whole) from None

    def check_pictures(self, count: int) -> None:
        """Raises `IndicatorWrong` when there are more pictures than the field allows."""
        try:
            expect_pictures(self, count)
        except Wrong as wrong:
            raise self.wrong(str(wrong)) from None

    def wrong(self, message: str, *, whole: bool = False) -> IndicatorWrong:
        """The error about this field: `J1-25：机构介绍…。`, or `J1-25：…。` when the message is a whole sentence."""
        return IndicatorWrong(self.code, f"{self.code}：{'' if whole else self.title}{message}。")

    def display(self, value: Any) -> str:
        """The value as a reader sees it; empty when there is none."""
        return "" if value is None or value == "" else self.kind.display(value)

    def plain(self, value: Any) -> Any:
        """The value as JSON holds it; `check` reads it back as the same value."""
        return None if value is None or value == "" else self.kind.plain(value)

    def json_schema(self) -> dict[str, Any]:
        """A fragment of JSON Schema for `plain`; one that is not required may be null."""
        schema = self.kind.schema()
        if not self.required:
            schema["type"] = [schema["type"], "null"]
            if "enum" in schema:
                schema["enum"] = [*schema["enum"], None]
        about = {"title": f"{self.code} {self.title}", "x-indicator": self.code, "x-class": str(self.class_)}
        return about | ({"description": self.help} if self.help else {}) | schema

    @property
    def hint(self) -> str:
        """What is asked for, in a few words, from type and bounds: 不超过800字；图片不超过2张."""
        return self.kind.hint()

    @property
    def help(self) -> str:
        """What the person who fills it in is told: what is asked for, and the note."""
        return "；".join(part for part in (self.hint, self.note) if part)

    @cached_property
    def shown(self) -> bool:
        """Whether the public sees it: without ●, and not held back."""
        return self.public and not self.held_back

    @property
    def mark(self) -> str:
        """● when the document has marked it as not public."""
        return "" if self.public else "●"

    @cached_property
    def table(self) -> str:
        """The table it belongs to: J1."""
        return self.code[:2]

    @property
    def as_printed(self) -> str:
        """The name letter by letter as the document prints it, slips and all."""
        return self.printed or self.title

    @cached_property
    def kind(self) -> Kind:
        """What its type allows, made for this field."""
        return KINDS[self.type](self)


@dataclass(frozen=True, kw_only=True)
class Table(Cited):
    """A table of the annexes; `many` rows to an agency (or complaint) as `repeats` says.

    `fields` are the document's, `additions` those we need besides. `distinct`: the public sees its rows
    without repetition and in no order that tells of another table.
    """

    code: str
    title: str
    record: str
    many: bool
    distinct: bool = False
    repeats: str = ""
    notes: tuple[Passage, ...] = ()
    fields: tuple[Field, ...]
    additions: tuple[Field, ...] = ()
    settled_in: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        for of_field in self.all_fields:
            if of_field.table != self.code:
                raise ValueError(f"{of_field.code} 不属于 {self.code}")
        for name, values in (
            ("code", [one.code for one in self.all_fields]),
            ("column", [one.column for one in self.all_fields]),
        ):
            if repeated := {value for value in values if values.count(value) > 1}:
                raise ValueError(f"{name} 重复：{'、'.join(sorted(repeated))}")
        if strange := [one.code for one in self.fields if "+" in one.code]:
            raise ValueError(f"{'、'.join(strange)} 是平台增设的，应当写在 additions 里")
        for one in self.additions:
            if "+" not in one.code or not one.ours:
                raise ValueError(f"{one.code}：additions 的编号用 J1+01 的样式，并用 ours 写明理由")
            if one.beside and one.beside not in [other.code for other in self.fields]:
                raise ValueError(f"{one.code}：beside 的“{one.beside}”不在这张表里")
        self._expect_classes()

    def __hash__(self) -> int:
        return hash(self.code)

    def _expect_classes(self) -> None:
        secret = Disclosure.CONFIDENTIAL if self.code.startswith("T") else Disclosure.AUTHORISED
        if strange := [one.code for one in self.fields if not one.public and one.class_ is not secret]:
            raise ValueError(f"{'、'.join(strange)} 的 class 应当是 {secret}")

    @cached_property
    def shown(self) -> tuple[Field, ...]:
        """What the public may see of it."""
        return tuple(one for one in self.all_fields if one.shown)

    @cached_property
    def all_fields(self) -> tuple[Field, ...]:
        """The document's fields, ours next to the one they are beside, the others of ours behind them all."""
        order = list(self.fields)
        for one in self.additions:
            at = next((at for at, other in enumerate(order) if other.code == one.beside), len(order) - 1)
            order.insert(at + 1, one)
        return tuple(order)

    @cached_property
    def by_column(self) -> dict[str, Field]:
        """Each field by its column."""
        return {one.column: one for one in self.all_fields}

    def filled_in(self, lists: Mapping[str, CodeList]) -> "Table":
        """The table with the values to choose from in its fields. Raises ValueError for a list there is not."""

        def with_options(one: Field) -> Field:
            if not one.list_:
                return one
            if one.list_ not in lists:
                raise ValueError(f"{one.code}：代码表里没有“{one.list_}”；现有：{'、'.join(lists)}")
            return replace(one, options=lists[one.list_].options, also=lists[one.list_].also)

        return replace(
            self,
            fields=tuple(map(with_options, self.fields)),
            additions=tuple(map(with_options, self.additions)),
        )


def tables_of(tables: Sequence[Table], lists: Mapping[str, CodeList]) -> tuple[Table, ...]:
    """The tables with their lists, J before T. Raises ValueError when a code or a list is wrong."""
    filled = tuple(table.filled_in(lists) for table in sorted(tables, key=lambda table: table.code))
    codes = [one.code for one in chain.from_iterable(table.all_fields for table in filled)]
    if repeated := {code for code in codes if codes.count(code) > 1}:
        raise ValueError(f"编号重复：{'、'.join(sorted(repeated))}")
    return filled
