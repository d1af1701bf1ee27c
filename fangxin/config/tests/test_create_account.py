"""`fangxin create-account`."""

import json

import pytest
from click.testing import CliRunner

from fangxin.config.commands.create_account import command, new_password
from fangxin.journal.actors import Actor
from fangxin.organisations import actions, queries
from fangxin.organisations.models import User

pytestmark = pytest.mark.django_db
BY = Actor.system("测试")
BODY = "district.110105.brokerage"


@pytest.fixture(autouse=True)
def department(db):
    return actions.create_body(
        code=BODY,
        jurisdiction="beijing",
        name="朝阳区经纪机构管理部门",
        level="district",
        district="110105",
        by=BY,
    )


def run(*arguments: str, typed: str = ""):
    return CliRunner().invoke(command, arguments, input=typed)


def test_an_account_is_opened_with_a_password_shown_once():
    answer = run("wangfang", "--name", "王芳", "--role", "经办人", "--body", BODY, "--json")
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.output)
    assert told["acts_as"] == "王芳（朝阳区经纪机构管理部门·经办人）"
    user = User.objects.get()
    assert user.check_password(told["password"])
    assert user.must_change_password


def test_a_further_membership_goes_to_an_existing_account():
    run("wangfang", "--name", "王芳", "--role", "case_officer", "--body", BODY)
    answer = run("wangfang", "--existing", "--role", "部门领导", "--deputy", "--body", BODY)
    assert answer.exit_code == 0
    assert "代理部门领导" in answer.output
    assert "密码" not in answer.output
    assert len(queries.memberships_of(User.objects.get().pk)) == 2


def test_a_companys_person_is_opened_by_the_companys_code():
    actions.register_company(
        name="北京诚信房地产经纪有限公司",
        kinds=["brokerage"],
        jurisdictions=["beijing"],
        uscc="91110302562134916R",
        by=BY,
    )
    answer = run("chenjie", "--name", "陈杰", "--role", "企业人员", "--company", "91110302562134916R")
    assert "陈杰（北京诚信房地产经纪有限公司·企业人员）" in answer.output


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--role", "皇帝", "--body", BODY), "角色：没有“皇帝”"),
        (("--role", "投诉人", "--body", BODY), "角色：没有“投诉人”"),
        (("--role", "经办人", "--body", "city.nowhere"), "机构代码"),
        (("--role", "经办人"), "任职：须且只能"),
        (("--role", "企业人员", "--company", "不存在的公司"), "企业：没有"),
        (("--role", "经办人", "--body", BODY, "--existing"), "没有账号"),
        (("--role", "经办人", "--body", BODY, "--email", "not-an-address"), "电子信箱"),
    ],
)
def test_what_cannot_be_opened_is_refused_and_leaves_no_account(arguments, why):
    answer = run("wangfang", "--name", "王芳", *arguments)
    assert answer.exit_code == 2
    assert why in answer.output
    assert not User.objects.exists()


def test_a_weak_password_from_standard_input_is_refused():
    answer = run(
        "wangfang", "--name", "王芳", "--role", "经办人", "--body", BODY, "--password-stdin", typed="123456\n"
    )
    assert answer.exit_code == 2
    assert "密码" in answer.output


def test_made_up_passwords_satisfy_our_own_rules(settings):
    from django.contrib.auth.password_validation import validate_password

    for _ in range(200):
        validate_password(new_password())
