"""Reading the register: what is accepted, as of any day; what others know of an agency."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from fangxin.agencies.columns import is_sealed, stored_columns
from fangxin.agencies.models import (
    RECORDS,
    Agency,
    BasicRecord,
    Declaration,
    FiledAgency,
    Practitioner,
    QuarterDuty,
    Version,
)
from fangxin.agencies.values import declared_fields, declared_tables, joined, plain, rows_of
from fangxin.agencies.workflow import STATE_TITLES, State
from fangxin.documents.sealing import open_text
from fangxin.rules.crosscheck_base import same_code
from fangxin.rules.crosschecks import Known, Registered
from fangxin.rules.indicators import catalogue


def version_in_force(agency_id: int, *, on: date | None = None) -> Version | None:
    """The accepted version in force now, or at the end of the day `on`."""
    versions = Version.objects.filter(agency_id=agency_id).select_related("agency")
    if on is not None:
        versions = versions.filter(from_on__lte=on).filter(Q(until_on=None) | Q(until_on__gt=on))
        return versions.order_by("-number").first()
    return versions.filter(until_on=None).first()


def versions_in_force(agencies: Collection[int]) -> dict[int, Version]:
    """The accepted version in force now of each of the agencies that has one."""
    found = Version.objects.filter(agency_id__in=agencies, until_on=None).select_related("agency")
    return {version.agency_id: version for version in found}


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


def as_accepted(declaration: Declaration, in_force: Version | None) -> dict[str, Any]:
    """The declaration's values as they become the record beside the version in force, plain.

    An agency declares what it fills in itself: what others fill in, and its code when the licence was renewed
    meanwhile, stay as they are in force. What the committee drafted changes what it changed, and nothing besides.
    """
    new = joined(declaration.values, declaration.sealed_values, declaration.pk)
    if in_force is None or declaration.base_id == in_force.pk:
        return new
    jurisdiction = declaration.jurisdiction
    now = plain(accepted_values(in_force), jurisdiction)
    if declaration.channel == Declaration.Channel.COLLECTED and declaration.base is not None:
        was = plain(accepted_values(declaration.base), jurisdiction)
        return {code: _changed_in(new.get(code), was.get(code), now.get(code)) for code in {**now, **new}}
    for table in declared_tables(jurisdiction):
        if not table.many:
            own = {field.column for field in declared_fields(jurisdiction, table.code)}
            theirs = {column: field for column, field in stored_columns(table) if field.column not in own}
            new[table.code] = _with_theirs(new.get(table.code) or {}, now.get(table.code) or {}, theirs)
    if (said := new["J1"].get("legal_code")) and not same_code(said, in_force.agency.code):
        new["J1"]["legal_code"] = in_force.agency.code
    return new


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
        own = [agency.code, *agency.former_codes]
        wanted = roster.filter(Q(agency_code__in=own) | Q(registration_no__in=numbers))
        # Under a former code a person is the agency's all the same.
        registered = {
            one.registration_no: Registered(
                one.name,
                agency.code if one.agency_code in own else one.agency_code,
                one.kind == "assistant",
                one.full_time,
            )
            for one in wanted
        }
    filings = FiledAgency.objects.filter(
        jurisdiction=agency.jurisdiction, code__in=[agency.code, *agency.former_codes]
    )
    filed = filings.order_by("-imported_at").first()
    return Known(registered=registered, filing=_typed(filed, agency.jurisdiction) if filed else None)


def agencies_naming(jurisdiction: str, numbers: Collection[str]) -> dict[str, set[str]]:
    """By registration number of a person: the codes of the agencies whose record in force names it in J7."""
    found: dict[str, set[str]] = {}
    in_force = RECORDS["J7"]._default_manager.filter(
        version__until_on=None, version__agency__jurisdiction=jurisdiction
    )
    for column in _NUMBERS["J7"]:
        rows = in_force.filter(**{f"{column}__in": numbers})
        for number, code in rows.values_list(column, "version__agency__code").distinct():
            found.setdefault(number, set()).add(code)
    return found


def agency_of_company(company_id: int) -> Agency | None:
    """The agency that the company is in a register, if any."""
    return Agency.objects.filter(company_id=company_id).first()


def versions_of(agency_id: int) -> list[dict[str, Any]]:
    """Every accepted version of the agency, the latest first."""
    found = Version.objects.filter(agency_id=agency_id).order_by("-number")
    rows = found.values(
        "number", "from_on", "until_on", "channel", "declaration_id", "declaration__submitted_on"
    )
    return [{**row, "channel_title": Declaration.Channel(row["channel"]).label} for row in rows]


def declarations_of(agency_id: int, *, limit: int = 50) -> list[dict[str, Any]]:
    """What the agency has declared, the latest first: where each stands, and since when."""
    found = Declaration.objects.filter(agency_id=agency_id).order_by("-saved_at")
    rows = found.values(
        "id", "state", "channel", "begun_on", "submitted_on", "decided_on", "version__number"
    )[:limit]
    return [
        {
            **row,
            "state_title": STATE_TITLES[State(row["state"])],
            "channel_title": Declaration.Channel(row["channel"]).label,
        }
        for row in rows
    ]


def declaration_of(agency_id: int, declaration_id: UUID) -> Declaration | None:
    """One declaration of the agency."""
    found = Declaration.objects.filter(agency_id=agency_id, pk=declaration_id)
    return found.select_related("agency").first()


def declared_values(declaration: Declaration) -> dict[str, Any]:
    """What the declaration holds, as typed or in its normal form, sealed values among the others. Raises SealBroken."""
    return joined(declaration.values, declaration.sealed_values, declaration.pk)


def duty_now(agency_id: int) -> QuarterDuty | None:
    """The quarter's duty that the agency has now, met or not (四（二）, SM-13)."""
    return QuarterDuty.objects.filter(agency_id=agency_id).order_by("-year", "-quarter").first()


def mailbox_of_company(company_id: int) -> str:
    """The mailbox an agency is bound to keep (J1-09, 四（六）), as it was accepted last; "" for one without."""
    found = BasicRecord.objects.filter(company_id=company_id, version__until_on=None).values_list(
        "email", flat=True
    )
    return next((address for address in found if address), "")


def agencies_of(jurisdiction: str) -> "QuerySet[Agency]":
    """Every agency of the jurisdiction, with its company."""
    return Agency.objects.filter(jurisdiction=jurisdiction).select_related("company")


_NUMBERS = {
    "J2": ("registration_no",),
    "J5": ("registration_no",),
    "J7": ("broker_registration_no", "assistant_registration_no"),
}


def _changed_in(new: Any, was: Any, now: Any) -> Any:
    """The row in force with what the new one has otherwise than the old; of many rows, those in force."""
    if isinstance(now, list):
        return now
    new, was, now = new or {}, was or {}, now or {}
    found = {
        column: (new if new.get(column) != was.get(column) else now).get(column) for column in {**now, **new}
    }
    return {column: value for column, value in found.items() if value is not None}


def _with_theirs(row: Mapping[str, Any], now: Mapping[str, Any], theirs: Collection[str]) -> dict[str, Any]:
    kept = {column: value for column, value in row.items() if column not in theirs}
    return kept | {column: now[column] for column in theirs if column in now}


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
