"""Who acts for whom."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from fangxin.journal.actors import Actor
from fangxin.organisations import actions, queries
from fangxin.organisations.models import Company, Membership
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import OFFICE_ROLES, TITLES, Role

from .conftest import DAY, PASSWORD

pytestmark = pytest.mark.django_db


def test_every_role_has_a_chinese_title():
    assert set(TITLES) == set(Role)
    assert Role.CASE_OFFICER.title == "经办人"


def test_an_officer_acts_for_the_department_in_one_query(wang, brokerage):
    (chosen,) = queries.memberships_of(wang.pk)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = queries.acting(chosen.membership_id, wang.pk)
    assert len(asked) == 1
    assert found == chosen
    assert found.label == "王芳（朝阳区经纪机构管理部门·经办人）"
    assert (found.role, found.body_id, found.district, found.link) == (
        Role.CASE_OFFICER,
        brokerage.pk,
        "110105",
        "brokerage",
    )
    assert found.functions == {"handle"}
    assert found.jurisdiction == "beijing"
    assert found.actor == Actor(
        user_id=wang.pk, label=found.label, body_id=brokerage.pk, company_id=None, role="case_officer"
    )


def test_nobody_acts_in_another_persons_membership(wang, zhao):
    (of_zhao,) = queries.memberships_of(zhao.pk)
    assert queries.acting(of_zhao.membership_id, wang.pk) is None


def test_a_membership_ends_at_once(wang, by):
    (chosen,) = queries.memberships_of(wang.pk)
    actions.leave(chosen.membership_id, on=DAY, by=by)
    assert queries.acting(chosen.membership_id, wang.pk) is None
    assert queries.memberships_of(wang.pk) == []
    with pytest.raises(ActRefused, match="已于2026-03-02结束"):
        actions.leave(chosen.membership_id, on=DAY, by=by)


def test_a_closed_account_and_a_closed_body_end_what_hangs_on_them(wang, zhao, brokerage):
    wang.is_active = False
    wang.save()
    assert queries.memberships_of(wang.pk) == []
    assert [p.name for p in queries.heads_of(brokerage.pk)] == ["赵刚"]
    brokerage.is_active = False
    brokerage.save()
    assert queries.memberships_of(zhao.pk) == []


def test_officers_and_heads_are_told_apart(wang, zhao, brokerage):
    assert [p.name for p in queries.officers_of(brokerage.pk)] == ["王芳"]
    assert [p.name for p in queries.heads_of(brokerage.pk)] == ["赵刚"]


def test_a_deputy_comes_after_the_head_and_is_named_so(wang, zhao, brokerage, by):
    actions.join(wang.pk, Role.DEPARTMENT_HEAD, on=DAY, body_code=brokerage.code, is_deputy=True, by=by)
    assert [p.name for p in queries.heads_of(brokerage.pk)] == ["赵刚", "王芳"]
    assert queries.memberships_of(wang.pk)[-1].label == "王芳（朝阳区经纪机构管理部门·代理部门领导）"


def test_the_same_membership_twice_is_refused(wang, brokerage, by):
    with pytest.raises(ActRefused, match="已经是"):
        actions.join(wang.pk, Role.CASE_OFFICER, on=DAY, body_code=brokerage.code, by=by)


def test_one_may_come_back_after_leaving(wang, brokerage, by):
    (chosen,) = queries.memberships_of(wang.pk)
    actions.leave(chosen.membership_id, on=DAY, by=by)
    actions.join(wang.pk, Role.CASE_OFFICER, on=DAY, body_code=brokerage.code, by=by)
    assert len(queries.memberships_of(wang.pk)) == 1


def test_a_company_is_on_the_platform_while_somebody_acts_for_it(agency, by):
    user = actions.create_user(username="chenjie", full_name="陈杰", password=PASSWORD, by=by)
    membership = actions.join(user.pk, Role.COMPANY_USER, on=DAY, company_id=agency.pk, by=by)
    assert Company.objects.get().on_platform
    assert [p.name for p in queries.people_of_company(agency.pk)] == ["陈杰"]
    (chosen,) = queries.memberships_of(user.pk)
    assert (chosen.company_id, chosen.body_id, chosen.jurisdiction) == (agency.pk, None, "beijing")
    assert chosen.label == "陈杰（北京诚信房地产经纪有限公司·企业人员）"
    actions.leave(membership.pk, on=DAY, by=by)
    assert not Company.objects.get().on_platform


@pytest.mark.parametrize("role", sorted(set(Role) - OFFICE_ROLES))
def test_no_body_has_a_role_of_the_outside(wang, brokerage, by, role):
    with pytest.raises(ActRefused, match="角色"):
        actions.join(wang.pk, role, on=DAY, body_code=brokerage.code, by=by)


@pytest.mark.parametrize("role", sorted(OFFICE_ROLES | {Role.CITIZEN, Role.SYSTEM}))
def test_a_company_has_no_role_but_its_own(wang, agency, by, role):
    with pytest.raises(ActRefused, match="角色"):
        actions.join(wang.pk, role, on=DAY, company_id=agency.pk, by=by)


def test_a_membership_is_of_a_body_or_of_a_company(wang, brokerage, agency, by):
    for both_or_none in ({}, {"body_code": brokerage.code, "company_id": agency.pk}):
        with pytest.raises(ActRefused, match="任职"):
            actions.join(wang.pk, Role.CASE_OFFICER, on=DAY, by=by, **both_or_none)


def test_the_database_itself_refuses_a_membership_of_both_of_neither_or_in_a_foreign_role(
    wang, brokerage, agency
):
    for wrong in (
        {"body": brokerage, "company": agency, "role": "company_user"},
        {"role": "case_officer"},
        {"company": agency, "role": "case_officer"},
        {"body": brokerage, "role": "company_user"},
        {"body": brokerage, "role": "case_officer"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.create(user=wang, starts_on=DAY, **wrong)
