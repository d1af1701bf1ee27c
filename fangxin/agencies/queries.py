"""Reading the register: what is accepted, as of any day; what others know of an agency."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from fangxin.agencies.columns import is_sealed, stored_columns
from fangxin.agencies.models import RECORDS, Agency, FiledAgency, Practitioner, Version
from fangxin.agencies.values import rows_of
from fangxin.documents.sealing import open_text
from fangxin.rules.crosschecks import Known, Registered
from fangxin.rules.indicators import catalogue


def version_in_force(agency_id: int, *, on: date | None = None) -> Version | None:
    """The accepted version in force now, or at the end of the day `on`."""
    versions = Version.objects.filter(agency_id=agency_id).select_related("agency")
    if on is not None:
        versions = versions.filter(from_on__lte=on).filter(Q(until_on=None) | Q(until_on__gt=on))
        return versions.order_by("-number").first()
    return versions.filter(until_on=None).first()


def accepted_values(version: Version, only: Mapping[str, Collection[str]] | None = None) -> dict[str, Any]:
    """The values of the version, typed, by table and column; numbers of identity documents opened.

    All of them, ● or not, unless `only` names the columns by table: who may be shown what, `disclosure` decides.
    Raises SealBroken.
    """
    fields = catalogue(version.agency.jurisdiction)
    found: dict[str, Any] = {}
    for code, model in RECORDS.items():
        table = fields.table(code)
        columns = {
            column: field
            for column, field in stored_columns(table)
            if only is None or column in only.get(code, ())
        }
        if not columns:
            found[code] = [] if table.many else {}
            continue
        rows = model._default_manager.filter(version=version).order_by("ordinal").values(*columns)
        typed = [
            {
                column: _opened(row[column], field, model.__name__, column, version.pk)
                for column, field in columns.items()
            }
            for row in rows
        ]
        found[code] = typed if table.many else (typed[0] if typed else {})
    return found


def known_of(agency: Agency, values: Mapping[str, Any]) -> Known:
    """What filing and practitioner management know of the agency and of the numbers it declares (二（二）)."""
    numbers = {
        row[column]
        for table, columns in _NUMBERS.items()
        for row in rows_of(values, table)
        for column in columns
        if row.get(column)
    }
    roster = Practitioner.objects.filter(jurisdiction=agency.jurisdiction)
    registered = None
    if roster.exists():
        wanted = roster.filter(Q(agency_code=agency.code) | Q(registration_no__in=numbers))
        registered = {
            one.registration_no: Registered(one.name, one.agency_code, one.kind == "assistant", one.full_time)
            for one in wanted
        }
    filed = FiledAgency.objects.filter(jurisdiction=agency.jurisdiction, code=agency.code).first()
    return Known(registered=registered, filing=_typed(filed, agency.jurisdiction) if filed else None)


def agencies_of(jurisdiction: str) -> "QuerySet[Agency]":
    """Every agency of the jurisdiction, with its company."""
    return Agency.objects.filter(jurisdiction=jurisdiction).select_related("company")


_NUMBERS = {
    "J2": ("registration_no",),
    "J5": ("registration_no",),
    "J7": ("broker_registration_no", "assistant_registration_no"),
}


def _typed(filed: FiledAgency, jurisdiction: str) -> dict[str, dict[str, Any]]:
    fields = catalogue(jurisdiction)
    return {
        table: {
            c: fields.table(table).by_column[c].read(v)
            for c, v in row.items()
            if c in fields.table(table).by_column
        }
        for table, row in filed.values.items()
    }


def _opened(value: Any, field: Any, model: str, column: str, version_id: int) -> Any:
    if value is None:
        return None
    if is_sealed(field):
        return open_text(bytes(value), f"{model.lower()}.{column}:{version_id}")
    if isinstance(value, Decimal):
        # The column gives 123.450000; what was declared is 123.45.
        return field.read(value)
    return tuple(value) if isinstance(value, list) else value
