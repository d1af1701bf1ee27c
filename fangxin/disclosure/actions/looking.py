"""Looking at an agency's record: only what the reader may see is read out, and a look at ● is written down."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Any

from django.db import transaction

from fangxin.agencies.columns import REPEATED, has_pictures_beside, pictures_column, stored_columns
from fangxin.agencies.models import RECORDS, Agency
from fangxin.agencies.queries import accepted_values, version_in_force, versions_in_force
from fangxin.deadlines.clock import today
from fangxin.disclosure.readers import reader_of
from fangxin.journal.actions import record
from fangxin.journal.actors import Actor
from fangxin.journal.kinds import Kind
from fangxin.organisations.roles import Acting
from fangxin.rules import book
from fangxin.rules.indicators import Table, catalogue
from fangxin.rules.reading import Granted, fields_for, marked


@transaction.atomic(savepoint=False)
def read_record(
    agency: Agency,
    reader: str,
    *,
    by: Actor,
    on: date | None = None,
    grant: Granted | None = None,
    grant_id: object = None,
    way: str = "",
) -> dict[str, Any] | None:
    """The accepted record as of the end of the day `on` (now, without), with the fields the reader may see today.

    By table and column as `accepted_values` has them; None when nothing was accepted. Where the rulebook says so,
    the journal holds which ● fields were shown, and never a value.
    """
    if grant is not None and grant.agency_id != agency.pk:
        raise ValueError("a grant opens its own agency")
    version = version_in_force(agency.pk, on=on)
    if version is None:
        return None
    fields = {
        code: fields_for(reader, code, on=today(), grant=grant, jurisdiction=agency.jurisdiction)
        for code in RECORDS
    }
    if (codes := marked(chain(*fields.values()))) and book(agency.jurisdiction).reader(reader).logged:
        record_look(agency, reader, codes, by=by, on=on, grant_id=grant_id, way=way)
    columns = {code: _columns(fields[code]) for code in fields}
    return _seen(accepted_values(version, columns), columns, agency.jurisdiction)


@transaction.atomic(savepoint=False)
def read_table(
    agencies: Sequence[Agency], table: str, acting: Acting, *, way: str = "export"
) -> list[tuple[Agency, list[dict[str, Any]]]]:
    """The rows of one table of each agency's record in force, with the columns that this person may see of that one.

    A look at ● is written down agency by agency, where the rulebook says so, as on the page.
    """
    versions = versions_in_force([agency.pk for agency in agencies])
    told = []
    for agency in agencies:
        if (version := versions.get(agency.pk)) is None:
            continue
        reader = reader_of(acting, agency)
        fields = fields_for(reader, table, on=today(), jurisdiction=agency.jurisdiction)
        if (codes := marked(fields)) and book(agency.jurisdiction).reader(reader).logged:
            record_look(agency, reader, codes, by=acting.actor, way=way)
        columns = {table: _columns(fields)}
        seen = _seen({table: accepted_values(version, columns)[table]}, columns, agency.jurisdiction)[table]
        told.append((agency, [row for row in (seen if isinstance(seen, list) else [seen]) if row]))
    return told


def seen_of(values: Mapping[str, Any], reader: str, *, jurisdiction: str = "fujian") -> dict[str, Any]:
    """Of all values those that the reader may see today, without a look written down.

    For what waits for review, ask `sees_unapproved` first, and `record_look`.
    """
    columns = {
        code: _columns(fields_for(reader, code, on=today(), jurisdiction=jurisdiction)) for code in values
    }
    return _seen(values, columns, jurisdiction)


def sees_unapproved(reader: str, *, jurisdiction: str = "fujian") -> bool:
    """Whether the reader may see what waits for review."""
    return book(jurisdiction).reader(reader).unapproved


def record_look(
    agency: Agency,
    reader: str,
    codes: Iterable[str],
    *,
    by: Actor,
    on: date | None = None,
    grant_id: object = None,
    way: str = "",
) -> None:
    """The look stands in the journal: who, which agency, which ● fields, as of which day, by which grant."""
    titles = book(agency.jurisdiction).reader(reader).title
    record(
        Kind.RECORD_LOOK, "agency", agency.pk, by=by, summary=f"查看授权查询信息（{titles}）",
        details={
            "reader": reader, "codes": list(codes), **({"on": on.isoformat()} if on else {}),
            **({"grant": str(grant_id)} if grant_id else {}), **({"way": way} if way else {}),
        },
        clause="四(三)", jurisdiction=agency.jurisdiction,
    )  # fmt: skip


def _columns(fields: Iterable[Any]) -> list[str]:
    columns = []
    for field in fields:
        if field.column not in REPEATED:
            columns.append(field.column)
            if has_pictures_beside(field):
                columns.append(pictures_column(field))
    return columns


def _seen(
    values: Mapping[str, Any], columns: Mapping[str, Sequence[str]], jurisdiction: str
) -> dict[str, Any]:
    return {
        code: _seen_rows(catalogue(jurisdiction).table(code), rows, columns[code])
        for code, rows in values.items()
    }


def _seen_rows(table: Table, rows: Any, columns: Sequence[str]) -> Any:
    if not table.many:
        return {column: rows.get(column) for column in columns} if columns else {}
    seen = [{column: row.get(column) for column in columns} for row in rows if columns]
    if table.distinct and len(columns) < len(dict(stored_columns(table))):
        # Repetition and order would tell of the columns left out (AMB-36).
        seen = [dict(row) for row in sorted({tuple(row.items()) for row in seen}, key=repr)]
    return seen
