"""Anybody finds an agency by any part of a name it bears or bore, its codes, its people; best first."""

from datetime import date

import pytest
import time_machine

from fangxin.agencies.actions import enter_agency
from fangxin.agencies.actions.publishing import publish_anew, publish_standing
from fangxin.agencies.initials import initials_of
from fangxin.agencies.models import Agency, Practitioner, PublishedAgency, PublishedName
from fangxin.agencies.published import (
    MOST_COUNTED,
    Wanted,
    people_called,
    present_code,
    profile,
    search,
)
from fangxin.agencies.search_keys import needle_of, number_of, searched_by
from fangxin.deadlines.clock import today
from fangxin.organisations.models import Body, Company
from fangxin.organisations.names import name_key
from tests.fujian_cast import BY, FujianCast, fujian_cast, published_agency, typed_values

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> FujianCast:
    return fujian_cast()


def found(text: str, city: str = "", county: str = "") -> list[str]:
    return [row["name"] for row in search(Wanted("fujian", text, city, county)).rows]


def test_any_part_of_a_name_finds_it(cast):
    name = published_agency(cast).company.name
    for part in (
        "福州诚信房产经纪有限公司",
        "诚信",
        "诚",
        "州诚信房",
        "有限公司",
        "福 州（诚信）",
        "【福州】诚-信",
    ):
        assert found(part) == [name], part
    for other in ("厦门", "诚房", "信诚", "𠮷", "%", "_", "福州%公司", "' or 1=1 --", "{{ 7*7 }}", "😀"):
        assert found(other) == [], other


def test_initials_find_it(cast):
    name = published_agency(cast).company.name
    for letters in ("f", "fz", "FZCX", "cxfc", "fzcxfcjjyxgs", "cx f c"):
        assert found(letters) == [name], letters
    assert found("cx") == [], "two letters are the beginning"
    assert found("xcz") == []


def test_each_form_of_the_code_finds_it_and_leads_to_it(cast):
    agency = published_agency(cast)
    for code in (
        agency.code,
        agency.code.lower(),
        f"{agency.code[:8]} {agency.code[8:]}",
        agency.code[8:17],
        agency.code[:8],
    ):
        assert found(code) == [agency.company.name], code
    assert present_code("fujian", agency.code[8:17]) == agency.code
    assert present_code("fujian", "350200000000000") is None


def test_a_broker_leads_to_the_agency(cast):
    name = published_agency(cast).company.name
    assert found("35200900123") == [name]
    for text in ("张伟", "张", "35200900123", " 张 伟 "):
        assert [row["agency_name"] for row in people_called("fujian", text).rows] == [name], text
    assert people_called("fujian", "伟").total == 0


def test_a_place_narrows_the_search_and_alone_lists_it(cast):
    name = published_agency(cast).company.name
    assert found("", "350100") == found("", "350100", "350102") == found("诚信", "350100") == [name]
    assert found("", "350200") == found("诚信", "350200") == found(cast.agency.code, "350200") == []


def test_a_former_name_finds_it_and_is_told(cast):
    published_agency(cast)
    values = typed_values(cast.agency)
    published_agency(cast, J1={**values["J1"], "name": "福州至诚房产经纪有限公司"})
    (row,) = search(Wanted("fujian", "诚信房产")).rows
    assert row["name"] == "福州至诚房产经纪有限公司"
    assert row["found_by"]["name"] == "福州诚信房产经纪有限公司"
    assert "found_by" not in search(Wanted("fujian", "福州至诚")).rows[0]


def test_a_branch_finds_its_head_office_and_itself(cast):
    published_agency(cast)
    branch = enter_agency(
        jurisdiction="fujian", code=cast.other_agency.code, name="x", city="350200", county="350203", by=BY
    )
    branch.head_office = cast.agency
    branch.save()
    published_agency(cast, branch, cast.other_filer, cast.other_reviewer)
    assert found("海润") == ["厦门海润房产经纪有限公司", "福州诚信房产经纪有限公司"]
    assert [one["name"] for one in profile("fujian", cast.agency.code, on=today()).branches] == [
        "厦门海润房产经纪有限公司"
    ]
    assert profile("fujian", branch.code, on=today()).head_office["code"] == cast.agency.code


def test_the_whole_name_comes_first_then_names_that_begin_so_then_by_name(cast):
    lay("诚信", "安居诚信", "诚信二店", "诚信一店", "百姓诚信")
    assert found("诚信") == ["诚信", "诚信一店", "诚信二店", "安居诚信", "百姓诚信"]


def test_of_thousands_three_thousand_are_counted_and_the_order_is_the_same(cast):
    lay(*(f"甲{n:04d}乙" for n in range(MOST_COUNTED + 40)), "乙", "乙方", "丙乙")
    page = search(Wanted("fujian", "乙"))
    assert page.more_than_counted
    assert page.pages == 150
    assert [row["name"] for row in page.rows][:4] == ["乙", "乙方", "丙乙", "甲0000乙"]
    assert search(Wanted("fujian", "乙"), 2).rows[0]["name"] == "甲0017乙"
    assert search(Wanted("fujian", "乙", "350200")).total == 0
    assert search(Wanted("fujian", "", "350100")).more_than_counted


def test_a_page_behind_the_last_is_the_last(cast):
    lay(*(f"甲{n:02d}" for n in range(45)))
    last = search(Wanted("fujian", "甲"), 99)
    assert (last.page, len(last.rows), last.total) == (3, 5, 45)
    assert search(Wanted("fujian", "丙"), 99).total == 0


def test_who_is_merged_leads_to_the_successor(cast):
    published_agency(cast)
    published_agency(cast, cast.other_agency, cast.other_filer, cast.other_reviewer)
    agency = cast.agency
    agency.refresh_from_db()
    agency.standing, agency.merged_into = "merged", cast.other_agency
    agency.save()
    publish_standing(agency)
    shown = profile("fujian", agency.code, on=today())
    assert shown.agency["standing"] == "merged"
    assert shown.successor == {"code": cast.other_agency.code, "name": "厦门海润房产经纪有限公司"}


def test_the_profile_can_be_read_as_of_any_day(cast):
    with time_machine.travel("2026-03-02 10:00+08:00"):
        published_agency(cast)
    with time_machine.travel("2026-06-01 10:00+08:00"):
        values = typed_values(cast.agency)
        published_agency(cast, J1={**values["J1"], "staff_count": "9"})
    read = {
        on: profile("fujian", cast.agency.code, on=on)
        for on in (date(2026, 3, 1), date(2026, 5, 31), date(2026, 6, 1))
    }
    assert read[date(2026, 3, 1)].version is None
    assert read[date(2026, 5, 31)].values["J1"]["staff_count"] == 8
    assert read[date(2026, 6, 1)].values["J1"]["staff_count"] == 9
    assert [one["number"] for one in read[date(2026, 6, 1)].versions] == [2, 1]


def test_published_anew_it_is_the_same(cast):
    agency = published_agency(cast)
    before = PublishedAgency.objects.filter(pk=agency.pk).values().get()
    publish_anew(agency)
    assert PublishedAgency.objects.filter(pk=agency.pk).values().get() == before


def test_what_stands_in_the_roster_is_public_with_its_agency(cast):
    Practitioner.objects.create(
        jurisdiction="fujian", registration_no="35200900999", name="李娜", kind="assistant",
        agency_code=cast.agency.code, full_time=False,
    )  # fmt: skip
    published_agency(cast)
    assert [(one["name"], one["full_time"]) for one in profile("fujian", cast.agency.code, on=today()).people] == [
        ("张伟", None), ("李娜", False)
    ]  # fmt: skip


def test_nothing_is_left_of_brackets_and_blanks():
    assert needle_of(" （） ") is None
    # What most names bear is asked for when there is nothing else.
    assert needle_of("诚信房地产经纪有限公司").grams == ("诚信",)
    assert set(needle_of("有限公司").grams) == {"有限", "限公", "公司"}
    assert number_of("91350102") == "91350102"
    assert number_of("abcdef") == ""


def lay(*names: str) -> None:
    """So many agencies, published as rows."""
    body = Body.objects.filter(jurisdiction="fujian").first()
    companies = Company.objects.bulk_create(
        Company(name=name, name_key=name_key(name), jurisdictions=["fujian"]) for name in names
    )
    agencies = Agency.objects.bulk_create(
        Agency(
            company=one, jurisdiction="fujian", code=f"T{at:08d}", city="350100", county="350102",
            reviewing_body=body, entered_on=date(2026, 1, 1),
        )
        for at, one in enumerate(companies)
    )  # fmt: skip
    made = [
        PublishedAgency(
            agency=agency, jurisdiction="fujian", code=agency.code, name=name, city="350100", county="350102",
            standing="active", first_on=date(2026, 1, 1), updated_on=date(2026, 1, 1),
            **searched_by([name_key(name)], [initials_of(name)], "350100", "350102"),
        )
        for agency, name in zip(agencies, names, strict=True)
    ]  # fmt: skip
    PublishedAgency.objects.bulk_create(made)
    PublishedName.objects.bulk_create(
        PublishedName(agency=one, kind="present", name=one.name, name_key=one.name_key) for one in made
    )
