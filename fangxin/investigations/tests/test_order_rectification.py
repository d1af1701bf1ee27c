"""责令整改 (二(六)3, SM-05a): signed by another than who found it, served on a real day, owed within 15日."""

from datetime import date
from uuid import uuid4

import pytest

from fangxin.cases.actions import reassign_officer, reopen_case
from fangxin.cases.actions.handling import Respondent
from fangxin.cases.models import CompanyTask
from fangxin.complaints.models import Progress
from fangxin.deadlines.models import Deadline
from fangxin.investigations.models import RectificationOrder
from fangxin.investigations.queries import orders_for_company, orders_of
from fangxin.journal.actions import AlreadyDone
from fangxin.notices.models import Notice
from fangxin.organisations.models import Body, Company
from fangxin.organisations.roles import Role
from tests.cast import member
from tests.stage import refused

pytestmark = pytest.mark.django_db


def head_too(stage):
    """陈涛, who is case officer and has become head."""
    return member("chentao", "陈涛", Role.DEPARTMENT_HEAD, Body.objects.get(pk=stage.cast.officer.body_id))


def test_the_company_owes_plan_and_result_fifteen_days_from_service(stage):
    case = stage.rectifying()
    order = stage.order(case)
    assert (case.status, case.due_on, order.due_on) == ("rectifying", date(2026, 3, 17), date(2026, 3, 17))
    assert (order.state, order.violations, order.issued_by_id) == (
        "ordered",
        ["BR-07"],
        stage.cast.head.user_id,
    )
    term = Deadline.objects.get(rule_key="ordered_rectification")
    assert (term.owner_company_id, term.owner_body_id) == (stage.cast.company.pk, case.handling_body_id)
    assert (term.unit, term.subject_id) == ("日", order.pk)
    assert Notice.objects.filter(to_company=stage.cast.company, title__contains="2026-03-17前上报").exists()
    assert Progress.objects.get(complaint=case.complaint, title="责令整改").due_on == case.due_on
    assert str(order) == f"{case.number} {stage.cast.company.name}"


def test_several_companies_have_an_order_each(stage):
    both = [Respondent(stage.cast.company.pk, ""), Respondent(stage.cast.other_company.pk, "")]
    case = stage.decided("violation", stage.accepted(respondents=both), without_reply_because="未复")
    tasks = list(CompanyTask.objects.filter(case_id=case.pk).values_list("pk", flat=True))
    stage.rectifying(case, task_ids=tasks)
    assert RectificationOrder.objects.filter(case_id=case.pk).count() == 2
    assert len(orders_for_company(stage.cast.company.pk)) == 1
    assert len(orders_of(case.pk)) == 2


@pytest.mark.parametrize("day", [date(2026, 3, 4), date(2026, 3, 5), date(2026, 3, 6)])
def test_service_lies_between_the_opinion_and_today(stage, day):
    stage.day = date(2026, 3, 4)
    case = stage.awaiting_order()
    stage.day = date(2026, 3, 6)
    stage.rectifying(case, served_on=day)
    assert stage.order(case).served_on == day


@pytest.mark.parametrize("day", [date(2026, 3, 3), date(2026, 3, 7), date.min, date.max])
def test_service_before_the_opinion_or_tomorrow_is_refused(stage, day):
    stage.day = date(2026, 3, 4)
    case = stage.awaiting_order()
    stage.day = date(2026, 3, 6)
    with refused("送达日期应在处理意见之后", "served_on"):
        stage.rectifying(case, served_on=day)


def test_words_and_companies_are_asked_for(stage):
    case, other = stage.awaiting_order(), stage.awaiting_order()
    for requirements in (" ", "改" * 8001):
        with refused("整改要求", "requirements"):
            stage.rectifying(case, requirements=requirements)
    for tasks in ([], [uuid4()], [stage.task(other).pk], [stage.task(case).pk, uuid4()]):
        with refused("请至少选择一家", "companies"):
            stage.rectifying(case, task_ids=tasks)


def test_before_an_opinion_nothing_is_ordered(stage):
    case = stage.answered()
    with refused("不能责令整改：案件现为“调查处理”"):
        stage.rectifying(case)


# Who found it does not sign it


def test_an_officer_who_has_become_head_does_not_sign_for_his_own_finding(stage):
    case = stage.awaiting_order()
    with refused("处理意见提出人以外"):
        stage.rectifying(case, by=head_too(stage))


def test_giving_the_case_away_first_does_not_help(stage):
    case = stage.awaiting_order()
    other = stage.at("district.110105.brokerage", Role.CASE_OFFICER)
    reassign_officer(case.pk, officer_id=other.user_id, reason="避嫌", by=head_too(stage))
    with refused("处理意见提出人以外"):
        stage.rectifying(case, by=head_too(stage))
    assert stage.rectifying(case).status == "rectifying"


def test_the_present_officer_does_not_sign_either(stage):
    case = stage.awaiting_order()
    reassign_officer(case.pk, officer_id=_second(stage).user_id, reason="请假", by=stage.cast.head)
    second_as_head = member(
        "zhoumin", "周敏", Role.DEPARTMENT_HEAD, Body.objects.get(pk=stage.cast.officer.body_id)
    )
    with refused("批准人不得是提出人本人"):
        stage.rectifying(case, by=second_as_head)


def _second(stage):
    return member("zhoumin", "周敏", Role.CASE_OFFICER, Body.objects.get(pk=stage.cast.officer.body_id))


def test_the_same_order_sent_twice_is_one(stage):
    case, key = stage.awaiting_order(), uuid4()
    stage.rectifying(case, act_key=key)
    with pytest.raises(AlreadyDone):
        stage.rectifying(case, act_key=key)
    assert RectificationOrder.objects.count() == 1


def test_a_company_that_is_not_on_the_platform_is_ordered_and_its_department_owes_the_term(stage):
    Company.objects.filter(pk=stage.cast.company.pk).update(on_platform=False)
    unregistered = [Respondent(None, "街角小中介")]
    case = stage.decided(
        "violation", stage.accepted(respondents=unregistered), without_reply_because="无法联系"
    )
    stage.rectifying(case)
    term = Deadline.objects.get(rule_key="ordered_rectification")
    assert (term.owner_company_id, term.owner_body_id) == (None, case.handling_body_id)
    assert not Notice.objects.exclude(to_company=None).exists()


def test_after_a_new_sending_only_its_companies_are_ordered(stage):
    first = stage.accepted()
    old_task = stage.task(first)
    stage.propose("return", first)
    from fangxin.cases.actions import approve_proposal, dispatch_case

    approve_proposal(first.pk, opinion="同意", by=stage.cast.head)
    dispatch_case(first.pk, link="brokerage", district="110105", by=stage.cast.dispatcher)
    case = stage.decided("violation", stage.answered(stage.accepted(first)))
    with refused("请至少选择一家", "companies"):
        stage.rectifying(case, task_ids=[old_task.pk, stage.task(case).pk])
    assert stage.rectifying(case).status == "rectifying"


def test_a_reopened_case_is_ordered_to_the_companies_it_was_sent_to(stage):
    case = reopen_case(stage.closed("dissatisfied").pk, reason="未退", by=stage.cast.supervisor)
    assert stage.rectifying(stage.decided("violation", case)).status == "rectifying"
