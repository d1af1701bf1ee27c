"""What must agree with something else: the catalogue, the day, the complaint, the register, the filing, the place."""

from collections.abc import Callable, Iterator
from typing import Any

from fangxin.rules.book import book
from fangxin.rules.crosscheck_base import (
    Declaration,
    Hit,
    Registered,
    all_there,
    check,
    same_code,
    same_words,
)
from fangxin.rules.declarations import CrossCheck
from fangxin.rules.divisions import DivisionUnknown, divisions
from fangxin.rules.indicator_fields import IndicatorWrong
from fangxin.rules.workdays import calendar

# What single fields allow, asked once more of the whole: values may have come by another way than the form.


def _refused(asked: Declaration, *codes: str) -> Iterator[Hit]:
    for code in codes:
        one = asked.catalogue.field(code)
        for _, path, each in asked.numbered(one.table):
            try:
                one.read(each.get(one.column))
            except IndicatorWrong as wrong:
                fault = wrong.message.removeprefix(f"{code}：").removesuffix("。")
                yield Hit((*path, one.column), {"fault": fault}, (code,))


@check("introduction_length")
def _introduction_length(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    return _refused(asked, *row.codes)


@check("introduction_pictures")
def _introduction_pictures(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    given = asked.one("J1").get("introduction_pictures") or 0
    try:
        asked.catalogue.field("J1-25").check_pictures(given if isinstance(given, int) else len(given))
    except IndicatorWrong as wrong:
        fault = wrong.message.removeprefix("J1-25：").removesuffix("。")
        yield Hit(("J1", "introduction_pictures"), {"fault": fault})


@check("listed_values")
def _listed_values(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    return _refused(asked, *row.codes)


@check("mailbox_given")
def _mailbox_given(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    if "J1" not in asked.given:
        return
    try:
        asked.catalogue.field("J1-09").check(asked.one("J1").get("email"))
    except IndicatorWrong:
        yield Hit(("J1", "email"))


# Good records, bad records, complaints.


@check("material_given")
def _material_given(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    for _, path, each in asked.numbered("J3"):
        if not each.get("attachments"):
            yield Hit((*path, "attachments"))


@check("award_of_level")
def _award_of_level(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    for code in row.codes:
        one = asked.catalogue.field(code)
        for _, path, each in asked.numbered("J3"):
            if each.get(one.column) not in one.options:
                yield Hit((*path, one.column), {}, (code,))


@check("award_person_named")
def _award_person_named(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    for _, path, each in asked.numbered("J3"):
        if each.get("subject") == "经纪人员" and not each.get("person"):
            yield Hit((*path, "person"))


@check("notice_before_publication")
def _notice_before_publication(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    for _, path, each in asked.numbered("J4"):
        published = each.get("published_on")
        if not published:
            continue
        served = each.get("notice_served_on")
        if not served:
            yield Hit((*path, "published_on"), {"fault": "没有告知被公示单位，不得公示"})
            continue
        limit = book(asked.catalogue.name).limit("publication_notice", on=served)
        first = limit.first_permitted_day(served, calendar())
        if published < first:
            fault = f"{served}告知，满{limit.within}后自{first}起方可公示，不得在{published}公示"
            yield Hit((*path, "published_on"), {"fault": fault})


def _complaints(asked: Declaration) -> dict[str, Any]:
    here = {each["number"]: each.get("received_at") for each in asked.rows("T1") if each.get("number")}
    return {**(asked.known.complaints or {}), **here}


@check("complaint_known")
def _complaint_known(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    complaints = _complaints(asked)
    for _, path, each in asked.numbered("T2"):
        if (number := each.get("complaint_number")) and number not in complaints:
            yield Hit((*path, "complaint_number"), {"number": number})


@check("answer_after_complaint")
def _answer_after_complaint(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    complaints = _complaints(asked)
    for _, path, each in asked.numbered("T2"):
        received, answered = complaints.get(each.get("complaint_number") or ""), each.get("answered_at")
        if received and answered and answered < received:
            yield Hit((*path, "answered_at"))


# What the practitioner register and the filing know.


@check("registration_known")
def _registration_known(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    if asked.known.registered is None:
        return
    own = asked.one("J1").get("legal_code") or ""
    named = {"J7-06": "broker_name", "J7-08": "assistant_name"}
    for code in row.codes:
        column = asked.catalogue.field(code).column
        for _, path, each in asked.numbered(code[:2]):
            if number := each.get(column):
                fault = _register_fault(
                    asked.known.registered.get(number), own, each.get(named.get(code, "name"))
                )
                if fault:
                    yield Hit((*path, column), {"number": number, "fault": fault}, (code,))


def _register_fault(found: Registered | None, agency_code: str, name: str | None) -> str:
    if found is None:
        return "不在从业管理信息里"
    if name and not same_words(found.name, name):
        return "在从业管理信息里是另一人的"
    if agency_code and not same_code(found.agency_code, agency_code):
        return "登记在另一家机构"
    return ""


def _counted(asked: Declaration, column: str, counts: Callable[[Registered], bool]) -> Iterator[Hit]:
    agency, registered = asked.one("J1"), asked.known.registered
    if registered is None or not all_there(agency.get(column), agency.get("legal_code")):
        return
    own = [one for one in registered.values() if same_code(one.agency_code, agency["legal_code"])]
    counted = sum(1 for one in own if counts(one))
    if counted != agency[column]:
        yield Hit(("J1", column), {"said": agency[column], "counted": counted})


@check("brokers_in_roster")
def _brokers_in_roster(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    return _counted(asked, "broker_count", lambda one: not one.assistant)


@check("full_time_in_roster")
def _full_time_in_roster(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    registered = asked.known.registered or {}
    if any(one.full_time is None for one in registered.values()):
        return iter(())
    return _counted(asked, "full_time_broker_count", lambda one: not one.assistant and bool(one.full_time))


@check("assistants_in_roster")
def _assistants_in_roster(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    return _counted(asked, "assistant_count", lambda one: one.assistant)


@check("agrees_with_filing")
def _agrees_with_filing(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    for code in row.codes:
        one = asked.catalogue.field(code)
        said = asked.one(one.table).get(one.column)
        filed = ((asked.known.filing or {}).get(one.table) or {}).get(one.column)
        if not all_there(said, filed):
            continue
        same = same_code if one.type == "company_code" else same_words
        if said != filed and not same(said, filed):
            yield Hit(
                (one.table, one.column), {"said": one.display(said), "filed": one.display(filed)}, (code,)
            )


# Places and people of ours.


@check("county_in_city")
def _county_in_city(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    agency = asked.one("J1")
    county, city = agency.get("county"), agency.get("city")
    if not all_there(county, city) or county == city:
        return
    try:
        inside = any(one.code == county for one in divisions().counties(str(city)))
        title = divisions().name(str(county))
    except DivisionUnknown:
        inside, title = False, asked.catalogue.field("J1+01").display(county)
    own_city = county in {one.key for one in book(asked.catalogue.name).cities}
    if not inside or own_city:
        yield Hit(("J1", "county"), {"county": title, "city": asked.catalogue.field("J1-03").display(city)})


@check("natural_person_complete")
def _natural_person_complete(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    for at, holder in enumerate(asked.rows("J5")):
        if holder.get("holder_kind") != "自然人":
            continue
        for code in row.codes:
            one = asked.catalogue.field(code)
            if not holder.get(one.column):
                yield Hit(("J5", at, one.column), {"field": one.title}, (code,))
