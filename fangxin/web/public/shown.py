"""The values of a published version in a reader's words: titles, order and lists are the catalogue's."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from fangxin.rules.indicators import Field, IndicatorWrong, Table, catalogue
from fangxin.rules.reading import fields_for
from fangxin.web.public import REGISTER

# As the public reads them; persons of projects (J7) stand in the list of people (AMB-36).
TABLES = ("J1", "J2", "J5", "J6", "J8")


@dataclass(frozen=True)
class Section:
    """A table of the annex: one row of facts, or rows below the titles of their columns."""

    table: Table
    facts: Sequence[tuple[str, str, str]]
    titles: Sequence[tuple[str, str]]
    rows: Sequence[Sequence[tuple[str, str]]]
    pictures: Sequence[str]
    page: int
    pages: int
    total: int


def sections(values: Mapping[str, Any], *, on: date, page: int = 1, at_once: int = 20) -> Iterator[Section]:
    """Every table of which something is shown, in the order of the annex; of many rows one page."""
    for code in TABLES:
        table = catalogue(REGISTER).table(code)
        fields = shown_fields(code, on)
        if table.many:
            rows = values.get(code) or []
            if rows:
                yield _of_many(table, fields, rows, page, at_once)
        elif row := values.get(code):
            facts = [
                (one.code, one.title, text) for one in fields if (text := words(one, row.get(one.column)))
            ]
            yield Section(table, facts, (), (), list(_pictures(fields, row)), 1, 1, 1)


@lru_cache(maxsize=64)
def shown_fields(table: str, on: date) -> tuple[Field, ...]:
    """What the public sees of the table on a day, without what every table repeats of the agency."""
    repeated = {"agency_name", "agency_code"}
    seen = fields_for("public", table, on=on, jurisdiction=REGISTER)
    return tuple(one for one in seen if one.column not in repeated)


def _of_many(
    table: Table, fields: Sequence[Field], rows: Sequence[Mapping[str, Any]], page: int, at_once: int
) -> Section:
    pages = max(1, -(-len(rows) // at_once))
    page = min(max(page, 1), pages)
    part = rows[(page - 1) * at_once : page * at_once]
    used = [one for one in fields if one.type != "image" and any(row.get(one.column) for row in part)]
    lines = [[(one.title, words(one, row.get(one.column))) for one in used] for row in part]
    return Section(table, (), [(one.code, one.title) for one in used], lines, (), page, pages, len(rows))


def _pictures(fields: Sequence[Field], row: Mapping[str, Any]) -> Iterator[str]:
    """The numbers of the pictures: of a field that is one, or beside a text (J1-25)."""
    for one in fields:
        if one.pictures:
            yield from row.get(one.column if one.type == "image" else f"{one.column}_pictures") or ()


def words(field: Field, plain: Any) -> str:
    """A stored value as a reader sees it; "" for none, and for pictures."""
    if plain in (None, "", []) or field.type == "image":
        return ""
    return _words(field.code, tuple(plain) if isinstance(plain, list) else plain)


@lru_cache(maxsize=4096)
def _words(code: str, plain: Any) -> str:
    field = catalogue(REGISTER).field(code)
    try:
        text = field.display(field.read(list(plain) if isinstance(plain, tuple) else plain))
    except IndicatorWrong:
        # Taken by an earlier catalogue: as it was written then.
        return str(plain)
    return f"{text}{field.unit}" if field.unit and not text.endswith(field.unit) else text
