"""The catalogue of indicators: what an agency declares, field by field, and which of it the public may see."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from fangxin.rules.book import Rulebook, RuleUnknown, book
from fangxin.rules.indicator_fields import (
    NOTHING,
    CodeList,
    Disclosure,
    Field,
    FilledBy,
    IndicatorWrong,
    Passage,
    Table,
)
from fangxin.rules.indicator_texts import Wrong

__all__ = [
    "Catalogue",
    "CheckedRow",
    "CodeList",
    "Disclosure",
    "Field",
    "FilledBy",
    "IndicatorWrong",
    "Passage",
    "Table",
    "catalogue",
]


@dataclass(frozen=True)
class CheckedRow:
    """A row as read: the sound values by column, and what is wrong with the others, in the order of the table."""

    values: dict[str, Any]
    wrong: tuple[IndicatorWrong, ...]


class Catalogue:
    """All tables of a book. `version` is the book's: a workbook made from another catalogue is told by it."""

    def __init__(self, rules: Rulebook) -> None:
        self.name = rules.name
        self._rules = rules
        self.version = rules.version
        self.tables = rules.tables
        self._tables = {table.code: table for table in self.tables}
        self._fields = {field.code: field for table in self.tables for field in table.all_fields}

    def table(self, code: str) -> Table:
        """The table J1, say. Raises `RuleUnknown`."""
        if code not in self._tables:
            raise RuleUnknown(f"指标目录没有表“{code}”；现有：{'、'.join(self._tables) or '无'}")
        return self._tables[code]

    def field(self, code: str) -> Field:
        """The field J1-25, say, or one of ours such as J1+01. Raises `RuleUnknown`."""
        if code not in self._fields:
            raise RuleUnknown(f"指标目录没有“{code}”这一项")
        return self._fields[code]

    @property
    def fields(self) -> tuple[Field, ...]:
        """Every indicator of the document, table by table; ours are not among them."""
        return tuple(field for table in self.tables for field in table.fields)

    def public_fields(self, table: str) -> tuple[Field, ...]:
        """What the public may see of a table, ours included; nothing else may leave. Raises `RuleUnknown`."""
        return self.table(table).shown

    def shown_fields(self, table: str, *, on: date) -> tuple[Field, ...]:
        """What the public sees of a table on a day: of its public fields those the authority has not hidden besides."""
        hidden = self._rules.value("disclosure.hide_besides", on=on).value
        assert isinstance(hidden, list | tuple)  # noqa: S101 - a list of codes in the rulebook
        return tuple(field for field in self.public_fields(table) if field.code not in hidden)

    def secret_fields(self) -> tuple[Field, ...]:
        """Every field with ● (32 in Fujian): no public page, search, file or interface may hold a value of one."""
        return tuple(field for field in self._fields.values() if not field.public)

    def held_back_fields(self) -> tuple[Field, ...]:
        """Fields without ● that the public does not see either, each with its reason."""
        return tuple(field for field in self._fields.values() if field.held_back)

    def grantable_fields(self) -> tuple[Field, ...]:
        """What an authorised query may be granted: the fields of class A."""
        return tuple(field for field in self._fields.values() if field.class_ is Disclosure.AUTHORISED)

    def check_row(
        self,
        table: str,
        raw: Mapping[str, Any],
        *,
        on: date | None = None,
        complete: bool = True,
        only: Iterable[Field] | None = None,
    ) -> CheckedRow:
        """The row by column, each value in its normal form; what is wrong is listed, nothing is raised.

        Unless `complete`, required fields may be empty. Columns that the table has not are left out, and all but
        those of the fields in `only` where it is given.
        """
        values: dict[str, Any] = {}
        wrong: list[IndicatorWrong] = []
        for field in self.table(table).all_fields if only is None else only:
            given = raw.get(field.column)
            # As `field.check` and `field.read` do, without their calls: a province has a million cells.
            try:
                value = None if given is None or given == "" else field.kind.read(given, on)
            except Wrong as error:
                wrong.append(field.wrong(str(error), whole=error.whole))
                continue
            if value is None and complete and field.required:
                wrong.append(field.wrong(NOTHING))
            else:
                values[field.column] = value
        return CheckedRow(values, tuple(wrong))


def catalogue(name: str = "fujian") -> Catalogue:
    """The catalogue of the book of that name, read once. Raises `RulebookBroken`."""
    return _catalogue(book(name))


@cache
def _catalogue(rules: Rulebook) -> Catalogue:
    return Catalogue(rules)
