"""An agency enters the register: known by its code, with a place and a department that reviews it."""

from django.db import transaction
from django.db.models import Q

from fangxin.agencies.models import Agency, FiledAgency
from fangxin.deadlines.clock import today
from fangxin.journal.actions import record
from fangxin.journal.actors import Actor
from fangxin.journal.kinds import Kind
from fangxin.organisations.actions import register_company
from fangxin.organisations.models import Body
from fangxin.organisations.queries import body, company_by_code
from fangxin.organisations.refusals import ActRefused
from fangxin.rules import RuleUnknown, book
from fangxin.rules.indicators import IndicatorWrong, catalogue


@transaction.atomic
def enter_agency(
    *,
    jurisdiction: str,
    code: str,
    name: str,
    city: str,
    county: str,
    by: Actor,
    head_office: Agency | None = None,
) -> Agency:
    """The agency is in the register, known by its code; the department of its place reviews it (二（二）, AMB-17).

    A company that is registered already, in whatever jurisdiction, is that agency's. Twice is once. ActRefused
    names the field when the code is none, or the place has no department.
    """
    code = _code(jurisdiction, code)
    known = Q(code=code) | Q(former_codes__contains=[code])
    if found := Agency.objects.filter(known, jurisdiction=jurisdiction).first():
        return found
    reviewing, of_city = reviewing_bodies(jurisdiction, city, county)
    company = company_by_code(code)
    if company is None:
        kind = "uscc" if len(code) == 18 else "org_code"
        company = register_company(
            name=name,
            kinds=["brokerage"],
            jurisdictions=[jurisdiction],
            district=county,
            by=by,
            **{kind: code},
        )
    elif jurisdiction not in company.jurisdictions:
        company.jurisdictions.append(jurisdiction)
        company.save(update_fields=["jurisdictions"])
    agency = Agency.objects.create(
        company=company, jurisdiction=jurisdiction, code=code, city=city, county=county, reviewing_body=reviewing,
        city_body=of_city, entered_on=today(), head_office=head_office,
    )  # fmt: skip
    FiledAgency.objects.filter(jurisdiction=jurisdiction, code=code).update(company_id=company.pk)
    record(
        Kind.AGENCY_ENTER, "agency", agency.pk, by=by, summary=f"经纪机构入册：{company.name}",
        details={"code": code, "city": city, "county": county, "body": reviewing.pk}, clause="一(一)",
        jurisdiction=jurisdiction,
    )  # fmt: skip
    return agency


def reviewing_bodies(jurisdiction: str, city: str, county: str) -> tuple[Body, Body | None]:
    """Who reviews agencies of the place, and the department of its city if that is another (AMB-17).

    ActRefused where there is none.
    """
    rules = book(jurisdiction)
    try:
        reviewing = body(rules.reviewer(city, county).code)
    except RuleUnknown:
        raise ActRefused(
            "所在县（市、区）：没有负责审核的主管部门，请核对所在城市和县（市、区）。", "county"
        ) from None
    of_city = Body.objects.filter(
        jurisdiction=jurisdiction, level=Body.Level.CITY, district=city, functions__contains=["review"]
    ).first()
    return reviewing, None if of_city is None or of_city.pk == reviewing.pk else of_city


def _code(jurisdiction: str, code: str) -> str:
    try:
        return str(catalogue(jurisdiction).field("J1-02").check(code))
    except IndicatorWrong as wrong:
        raise ActRefused(wrong.message, "code") from None
