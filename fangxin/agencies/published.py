"""What the public reads of the register. Only tables named `agencies_published…` are read here.

Searches are written out in SQL: what is looked for decides which way through the index is short. A part of a name
that few bear is found in the index of pieces; one that thousands bear stands in the first names in order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from fangxin.agencies.models import (
    PublishedAgency,
    PublishedCode,
    PublishedCoverage,
    PublishedPerson,
    PublishedPicture,
    PublishedProfile,
)
from fangxin.agencies.search_keys import LAST_CHARACTER, Hay, Needle, needle_of, number_of, place
from fangxin.organisations.asked_often import asked_often

PER_PAGE = 20
MOST_COUNTED = 3000
FIRST_FEW = 20
# Agencies or persons read at a time for a file.
AT_ONCE = 500
COLUMNS = (
    "agency_id", "code", "name", "city", "county", "standing", "brokers", "updated_on", "merged_into_code",
    "head_office_code", "name_key",
)  # fmt: skip
_SELECTED = ", ".join(COLUMNS)
# Behind every text that begins so.
_BEHIND = f"chr({ord(LAST_CHARACTER)})"


@dataclass(frozen=True)
class Wanted:
    """What is searched for; every part may be empty."""

    jurisdiction: str
    text: str = ""
    city: str = ""
    county: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.text or self.city or self.county)


@dataclass(frozen=True)
class Found:
    """One page of what was found; `total` counts to 3001 and no further."""

    rows: Sequence[dict[str, Any]]
    total: int
    page: int

    @property
    def more_than_counted(self) -> bool:
        return self.total > MOST_COUNTED

    @property
    def pages(self) -> int:
        """How many pages there are to turn."""
        return max(1, -(-min(self.total, MOST_COUNTED) // PER_PAGE))


def search(wanted: Wanted, page: int = 1) -> Found:
    """The agencies that bear or bore the name, have a branch of that name, the code, or a person of that number.

    Best first: the whole name, then names that begin so, then by name. A page behind the last is the last.
    """
    page = min(max(page, 1), MOST_COUNTED // PER_PAGE)
    found = _page(wanted, page)
    if not found.rows and page > 1:
        total = _page(wanted, 1).total
        last = Found((), total, 1).pages
        return Found(_page(wanted, last).rows, total, last)
    return found


def _page(wanted: Wanted, page: int) -> Found:
    first = (page - 1) * PER_PAGE
    if number := number_of(wanted.text):
        found = _found(
            _by_number(bool(wanted.city), bool(wanted.county)), _number_values(wanted, number, first), page
        )
        if found.total:
            return found
    needle = needle_of(wanted.text)
    if needle is None:
        # Brackets and blanks alone are no name; nothing at all asks for everybody.
        if wanted.text.strip():
            return Found((), 0, page)
        return _found(_of_place(bool(wanted.city), bool(wanted.county)), _place_values(wanted, first), page)
    found = _found(_by_pieces(needle.hay), _pieces_values(wanted, needle, first), page)
    if found.more_than_counted:
        statement = _in_order(needle.hay, bool(wanted.city), bool(wanted.county))
        found = Found(_rows(statement, _order_values(wanted, needle, first)), found.total, page)
    return Found(_with_other_names(found.rows, needle), found.total, page)


def _found(statement: str, values: Mapping[str, Any], page: int) -> Found:
    rows = _rows(statement, values)
    return Found(rows, rows[0]["total"] if rows else 0, page)


def _rows(statement: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _somewhere(city: bool, county: bool) -> str:
    return f"{' and city = %(city)s' if city else ''}{' and county = %(county)s' if county else ''}"


@cache
def _by_pieces(hay: Hay) -> str:
    """Whoever has all pieces, read whole as long as it is not thousands."""
    return f"""
        with hit as materialized (
            select agency_id, name_key as sorted_by,
                   case when strpos({hay}, %(whole)s) > 0 then 0
                        when strpos({hay}, %(begun)s) = 1 then 1 else 2 end as nearness
            from agencies_publishedagency
            where jurisdiction = %(jurisdiction)s and grams @> %(grams)s and strpos({hay}, %(text)s) > 0
            limit {MOST_COUNTED + 1}
        ), page as (
            select agency_id, sorted_by, nearness, count(*) over () as total from hit
            order by nearness, sorted_by, agency_id offset %(first)s limit {PER_PAGE}
        )
        select {_SELECTED}, total from page join agencies_publishedagency using (agency_id)
        order by nearness, sorted_by, agency_id"""  # noqa: S608 - column names of ours


def _pieces_values(wanted: Wanted, needle: Needle, first: int) -> dict[str, Any]:
    places = [place(code) for code in (wanted.city, wanted.county) if code]
    return {
        "jurisdiction": wanted.jurisdiction, "grams": [*needle.grams, *places], "text": needle.text,
        "whole": needle.whole, "begun": needle.begun, "first": first,
    }  # fmt: skip


@cache
def _in_order(hay: Hay, city: bool, county: bool) -> str:
    """Where thousands are found, the first ones in order are soon read, and the others not at all."""
    base = f"from agencies_publishedagency where jurisdiction = %(jurisdiction)s{_somewhere(city, county)}"
    ordered = "order by name_key, agency_id limit %(until)s"
    if hay is Hay.INITIALS:
        return (
            f"select {_SELECTED} {base} and strpos({hay}, %(text)s) > 0 order by name_key, agency_id "
            f"offset %(first)s limit {PER_PAGE}"
        )
    begins = f"name_key >= %(text)s and name_key < %(text)s || {_BEHIND}"
    bear_it = "agency_id in (select agency_id from agencies_publishedname where name_key = %(text)s)"
    return f"""
        select * from (
            (select {_SELECTED} {base} and {bear_it} {ordered})
            union all
            (select {_SELECTED} {base} and {begins} and strpos({hay}, %(whole)s) = 0 {ordered})
            union all
            (select {_SELECTED} {base} and strpos({hay}, %(text)s) > 0 and strpos({hay}, %(whole)s) = 0
                and not ({begins}) {ordered})
        ) as found offset %(first)s limit {PER_PAGE}"""  # noqa: S608 - column names of ours


def _order_values(wanted: Wanted, needle: Needle, first: int) -> dict[str, Any]:
    return {
        "jurisdiction": wanted.jurisdiction, "city": wanted.city, "county": wanted.county, "text": needle.text,
        "whole": needle.whole, "first": first, "until": first + PER_PAGE,
    }  # fmt: skip


@cache
def _of_place(city: bool, county: bool) -> str:
    """Every agency of a place, by name."""
    base = f"from agencies_publishedagency where jurisdiction = %(jurisdiction)s{_somewhere(city, county)}"
    return (
        f"select {_SELECTED}, (select count(*) from (select 1 {base} limit {MOST_COUNTED + 1}) as counted) as total "  # noqa: S608
        f"{base} order by name_key, agency_id offset %(first)s limit {PER_PAGE}"
    )


def _place_values(wanted: Wanted, first: int) -> dict[str, Any]:
    return {
        "jurisdiction": wanted.jurisdiction, "city": wanted.city, "county": wanted.county, "first": first,
    }  # fmt: skip


@cache
def _by_number(city: bool, county: bool) -> str:
    """Whoever has or had a code that begins so, or employs the person of that registration number."""
    return f"""
        with hit as materialized (
            (select agency_id from agencies_publishedcode
             where code >= %(number)s and code < %(number)s || {_BEHIND} limit {MOST_COUNTED + 1})
            union
            (select agency_id from agencies_publishedperson where registration_no = %(number)s
             limit {MOST_COUNTED + 1})
        )
        select {_SELECTED}, count(*) over () as total
        from hit join agencies_publishedagency using (agency_id)
        where jurisdiction = %(jurisdiction)s{_somewhere(city, county)}
        order by code <> %(number)s, name_key, agency_id offset %(first)s limit {PER_PAGE}"""  # noqa: S608


def _number_values(wanted: Wanted, number: str, first: int) -> dict[str, Any]:
    return _place_values(wanted, first) | {"number": number}


def _with_other_names(rows: Sequence[dict[str, Any]], needle: Needle) -> Sequence[dict[str, Any]]:
    """Beside an agency that was found by another name than its own, that name."""
    others = [
        row["agency_id"] for row in rows if needle.hay is Hay.NAMES and needle.text not in row["name_key"]
    ]
    if not others:
        return rows
    by_agency: dict[int, dict[str, Any]] = {}
    for name in _rows(_OTHER_NAMES, {"agencies": others, "text": needle.text}):
        by_agency.setdefault(name["agency_id"], name)
    return [{**row, "found_by": by_agency.get(row["agency_id"])} for row in rows]


_OTHER_NAMES = """
    select agency_id, kind, name, until_on from agencies_publishedname
    where agency_id = any(%(agencies)s) and kind <> 'present' and strpos(name_key, %(text)s) > 0
    order by until_on desc nulls last, name"""


@dataclass(frozen=True)
class Profile:
    """An agency on a day: who it is, the version in force with its shown values, and what belongs to it."""

    agency: Mapping[str, Any]
    version: Mapping[str, Any] | None
    versions: Sequence[Mapping[str, Any]]
    names: Sequence[Mapping[str, Any]]
    people: Sequence[Mapping[str, Any]]
    branches: Sequence[Mapping[str, Any]]
    successor: Mapping[str, Any] | None
    head_office: Mapping[str, Any] | None

    @property
    def values(self) -> Mapping[str, Any]:
        """Shown values by table and column; empty on a day without a version."""
        return self.version["values"] if self.version else {}


_OTHER = "(select json_build_object('code', o.code, 'name', o.name) from agencies_publishedagency o"
# One statement: a page that asked for each part by itself would spend most of its time asking.
_PROFILE = f"""
    select a.agency_id, a.jurisdiction, a.code, a.name, a.city, a.county, a.standing, a.brokers, a.first_on,
        a.updated_on, a.merged_into_code, a.head_office_code,
        (select json_build_object('number', p.number, 'from_on', p.from_on, 'until_on', p.until_on, 'values', p.values)
         from agencies_publishedprofile p
         where p.agency_id = a.agency_id and p.from_on <= %(on)s and (p.until_on is null or p.until_on > %(on)s)
         order by p.from_on desc, p.number desc limit 1) as version,
        array(select json_build_object('number', v.number, 'from_on', v.from_on, 'until_on', v.until_on)
         from agencies_publishedprofile v where v.agency_id = a.agency_id order by v.number desc) as versions,
        array(select json_build_object('kind', n.kind, 'name', n.name, 'until_on', n.until_on)
         from agencies_publishedname n where n.agency_id = a.agency_id and n.kind = 'former'
         order by n.until_on desc, n.name) as names,
        array(select json_build_object('kind', w.kind, 'name', w.name, 'registration_no', w.registration_no,
                                       'full_time', w.full_time)
         from agencies_publishedperson w where w.agency_id = a.agency_id
         order by w.registration_no, w.name limit {FIRST_FEW + 1}) as people,
        array(select json_build_object('code', b.code, 'name', b.name, 'city', b.city, 'county', b.county)
         from agencies_publishedagency b where b.head_office_code = a.code and b.head_office_code <> ''
             and b.jurisdiction = a.jurisdiction order by b.name_key limit {FIRST_FEW + 1}) as branches,
        {_OTHER} where o.jurisdiction = a.jurisdiction and o.code = a.merged_into_code) as successor,
        {_OTHER} where o.jurisdiction = a.jurisdiction and o.code = a.head_office_code) as head_office
    from agencies_publishedagency a where a.jurisdiction = %(jurisdiction)s and a.code = %(code)s"""  # noqa: S608


def profile(jurisdiction: str, code: str, *, on: date) -> Profile | None:
    """The agency as it stands, or stood at the end of the day `on`; None when the public knows no such code."""
    rows = _rows(_PROFILE, {"jurisdiction": jurisdiction, "code": code, "on": on})
    if not rows:
        return None
    row = rows[0]
    parts = {
        part: row.pop(part)
        for part in ("version", "versions", "names", "people", "branches", "successor", "head_office")
    }
    for version in (*parts["versions"], *([parts["version"]] if parts["version"] else [])):
        version["from_on"], version["until_on"] = _day(version["from_on"]), _day(version["until_on"])
    for name in parts["names"]:
        name["until_on"] = _day(name["until_on"])
    return Profile(agency=row, **parts)


def _day(told: str | None) -> date | None:
    return date.fromisoformat(told) if told else None


def present_code(jurisdiction: str, code: str) -> str | None:
    """The code under which the agency that once had this one stands now; None when there is none, or several."""
    number = number_of(code)
    if not number:
        return None
    found = PublishedCode.objects.filter(code=number, agency__jurisdiction=jurisdiction)
    codes = list(found.values_list("agency__code", flat=True).distinct()[:2])
    return codes[0] if len(codes) == 1 else None


def people_called(jurisdiction: str, text: str, page: int = 1) -> Found:
    """Brokers and assistants with that number, or whose name begins so, each with the agency; by name, then number."""
    page = min(max(page, 1), MOST_COUNTED // PER_PAGE)
    number = number_of(text) or text.strip().upper()
    asked = {
        "jurisdiction": jurisdiction,
        "text": "".join(text.split()),
        "number": number,
        "first": (page - 1) * PER_PAGE,
    }
    return _found(_PEOPLE, asked, page)


def people_of(jurisdiction: str, code: str, page: int = 1) -> Found:
    """Everybody who works for the agency, by number."""
    page = min(max(page, 1), MOST_COUNTED // PER_PAGE)
    return _found(_STAFF, {"jurisdiction": jurisdiction, "code": code, "first": (page - 1) * PER_PAGE}, page)


_PERSON = (
    "w.kind, w.name, w.registration_no, w.full_time, a.code as agency_code, a.name as agency_name, a.city, a.county, "
    "a.standing"
)
_PEOPLE = f"""
    with hit as materialized (
        select id, name as sorted_by, registration_no as then_by from agencies_publishedperson
        where name >= %(text)s and name < %(text)s || {_BEHIND}
        union
        select id, name, registration_no from agencies_publishedperson where registration_no = %(number)s
        order by sorted_by, then_by, id limit {MOST_COUNTED + 1}
    ), page as (
        select id, sorted_by, then_by, count(*) over () as total from hit
        order by sorted_by, then_by, id offset %(first)s limit {PER_PAGE}
    )
    select {_PERSON}, page.total from page join agencies_publishedperson w using (id)
    join agencies_publishedagency a on a.agency_id = w.agency_id and a.jurisdiction = %(jurisdiction)s
    order by sorted_by, then_by, id"""  # noqa: S608
_STAFF = f"""
    select {_PERSON}, count(*) over () as total from agencies_publishedperson w
    join agencies_publishedagency a on a.agency_id = w.agency_id
    where a.jurisdiction = %(jurisdiction)s and a.code = %(code)s
    order by w.registration_no, w.name offset %(first)s limit {PER_PAGE}"""  # noqa: S608


@asked_often
def coverage(jurisdiction: str) -> "QuerySet[PublishedCoverage, Any]":
    """By county how many agencies are known and how many public, as last counted (DOC-46)."""
    rows = PublishedCoverage.objects.filter(jurisdiction=jurisdiction).order_by("city", "county")
    return rows.values("city", "county", "known", "published", "counted_on")


def picture(number: UUID) -> tuple[str, bytes] | None:
    """Media type and content of a published picture."""
    found = PublishedPicture.objects.filter(pk=number).values_list("media_type", "content").first()
    return None if found is None else (found[0], bytes(found[1]))


@asked_often
def every_profile(jurisdiction: str, after: int) -> "QuerySet[PublishedProfile, Any]":
    """The next agencies behind number `after`, each with its version in force, for files of the whole register."""
    rows = PublishedProfile.objects.filter(
        agency__jurisdiction=jurisdiction, until_on=None, agency_id__gt=after
    ).order_by("agency_id")
    return rows.values("agency_id", "agency__code", "agency__name", "agency__standing", "from_on", "values")[
        :AT_ONCE
    ]


@asked_often
def everybody(jurisdiction: str, after: int) -> "QuerySet[PublishedPerson, Any]":
    """The next persons behind number `after`, for files of the whole register."""
    rows = PublishedPerson.objects.filter(agency__jurisdiction=jurisdiction, pk__gt=after).order_by("pk")
    return rows.values("pk", "agency__code", "agency__name", "kind", "name", "registration_no", "full_time")[
        :AT_ONCE
    ]


def listed_count(jurisdiction: str) -> int:
    """How many agencies have a page of their own."""
    return PublishedAgency.objects.filter(jurisdiction=jurisdiction).count()


def listed_agencies(jurisdiction: str, first: int, at_most: int) -> list[tuple[str, date]]:
    """Code and day of the last change of so many agencies behind the first, in the order of their codes."""
    rows = PublishedAgency.objects.filter(jurisdiction=jurisdiction).order_by("code")
    return list(rows.values_list("code", "updated_on")[first : first + at_most])


def titles_of_standing() -> dict[str, str]:
    """What each standing is called."""
    return dict(PublishedAgency._meta.get_field("standing").flatchoices)
