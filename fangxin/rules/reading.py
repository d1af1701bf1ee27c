"""Who may see which field of an agency's record: one decision for page, search, export, interface and print."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from fangxin.rules.book import Rulebook, book
from fangxin.rules.indicators import Disclosure, Field, catalogue

COMPLAINTS = "T"  # 附件2: what a complaint says belongs to no agency's record


@dataclass(frozen=True)
class Granted:
    """What a grant opens: some fields of one agency, from a day to the end of another."""

    agency_id: int
    ground: str
    codes: frozenset[str]
    from_on: date
    until_on: date

    def runs(self, on: date) -> bool:
        """Whether it may be used on the day."""
        return self.from_on <= on <= self.until_on


def fields_for(
    reader: str, table: str, *, on: date, grant: Granted | None = None, jurisdiction: str = "fujian"
) -> tuple[Field, ...]:
    """The fields of a table that this reader of the rulebook may see on the day, in the order of the catalogue.

    Who sees class A sees of class P also what is held back from the public. A grant opens its fields to the reader
    it was given to, while it runs, and never one of class K or one its ground excludes. Raises `RuleUnknown`.
    """
    return _fields_for(book(jurisdiction), reader, table, on, grant)


@lru_cache(512)
def _fields_for(
    rules: Rulebook, reader: str, table: str, on: date, grant: Granted | None
) -> tuple[Field, ...]:
    fields, who = catalogue(rules.name), rules.reader(reader)
    if table.startswith(COMPLAINTS):
        return ()
    if who.may_see(Disclosure.AUTHORISED):
        return tuple(field for field in fields.table(table).all_fields if who.may_see(field.class_))
    open_to_all = fields.shown_fields(table, on=on) if who.may_see(Disclosure.PUBLIC) else ()
    opened = grant.codes if who.granted and grant and grant.runs(on) else frozenset()
    grantable = grantable_fields(grant.ground, on=on, jurisdiction=rules.name) if opened and grant else ()
    return tuple(
        field
        for field in fields.table(table).all_fields
        if field in open_to_all or (field.code in opened and field in grantable)
    )


def grantable_fields(ground: str, *, on: date, jurisdiction: str = "fujian") -> tuple[Field, ...]:
    """What may be applied for on this ground: class A, without what the ground excludes (AMB-23). Raises `RuleUnknown`."""
    rules = book(jurisdiction)
    excluded = rules.query_ground(ground).without
    without = rules.value(f"disclosure.{excluded}", on=on).value if excluded else ()
    assert isinstance(without, list | tuple)  # noqa: S101 - a list of codes in the rulebook
    return tuple(field for field in catalogue(jurisdiction).grantable_fields() if field.code not in without)


def marked(fields: Iterable[Field]) -> list[str]:
    """The codes of those that the public does not see by their ●: a look at them is written down where it must be."""
    return [field.code for field in fields if field.class_ is Disclosure.AUTHORISED]
