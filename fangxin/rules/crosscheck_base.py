"""A declaration as the cross-checks see it, and the list they enter themselves in."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from fangxin.rules.declarations import CrossCheck
from fangxin.rules.indicator_texts import folded
from fangxin.rules.indicators import Catalogue

T = TypeVar("T")
Row = Mapping[str, Any]
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Registered:
    """A person in the practitioner register: whose number it is, and with which agency."""

    name: str
    agency_code: str
    assistant: bool = False
    full_time: bool | None = None


@dataclass(frozen=True)
class Known:
    """What others know of the agency. What is None has not been imported, and is not compared.

    `registered` are practitioners by number: those of this agency, and those whose numbers it declares.
    `filing` is the filed record, by table and column.
    `complaints` gives complaints that lie elsewhere: number and moment received.
    """

    registered: Mapping[str, Registered] | None = None
    filing: Mapping[str, Row] | None = None
    complaints: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Hit:
    """Where a check has found something; `words` fill the gaps of its message, `codes` replace its codes."""

    path: Path
    words: Mapping[str, object] = field(default_factory=dict)
    codes: tuple[str, ...] = ()


class Declaration:
    """The values of a declaration, ready to be asked for."""

    def __init__(self, given: Mapping[str, Any], on: date, known: Known, fields: Catalogue) -> None:
        self.given = given
        self.on = on
        self.known = known
        self.catalogue = fields
        self._rows: dict[str, Sequence[Row]] = {}
        self._found: dict[object, Any] = {}

    def once(self, find: Callable[["Declaration"], T]) -> T:
        """What the function finds in the declaration, looked for only once."""
        if find not in self._found:
            self._found[find] = find(self)
        found: T = self._found[find]
        return found

    def one(self, table: str) -> Row:
        """The row of a table that has one; empty when it is not declared."""
        return self.given.get(table) or {}

    def rows(self, table: str) -> Sequence[Row]:
        """The rows of a table that may have many."""
        if (known := self._rows.get(table)) is None:
            found = self.given.get(table) or ()
            known = self._rows[table] = (found,) if isinstance(found, Mapping) else found
        return known

    def numbered(self, *tables: str) -> Iterator[tuple[str, Path, Row]]:
        """Every row of the tables, each with its table and its path."""
        for table in tables:
            if not (rows := self.rows(table)):
                continue
            many = rows is self.given.get(table)
            for at, row in enumerate(rows):
                yield table, (table, at) if many else (table,), row


Check = Callable[[Declaration, CrossCheck], Iterable[Hit]]
CHECKS: dict[str, Check] = {}


def check(key: str) -> Callable[[Check], Check]:
    """Enters a function as the check of that key in declaration.yaml."""

    def register(function: Check) -> Check:
        CHECKS[key] = function
        return function

    return register


def all_there(*values: Any) -> bool:
    """Whether every value has been given."""
    return None not in values and "" not in values


def same_words(one: Any, other: Any) -> bool:
    """Whether two texts are the same, widths and blanks apart."""
    return bool(one == other) or folded(str(one)) == folded(str(other))


def same_code(one: Any, other: Any) -> bool:
    """Whether two company codes in normal form are the same, or one is the organisation code within the other."""
    return bool(one == other) or _within(one, other) or _within(other, one)


def _within(uscc: str, org_code: str) -> bool:
    return len(uscc) == 18 and f"{uscc[8:16]}-{uscc[16]}" == org_code
