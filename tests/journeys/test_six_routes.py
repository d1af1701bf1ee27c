"""二(二): six links, six routes, each from the sorting desk to the desk of the department that takes it on."""

import pytest

from fangxin.cases.actions import accept_case, dispatch_case, forward_from_hub, register_case
from fangxin.cases.actions.handling import Respondent
from fangxin.cases.models import Case, Hop
from fangxin.cases.queries import Sieve, desk
from fangxin.complaints.actions import Grievance
from fangxin.complaints.complainant import Identity
from fangxin.organisations.models import Body
from fangxin.organisations.roles import Role
from tests.cast import member
from tests.journeys.test_seven_people import Seat
from tests.stage import refused

pytestmark = pytest.mark.django_db

# 环节: through which bodies, and who takes it on. Written here from the text.
ROUTES = {
    "trading": (["district.110105.market"], "二(二)(1)"),
    "brokerage": (["district.110105.brokerage"], "二(二)(2)"),
    "development": (["district.110105.development"], "二(二)(3)"),
    "appraisal": (["city.market"], "二(二)(4)"),
    "property": (["city.property_guidance", "district.110105.property"], "二(二)(5)"),
    "surveying": (["city.surveying"], "二(二)(6)"),
}
TO_A_DISTRICT = ("trading", "brokerage", "development", "property")


def lies_with(acting, case):
    return case.number in {row["number"] for row in desk(acting, Sieve())["rows"]}


@pytest.mark.parametrize("link", ROUTES)
def test_a_citys_case_goes_by_its_route_and_is_accepted_at_its_end(stage, link):
    stops, clause = ROUTES[link]
    end = stops[-1]
    clerk, officer = stage.at(end, Role.DEPARTMENT_CLERK), stage.at(end, Role.CASE_OFFICER)
    case = stage.registered()
    case = dispatch_case(case.pk, link=link, district="110105", by=stage.cast.dispatcher)
    assert case.holder.code == stops[0]
    if len(stops) == 2:
        assert lies_with(stage.cast.hub, case)
        assert not lies_with(clerk, case)
        case = forward_from_hub(case.pk, district="110105", by=stage.cast.hub)
    assert lies_with(clerk, case)
    assert [hop.to_body.code for hop in Hop.objects.filter(case=case).order_by("pk")] == stops
    assert set(Hop.objects.filter(case=case).values_list("clause", "rule_key")) == {(clause, link)}
    case = accept_case(
        case.pk, officer_id=officer.user_id, summary="摘要", points=["为何？"],
        respondents=[Respondent(stage.cast.company.pk, "")], by=clerk,
    )  # fmt: skip
    assert (case.status, case.handling_body.code) == ("investigating", end)
    assert lies_with(officer, case)


@pytest.mark.parametrize("link", sorted(set(ROUTES) - set(TO_A_DISTRICT)))
def test_what_the_city_works_on_needs_no_district(stage, link):
    stage.at(ROUTES[link][0][0], Role.DEPARTMENT_CLERK)
    case = dispatch_case(stage.registered().pk, link=link, district="", by=stage.cast.dispatcher)
    assert case.holder.code == ROUTES[link][0][0]


@pytest.mark.parametrize("district", ["110101", "110302"])
@pytest.mark.parametrize("link", ["trading", "brokerage", "development"])
def test_every_district_is_sent_its_own(stage, link, district):
    department = {"trading": "market"}.get(link, link)
    stage.at(f"district.{district}.{department}", Role.DEPARTMENT_CLERK)
    case = dispatch_case(stage.registered().pk, link=link, district=district, by=stage.cast.dispatcher)
    assert (case.holder.code, case.district) == (f"district.{district}.{department}", district)


# 物业 goes through 物业指导中心, and by no other way (TVX-19)


def test_the_centre_cannot_send_a_property_case_straight_to_a_district(stage):
    stage.at("district.110105.property", Role.DEPARTMENT_CLERK)
    case = dispatch_case(stage.registered().pk, link="property", district="110105", by=stage.cast.dispatcher)
    assert (case.status, case.holder.code, case.handling_body) == ("at_hub", "city.property_guidance", None)
    with refused("须由本案现在所在的分件部门办理"):
        forward_from_hub(case.pk, district="110105", by=stage.cast.dispatcher)
    with refused("案件现为“待物导中心分派”"):
        dispatch_case(case.pk, link="property", district="110105", by=stage.cast.dispatcher)
    with refused("案件现为“待物导中心分派”"):
        dispatch_case(case.pk, link="brokerage", district="110105", by=stage.cast.dispatcher)


@pytest.mark.parametrize("role", [Role.DEPARTMENT_CLERK, Role.DEPARTMENT_HEAD, Role.INTAKE_CLERK])
def test_at_the_hub_only_its_dispatcher_sends_on(stage, role):
    case = stage.at_hub()
    with refused("须由分件员办理"):
        forward_from_hub(case.pk, district="110105", by=stage.at("city.property_guidance", role))


def test_a_dispatcher_of_both_the_centre_and_the_hub_goes_through_the_hub_all_the_same(stage):
    case = stage.at_hub()
    hub = Body.objects.get(code="city.property_guidance")
    at_hub_too = member("liqiang", "李强", Role.DISPATCHER, hub)
    with refused("须由本案现在所在的分件部门办理"):
        forward_from_hub(case.pk, district="110105", by=stage.cast.dispatcher)
    assert forward_from_hub(case.pk, district="110105", by=at_hub_too).status == "dispatched"


def test_on_the_screens_the_centre_the_hub_and_the_district_each_see_their_turn(stage):
    clerk = stage.at("district.110105.property", Role.DEPARTMENT_CLERK)
    stage.cast.users[f"district.110105.property-{Role.DEPARTMENT_CLERK.value}"] = _user(clerk)
    case = stage.registered(title="物业乱收停车费")
    centre, hub = Seat(stage.cast, "liqiang"), Seat(stage.cast, "zhouying")
    district = Seat(stage.cast, f"district.110105.property-{Role.DEPARTMENT_CLERK.value}")
    assert case.number not in hub.reads("desk")
    centre.does("case_step", case.number, "dispatch_case", link="property", district="110105")
    assert case.number not in district.reads("desk")
    assert case.number in hub.reads("desk")
    hub.does("case_step", case.number, "forward_from_hub", district="110105")
    assert case.number in district.reads("desk")


def _user(acting):
    from fangxin.organisations.models import User

    return User.objects.get(pk=acting.user_id)


# A district's own cases (二(一)5)


@pytest.fixture
def collected(stage):
    """A case Chaoyang collected, in the queue of the department Chaoyang designated."""
    sorter = stage.at("district.110105.market", Role.DISPATCHER)
    receipt = register_case(
        Grievance(title="信访", text="收费不开票", district="110105"),
        Identity(name="张敏"),
        source="district",
        by=sorter,
    )
    return Case.objects.get(number=receipt.number), sorter


@pytest.mark.parametrize("link", TO_A_DISTRICT)
def test_a_districts_case_is_sorted_by_the_department_it_designated_and_passes_no_hub(stage, collected, link):
    case, sorter = collected
    end = ROUTES[link][0][-1]
    stage.at(end, Role.DEPARTMENT_CLERK)
    assert lies_with(sorter, case)
    assert not lies_with(stage.cast.dispatcher, case)
    case = dispatch_case(case.pk, link=link, district="110105", by=sorter)
    assert (case.status, case.holder.code) == ("dispatched", end)
    assert case.hops.get().clause == "二(一)5"


@pytest.mark.parametrize("link", sorted(set(ROUTES) - set(TO_A_DISTRICT)))
def test_what_no_district_works_on_goes_to_the_centre_and_on_by_its_route(stage, collected, link):
    case, sorter = collected
    case = dispatch_case(case.pk, link=link, district="110105", by=sorter)
    assert (case.status, case.holder.code) == ("registered", "city.research_centre")
    assert not lies_with(sorter, case)
    assert lies_with(stage.cast.dispatcher, case)
    stage.at(ROUTES[link][0][0], Role.DEPARTMENT_CLERK)
    case = dispatch_case(case.pk, link=link, district="", by=stage.cast.dispatcher)
    assert (case.status, case.holder.code) == ("dispatched", ROUTES[link][0][0])


def test_another_department_of_the_district_does_not_sort(stage, collected):
    case, _ = collected
    with refused("须由本案现在所在的分件部门办理"):
        dispatch_case(
            case.pk,
            link="brokerage",
            district="110105",
            by=stage.at("district.110105.property", Role.DISPATCHER),
        )
