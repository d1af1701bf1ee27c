"""What was declared becomes the record: a version in force from a day, the one before it closed, none removed."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q

from fangxin.agencies.actions.entering import reviewing_bodies
from fangxin.agencies.actions.publishing import publish_version
from fangxin.agencies.columns import columns_stored, is_sealed
from fangxin.agencies.models import RECORDS, Agency, Declaration, FiledAgency, QuarterDuty, Version
from fangxin.agencies.values import rows_of
from fangxin.deadlines.clock import now, today
from fangxin.documents.sealing import seal_text
from fangxin.journal.actions import record
from fangxin.journal.kinds import Kind
from fangxin.organisations.actions import recode_company, rename_company
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting
from fangxin.rules import book
from fangxin.rules.indicators import catalogue

# Types of fields whose values are stored as they are.
PLAIN = frozenset(
    {"text", "long_text", "reference", "registration_no", "person", "code", "choice", "integer", "date"}
)


@transaction.atomic(savepoint=False)
def accept_version(declaration: Declaration, values: Mapping[str, Any], *, by: Acting) -> Version:
    """The values, typed and sound, are the agency's record from today; the version before ends today (四（二）).

    Name, place and standing of the agency follow the record, and what the public may see of it is published.
    """
    agency = Agency.objects.select_for_update().get(pk=declaration.agency_id)
    before = Version.objects.filter(agency=agency).order_by("-number").first()
    if before is not None:
        Version.objects.filter(pk=before.pk).update(until_on=today())
    version = Version.objects.create(
        agency=agency, company_id=agency.company_id, number=before.number + 1 if before else 1, from_on=today(),
        declaration=declaration, channel=declaration.channel, approved_by_id=by.user_id, approved_at=now(),
        catalogue_version=catalogue(agency.jurisdiction).version,
    )  # fmt: skip
    _write_rows(version, values)
    _follow(agency, values["J1"], by)
    QuarterDuty.objects.filter(declaration=declaration).update(reviewed_on=today())
    publish_version(version, values)
    return version


@transaction.atomic(savepoint=False)
def recode_agency(agency: Agency, code: str, by: Acting) -> None:
    """The agency, locked, is known by the code from today (换照); by the former one it is still found.

    ActRefused when another agency has the code, or had it.
    """
    same = Agency.objects.filter(
        Q(code=code) | Q(former_codes__contains=[code]), jurisdiction=agency.jurisdiction
    )
    if same.exclude(pk=agency.pk).exists():
        raise ActRefused(f"J1-02：法人代码“{code}”是另一家机构的，请核对。", "J1-02")
    former = agency.code
    if code not in (agency.company.uscc, agency.company.org_code):
        recode_company(agency.company_id, code, on=today(), by=by.actor)
        agency.company.refresh_from_db()
    kept = [one for one in (*agency.former_codes, former) if one != code]
    agency.code, agency.former_codes = code, list(dict.fromkeys(kept))
    agency.save(update_fields=["code", "former_codes"])
    FiledAgency.objects.filter(jurisdiction=agency.jurisdiction, code=code).update(
        company_id=agency.company_id
    )
    record(
        Kind.AGENCY_RECODE, "agency", agency.pk, by=by.actor, summary=f"机构代码变更：{former} → {code}",
        details={"former": former, "code": code, "on": today().isoformat()}, clause="四(二)",
        jurisdiction=agency.jurisdiction,
    )  # fmt: skip


def _write_rows(version: Version, values: Mapping[str, Any]) -> None:
    for code, model in RECORDS.items():
        columns = columns_stored(catalogue(version.agency.jurisdiction), code)
        model._default_manager.bulk_create(
            [
                model(
                    version=version, company_id=version.company_id, ordinal=at,
                    **stored_row(row, columns, model, version.pk),
                )
                for at, row in enumerate(rows_of(values, code))
            ],
            batch_size=1000,
        )  # fmt: skip


def stored_row(
    row: Mapping[str, Any], columns: Mapping[str, Any], model: type, version_id: int
) -> dict[str, Any]:
    """The row as its table holds it, each column of `stored_columns` that is not empty, sealed what lies sealed."""
    return {
        column: value
        if columns[column].type in PLAIN
        else _stored(value, columns[column], column, model, version_id)
        for column, value in row.items()
        if value is not None and column in columns and value not in ("", [], ())
    }


def _stored(value: Any, field: Any, column: str, model: type, version_id: int) -> Any:
    if is_sealed(field):
        return seal_text(str(value), record_place(model.__name__, column, version_id))
    return list(value) if isinstance(value, tuple) else value


def record_place(model: str, column: str, version_id: int) -> str:
    """For which place a sealed value of an accepted row is sealed."""
    return f"{model.lower()}.{column}:{version_id}"


def _follow(agency: Agency, basic: Mapping[str, Any], by: Acting) -> None:
    if basic["name"] != agency.company.name:
        rename_company(agency.company_id, basic["name"], on=today(), by=by.actor)
        agency.company.refresh_from_db()
    if basic["legal_code"] != agency.code:
        recode_agency(agency, basic["legal_code"], by)
    agency.city, agency.county = basic["city"], basic["county"]
    agency.reviewing_body, agency.city_body = reviewing_bodies(
        agency.jurisdiction, agency.city, agency.county
    )
    _stand(agency, basic)
    agency.save()


def _stand(agency: Agency, basic: Mapping[str, Any]) -> None:
    """Cancelled from the day the record gives; in business again when the record does not say so any more."""
    ending = book(agency.jurisdiction).value("declaration.cancelled_by", on=today()).value
    cancelled = basic.get("changed_or_cancelled") == ending
    if cancelled and agency.standing == Agency.Standing.ACTIVE:
        agency.standing = Agency.Standing.CANCELLED
        agency.standing_since = basic.get("changed_or_cancelled_on") or today()
    elif not cancelled and agency.standing == Agency.Standing.CANCELLED:
        agency.standing, agency.standing_since = Agency.Standing.ACTIVE, today()
