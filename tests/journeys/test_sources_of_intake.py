"""二(一): five ways by which cases arrive, each entered by those the text names, and refused to all others.

The table is written here by hand from the text, over every body there is; the rulebook is what is tried.
"""

import re

import pytest
from django.urls import reverse

from fangxin.cases.actions import register_case
from fangxin.cases.actions.intake import may_enter
from fangxin.cases.models import Case
from fangxin.complaints.actions import Grievance
from fangxin.complaints.complainant import Identity
from fangxin.organisations.actions import designate_entry_department
from fangxin.organisations.models import Body
from fangxin.organisations.roles import Acting, Role
from fangxin.rules import book
from tests.journeys.test_seven_people import Seat
from tests.stage import refused

pytestmark = pytest.mark.django_db

CITY = {
    "city.research_centre", "city.emergency", "city.market", "city.development", "city.property",
    "city.property_guidance", "city.brigade", "city.surveying",
}  # fmt: skip
DISTRICTS = {
    "110101", "110102", "110105", "110106", "110107", "110108", "110109", "110111", "110112", "110113",
    "110114", "110115", "110116", "110117", "110118", "110119", "110302",
}  # fmt: skip
DEPARTMENTS = {"market", "brokerage", "development", "property"}
EVERY_DEPARTMENT = CITY | {f"district.{d}.{department}" for d in DISTRICTS for department in DEPARTMENTS}
DESIGNATED = "the one department of each district that its district has designated"

MAY_ENTER = {
    "hotline": {"city.research_centre", "city.emergency"},  # 1 由城研中心和应急处录入
    "web": set(),  # 2 自动转入
    "media": {"city.research_centre"},  # 3 由城研中心录入
    "routine": EVERY_DEPARTMENT,  # 4 由各部门录入
    "referred": EVERY_DEPARTMENT,
    "supervised": EVERY_DEPARTMENT,
    "district": DESIGNATED,  # 5 由区县指定专门的部门录入
}
CLAUSES = {
    "hotline": "二(一)1", "web": "二(一)2", "media": "二(一)3", "routine": "二(一)4", "referred": "二(一)4",
    "supervised": "二(一)4", "district": "二(一)5",
}  # fmt: skip
SORTED_BY_THE_CENTRE = {"hotline", "media"}
FOUND = Grievance(title="门店虚假房源", text="三套房源不存在。")


def may(source: str, body: Body) -> bool:
    if MAY_ENTER[source] is DESIGNATED:
        return body.level == "district" and "intake_district" in body.functions
    return body.code in MAY_ENTER[source]


def clerk_of(body: Body, role: Role = Role.INTAKE_CLERK) -> Acting:
    return Acting(
        1, "录入员", 1, role, body_id=body.pk, body_code=body.code, body_level=body.level, district=body.district,
        functions=frozenset(body.functions), jurisdiction="beijing",
    )  # fmt: skip


def test_the_bodies_are_those_of_the_text(stage):
    assert set(Body.objects.values_list("code", flat=True)) == EVERY_DEPARTMENT
    designated = Body.objects.filter(functions__contains=["intake_district"])
    assert sorted(designated.values_list("district", flat=True)) == sorted(DISTRICTS)


@pytest.mark.parametrize("source", MAY_ENTER)
def test_of_all_bodies_only_those_the_text_names_enter_this_source(stage, source):
    rule = book("beijing").source(source)
    assert rule.clause == CLAUSES[source]
    for body in Body.objects.all():
        why = may_enter(rule, clerk_of(body))
        assert (why == "") is may(source, body), f"{body.code} {source}: {why}"
        if why:
            assert rule.clause in why
            assert rule.quote in why


@pytest.mark.parametrize("source", MAY_ENTER)
@pytest.mark.parametrize("code", sorted(CITY) + [f"district.110105.{one}" for one in sorted(DEPARTMENTS)])
def test_what_may_be_entered_is_entered_and_what_may_not_leaves_nothing(stage, source, code):
    clerk, body = stage.at(code, Role.INTAKE_CLERK), Body.objects.get(code=code)
    if not may(source, body):
        with refused(re.escape(CLAUSES[source]), "source"):
            register_case(FOUND, Identity(), source=source, by=clerk)
        return
    case = Case.objects.get(number=register_case(FOUND, Identity(), source=source, by=clerk).number)
    assert (case.status, case.source, case.complaint.entered_by) == ("registered", source, body)
    if body.level == "city" or source in SORTED_BY_THE_CENTRE:
        assert case.holder.code == "city.research_centre"
    else:
        assert "intake_district" in case.holder.functions
        assert case.holder.district == body.district


@pytest.mark.parametrize("role", list(Role))
def test_of_the_roles_four_enter_cases(stage, role):
    rule, centre = book("beijing").source("hotline"), Body.objects.get(code="city.research_centre")
    enters = role in {Role.INTAKE_CLERK, Role.DISPATCHER, Role.DEPARTMENT_CLERK, Role.CASE_OFFICER}
    assert (may_enter(rule, clerk_of(centre, role)) == "") is enters


def test_when_a_district_designates_another_department_the_right_goes_over(stage):
    old = Body.objects.get(district="110105", functions__contains=["intake_district"])
    new = Body.objects.get(code="district.110105.property")
    assert new != old
    designate_entry_department(new.code, by=stage.cast.dispatcher.actor)
    rule = book("beijing").source("district")
    old.refresh_from_db()
    new.refresh_from_db()
    assert may_enter(rule, clerk_of(old)) != ""
    assert may_enter(rule, clerk_of(new)) == ""


# On the screen


@pytest.mark.parametrize(
    ("username", "sources"),
    [
        ("wulei", {"hotline", "routine", "referred", "supervised"}),
        ("liqiang", {"hotline", "media", "routine", "referred", "supervised"}),
        ("wangfang", {"routine", "referred", "supervised"}),
    ],
)
def test_the_form_offers_exactly_the_sources_of_the_clerks_body(stage, username, sources):
    page = Seat(stage.cast, username).reads("intake")
    assert set(re.findall(r'name="source" value="(\w+)"', page)) == sources


def test_a_source_that_was_not_offered_is_refused_though_somebody_sends_it(stage):
    seat = Seat(stage.cast, "wangfang")
    said = seat.is_refused("intake", source="hotline", title="热线", text="退定金")
    assert "来源：请在列表中选择" in said
    assert not Case.objects.exists()


@pytest.mark.parametrize("username", ["zhaogang", "sunli", "liuyang"])
def test_who_enters_no_cases_has_no_such_page(stage, username):
    assert Seat(stage.cast, username).client.get(reverse("intake")).status_code == 404


def test_a_web_complaint_needs_nobody(stage):
    case = stage.registered()
    assert (case.source, case.complaint.entered_by) == ("web", None)
