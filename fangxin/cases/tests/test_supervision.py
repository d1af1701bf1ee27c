"""督办 (二(七), SM-17): numbered orders to departments and companies, acknowledged, answered, closed, raised when unanswered."""

from datetime import date

import pytest
from django.db import transaction

from fangxin.cases import actions
from fangxin.cases.models import SupervisionOrder
from fangxin.cases.queries import (
    OF_AN_ORDER,
    beside_case,
    steps_for,
    supervision_counts,
    supervision_of_company,
)
from fangxin.deadlines.models import Deadline
from fangxin.journal.models import Entry
from fangxin.notices.models import Notice
from fangxin.organisations.models import Body
from tests.stage import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(stage):
    return stage.accepted()


def issued(stage, case, **changes):
    facts = {"company_id": None, "text": "请加快办理。", "by": stage.cast.supervisor}
    return actions.issue_supervision(case.pk, **{**facts, **changes})


def answered(stage, case, order, **changes):
    facts = {"order_id": order.pk, "answer": "本周内提出意见。", "by": stage.cast.officer}
    return actions.answer_supervision(case.pk, **{**facts, **changes})


def closed(stage, case, order, suffices=True, **changes):
    facts = {"order_id": order.pk, "suffices": suffices, "conclusion": "同意。", "by": stage.cast.supervisor}
    return actions.close_supervision(case.pk, **{**facts, **changes})


def test_an_order_to_the_department_is_acknowledged_answered_and_closed(stage, case):
    order = issued(stage, case)
    assert (str(order), order.due_on, order.body_id) == (
        "督〔2026〕1号",
        date(2026, 3, 9),
        case.handling_body_id,
    )
    assert Notice.objects.filter(to_body_id=case.handling_body_id, title__startswith="督办").exists()
    actions.acknowledge_supervision(case.pk, order_id=order.pk, by=stage.cast.clerk)
    done = answered(stage, case, order)
    assert (done.state, done.answered_late, done.answered_by) == ("answered", False, "陈涛")
    assert supervision_counts("beijing") == {"unanswered": 0, "overdue": 0, "answered": 1, "closed": 0}
    closed(stage, case, order)
    shown = beside_case(case.pk)["orders"][0]
    assert (shown["state_title"], shown["conclusion"], shown["late"]) == ("已办结", "同意。", False)
    assert Deadline.objects.get(rule_key="supervision_answer").state == "met"


def test_what_is_about_an_order_is_offered_only_while_one_stands_there(stage, case):
    def offered(who):
        steps = steps_for(stage.case(case), getattr(stage.cast, who))
        return {step.verb for step in steps if step.verb in OF_AN_ORDER}

    assert (offered("officer"), offered("supervisor")) == (set(), set())
    issued(stage, case, company_id=stage.cast.company.pk)
    assert offered("officer") == set()
    order = issued(stage, case)
    assert offered("officer") == {"acknowledge_supervision", "answer_supervision"}
    answered(stage, case, order)
    assert (offered("officer"), offered("supervisor")) == (set(), {"close_supervision"})
    closed(stage, case, order)
    assert offered("supervisor") == set()


def test_a_company_acknowledges_by_reading_and_answers_on_its_desk(stage, case):
    company, user = stage.cast.company, stage.cast.company_user
    order = issued(stage, case, company_id=company.pk)
    assert supervision_of_company(company.pk)[0]["open"]
    actions.open_own_supervision(order.pk, by=user)
    actions.open_own_supervision(order.pk, by=user)
    assert Entry.objects.filter(kind="case:company_sees_supervision").count() == 1
    stage.day = date(2026, 3, 10)
    done = actions.answer_own_supervision(order.pk, answer="已退还。", by=user)
    assert (done.state, done.answered_late) == ("answered", True)
    assert closed(stage, case, order).state == "closed"
    with refused("现为“已办结”"):
        actions.answer_own_supervision(order.pk, answer="再答", by=user)
    for other in (stage.cast.other_company_user, stage.cast.officer):
        with refused("不是发给贵企业的"):
            actions.open_own_supervision(order.pk, by=other)


def test_what_does_not_suffice_is_answered_again_within_new_days(stage, case):
    order = answered(stage, case, issued(stage, case))
    stage.later(1)
    again = closed(stage, case, order, suffices=False)
    assert (again.state, again.due_on) == ("acknowledged", date(2026, 3, 10))
    assert answered(stage, case, order).state == "answered"


def test_the_numbers_run_without_a_gap_whatever_is_undone(stage, case):
    issued(stage, case)
    point = transaction.savepoint()
    issued(stage, case)
    transaction.savepoint_rollback(point)
    assert issued(stage, case).number == "督〔2026〕2号"
    stage.day = date(2027, 1, 4)
    assert issued(stage, case).number == "督〔2027〕1号"


def test_unanswered_it_is_raised_level_by_level_and_stays_late(stage, case):
    order = issued(stage, case)
    assert actions.raise_unanswered() == 0
    market = Body.objects.get(code="city.market")
    for day, level, told in (
        (date(2026, 3, 10), 2, market),
        (date(2026, 3, 18), 3, stage.cast.supervisor.body_id),
    ):
        stage.day = day
        assert actions.raise_unanswered() == 1
        order.refresh_from_db()
        assert order.level == level
        assert order.due_on > day
        whom = told if isinstance(told, int) else told.pk
        assert Notice.objects.filter(to_body_id=whom, title__contains="未按期答复").exists()
    assert stage.case(case).reported_to_id == market.pk
    stage.day = date(2026, 4, 30)
    assert actions.raise_unanswered() == 0
    assert answered(stage, case, order).answered_late
    assert Entry.objects.filter(kind="case:raise_supervision").count() == 2


def test_what_stands_in_the_way_is_named(stage, case):
    with refused("督办要求：不能为空", "text"):
        issued(stage, case, text=" ")
    with refused("不在本案的网上任务中", "whom"):
        issued(stage, case, company_id=stage.cast.other_company.pk)
    order = issued(stage, case)
    with refused("答复：不能为空", "answer"):
        answered(stage, case, order, answer="")
    with refused("不能办结督办：现为“已发出”"):
        closed(stage, case, order)
    for by in ("other_clerk", "supervisor", "dispatcher"):
        with refused("须由"):
            answered(stage, case, order, by=getattr(stage.cast, by))
    for by in ("officer", "head", "dispatcher"):
        with refused("须由"):
            issued(stage, case, by=getattr(stage.cast, by))
    with refused("发给本部门的一份督办", "order"):
        answered(stage, case, issued(stage, case, company_id=stage.cast.company.pk))
    waiting = stage.registered()
    with refused("只有“待受理、"):
        issued(stage, waiting)
    assert SupervisionOrder.objects.filter(state="issued").count() == 1
