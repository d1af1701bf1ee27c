"""What the rows of a case call themselves, and what the table answers when it is asked for what it has not."""

from datetime import date

import pytest

from fangxin.cases.actions.filters import drop_saved_filter, keep_saved_filter
from fangxin.cases.models import (
    CallBack,
    Case,
    CaseSearch,
    CompanyTask,
    Hop,
    IdentityOpening,
    Proposal,
    Reply,
    SavedFilter,
    TriageDecision,
)
from fangxin.cases.queries import saved_filters, tasks_of_company
from fangxin.cases.terms import outcome_titles
from fangxin.cases.workflow import STEPS, Place, Standing, Status, StepRefused, find_step, stage_of
from fangxin.deadlines.clock import now
from fangxin.investigations.models import RectificationCheck
from fangxin.organisations.roles import Role


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (Case(number="BJ-2026-000001"), "BJ-2026-000001"),
        (CaseSearch(case_id="0"), "0"),
        (Hop(from_body_id=1, to_body_id=2), "1 → 2"),
        (Proposal(kind="refusal"), "不予受理"),
        (CompanyTask(number="BJ-1", company_name="诚信房产"), "BJ-1 诚信房产"),
        (Reply(task_id="7", version=2), "7 第2版"),
        (CallBack(on=date(2026, 3, 2), satisfaction="satisfied"), "2026-03-02 satisfied"),
        (TriageDecision(suggested="trading", decided="brokerage"), "trading → brokerage"),
        (IdentityOpening(asked_at=now().replace(2026, 3, 2)), "2026-03-02"),
        (SavedFilter(name="朝阳经纪"), "朝阳经纪"),
        (RectificationCheck(accepted=True), "到位"),
        (RectificationCheck(accepted=False), "未到位"),
    ],
)
def test_a_row_has_a_name(row, words):
    assert str(row) == words


def test_the_table_refuses_in_words_what_it_does_not_know():
    officer = Standing(Status.INVESTIGATING, Role.CASE_OFFICER, frozenset(Place))
    with pytest.raises(StepRefused, match="没有名为“burn_case”的办理步骤"):
        find_step("burn_case", officer)
    with pytest.raises(
        StepRefused, match="请在“答复合规，未发现违法违规、民事纠纷，无法判定责任、存在违法违规行为”中选择"
    ):
        find_step("submit_opinion", officer, "forgiven")
    with pytest.raises(StepRefused, match="请在“默认”中选择一项"):
        find_step("propose_return", officer, "anything")


def test_every_step_cites_its_clause_and_every_status_has_its_box():
    for step in STEPS:
        assert step.clause.startswith("二(")
        assert step.title
    assert {stage_of(status) for status in Status} == set(range(6))


def test_the_outcomes_are_three():
    assert set(outcome_titles("beijing")) == {"answered", "civil_dispute", "violation"}


@pytest.mark.django_db
def test_a_filter_is_dropped_by_its_owner_only(stage):
    mine, other = stage.cast.dispatcher.user_id, stage.cast.clerk.user_id
    keep_saved_filter(mine, name="朝阳", query="district=110105")
    (kept,) = saved_filters(mine)
    drop_saved_filter(other, kept["id"])
    assert saved_filters(mine) == [kept]
    drop_saved_filter(mine, kept["id"])
    assert saved_filters(mine) == []


@pytest.mark.django_db
def test_a_companys_tasks_are_shown_to_those_who_see_the_cases(stage):
    case = stage.answered()
    stage.later(10)
    stage.accepted()
    rows = tasks_of_company(stage.cast.company.pk, stage.cast.clerk)
    assert [(row["state_title"], row["late"]) for row in rows] == [("已分派", False), ("已回复", False)]
    assert rows[1]["number"] == case.number
    assert tasks_of_company(stage.cast.company.pk, stage.cast.other_clerk) == []
