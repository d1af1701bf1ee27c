"""The values of a declaration: by table and column, open ones apart from those that lie sealed.

`{"J1": {…}, "J2": {…}, "J5": [{…}], "J6": […], "J7": […], "J8": {…}}`, as the cross-checks take them.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import uuid4

from fangxin.agencies.columns import (
    REPEATED,
    columns_stored,
    has_pictures_beside,
    is_sealed,
    pictures_column,
    stored_columns,
)
from fangxin.documents.sealing import open_text, seal_text
from fangxin.rules import book
from fangxin.rules.crosschecks import Finding, Known, Severity, evaluate
from fangxin.rules.indicators import Field, Table, catalogue

Values = dict[str, Any]
# In a draft, each row of a table with many has a key of its own: two windows then do not take one row for another.
ROW_KEY = "_row"
# Which window wrote the row last: what a page has saved by itself is not taken for somebody else's.
WINDOW = "_window"


@dataclass(frozen=True)
class Checked:
    """A declaration as read on a day: the sound values, typed, and everything that is wrong with it."""

    values: Values
    findings: tuple[Finding, ...]

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """Those for which it is not taken."""
        return tuple(finding for finding in self.findings if finding.blocks)


def declared_tables(jurisdiction: str) -> tuple[Table, ...]:
    """The tables an agency declares, in the order of the forms."""
    return tuple(catalogue(jurisdiction).table(one.key) for one in book(jurisdiction).declared_tables)


def declared_fields(jurisdiction: str, table: str) -> tuple[Field, ...]:
    """What an agency itself fills in of a table."""
    declared = next(one for one in book(jurisdiction).declared_tables if one.key == table)
    return tuple(
        field
        for field in catalogue(jurisdiction).table(table).all_fields
        if field.filled_by in ("agency", "both") and (not declared.fields or field.code in declared.fields)
    )


def rows_of(values: Mapping[str, Any], table: str) -> Sequence[Mapping[str, Any]]:
    """The rows of a table, whether it has one or many."""
    found = values.get(table) or ()
    return (found,) if isinstance(found, Mapping) else found


def checked(values: Mapping[str, Any], jurisdiction: str, *, on: date, known: Known | None = None) -> Checked:
    """Every value in its normal form, and what does not agree: in single fields first, then between them.

    Name and code of the agency are carried into the other tables, and the project's name to its persons (XV-09,
    XV-12): nobody types them twice.
    """
    fields = catalogue(jurisdiction)
    read: Values = {}
    findings: list[Finding] = []
    for table in declared_tables(jurisdiction):
        rows = []
        for at, row in enumerate(rows_of(values, table.code)):
            path = (table.code, at) if table.many else (table.code,)
            kept, wrong = _checked_row(fields, table, row, jurisdiction, on=on)
            rows.append(kept)
            findings += [
                _finding(one.code, one.message, (*path, _column_of(table, one.code))) for one in wrong
            ]
        if not table.many and not rows:
            rows = [{}]
        read[table.code] = rows if table.many else rows[0]
    _carry_over(read, fields.table)
    said = {finding.path for finding in findings}
    between = evaluate(read, on=on, known=known, name=jurisdiction)
    return Checked(read, (*findings, *(finding for finding in between if finding.path not in said)))


def plain(values: Mapping[str, Any], jurisdiction: str) -> Values:
    """The typed values as JSON holds them; `checked` reads them back as the same."""
    fields = catalogue(jurisdiction)
    return {
        table: [_plain_row(columns_stored(fields, table), row) for row in rows]
        if isinstance(rows, list)
        else _plain_row(columns_stored(fields, table), rows)
        for table, rows in values.items()
    }


def sealed_apart(values: Mapping[str, Any], jurisdiction: str, place: object) -> tuple[Values, bytes | None]:
    """The values without those that lie sealed, and those sealed for the declaration `place`."""
    fields, secret = catalogue(jurisdiction), {}
    kept: Values = {}
    for table, rows in values.items():
        hidden = [column for column, field in columns_stored(fields, table).items() if is_sealed(field)]
        if not hidden:
            kept[table] = rows
            continue
        secret[table] = [{c: row[c] for c in hidden if row.get(c)} for row in rows_of(values, table)]
        bare = [{c: v for c, v in row.items() if c not in hidden} for row in rows_of(values, table)]
        kept[table] = bare if isinstance(rows, list) else bare[0]
    secret = {table: rows for table, rows in secret.items() if any(rows)}
    return kept, seal_text(json.dumps(secret, ensure_ascii=False), _place(place)) if secret else None


def joined(kept: Mapping[str, Any], sealed: bytes | memoryview | None, place: object) -> Values:
    """The values with those that lay sealed. Raises SealBroken."""
    whole: Values = {
        table: [dict(row) for row in rows] if isinstance(rows, list) else dict(rows)
        for table, rows in kept.items()
    }
    if sealed:
        for table, rows in json.loads(open_text(bytes(sealed), _place(place))).items():
            there = whole.get(table) or {}
            for row, secret in zip(there if isinstance(there, list) else [there], rows, strict=False):
                row.update(secret)
    return whole


def edition(row: Mapping[str, Any], fields: Sequence[Field]) -> str:
    """A short sign of what is written in the fields of the row; another as soon as one of them is written otherwise.

    Pictures are not among them: they come and go one by one.
    """
    written = {one.column: row[one.column] for one in fields if one.type != "image" and row.get(one.column)}
    text = json.dumps(written, ensure_ascii=False, sort_keys=True, default=str)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def with_row_keys(values: Mapping[str, Any]) -> Values:
    """The values with a key to every row that has none, of tables with many rows."""
    return {
        table: [row if row.get(ROW_KEY) else {**row, ROW_KEY: uuid4().hex} for row in rows]
        if isinstance(rows, list)
        else rows
        for table, rows in values.items()
    }


def pictures_in(values: Mapping[str, Any], jurisdiction: str) -> Iterator[str]:
    """The number of every picture that the values name."""
    for table in declared_tables(jurisdiction):
        for column, field in stored_columns(table):
            if field.pictures and (field.type == "image" or column != field.column):
                for row in rows_of(values, table.code):
                    yield from row.get(column) or ()


def _checked_row(
    fields: Any, table: Table, row: Mapping[str, Any], jurisdiction: str, *, on: date
) -> tuple[Values, list[Any]]:
    found = fields.check_row(table.code, row, on=on)
    ours = {field.code for field in declared_fields(jurisdiction, table.code)}
    kept = dict(found.values)
    for field in table.all_fields:
        if has_pictures_beside(field):
            kept[pictures_column(field)] = list(row.get(pictures_column(field)) or [])
    # What others fill in is not missing because the agency did not.
    return kept, [one for one in found.wrong if one.code in ours]


def _carry_over(values: Values, table_of: Any) -> None:
    basic = values.get("J1") or {}
    names = {row.get("contract_no"): row.get("project_name") for row in rows_of(values, "J6")}
    for code in values:
        for row in rows_of(values, code):
            for column, value in zip(REPEATED, (basic.get("name"), basic.get("legal_code")), strict=True):
                if column in table_of(code).by_column and not row.get(column):
                    row[column] = value  # type: ignore[index]
            if code == "J7" and not row.get("project_name"):
                row["project_name"] = names.get(row.get("contract_no"))  # type: ignore[index]


def _plain_row(columns: Mapping[str, Field], row: Mapping[str, Any]) -> Values:
    plain_row: Values = {}
    for column, field in columns.items():
        value = row.get(column)
        if value is None or value == "":
            continue
        if type(value) is str:
            plain_row[column] = value
            continue
        value = field.plain(value) if column == field.column else list(value)
        if value not in (None, [], ""):
            plain_row[column] = value
    return plain_row


def _column_of(table: Table, code: str) -> str:
    return next(field.column for field in table.all_fields if field.code == code)


def _finding(code: str, message: str, path: tuple[str | int, ...]) -> Finding:
    return Finding("field", code, Severity.BLOCK, (code,), message, path)


def _place(declaration: object) -> str:
    return f"declaration.sealed_values:{declaration}"
