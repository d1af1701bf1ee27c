"""Founding bodies, and the department a district designates."""

import pytest
from django.db import IntegrityError, transaction

from fangxin.organisations import actions, queries
from fangxin.organisations.models import Body
from fangxin.organisations.refusals import ActRefused

pytestmark = pytest.mark.django_db


def test_the_bodies_of_beijing_are_founded_once(by):
    founded = actions.found_bodies("beijing", by=by)
    codes = {body.code for body in founded}
    assert {"city.research_centre", "city.emergency", "city.brigade", "city.surveying"} <= codes
    assert len([code for code in codes if code.startswith("district.")]) == 17 * 4
    assert actions.found_bodies("beijing", by=by) == []
    assert Body.objects.count() == len(founded)


def test_every_district_has_exactly_one_entry_department(by):
    actions.found_bodies("beijing", by=by)
    districts = {body.district for body in queries.bodies("beijing")} - {""}
    assert len(districts) == 17
    for district in districts:
        entering = Body.objects.filter(district=district, functions__contains=["intake_district"])
        assert entering.count() == 1
        assert "dispatch_district" in entering.get().functions


def test_the_functions_are_those_the_documents_give(by):
    actions.found_bodies("beijing", by=by)
    assert {"dispatch", "intake_hotline", "intake_media"} <= set(
        queries.body("city.research_centre").functions
    )
    assert "intake_hotline" in queries.body("city.emergency").functions
    assert "dispatch" not in queries.body("city.emergency").functions
    assert "hub_property" in queries.body("city.property_guidance").functions
    assert "handle" in queries.body("district.110105.brokerage").functions
    assert "business_division" in queries.body("city.development").functions


def test_the_bodies_of_fujian_are_founded_once_each_under_its_city(by):
    founded = actions.found_bodies("fujian", by=by)
    assert len(founded) == Body.objects.filter(jurisdiction="fujian").count() == 3 + 10 + 82
    assert actions.found_bodies("fujian", by=by) == []
    gulou = queries.body("district.350102.housing")
    assert gulou.parent == queries.body("city.350100.housing")
    assert (gulou.level, gulou.district) == ("district", "350102")
    assert queries.body("city.350128.housing").name == "平潭综合实验区房地产行政主管部门"


def test_in_fujian_departments_review_the_committee_prepares_and_nobody_enters_cases(by):
    actions.found_bodies("fujian", by=by)
    assert {"review", "approve_query", "give_filing_opinion"} <= set(
        queries.body("city.350100.housing").functions
    )
    assert "review" in queries.body("district.350102.housing").functions
    committee = set(queries.body("province.committee").functions)
    assert {"prepare", "precheck", "draft_changes"} <= committee
    assert not {"review", "approve_query", "consent_to_withdrawal"} & committee
    assert queries.body("province.information_centre").functions == ["operate"]
    assert not Body.objects.filter(jurisdiction="fujian", functions__contains=["intake_district"]).exists()


def test_both_provinces_can_be_founded_side_by_side(by):
    actions.found_bodies("fujian", by=by)
    actions.found_bodies("beijing", by=by)
    assert len(queries.bodies("fujian")) == 95
    assert queries.entry_department("110105", "beijing") is not None


@pytest.mark.parametrize(
    ("link", "district", "code"),
    [
        ("brokerage", "110105", "district.110105.brokerage"),
        ("trading", "110302", "district.110302.market"),
        ("development", "110119", "district.110119.development"),
        ("property", "110101", "district.110101.property"),
        ("appraisal", "", "city.market"),
        ("surveying", "", "city.surveying"),
    ],
)
def test_each_link_finds_its_department(by, link, district, code):
    actions.found_bodies("beijing", by=by)
    assert queries.department_for(link, district, "beijing").code == code


def test_designating_another_department_relieves_the_first(market, brokerage, by):
    actions.designate_entry_department(market.code, by=by)
    actions.designate_entry_department(brokerage.code, by=by)
    assert queries.entry_department("110105", "beijing") == brokerage
    assert queries.body(market.code).functions == ["handle"]


def test_two_entry_departments_in_one_district_are_refused_by_the_database(market, brokerage, by):
    actions.designate_entry_department(market.code, by=by)
    brokerage.functions = ["intake_district"]
    with pytest.raises(IntegrityError), transaction.atomic():
        brokerage.save()


def test_a_body_of_the_city_is_no_entry_department_of_a_district(by):
    actions.create_body(code="city.market", jurisdiction="beijing", name="房屋市场处", level="city", by=by)
    with pytest.raises(ActRefused, match="录入部门"):
        actions.designate_entry_department("city.market", by=by)


def test_a_code_in_use_and_an_unknown_code_are_refused(market, by):
    with pytest.raises(ActRefused, match="已被使用"):
        actions.create_body(code=market.code, jurisdiction="beijing", name="另一部门", level="city", by=by)
    with pytest.raises(ActRefused, match="没有代码为"):
        queries.body("district.999999.market")
