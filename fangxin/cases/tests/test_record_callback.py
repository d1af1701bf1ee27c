"""回访登记 (二(七), SM-18)."""

import pytest

from fangxin.cases.actions import record_callback, tell_complainant
from fangxin.cases.models import CallBack
from fangxin.cases.queries import callbacks_of
from fangxin.cases.tests.test_tell_complainant import found_by_the_department
from fangxin.complaints.models import Progress
from fangxin.organisations.roles import Role
from tests.stage import refused

pytestmark = pytest.mark.django_db


def called(stage, case, **changes):
    asked = {
        "contacted": True, "solved": "solved", "satisfaction": "satisfied", "comment": "无",
        "by": stage.cast.supervisor, **changes,
    }  # fmt: skip
    return record_callback(case.pk, **asked)


@pytest.mark.parametrize("answer", ["satisfied", "basically_satisfied", "dissatisfied"])
def test_whatever_the_answer_a_completed_call_back_closes_the_case(stage, answer):
    case = called(stage, stage.handled(), satisfaction=answer)
    assert (case.status, case.closed_on) == ("closed", stage.day)
    assert callbacks_of(case.pk)[0]["satisfaction"] == answer
    assert Progress.objects.filter(complaint=case.complaint, title="已办结归档").exists()


def test_an_attempt_that_reached_nobody_keeps_the_case_for_the_next(stage):
    case = stage.handled()
    for _ in range(2):
        case = called(stage, case, contacted=False)
        assert (case.status, case.closed_on) == ("handled", None)
    assert list(CallBack.objects.values_list("contacted", "satisfaction", "solved").distinct()) == [
        (False, "", "")
    ]
    assert called(stage, case).status == "closed"


def test_where_nobody_complained_the_call_back_does_not_apply(stage):
    case = found_by_the_department(stage)
    tell_complainant(case.pk, told_how="not_applicable", text="", by=stage.cast.officer)
    ended = called(stage, case, contacted=True, satisfaction="whatever was sent", solved="?")
    assert ended.status == "closed"
    row = CallBack.objects.get()
    assert (row.applicable, row.satisfaction, row.solved) == (False, "", "")


@pytest.mark.parametrize(
    ("changes", "said", "field"),
    [
        ({"satisfaction": ""}, "请选择满意", "satisfaction"),
        ({"satisfaction": "delighted"}, "请选择满意", "satisfaction"),
        ({"solved": ""}, "请选择诉求是否解决", "solved"),
        ({"comment": "说" * 1001}, "不得超过1000字，现有1001字", "comment"),
    ],
)
def test_the_answers_are_those_of_the_rulebook(stage, changes, said, field):
    case = stage.handled()
    with refused(said, field):
        called(stage, case, **changes)


def test_a_district_does_not_call_back(stage):
    with refused("须由城研中心办理"):
        called(stage, stage.handled(), by=stage.at("district.110105.brokerage", Role.SUPERVISOR))
