"""What the rulebook says about a case: where it comes from, where it goes, how it may end."""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from fangxin.rules.bodies import body_code, function_of
from fangxin.rules.citation import Cited


class Modality(StrEnum):
    """How strongly a text speaks."""

    MUST = "应"
    MAY = "可"
    MUST_NOT = "不得"


@dataclass(frozen=True, kw_only=True)
class Provision(Cited):
    """A sentence of the document that binds or permits somebody, kept so that a step can cite it."""

    key: str
    title: str
    who: str
    modality: Modality
    settled_in: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class IntakeSource(Cited):
    """A way by which cases arrive, and who may enter them.

    `automatic`: the platform enters it, nobody types. `complainant`: somebody is to be answered and called
    back. `designated`: only the department its district has designated. `presets_major` names the ground for
    a major case that the source suggests.
    """

    key: str
    title: str
    entered_by: tuple[str, ...] = ()
    automatic: bool = False
    complainant: bool
    designated: bool = False
    sorted_by: tuple[str, ...]
    asks_for: tuple[str, ...] = ()
    presets_major: str = ""
    settled_in: str = ""
    note: str = ""

    def may_be_entered_by(self, body: str, *, designated: bool = False) -> bool:
        """Whether a body (`district.110105.market`) may enter a case of this source.

        `designated` tells whether its district has designated it for entry.
        """
        return function_of(body) in self.entered_by and (designated or not self.designated)


@dataclass(frozen=True, kw_only=True)
class Route(Cited):
    """Where the cases of a link go: to `send_to`, by way of `via` when the text sends them on from there."""

    key: str
    title: str
    label: str
    when: dict[str, str]
    sorted_by: str
    via: str | None = None
    send_to: str
    level: str

    @property
    def link(self) -> str:
        """The link (环节) whose cases take this route."""
        return self.when["link"]

    @property
    def hops(self) -> tuple[tuple[str, str], ...]:
        """Who sends to whom, in order."""
        stops = (self.sorted_by, self.via, self.send_to) if self.via else (self.sorted_by, self.send_to)
        return tuple(pairwise(stops))

    def recipient(self, district: str | None) -> str:
        """The body that takes the case on. Raises ValueError when the route needs a district and has none."""
        return body_code(self.send_to, district)


@dataclass(frozen=True, kw_only=True)
class Supervisor(Cited):
    """The city department that urges and coordinates the overdue cases of a link."""

    key: str
    title: str
    when: dict[str, str]
    body: str
    settled_in: str = ""


@dataclass(frozen=True, kw_only=True)
class Condition(Cited):
    """One thing the case officer affirms or not."""

    title: str


@dataclass(frozen=True, kw_only=True)
class Obligation(Cited):
    """What follows from an outcome."""

    title: str
    who: str
    modality: Modality
    limit: str = ""


@dataclass(frozen=True, kw_only=True)
class Outcome(Cited):
    """A way to decide a case: it holds when, for one group of `holds_when`, every condition is affirmed."""

    key: str
    title: str
    short: str
    conditions: dict[str, Condition]
    holds_when: tuple[tuple[str, ...], ...]
    obliges: dict[str, Obligation]
    settled_in: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in (name for group in self.holds_when for name in group):
            if name not in self.conditions:
                raise ValueError(f"holds_when 提到的“{name}”不在 conditions 里")

    def holds(self, affirmed: Collection[str]) -> bool:
        """Whether the conditions affirmed are enough for this outcome."""
        return any(all(name in affirmed for name in group) for group in self.holds_when)

    def refusal(self, affirmed: Collection[str]) -> str:
        """Why this outcome may not be chosen yet, and what would be needed; empty when it holds."""
        if self.holds(affirmed):
            return ""
        ways = ("、".join(f"“{self.conditions[name].title}”" for name in group) for group in self.holds_when)
        return f"处理意见“{self.short}”：依{self.clause}，须确认 {'；或 '.join(ways)}"


@dataclass(frozen=True, kw_only=True)
class MajorGround(Cited):
    """A ground for a major case; any one suffices. `proposed_when` says when the platform suggests it."""

    key: str
    title: str
    proposed_when: str
    settled_in: str = ""


@dataclass(frozen=True, kw_only=True)
class Reason(Cited):
    """A reason that may be chosen for returning or refusing a case."""

    key: str
    title: str
    explained: str = ""


@dataclass(frozen=True, kw_only=True)
class RefusalReason(Reason):
    """A reason for a refusal; `way_on` tells the complainant, in plain words, what they can do now."""

    way_on: str


@dataclass(frozen=True, kw_only=True)
class Answer(Cited):
    """What may be answered at the call-back, and what it counts in the satisfaction rate."""

    key: str
    title: str
    weight: float
    may_reopen: bool = False


@dataclass(frozen=True, kw_only=True)
class MonthlyReturn(Cited):
    """A monthly return: which department of a district reports to which city department."""

    key: str
    title: str
    from_: str
    to: str
    settled_in: str = ""


@dataclass(frozen=True, kw_only=True)
class ReturnSection(Cited):
    """A part of the monthly return; `prefilled` from the cases of the platform."""

    key: str
    title: str
    prefilled: bool = False


class CellKind(StrEnum):
    """What a cell of a printed form holds."""

    FIXED = "fixed"
    HEADING = "heading"
    NUMBER = "number"
    CODE = "code"
    TEXT = "text"
    LONG_TEXT = "long_text"
    ORGANISATION = "organisation"
    PERSON = "person"
    PHONE = "phone"
    DATE = "date"
    SEAL = "seal"
    FILES = "files"


class FilledBy(StrEnum):
    """Who fills a cell: the platform from the case, the sending or the receiving body, or nobody."""

    SYSTEM = "system"
    SENDER = "sender"
    RECIPIENT = "recipient"
    BOTH = "both"
    NOBODY = "nobody"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A cell and its label; `printed` gives the words where the document's file has torn the label apart."""

    code: str
    label: str
    kind: CellKind
    filled_by: FilledBy
    printed: str = ""
    confidential: bool = False
    note: str = ""

    @property
    def quotation(self) -> str:
        """The words to be found in the source."""
        return self.printed or self.label


@dataclass(frozen=True, kw_only=True)
class Form(Cited):
    """A printed form of the document, cell by cell; `limit` is the term its recipient has."""

    key: str
    title: str
    addressed: str
    also_called: str = ""
    limit: str
    cells: tuple[Cell, ...]
    settled_in: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Basis:
    """The article of a law on which a violation rests; None where it still has to be looked up."""

    law: str
    version: str | None
    article: str | None


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A kind of violation, the law it breaks, and the words by which people report it."""

    code: str
    link: str
    act: str
    basis: tuple[Basis, ...]
    consequence: str
    class_: str
    mark: str
    needs_checking: bool
    words: tuple[str, ...] = field(default=())
