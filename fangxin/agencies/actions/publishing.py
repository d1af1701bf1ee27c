"""What the public may read of the register: shown fields of accepted versions, copied into tables of their own.

`shown` is said field by field in the catalogue; nothing else leaves. Persons of J7 are published without their
projects, once each, in the order of their numbers, together with the practitioner roster (AMB-36).
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction

from fangxin.agencies.columns import REPEATED, has_pictures_beside, pictures_column
from fangxin.agencies.initials import initials_of
from fangxin.agencies.models import (
    Agency,
    Practitioner,
    PublishedAgency,
    PublishedName,
    PublishedPerson,
    PublishedPicture,
    PublishedProfile,
    Version,
)
from fangxin.agencies.values import pictures_in, rows_of
from fangxin.deadlines.clock import today
from fangxin.documents.actions import shown_content
from fangxin.organisations.models import CompanyName
from fangxin.organisations.names import name_key
from fangxin.rules.indicators import Table, catalogue
from fangxin.rules.reading import fields_for

PROFILED = ("J1", "J2", "J5", "J6", "J8")


@transaction.atomic(savepoint=False)
def publish_version(version: Version, values: Mapping[str, Any]) -> None:
    """The public reads this version from its day on; the one before stays readable for the days it was in force."""
    agency = version.agency
    published = _publish_agency(agency, values["J1"])
    PublishedProfile.objects.filter(agency=published, until_on=None).update(until_on=version.from_on)
    PublishedProfile.objects.create(
        agency=published,
        number=version.number,
        from_on=version.from_on,
        values=shown(values, agency.jurisdiction),
    )
    publish_names(agency)
    publish_people(agency, values)
    _publish_pictures(published, values)


def shown(values: Mapping[str, Any], jurisdiction: str) -> dict[str, Any]:
    """Of all values those that the public sees, as JSON holds them; persons of projects are elsewhere."""
    return {
        code: [_shown_row(table, row, jurisdiction) for row in rows_of(values, code)]
        if (table := catalogue(jurisdiction).table(code)).many
        else _shown_row(table, (rows_of(values, code) or ({},))[0], jurisdiction)
        for code in PROFILED
    }


def publish_names(agency: Agency) -> None:
    """The public finds the agency by its own name, former ones, and those of its branches."""
    names: list[tuple[str, str, date | None]] = [(PublishedName.Kind.PRESENT, agency.company.name, None)]
    former = CompanyName.objects.filter(company_id=agency.company_id).values_list("name", "until_on")
    names += [(PublishedName.Kind.FORMER, name, until) for name, until in former]
    branches = Agency.objects.filter(head_office=agency, published__isnull=False)
    names += [
        (PublishedName.Kind.BRANCH, name, None) for name in branches.values_list("company__name", flat=True)
    ]
    PublishedName.objects.filter(agency_id=agency.pk).delete()
    PublishedName.objects.bulk_create(
        PublishedName(
            agency_id=agency.pk, kind=kind, name=name[:100], name_key=name_key(name), initials=initials_of(name),
            until_on=until,
        )
        for kind, name, until in dict.fromkeys(names)
    )  # fmt: skip


def publish_people(agency: Agency, values: Mapping[str, Any]) -> None:
    """The public reads who works for the agency, and not on what."""
    people: dict[tuple[str, str], PublishedPerson] = {}
    for kind, name, number, full_time in (*_on_the_roster(agency), *_in_projects(values)):
        if name and number:
            people.setdefault(
                (number, name),
                PublishedPerson(
                    agency_id=agency.pk, kind=kind, name=name, registration_no=number, full_time=full_time
                ),
            )
    PublishedPerson.objects.filter(agency_id=agency.pk).delete()
    PublishedPerson.objects.bulk_create([people[key] for key in sorted(people)], batch_size=1000)


def _publish_agency(agency: Agency, basic: Mapping[str, Any]) -> PublishedAgency:
    published = PublishedAgency.objects.filter(pk=agency.pk).first() or PublishedAgency(
        agency=agency, jurisdiction=agency.jurisdiction, first_on=today()
    )
    published.code, published.name = agency.code, agency.company.name[:100]
    published.city, published.county, published.standing = agency.city, agency.county, agency.standing
    published.merged_into_code = agency.merged_into.code if agency.merged_into else ""
    published.head_office_code = agency.head_office.code if agency.head_office else ""
    published.brokers, published.updated_on = basic.get("broker_count") or 0, today()
    published.save()
    return published


def _shown_row(table: Table, row: Mapping[str, Any], jurisdiction: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in fields_for("public", table.code, on=today(), jurisdiction=jurisdiction):
        if field.column in REPEATED:
            continue
        found[field.column] = field.plain(row.get(field.column))
        if has_pictures_beside(field):
            found[pictures_column(field)] = list(row.get(pictures_column(field)) or [])
    return {column: value for column, value in found.items() if value not in (None, "", [])}


def _on_the_roster(agency: Agency) -> Iterable[tuple[str, str, str, bool | None]]:
    roster = Practitioner.objects.filter(jurisdiction=agency.jurisdiction, agency_code=agency.code)
    return roster.values_list("kind", "name", "registration_no", "full_time")


def _in_projects(values: Mapping[str, Any]) -> Iterable[tuple[str, str, str, bool | None]]:
    for row in rows_of(values, "J7"):
        yield Practitioner.Kind.BROKER, row.get("broker_name"), row.get("broker_registration_no"), None  # type: ignore[misc]
        yield (
            Practitioner.Kind.ASSISTANT,
            row.get("assistant_name"),
            row.get("assistant_registration_no"),
            None,
        )  # type: ignore[misc]


def _publish_pictures(published: PublishedAgency, values: Mapping[str, Any]) -> None:
    wanted = set(pictures_in(values, published.jurisdiction))
    there = set(map(str, PublishedPicture.objects.filter(agency=published).values_list("pk", flat=True)))
    for number in sorted(wanted - there):
        picture = shown_content(number, "agency", published.pk)
        PublishedPicture.objects.create(
            pk=number, agency=published, media_type=picture.media_type, content=picture.content
        )
