"""What the public may read of the register: shown fields of accepted versions, copied into tables of their own.

`shown` is said field by field in the catalogue; nothing else leaves. Persons of J7 are published without their
projects, once each, in the order of their numbers, together with the practitioner roster (AMB-36).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any

from django.db import transaction
from django.db.models import Q

from fangxin.agencies.columns import REPEATED, has_pictures_beside, pictures_column
from fangxin.agencies.initials import initials_of
from fangxin.agencies.models import (
    Agency,
    FiledAgency,
    Practitioner,
    PublishedAgency,
    PublishedCode,
    PublishedCoverage,
    PublishedName,
    PublishedPerson,
    PublishedPicture,
    PublishedProfile,
    Version,
)
from fangxin.agencies.queries import accepted_values
from fangxin.agencies.search_keys import code_forms, searched_by
from fangxin.agencies.values import pictures_in, rows_of
from fangxin.deadlines.clock import today
from fangxin.documents.actions import shown_content
from fangxin.organisations.models import CompanyName
from fangxin.organisations.names import name_key
from fangxin.rules.indicators import Catalogue, Field, catalogue
from fangxin.rules.reading import fields_for

PROFILED = ("J1", "J2", "J5", "J6", "J8")
SEARCHED = ("name_key", "name_lines", "initial_lines", "grams")


@transaction.atomic(savepoint=False)
def publish_version(version: Version, values: Mapping[str, Any]) -> None:
    """The public reads this version from its day on; the one before stays readable for the days it was in force."""
    agency = version.agency
    open_values = shown(values, agency.jurisdiction)
    published = _publish_agency(agency, values["J1"].get("broker_count") or 0)
    PublishedProfile.objects.filter(agency=published, until_on=None).update(until_on=version.from_on)
    PublishedProfile.objects.create(
        agency=published, number=version.number, from_on=version.from_on, values=open_values
    )
    publish_names(agency)
    if agency.head_office is not None:
        publish_names(agency.head_office)
    publish_people(agency, values)
    _publish_pictures(published, open_values)


@transaction.atomic(savepoint=False)
def publish_standing(agency: Agency) -> None:
    """Place, standing, successor and names are public as they are now; an agency never published stays so."""
    published = PublishedAgency.objects.filter(pk=agency.pk).first()
    if published is not None:
        _publish_agency(agency, published.brokers)
        publish_names(agency)


@transaction.atomic
def publish_anew(agency: Agency) -> None:
    """All that is published of the agency is made again from its accepted versions, as the catalogue says today."""
    versions = list(Version.objects.filter(agency=agency).select_related("agency").order_by("number"))
    for version in versions:
        values = accepted_values(version)
        published = _publish_agency(agency, values["J1"].get("broker_count") or 0)
        PublishedProfile.objects.update_or_create(
            agency=published, number=version.number,
            defaults={
                "from_on": version.from_on, "until_on": version.until_on,
                "values": shown(values, agency.jurisdiction),
            },
        )  # fmt: skip
    if versions:
        publish_names(agency)
        publish_people(agency, values)
        PublishedPicture.objects.filter(agency=published).delete()
        for profile in PublishedProfile.objects.filter(agency=published):
            _publish_pictures(published, profile.values)


def shown(values: Mapping[str, Any], jurisdiction: str) -> dict[str, Any]:
    """Of all values those that the public sees, as JSON holds them; persons of projects are elsewhere."""
    fields, on = catalogue(jurisdiction), today()
    return {
        code: [_shown_row(_shown_fields(fields, code, on), row) for row in rows_of(values, code)]
        if fields.table(code).many
        else _shown_row(_shown_fields(fields, code, on), (rows_of(values, code) or ({},))[0])
        for code in PROFILED
    }


def publish_names(agency: Agency) -> None:
    """The public finds the agency by its own name, former ones, those of its branches, and every code it had."""
    names: list[tuple[str, str, date | None]] = [(PublishedName.Kind.PRESENT, agency.company.name, None)]
    former = CompanyName.objects.filter(company_id=agency.company_id).values_list("name", "until_on")
    names += [(PublishedName.Kind.FORMER, name, until) for name, until in former]
    branches = Agency.objects.filter(head_office=agency, published__isnull=False)
    names += [
        (PublishedName.Kind.BRANCH, name, None) for name in branches.values_list("company__name", flat=True)
    ]
    published = PublishedAgency.objects.filter(pk=agency.pk).first()
    if published is None:
        return
    PublishedName.objects.filter(agency=published).delete()
    PublishedName.objects.bulk_create(
        PublishedName(agency=published, kind=kind, name=name[:100], name_key=name_key(name), until_on=until)
        for kind, name, until in dict.fromkeys(names)
    )
    keys = [name_key(name) for _, name, _ in names]
    initials = [initials_of(name) for _, name, _ in names]
    for column, value in searched_by(keys, initials, published.city, published.county).items():
        setattr(published, column, value)
    published.save(update_fields=SEARCHED)
    _publish_codes(agency)


def _publish_codes(agency: Agency) -> None:
    profiles = PublishedProfile.objects.filter(agency_id=agency.pk).values_list(
        "values__J1__legal_code", "values__J1__licence_no"
    )
    company = agency.company
    borne = {agency.code, *agency.former_codes, company.uscc or "", company.org_code, company.licence_no}
    borne.update(code or "" for row in profiles for code in row)
    codes = {form for code in borne - {""} for form in code_forms(code)}
    PublishedCode.objects.filter(agency_id=agency.pk).delete()
    PublishedCode.objects.bulk_create(PublishedCode(agency_id=agency.pk, code=code) for code in sorted(codes))


def publish_people(agency: Agency, values: Mapping[str, Any]) -> None:
    """The public reads who works for the agency, and not on what."""
    people = people_of(agency.pk, _on_the_roster(agency), values)
    PublishedPerson.objects.filter(agency_id=agency.pk).delete()
    PublishedPerson.objects.bulk_create((PublishedPerson(**one) for one in people), batch_size=1000)


def people_of(
    agency_id: int, roster: Iterable[tuple[str, str, str, bool | None]], values: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The agency's people by column as they are published, in the order of their numbers; not written yet."""
    people: dict[tuple[str, str], dict[str, Any]] = {}
    for kind, name, number, full_time in (*roster, *_in_projects(values)):
        if name and number and (number, name) not in people:
            people[number, name] = {
                "agency_id": agency_id, "kind": kind, "name": name, "registration_no": number, "full_time": full_time,
            }  # fmt: skip
    return [people[key] for key in sorted(people)]


@transaction.atomic(savepoint=False)
def publish_roster(jurisdiction: str, codes: Iterable[str]) -> int:
    """The public reads the brokers of these agencies as the roster has them now; returns how many agencies."""
    codes = sorted(set(codes))
    known = Q(code__in=codes) | Q(former_codes__overlap=codes)
    published = Agency.objects.filter(known, jurisdiction=jurisdiction, published__isnull=False)
    versions = Version.objects.filter(agency__in=published, until_on=None).select_related("agency")
    found = 0
    for version in versions.iterator():
        publish_people(version.agency, accepted_values(version, {"J7": _PERSONS}))
        found += 1
    return found


_PERSONS = ("broker_name", "broker_registration_no", "assistant_name", "assistant_registration_no")


@transaction.atomic(savepoint=False)
def count_coverage(jurisdiction: str, *, on: date) -> int:
    """How many agencies of each county are known, from the register or from filing, and how many are public.

    Returns how many are known. What filing knows has a place only as far as it says one.
    """
    known: dict[tuple[str, str], set[str]] = {}
    for code, city, county in Agency.objects.filter(jurisdiction=jurisdiction).values_list(
        "code", "city", "county"
    ):
        known.setdefault((city, county), set()).add(code)
    entered = set().union(*known.values())
    filed = FiledAgency.objects.filter(jurisdiction=jurisdiction).exclude(code__in=entered)
    for code, city, county in filed.values_list("code", "values__J1__city", "values__J1__county"):
        known.setdefault((city or "", county or ""), set()).add(code)
    public = Counter(PublishedAgency.objects.filter(jurisdiction=jurisdiction).values_list("city", "county"))
    PublishedCoverage.objects.filter(jurisdiction=jurisdiction).delete()
    PublishedCoverage.objects.bulk_create(
        PublishedCoverage(
            jurisdiction=jurisdiction, city=city, county=county, known=len(codes), published=public[city, county],
            counted_on=on,
        )
        for (city, county), codes in sorted(known.items())
    )  # fmt: skip
    return sum(map(len, known.values()))


def _publish_agency(agency: Agency, brokers: int) -> PublishedAgency:
    published = PublishedAgency.objects.filter(pk=agency.pk).first() or PublishedAgency(
        agency=agency, jurisdiction=agency.jurisdiction, first_on=today()
    )
    published.code, published.name = agency.code, agency.company.name[:100]
    published.city, published.county, published.standing = agency.city, agency.county, agency.standing
    published.merged_into_code = agency.merged_into.code if agency.merged_into else ""
    published.head_office_code = agency.head_office.code if agency.head_office else ""
    published.brokers, published.updated_on = brokers, today()
    published.save()
    return published


@cache
def _shown_fields(fields: Catalogue, code: str, on: date) -> tuple[tuple[Field, str], ...]:
    """What the public sees of the table on the day, each with the column of its pictures, "" without such."""
    return tuple(
        (field, pictures_column(field) if has_pictures_beside(field) else "")
        for field in fields_for("public", code, on=on, jurisdiction=fields.name)
        if field.column not in REPEATED
    )


def _shown_row(shown_fields: Iterable[tuple[Field, str]], row: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field, pictures in shown_fields:
        if (value := row.get(field.column)) is not None:
            found[field.column] = value if type(value) is str else field.plain(value)
        if pictures:
            found[pictures] = list(row.get(pictures) or [])
    return {column: value for column, value in found.items() if value not in (None, "", [])}


def _on_the_roster(agency: Agency) -> Iterable[tuple[str, str, str, bool | None]]:
    roster = Practitioner.objects.filter(
        jurisdiction=agency.jurisdiction, agency_code__in=[agency.code, *agency.former_codes]
    )
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
