"""Many agencies at once: what the province has collected becomes their first record (一（一）, 二（二）)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q

from fangxin.agencies import values as declared
from fangxin.agencies.actions.entering import reviewing_bodies
from fangxin.agencies.actions.publishing import people_of, shown
from fangxin.agencies.actions.versions import stored_row
from fangxin.agencies.columns import columns_stored
from fangxin.agencies.initials import initials_of
from fangxin.agencies.models import (
    RECORDS,
    Agency,
    Declaration,
    FiledAgency,
    Practitioner,
    PublishedAgency,
    PublishedCode,
    PublishedName,
    PublishedPerson,
    PublishedProfile,
    Version,
)
from fangxin.agencies.search_keys import code_forms, searched_by
from fangxin.agencies.workflow import OPEN, State
from fangxin.deadlines.clock import now, today
from fangxin.journal.actions import claim_act, record
from fangxin.journal.kinds import Kind
from fangxin.organisations.actions import rename_company
from fangxin.organisations.many_rows import insert_many, insert_rows, new_row, next_keys
from fangxin.organisations.models import Body, Company
from fangxin.organisations.names import name_key
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting, Role
from fangxin.rules.indicators import catalogue

IMPORTING = "import_agencies"


@dataclass(frozen=True)
class Collected:
    """What was collected of one agency: typed and sound by table and column, and the warnings beside it."""

    values: Mapping[str, Any]
    findings: Sequence[Mapping[str, Any]] = ()

    @property
    def code(self) -> str:
        """J1-02."""
        return str(self.values["J1"]["legal_code"])


@dataclass
class Entered:
    """What became of a batch, by code: entered now, known already word for word, or why it was not entered."""

    entered: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


def may_import(by: Acting) -> bool:
    """Whether the person enters agencies of the whole province at once: a reviewer of the body charged with it."""
    return by.role is Role.REVIEWER and IMPORTING in by.functions


@transaction.atomic
def enter_declarations(batch: Sequence[Collected], *, by: Acting, act_key: UUID | None = None) -> Entered:
    """Each agency that had no record has what was collected of it as its record from today, and is public.

    One that has the very same record is known; one with another record, or declaring itself, keeps its own
    (AMB-44). The values are those of `checked`, without anything blocking. ActRefused for anybody but the
    body that imports agencies.
    """
    claim_act(act_key, "enter_declarations", "agencies", by.body_id or 0)
    if not may_import(by):
        raise ActRefused("成批导入全省机构由省住建厅的审核员办理（二（二））。")
    told = Entered()
    new = _sieved(batch, told, by.jurisdiction)
    if new:
        _enter(new, told, by)
    if told.entered:
        record(
            Kind.AGENCY_ENTER_MANY, "agencies", by.jurisdiction, by=by.actor,
            summary=f"成批导入经纪机构{len(told.entered)}家",
            details={"codes": told.entered, "known": len(told.known), "refused": len(told.refused)},
            clause="二(二)", act_key=act_key, jurisdiction=by.jurisdiction,
        )  # fmt: skip
    return told


def _sieved(
    batch: Sequence[Collected], told: Entered, jurisdiction: str
) -> list[tuple[Collected, Agency | None]]:
    """Those that may be entered, with the agency where it is in the register without a record."""
    codes = [one.code for one in batch]
    found = Agency.objects.select_for_update(of=("self",)).filter(
        Q(code__in=codes) | Q(former_codes__overlap=codes), jurisdiction=jurisdiction
    )
    agencies = {code: agency for agency in found for code in (agency.code, *agency.former_codes)}
    keys = [agency.pk for agency in agencies.values()]
    records = {
        version.agency_id: version.declaration
        for version in Version.objects.filter(agency__in=keys, until_on=None).select_related("declaration")
    }
    declaring = set(
        Declaration.objects.filter(agency__in=keys, state__in=sorted(OPEN)).values_list(
            "agency_id", flat=True
        )
    )
    new, seen = [], set()
    for one in batch:
        agency = agencies.get(one.code)
        if one.code in seen:
            told.refused[one.code] = "同一法人代码在文件中出现过，以前一次为准。"
        elif agency is not None and (accepted := records.get(agency.pk)):
            if _same(one, accepted):
                told.known.append(one.code)
            else:
                told.refused[one.code] = (
                    "已有审核通过的登记，内容不同，没有覆盖；请由机构申报，或由所在地主管部门记入情况变动。"
                )
        elif agency is not None and agency.pk in declaring:
            told.refused[one.code] = "机构正在自行申报，没有导入，以机构申报为准。"
        else:
            new.append((one, agency))
        seen.add(one.code)
    return new


def _same(one: Collected, accepted: Declaration) -> bool:
    kept = declared.joined(accepted.values, accepted.sealed_values, accepted.pk)
    return kept == declared.plain(one.values, accepted.jurisdiction)


def _enter(new: Sequence[tuple[Collected, Agency | None]], told: Entered, by: Acting) -> None:
    places = _Places(by.jurisdiction)
    companies = _companies([one for one, agency in new if agency is None], by.jurisdiction)
    made: list[tuple[Collected, Agency]] = []
    fresh: list[Agency] = []
    keys = iter(next_keys(Agency, len(new)))
    for one, known in new:
        basic = one.values["J1"]
        try:
            reviewing, of_city = places(basic["city"], basic["county"])
        except ActRefused as refused:
            told.refused[one.code] = str(refused)
            continue
        agency = known or Agency(
            pk=next(keys), company=companies[one.code], jurisdiction=by.jurisdiction, code=one.code,
            entered_on=today(),
        )  # fmt: skip
        agency.city, agency.county = basic["city"], basic["county"]
        agency.reviewing_body, agency.city_body = reviewing, of_city
        if known is None:
            fresh.append(agency)
        else:
            agency.save()
        made.append((one, agency))
        told.entered.append(one.code)
    used = {agency.company_id for agency in fresh}
    insert_many(company for company in companies.values() if company._state.adding and company.pk in used)
    insert_many(fresh)
    for one, agency in made:
        if agency.company.name != one.values["J1"]["name"]:
            agency.company = rename_company(
                agency.company_id, one.values["J1"]["name"], on=today(), by=by.actor
            )
    for code, filed_id in FiledAgency.objects.filter(
        jurisdiction=by.jurisdiction, code__in=[one.code for one, _ in made], company=None
    ).values_list("code", "pk"):
        own = next(agency.company_id for one, agency in made if one.code == code)
        FiledAgency.objects.filter(pk=filed_id).update(company_id=own)
    _accept(made, by)


def _companies(new: Iterable[Collected], jurisdiction: str) -> dict[str, Company]:
    """The company of each code: the one known by it, or a new one that is not written yet."""
    wanted = {one.code: one.values["J1"] for one in new}
    codes = list(wanted)
    known = Company.objects.filter(Q(uscc__in=codes) | Q(org_code__in=codes))
    found = {
        code: company for company in known for code in (company.uscc, company.org_code) if code in wanted
    }
    for company in {company.pk: company for company in found.values()}.values():
        if jurisdiction not in company.jurisdictions:
            company.jurisdictions.append(jurisdiction)
            company.save(update_fields=["jurisdictions"])
    lacking = [code for code in codes if code not in found]
    for key, code in zip(next_keys(Company, len(lacking)), lacking, strict=True):
        basic = wanted[code]
        whole = len(code) == 18
        found[code] = Company(
            pk=key, name=basic["name"], name_key=name_key(basic["name"]), kinds=["brokerage"],
            uscc=code if whole else None, org_code=code[8:17] if whole else code, district=basic["county"],
            jurisdictions=[jurisdiction],
        )  # fmt: skip
    return found


class _Places:
    """Who reviews agencies of a place, asked once a place."""

    def __init__(self, jurisdiction: str) -> None:
        self.jurisdiction = jurisdiction
        self.known: dict[tuple[str, str], tuple[Body, Body | None]] = {}

    def __call__(self, city: str, county: str) -> tuple[Body, Body | None]:
        if (city, county) not in self.known:
            self.known[city, county] = reviewing_bodies(self.jurisdiction, city, county)
        return self.known[city, county]


def _accept(made: Sequence[tuple[Collected, Agency]], by: Acting) -> None:
    """As `accept_version` does for one: declaration, version, rows, and what is published of them."""
    jurisdiction, version_of = by.jurisdiction, catalogue(by.jurisdiction).version
    moment, day = now(), today()
    keys = next_keys(Version, len(made))
    declarations, versions = [], []
    for key, (one, agency) in zip(keys, made, strict=True):
        pk = uuid4()
        kept, sealed = declared.sealed_apart(declared.plain(one.values, jurisdiction), jurisdiction, pk)
        declarations.append(
            new_row(
                Declaration, id=pk, agency_id=agency.pk, company_id=agency.company_id, jurisdiction=jurisdiction,
                state=State.APPROVED, channel=Declaration.Channel.COLLECTED, values=kept, sealed_values=sealed,
                findings=one.findings, catalogue_version=version_of, reviewing_body_id=agency.reviewing_body_id,
                begun_on=day, submitted_on=day, first_submitted_on=day, submitted_at=moment,
                submitted_by_id=by.user_id, reason="省级成批导入", decided_by_id=by.user_id, decided_on=day,
                decided_at=moment, saved_at=moment,
            )
        )  # fmt: skip
        versions.append(
            new_row(
                Version, id=key, agency_id=agency.pk, company_id=agency.company_id, number=1, from_on=day,
                declaration_id=pk, channel=Declaration.Channel.COLLECTED, approved_by_id=by.user_id,
                approved_at=moment, catalogue_version=version_of,
            )
        )  # fmt: skip
    insert_rows(Declaration, declarations)
    insert_rows(Version, versions)
    _write_rows(keys, made, jurisdiction)
    _publish(made, jurisdiction)


def _write_rows(versions: Sequence[int], made: Sequence[tuple[Collected, Agency]], jurisdiction: str) -> None:
    for code, model in RECORDS.items():
        columns = columns_stored(catalogue(jurisdiction), code)
        rows = (
            {
                "version_id": version, "company_id": agency.company_id, "ordinal": at,
                **stored_row(row, columns, model, version),
            }
            for version, (one, agency) in zip(versions, made, strict=True)
            for at, row in enumerate(declared.rows_of(one.values, code))
        )  # fmt: skip
        insert_rows(model, rows, ("version_id", "company_id", "ordinal", *columns))


def _publish(made: Sequence[tuple[Collected, Agency]], jurisdiction: str) -> None:
    day = today()
    roster: dict[str, list[Any]] = {}
    listed = Practitioner.objects.filter(
        jurisdiction=jurisdiction, agency_code__in=[one.code for one, _ in made]
    )
    for of, *person in listed.values_list("agency_code", "kind", "name", "registration_no", "full_time"):
        roster.setdefault(of, []).append(tuple(person))
    agencies, people = [], list[dict[str, Any]]()
    names, codes, profiles = [], [], []
    for one, agency in made:
        basic, name = one.values["J1"], agency.company.name
        found = searched_by([name_key(name)], [initials_of(name)], agency.city, agency.county)
        agencies.append(
            new_row(
                PublishedAgency, agency_id=agency.pk, jurisdiction=jurisdiction, code=agency.code, name=name[:100], city=agency.city,
                county=agency.county, standing=agency.standing, brokers=basic.get("broker_count") or 0,
                first_on=day, updated_on=day, **found,
            )
        )  # fmt: skip
        names.append(
            {
                "agency_id": agency.pk,
                "kind": PublishedName.Kind.PRESENT,
                "name": name[:100],
                "name_key": name_key(name),
            }
        )
        borne = {agency.code, agency.company.org_code, basic.get("licence_no") or ""} - {""}
        forms = sorted({form for code in borne for form in code_forms(code)})
        codes += [{"agency_id": agency.pk, "code": form} for form in forms]
        people += people_of(agency.pk, roster.get(one.code, ()), one.values)
        profiles.append(
            {
                "agency_id": agency.pk, "number": 1, "from_on": day,
                "values": shown(one.values, jurisdiction),
            }
        )  # fmt: skip
    insert_rows(PublishedAgency, agencies)
    insert_rows(PublishedName, names)
    insert_rows(PublishedCode, codes)
    insert_rows(PublishedProfile, profiles)
    insert_rows(PublishedPerson, people)
