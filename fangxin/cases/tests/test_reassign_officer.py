"""改派经办人: the terms go over with the case, the days stay."""

import pytest

from fangxin.cases.actions import reassign_officer
from fangxin.deadlines.models import Deadline
from fangxin.journal.models import Entry
from fangxin.notices.models import Notice
from fangxin.organisations.roles import Role
from tests.cast import member
from tests.stage import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(stage):
    """周敏, another case officer of the same department."""
    from fangxin.organisations.models import Body

    return member("zhoumin", "周敏", Role.CASE_OFFICER, Body.objects.get(pk=stage.cast.officer.body_id))


def given_to(stage, case, officer, by="head", reason="请假", **more):
    return reassign_officer(
        case.pk, officer_id=officer.user_id, reason=reason, by=getattr(stage.cast, by), **more
    )


@pytest.mark.parametrize("status", ["investigating", "awaiting_order", "rectifying", "awaiting_telling"])
@pytest.mark.parametrize("by", ["clerk", "head"])
def test_another_officer_owns_the_case_and_what_runs(stage, second, status, by):
    case = getattr(stage, status)()
    due = case.due_on
    moved = given_to(stage, case, second, by)
    assert (moved.status, moved.officer_id, moved.due_on) == (status, second.user_id, due)
    running = Deadline.objects.filter(state="running", owner_body=moved.handling_body)
    assert set(running.values_list("owner_user", flat=True)) <= {second.user_id}
    assert Notice.objects.filter(to_user_id=second.user_id).count() == 1
    entry = Entry.objects.filter(kind="case:reassign_officer").latest("id")
    assert (entry.details["previous"], entry.details["officer"]) == (
        stage.cast.officer.user_id,
        second.user_id,
    )


def test_the_new_officer_goes_on_and_the_old_one_does_not(stage, second):
    case = given_to(stage, stage.answered(), second)
    with refused("须由本案经办人本人办理"):
        stage.decided(case=case)
    assert stage.decided(case=case, by=second).status == "awaiting_telling"


def test_a_reason_and_an_officer_of_the_department_are_asked_for(stage, second):
    case = stage.accepted()
    with refused("改派原因：不能为空", "reason"):
        given_to(stage, case, second, reason=" ")
    with refused("不得超过1000字", "reason"):
        given_to(stage, case, second, reason="因" * 1001)
    with refused("请在本部门的经办人中选择", "officer"):
        given_to(stage, case, stage.at("district.110106.brokerage", Role.CASE_OFFICER))


def test_a_case_without_a_department_has_no_officers(stage, second):
    with refused("请在本部门的经办人中选择", "officer"):
        given_to(stage, stage.registered(), second)
