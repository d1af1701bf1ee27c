"""A small cast: 王芳 works for 朝阳区's brokerage department, 赵刚 heads it, 诚信房产 is the agency."""

from datetime import date

import pytest

from fangxin.journal.actors import Actor
from fangxin.organisations import actions
from fangxin.organisations.models import Body, Company, User
from fangxin.organisations.roles import Role

DAY = date(2026, 3, 2)
PASSWORD = "Fang-xin-2026"


@pytest.fixture
def by() -> Actor:
    return Actor.system("测试")


@pytest.fixture
def brokerage(db, by) -> Body:
    return actions.create_body(
        code="district.110105.brokerage",
        jurisdiction="beijing",
        name="朝阳区经纪机构管理部门",
        level="district",
        district="110105",
        link="brokerage",
        functions=["handle"],
        by=by,
    )


@pytest.fixture
def market(db, by) -> Body:
    return actions.create_body(
        code="district.110105.market",
        jurisdiction="beijing",
        name="朝阳区房屋市场管理部门",
        level="district",
        district="110105",
        link="trading",
        functions=["handle"],
        by=by,
    )


@pytest.fixture
def agency(db, by) -> Company:
    return actions.register_company(
        name="北京诚信房地产经纪有限公司",
        kinds=["brokerage"],
        jurisdictions=["beijing"],
        uscc="91110302562134916R",
        district="110105",
        by=by,
    )


@pytest.fixture
def wang(brokerage, by) -> User:
    user = actions.create_user(
        username="wangfang", full_name="王芳", password=PASSWORD, by=by, must_change_password=False
    )
    actions.join(user.pk, Role.CASE_OFFICER, on=DAY, body_code=brokerage.code, by=by)
    return user


@pytest.fixture
def zhao(brokerage, by) -> User:
    user = actions.create_user(
        username="zhaogang", full_name="赵刚", password=PASSWORD, by=by, must_change_password=False
    )
    actions.join(user.pk, Role.DEPARTMENT_HEAD, on=DAY, body_code=brokerage.code, by=by)
    return user
