"""提出处理意见 (二(六)1–3): the conditions, the law, the words, and the term of ten working days."""

from datetime import date
from uuid import uuid4

import pytest

from fangxin.cases.actions import explain_delay
from fangxin.cases.models import CompanyTask
from fangxin.complaints.models import Progress
from fangxin.deadlines.models import Deadline
from fangxin.investigations.actions import submit_opinion
from fangxin.investigations.models import Opinion
from fangxin.investigations.queries import opinions_of
from fangxin.journal.actions import AlreadyDone
from fangxin.notices.models import Notice
from fangxin.organisations.models import Company
from fangxin.organisations.roles import Role
from tests.stage import refused

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("outcome", "after"),
    [
        ("answered", "awaiting_telling"),
        ("civil_dispute", "awaiting_telling"),
        ("violation", "awaiting_order"),
    ],
)
def test_each_outcome_leads_where_the_text_says(stage, outcome, after):
    case = stage.decided(outcome)
    assert (case.status, case.outcome, case.due_on) == (after, outcome, None)
    assert set(Deadline.objects.values_list("state", flat=True)) == {"met"}
    opinion = opinions_of(case.pk)[0]
    assert (opinion["by_user__full_name"], opinion["on"], opinion["late"]) == ("陈涛", stage.day, False)
    assert opinion["violation_titles"] == (
        ["BR-07 侵占、挪用房地产交易资金"] if outcome == "violation" else []
    )
    assert Progress.objects.filter(complaint=case.complaint, title="已提出处理意见").exists()
    asked = Notice.objects.filter(to_body=case.handling_body, title__contains="待责令整改").exists()
    assert asked is (outcome == "violation")
    assert str(Opinion.objects.get()) == f"{case.pk} {outcome}"


@pytest.mark.parametrize(
    ("outcome", "affirmed", "holds"),
    [
        ("answered", ["answered_all", "conforms"], True),
        ("answered", ["answered_all", "law_silent", "explained"], True),
        ("answered", ["no_violation_found"], True),
        ("answered", ["answered_all"], False),
        ("answered", ["conforms"], False),
        ("answered", ["law_silent", "explained"], False),
        ("answered", ["verified"], False),
        ("civil_dispute", ["between_parties", "liability_unclear"], True),
        ("civil_dispute", ["between_parties"], False),
        ("civil_dispute", ["liability_unclear"], False),
        ("violation", ["verified"], True),
        ("violation", [], False),
    ],
)
def test_an_outcome_stands_on_its_conditions(stage, outcome, affirmed, holds):
    case = stage.answered()
    if holds:
        assert stage.decided(outcome, case, affirmed=affirmed).outcome == outcome
        return
    with refused("须确认", "affirmed"):
        stage.decided(outcome, case, affirmed=affirmed)


def test_what_was_ticked_for_another_outcome_is_not_kept(stage):
    stage.decided("violation", affirmed=["verified", "between_parties", "invented"])
    assert Opinion.objects.get().affirmed == ["verified"]


def test_acts_of_the_catalogue_belong_to_a_violation_only(stage):
    stage.decided("civil_dispute", violations=["BR-07"])
    assert Opinion.objects.get().violations == []


@pytest.mark.parametrize(
    ("outcome", "changes", "said", "field"),
    [
        ("answered", {"findings": " "}, "请填写调查情况", "findings"),
        ("answered", {"text": ""}, "请填写处理意见", "text"),
        ("answered", {"findings": "查" * 8001}, "调查情况不得超过8000字，现有8001字", "findings"),
        ("answered", {"text": "见" * 8001}, "处理意见不得超过8000字", "text"),
        ("answered", {"without_reply_because": "因" * 501}, "不得超过500字", "without_reply_because"),
        ("violation", {"violations": []}, "违法违规行为目录", "violations"),
        ("violation", {"violations": ["BR-07", "XX-99"]}, "违法违规行为目录", "violations"),
        ("violation", {"legal_basis": " "}, "请填写认定违法违规的法律依据", "legal_basis"),
        ("violation", {"legal_basis": "法" * 8001}, "法律依据不得超过8000字", "legal_basis"),
    ],
)
def test_what_is_missing_or_too_long_is_named(stage, outcome, changes, said, field):
    case = stage.answered()
    with refused(said, field):
        stage.decided(outcome, case, **changes)


def test_an_outcome_that_is_none_is_refused(stage):
    case = stage.answered()
    with refused("请选择一种处理结论", "outcome"):
        submit_opinion(
            case.pk, outcome="closed", affirmed=[], findings="已查", text="意见", by=stage.cast.officer
        )


def test_a_silent_company_is_decided_without_only_for_a_reason(stage):
    case = stage.accepted()
    with refused(f"{stage.cast.company.name}尚未回复", "without_reply_because"):
        stage.decided(case=case)
    stage.decided(case=case, without_reply_because="两次催办未复")
    assert stage.task(case).state == "closed"
    assert Deadline.objects.get(rule_key="company_reply").state == "cancelled"
    assert Opinion.objects.get().without_reply_because == "两次催办未复"


def test_a_company_never_reached_is_silent_too(stage):
    Company.objects.filter(pk=stage.cast.company.pk).update(on_platform=False)
    case = stage.accepted()
    with refused("尚未回复", "without_reply_because"):
        stage.decided(case=case)


def test_an_answered_task_is_taken_as_answered(stage):
    case = stage.decided()
    assert CompanyTask.objects.get(case_id=case.pk).state == "accepted"


@pytest.mark.parametrize(("day", "late"), [(date(2026, 3, 16), False), (date(2026, 3, 17), True)])
def test_after_ten_working_days_the_opinion_is_late_and_stays_so(stage, day, late):
    case = stage.answered()
    stage.day = day
    if late:
        explain_delay(case.pk, reason="企业材料未齐", by=stage.cast.officer)
    stage.decided(case=case)
    assert Opinion.objects.get().late is late
    assert Deadline.objects.get(rule_key="handling_opinion").state == ("met_late" if late else "met")


def test_a_colleague_does_not_decide_anothers_case(stage):
    case = stage.answered()
    with refused("须由本案经办人本人办理"):
        stage.decided(case=case, by=stage.at("district.110105.brokerage", Role.CASE_OFFICER))


def test_two_windows_decide_once(stage):
    case, key = stage.answered(), uuid4()
    stage.decided(case=case, act_key=key)
    with pytest.raises(AlreadyDone):
        stage.decided(case=case, act_key=key)
    with refused("已由陈涛（.*办理“提出处理意见"):
        stage.decided("violation", case, turn=case.turn)
