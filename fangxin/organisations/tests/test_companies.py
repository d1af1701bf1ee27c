"""Registering, renaming and finding companies."""

import pytest

from fangxin.organisations import actions, queries
from fangxin.organisations.models import Company
from fangxin.organisations.refusals import ActRefused

from .conftest import DAY

pytestmark = pytest.mark.django_db


def register(by, name="北京安居物业管理有限公司", **given):
    given.setdefault("kinds", ["property"])
    return actions.register_company(name=name, jurisdictions=["beijing"], by=by, **given)


def test_a_unified_code_brings_the_organisation_code_inside_it(agency):
    assert (agency.uscc, agency.org_code) == ("91110302562134916R", "56213491-6")


def test_a_code_with_a_wrong_digit_is_refused_naming_the_digit(by):
    with pytest.raises(ActRefused, match=r"统一社会信用代码.*第18位") as refused:
        register(by, uscc="91110302562134916A")
    assert refused.value.field == "uscc"
    assert not Company.objects.exists()


def test_an_organisation_code_with_a_wrong_digit_is_refused(by):
    with pytest.raises(ActRefused, match=r"组织机构代码.*第9位") as refused:
        register(by, org_code="D2143569-1")
    assert refused.value.field == "org_code"


def test_a_licence_number_with_a_wrong_digit_is_refused(by):
    with pytest.raises(ActRefused, match="第15位") as refused:
        register(by, licence_no="350200100000019")
    assert refused.value.field == "licence_no"


def test_two_codes_of_different_companies_are_refused_together(by):
    with pytest.raises(ActRefused, match="不一致") as refused:
        register(by, uscc="91110302562134916R", org_code="D2143569X")
    assert refused.value.field == "org_code"


def test_a_code_registered_before_is_refused_and_says_whose_it_is(agency, by):
    with pytest.raises(ActRefused, match="北京诚信房地产经纪有限公司"):
        register(by, uscc="91110302562134916R")


def test_the_same_name_written_otherwise_is_the_same_company(by):
    register(by, name="北京安居物业（朝阳）有限公司")
    with pytest.raises(ActRefused, match="北京安居物业（朝阳）有限公司"):
        register(by, name="北京 安居物业(朝阳)有限公司")


def test_two_companies_of_one_name_are_told_apart_by_their_codes(by):
    register(by, uscc="91110302562134916R")
    register(by, uscc="911103027404017237")
    assert Company.objects.count() == 2


def test_an_unknown_link_is_refused(by):
    with pytest.raises(ActRefused, match="业务环节"):
        register(by, kinds=["fishing"])


@pytest.mark.parametrize("name", ["", "   ", "名" * 201, "安\x00居"])
def test_a_name_that_is_no_name_is_refused(by, name):
    with pytest.raises(ActRefused, match="企业名称"):
        register(by, name=name)


def test_rare_ideographs_and_emoji_in_a_name_are_kept(by):
    assert register(by, name="北京𠮷㛃🏠置业有限公司").name == "北京𠮷㛃🏠置业有限公司"


def test_a_company_is_found_by_its_former_name(agency, by):
    actions.rename_company(agency.pk, "北京信达房地产经纪有限公司", on=DAY, by=by)
    assert queries.find_companies("诚信房地产") == [agency]
    assert queries.find_companies("信达 经纪") == [agency]
    assert queries.company_matching("北京诚信房地产经纪有限公司") == agency
    assert agency.former_names.get().until_on == DAY


def test_renaming_to_the_name_of_another_company_is_refused(agency, by):
    register(by, name="北京安居物业管理有限公司")
    with pytest.raises(ActRefused, match="重名"):
        actions.rename_company(agency.pk, "北京安居物业管理有限公司", on=DAY, by=by)


def test_a_company_is_found_by_parts_of_its_name_and_by_its_codes(agency, by):
    other = register(by)
    assert queries.find_companies("安居 物业") == [other]
    assert queries.find_companies("911103025621") == [agency]
    assert queries.find_companies("北京") == [other, agency]
    assert queries.find_companies("北京", link="brokerage") == [agency]
    assert queries.find_companies("   ") == []
    assert queries.find_companies("100%_") == []
    assert queries.company_by_code("9111 0302 5621 3491 6r") == agency
    assert queries.company_by_code("56213491-6") == agency
    assert queries.company_by_code("") is None


def test_a_name_matches_apart_from_spaces_and_brackets_but_not_in_part(by):
    company = register(by, name="北京安居物业（朝阳）有限公司")
    assert queries.company_matching("北京安居物业(朝阳) 有限公司") == company
    assert queries.company_matching("安居物业") is None
    assert queries.company_matching("") is None


def test_a_name_two_companies_bear_matches_neither(by):
    register(by, uscc="91110302562134916R")
    register(by, uscc="911103027404017237")
    assert queries.company_matching("北京安居物业管理有限公司") is None
