"""回访不满意，重新办理 (二(七), AMB-11)."""

from datetime import date

import pytest

from fangxin.cases.actions import approve_proposal, record_callback, reopen_case
from fangxin.cases.models import CompanyTask
from fangxin.cases.queries import steps_for
from fangxin.complaints.models import Progress
from fangxin.deadlines.models import Deadline
from fangxin.investigations.models import RectificationOrder
from fangxin.notices.models import Notice
from fangxin.organisations.roles import Role
from tests.stage import refused

pytestmark = pytest.mark.django_db


def reopened(stage, case, by=None, reason="定金仍未退"):
    return reopen_case(case.pk, reason=reason, by=by or stage.cast.supervisor)


def test_the_same_officer_has_ten_new_working_days(stage):
    case = stage.closed("dissatisfied")
    stage.day = date(2026, 3, 20)
    back = reopened(stage, case)
    assert (back.status, back.outcome, back.reopened_times) == ("investigating", "", 1)
    assert (back.handled_on, back.closed_on) == (None, None)
    assert back.officer_id == stage.cast.officer.user_id
    assert back.due_on == date(2026, 4, 3)
    terms = Deadline.objects.filter(rule_key="handling_opinion").order_by("starts_on")
    assert [term.state for term in terms] == ["met", "running"]
    assert terms[1].owner_user_id == stage.cast.officer.user_id
    assert Notice.objects.filter(to_user_id=back.officer_id, title__contains="重新办理").exists()
    assert Progress.objects.get(complaint=back.complaint, title="重新办理").due_on == back.due_on


@pytest.mark.parametrize("satisfaction", ["satisfied", "basically_satisfied"])
def test_a_case_whose_author_is_satisfied_stays_closed_and_nobody_is_offered_to_reopen_it(
    stage, satisfaction
):
    case = stage.closed(satisfaction)
    assert steps_for(case, stage.cast.supervisor) == []
    with refused("只有投诉人在回访中答“不满意”的才重新办理"):
        reopened(stage, case)


def test_the_last_call_back_counts(stage):
    case = stage.decided(case=reopened(stage, stage.closed("dissatisfied")))
    case = stage.handled(case)
    case = record_callback(
        case.pk,
        contacted=True,
        solved="solved",
        satisfaction="satisfied",
        comment="",
        by=stage.cast.supervisor,
    )
    with refused("答“不满意”的才重新办理"):
        reopened(stage, case)


@pytest.mark.parametrize(("reason", "said"), [(" ", "不能为空"), ("因" * 1001, "不得超过1000字")])
def test_a_reason_is_asked_for(stage, reason, said):
    with refused(said, "reason"):
        reopened(stage, stage.closed("dissatisfied"), reason=reason)


def test_a_case_is_not_reopened_before_its_end_nor_by_a_district(stage):
    for case in (stage.decided(), stage.handled()):
        with refused("只有“已归档”时才可以"):
            reopened(stage, case)
    with refused("须由城研中心办理"):
        reopened(stage, stage.closed("dissatisfied"), stage.at("district.110105.brokerage", Role.SUPERVISOR))


def test_reopened_it_is_decided_told_and_closed_once_more(stage):
    case = reopened(stage, stage.closed("dissatisfied"))
    case = stage.decided("violation", case)
    case = stage.rectifying(case)
    case = stage.handed_in(case)
    assert RectificationOrder.objects.filter(case_id=case.pk).count() == 1
    assert CompanyTask.objects.filter(case_id=case.pk).count() == 1


def test_reopened_it_may_be_refused_and_returned(stage):
    case = stage.propose("refusal", reopened(stage, stage.closed("dissatisfied")), stage.cast.officer)
    ended = approve_proposal(case.pk, opinion="同意", by=stage.cast.head)
    assert (ended.status, ended.due_on) == ("refused", None)
    assert not Deadline.objects.filter(state="running").exists()
    case = stage.propose("return", reopened(stage, stage.closed("dissatisfied")))
    back = approve_proposal(case.pk, opinion="同意", by=stage.cast.head)
    assert back.holder.code == "city.research_centre"
